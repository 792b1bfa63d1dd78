"""A folder that appears under its final name only when it is whole.

Work happens in a hidden sibling, ``.OUT.partial``, which a killed build leaves and the next run
resumes. At the end its ``final`` folder is renamed to ``ready``, and from then on nothing is made
any more: ``ready`` becomes OUT, or its files move into the OUT of another split, the manifest last;
a run that finds a ``ready`` folder ends the move first.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distinctions646.forms.manifest import MANIFEST, read_manifest
from distinctions646.process.locks import BusyError, is_open_file, lock, unlock
from distinctions646.process.part import SETTINGS, refuse_other_settings, settings_text
from distinctions646.process.whole_files import write_bytes

# Folders that hold files of every split.
SHARED_FOLDERS = ("backgrounds", "data", "recipe", "sources", "virtual", "webdataset")
_LOCK = "lock"
_SETUP_LOCK = "setup-lock"
_OURS = re.compile(
    r"lock|setup-lock|tag|settings\.json|final|ready|markers|virtual-markers|pictures|sources-[0-9a-f]{8}"
)


def refuse_foreign(out: Path) -> None:
    """Refuse a folder that holds anything but a finished build.

    Parameters
    ----------
    out
        Folder for a build; may be missing or empty.

    Raises
    ------
    ValueError
        Naming what is there.
    """
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out}: is a file; expected an empty folder or this same build")
    if not out.exists() or read_manifest(out) is not None:
        return
    names = sorted(path.name for path in out.iterdir())
    if names:
        listed = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        raise ValueError(
            f"{out}: holds something else ({listed}); expected an empty folder or this same build"
        )


@contextmanager
def workspace(
    out: Path, tag: str, *, shared: bool = False, settings: Mapping[str, Any] | None = None
) -> Iterator[Path]:
    """Work in a hidden sibling of `out`; move its ``final`` to `out` on success.

    Parameters
    ----------
    out
        The final name; missing, an empty folder, or a build that gets one more split.
    tag
        Text that is equal for builds that can resume each other's unfinished work; what was
        left under another tag is removed.
    shared
        Whether other processes with the same tag may work there at the same time. Then nothing
        is moved at the end, which a run does that is alone.
    settings
        Those that all parts have in common, of a process that shares the work.

    Yields
    ------
    Path
        The hidden folder, with ``final`` and ``markers`` inside. After an error it stays only if
        it has markers, which say that some work is finished: see `mark_begun`.

    Raises
    ------
    BusyError
        If another process works there.
    ValueError
        If the hidden folder is not a workspace, or holds parts of other settings.
    """
    folder = partial_folder(out)
    _refuse_foreign_partial(folder, out)
    with _locked(folder, out, tag, shared, settings):
        try:
            yield folder
            if not shared:
                (folder / "final").rename(folder / "ready")
                _install(folder / "ready", out)
        except BaseException:
            if not shared and not any((folder / "markers").iterdir()):
                _remove(folder)
            raise
        if not shared:
            _remove(folder)


def _refuse_foreign_partial(folder: Path, out: Path) -> None:
    """Refuse what no build left; one that was killed as it began or ended has no lock, perhaps."""
    if folder.exists() and not _is_ours(folder):
        raise ValueError(
            f"{folder}: is not an unfinished build of ours; move it away before building {out}"
        )


def _is_ours(folder: Path) -> bool:
    return folder.is_dir() and all(_OURS.fullmatch(path.name) for path in folder.iterdir())


@contextmanager
def _locked(
    folder: Path, out: Path, tag: str, shared: bool, settings: Mapping[str, Any] | None
) -> Iterator[None]:
    """Hold the folder's lock, after removing other builds' work."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _LOCK).touch()
    except OSError as error:
        raise OSError(f"{out}: cannot be written: {error.strerror or error}") from error
    with (folder / _LOCK).open("w") as held, (folder / _SETUP_LOCK).open("w") as setup:
        # One by one, so that processes that only share do not refuse each other.
        lock(setup.fileno(), wait=True)
        _lock(held.fileno(), out, shared)
        if not is_open_file(folder / _LOCK, held.fileno()):
            raise BusyError(f"{out}: another build has just ended; run the same command again")
        if settings is not None and (folder / SETTINGS).is_file():
            refuse_other_settings(folder, (folder / SETTINGS).read_text(), settings)
        tag_file = folder / "tag"
        if not tag_file.is_file() or tag_file.read_text() != tag:
            _lock(held.fileno(), out, shared=False)
            _clear_other_work(folder)
            tag_file.write_text(tag)
            _lock(held.fileno(), out, shared)
        for name in ("final", "markers"):
            (folder / name).mkdir(exist_ok=True)
        if settings is not None:
            write_bytes(folder / SETTINGS, settings_text(settings).encode())
        elif not shared:  # whole builds resume what is theirs, and leave no parts
            (folder / SETTINGS).unlink(missing_ok=True)
        unlock(setup.fileno())
        yield


