"""Advisory locks on files: the system lets go of them however their process ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class BusyError(ValueError):
    """Another process works on the same output."""


def lock(descriptor: int, *, shared: bool = False, wait: bool = False) -> bool | None:
    """Lock an open file.

    Parameters
    ----------
    descriptor
        Of the file; the lock ends when it is closed, also in processes forked meanwhile.
    shared
        Whether others may hold a shared lock at the same time.
    wait
        Whether to wait for whoever holds it.

    Returns
    -------
    bool or None
        False if another process holds it. None where there are no advisory locks, as on Windows
        and some network disks.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, how if wait else how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def unlock(descriptor: int) -> None:
    """Let go of a lock without closing its file."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)


def is_open_file(path: Path, descriptor: int) -> bool:
    """Return whether a name still stands for an open file, and not for another or none."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


@contextmanager
def only_process(path: Path, busy: str) -> Iterator[None]:
    """Be the only process that works on something, for the length of a ``with`` statement.

    Parameters
    ----------
    path
        A file for the lock, which is made, and removed at the end. A killed process leaves it
        unlocked, and the next one takes it over.
    busy
        The message where another process holds the lock.

    Raises
    ------
    BusyError
        If another process holds it.
    OSError
        If the file cannot be written.
    """
    descriptor = _open_own(path, busy)
    try:
        yield
    finally:
        if sys.platform != "win32":  # no open file can be removed there
            path.unlink(missing_ok=True)
        os.close(descriptor)


def _open_own(path: Path, busy: str) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        if not _lock_process(descriptor):
            os.close(descriptor)
            raise BusyError(busy)
        if is_open_file(path, descriptor):  # not one that a process has removed that just ended
            return descriptor
        os.close(descriptor)


def _lock_process(descriptor: int) -> bool:
    """Lock for this process alone: one that it forked and that outlives it holds nothing."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # no locks on this disk: nothing guards two processes from each other
        return True
    return True
