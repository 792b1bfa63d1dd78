"""A folder that appears under its final name only when it is whole.

Work happens in a hidden sibling, ``.OUT.partial``, which a killed build leaves and the next run
takes up; at the end its ``final`` folder is renamed to OUT.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MANIFEST = "build.json"
_LOCK = "lock"


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Read the manifest of a finished build.

    Parameters
    ----------
    folder
        Perhaps a built dataset.

    Returns
    -------
    dict or None
        None where the folder has no manifest.

    Raises
    ------
    ValueError
        If there is a manifest that is none of ours.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: cannot be read as JSON: {error}") from error
    if not isinstance(manifest, dict) or not {"dataset", "key", "splits"} <= manifest.keys():
        raise ValueError(f"{path}: not the manifest of a build; expected dataset, key and splits")
    return manifest


def refuse_foreign(out: Path) -> None:
    """Refuse a folder that holds something which is no finished build.

    Parameters
    ----------
    out
        Where a build is to go.

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
def workspace(out: Path, tag: str) -> Iterator[Path]:
    """Work in a hidden sibling of `out`, alone; rename its ``final`` to `out` on success.

    Parameters
    ----------
    out
        The final name; missing or an empty folder.
    tag
        Says which builds may take up each other's unfinished work; what was left under another
        tag is removed.

    Yields
    ------
    Path
        The hidden folder, with ``final`` and ``markers`` inside. After an error it stays only if
        a marker in it says that some work is finished.

    Raises
    ------
    ValueError
        If another process works there, or the hidden folder is none of ours.
    """
    out, given = out.resolve(), out  # "." cannot be renamed over
    folder = partial_folder(out)
    if folder.exists() and not (folder / _LOCK).is_file():
        raise ValueError(f"{folder}: is no unfinished build; move it away to build {out}")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("w") as lock:
        _lock(lock.fileno(), given)
        _clear_other_work(folder, tag)
        for name in ("final", "markers"):
            (folder / name).mkdir(exist_ok=True)
        try:
            yield folder
            if out.exists():
                out.rmdir()
            (folder / "final").rename(out)
        except BaseException:
            if not any((folder / "markers").iterdir()):
                shutil.rmtree(folder)
            raise
        shutil.rmtree(folder)


def _clear_other_work(folder: Path, tag: str) -> None:
    tag_file = folder / "tag"
    if tag_file.is_file() and tag_file.read_text() == tag:
        return
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != _LOCK:
            path.unlink()
    tag_file.write_text(tag)


def partial_folder(out: Path) -> Path:
    """Give the hidden sibling in which `out` is made.

    Parameters
    ----------
    out
        The final name.

    Returns
    -------
    Path
        May be missing.
    """
    path = out.resolve()
    return path.with_name(f".{path.name}.partial")


def _lock(descriptor: int, out: Path) -> None:
    if sys.platform == "win32":
        return  # no advisory locks there; two builds of one folder at once stay unguarded
    import fcntl

    # The system lets go of the lock when the process ends, however it ends.
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ValueError(f"{out}: another build is writing it; wait for its end") from error