def mark_begun(folder: Path) -> None:
    """Keep a `workspace` after an error, before the first of its shards is finished."""
    (folder / "markers" / "begun").touch()


def finish_move(out: Path) -> None:
    """End the move of a build that was whole when its process was killed.

    Parameters
    ----------
    out
        The final name.

    Raises
    ------
    BusyError
        If its process is still moving it.
    """
    folder = partial_folder(out)
    if not (folder / "ready").is_dir():
        return
    with (folder / _LOCK).open("w") as held:
        _lock(held.fileno(), out, shared=False)
        if (folder / "ready").is_dir():
            _install(folder / "ready", out)
            _remove(folder)


def remove_leftover(out: Path, tag: str) -> None:
    """Remove the hidden folder of a build that is finished, unless another build has taken it.

    Parameters
    ----------
    out
        The final name.
    tag
        Tag of the finished build.
    """
    folder = partial_folder(out)
    tag_file = folder / "tag"  # none where a kill has removed it already
    if not _is_ours(folder) or (tag_file.is_file() and tag_file.read_text() != tag):
        return
    with (folder / _LOCK).open("w") as held:
        try:
            _lock(held.fileno(), out, shared=False)
        except BusyError:
            return
        _remove(folder)


def _install(ready: Path, out: Path) -> None:
    """Move what is ready to its final name, the manifest last; may be called again after a kill."""
    out = out.resolve()  # "." cannot be renamed over
    if out.exists() and not any(out.iterdir()):
        out.rmdir()
    if not out.exists():
        ready.rename(out)
        return
    # Folders first, then files about all splits, the manifest last.
    for path in sorted(ready.iterdir(), key=lambda path: (path.is_file(), path.name == MANIFEST)):
        if path.name in SHARED_FOLDERS and (out / path.name).is_dir():
            for child in path.iterdir():
                _move(child, out / path.name / child.name)
        else:
            _move(path, out / path.name)
    shutil.rmtree(ready)


def _move(path: Path, target: Path) -> None:
    if target.is_dir():  # left by a build whose manifest never came
        shutil.rmtree(target)
    path.replace(target)


def _clear_other_work(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in (_LOCK, _SETUP_LOCK):
            path.unlink()


def partial_folder(out: Path) -> Path:
    """Return the hidden sibling in which `out` is made; it may be missing."""
    path = out.resolve()
    return path.with_name(f".{path.name}.partial")


def _lock(descriptor: int, out: Path, shared: bool) -> None:
    if lock(descriptor, shared=shared) is False:
        raise BusyError(f"{out}: another build is writing it; wait for its end")


def _remove(folder: Path) -> None:
    """Remove the hidden folder; what says that it is ours goes last."""
    _clear_other_work(folder)
    for name in (_SETUP_LOCK, _LOCK):
        (folder / name).unlink(missing_ok=True)
    folder.rmdir()
