"""Files that appear under their names only when they are whole.

A file is written under a temporary name in the same folder and renamed at the end. A killed process
leaves the temporary file behind; the next process that writes into the folder removes it. A
temporary file that is still written is locked, so nobody removes that of another process.
"""

from __future__ import annotations

import os
import re
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import BinaryIO

from distinctions646.process.locks import is_open_file, lock

PARTIAL_PREFIX = ".partial-"
_PARTIAL = re.compile(re.escape(PARTIAL_PREFIX) + "[0-9a-f]{32}")


def write_bytes(path: Path | str, content: bytes) -> None:
    """Write a file under a temporary name in the same folder, then rename it.

    Parameters
    ----------
    path
        The final name.
    content
        The bytes of the file.

    Raises
    ------
    OSError
        If the file cannot be written; nothing is left behind then.
    """
    with whole_file(path) as file:
        file.write(content)


@contextmanager
def whole_file(path: Path | str, *, sync: bool = False) -> Iterator[BinaryIO]:
    """Open a file under a temporary name; rename it when the ``with`` statement ends without error.

    Parameters
    ----------
    path
        The final name.
    sync
        Whether the content must be on the disk before it is renamed.

    Yields
    ------
    file
        To write to, in binary.

    Raises
    ------
    OSError
        Naming `path`, if the file cannot be written; nothing is left behind then.
    """
    path = Path(path)
    partial = partial_name(path)
    try:
        remove_partials(path.parent.absolute())
        with _open_locked(partial) as file:
            yield file
            file.flush()
            if sync:
                os.fsync(file.fileno())  # a full disk may show only here
            if sys.platform == "win32":  # no open file can be renamed there
                file.close()
            partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        of_another = error.filename not in (None, str(partial))  # one that was to be read
        reason = str(error) if of_another else error.strerror or str(error)
        raise OSError(f"{path}: cannot be written: {reason}") from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def link_file(source: Path, target: Path) -> None:
    """Give a file a second name; copy it where the file system has no links.

    Parameters
    ----------
    source
        An existing file.
    target
        Its second name, on the same file system; replaced if it exists. Its folder is made.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_partials(target.parent.absolute())
    try:
        target.hardlink_to(source)  # nearly always there is none yet
    except OSError:
        _replace_by_link(source, target)


def _replace_by_link(source: Path, target: Path) -> None:
    partial = partial_name(target)
    with source.open("rb") as file:
        lock(file.fileno(), shared=True, wait=True)  # of all names of the file
        try:
            partial.hardlink_to(source)
        except OSError:
            write_bytes(target, file.read())
            return
        try:
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)  # where both were one file already, it is still there


def partial_name(path: Path) -> Path:
    """Return a new temporary name beside a file."""
    return path.with_name(PARTIAL_PREFIX + uuid.uuid4().hex)


@cache  # once in each process: nothing that it writes itself stays behind
def remove_partials(folder: Path) -> None:
    """Remove the temporary files that killed processes left in a folder.

    Parameters
    ----------
    folder
        An absolute path. Temporary files that another process still writes stay.
    """
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if _PARTIAL.fullmatch(entry.name)]
    except OSError:  # no such folder, or one that may be written to and not listed
        return
    for name in names:
        _remove_unlocked(folder / name)


def _remove_unlocked(path: Path) -> None:
    if path.is_symlink() or not path.is_file():
        return
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:  # it is gone, or another user's
        return
    try:
        if lock(descriptor) and is_open_file(path, descriptor):
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _open_locked(path: Path) -> BinaryIO:
    """Open a new file and lock it before anybody can take it for a leftover."""
    while True:
        file = path.open("xb")
        lock(file.fileno(), shared=True, wait=True)
        if is_open_file(path, file.fileno()):
            return file
        file.close()
