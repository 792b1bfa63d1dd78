"""Files that appear together: all of a leaderboard, or none where one cannot be made."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmark.page.site import PAGE_FILES, pages_of
from distinctions646.process.locks import BusyError, lock

STAGE = ".partial-leaderboard"
_LOCK = "lock"


@contextlib.contextmanager
def together(out: Path) -> Iterator[Path]:
    """Return a hidden folder whose files go to `out` if the ``with`` statement ends without error.

    Parameters
    ----------
    out
        The folder that gets them; made if missing. What a killed process left in it is removed.

    Yields
    ------
    Path
        An empty folder inside `out`, so that no file is copied.

    Raises
    ------
    BusyError
        If another process writes there.
    OSError
        If a file cannot be written; `out` is then as it was.
    """
    stage, fresh = out / STAGE, not out.exists()
    try:
        with _locked(stage, out):
            yield stage / "new"
            _move_all(stage / "new", out)
    except OSError as error:
        if isinstance(error, BusyError):
            raise
        named = str(error).replace(f"{stage / 'new'}", f"{out}")
        raise OSError(named) from error
    finally:
        if fresh and out.is_dir() and not any(out.iterdir()):
            out.rmdir()


@contextlib.contextmanager
def _locked(stage: Path, out: Path) -> Iterator[None]:
    """Hold the stage alone, empty; remove it at the end."""
    try:
        stage.mkdir(parents=True, exist_ok=True)
        held = (stage / _LOCK).open("w")
    except OSError as error:
        raise OSError(f"{out}: cannot be written: {error.strerror or error}") from error
    with held:
        if lock(held.fileno()) is False:
            raise BusyError(f"{out}: another leaderboard is written there; wait for its end")
        try:
            shutil.rmtree(stage / "new", ignore_errors=True)
            (stage / "new").mkdir()
            yield
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _move_all(new: Path, out: Path) -> None:
    """Move files to their places, the list of the page's last, then remove an earlier page's."""
    names = {path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file()}
    before = pages_of(out) if PAGE_FILES in names else set()
    for name in names:
        if (out / name).is_dir():
            raise OSError(f"{out / name}: cannot be written: is a folder")
    for parent in sorted({(out / name).parent for name in names}):
        parent.mkdir(parents=True, exist_ok=True)
    for name in sorted(names, key=lambda name: (name == PAGE_FILES, name)):
        (new / name).replace(out / name)
    for name in before - names:
        (out / name).unlink(missing_ok=True)
