"""The journal of a run: rows written image by image, so that a killed run keeps what it has done.

Every rank of a run has a file of its own in the run's folder; the rank that ends last joins them.
A line has the rows of one image and a checksum of them.
"""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmark.results.stored_fields import check_rows
from distinctions646.process.locks import BusyError, is_open_file, lock

FOLDER = "parts"
Row = dict[str, Any]


class Journal:
    """A file that rows are appended to; use it in a ``with`` statement.

    One without rows is removed at the end, with its folders if nothing else is in them.

    Parameters
    ----------
    folder
        Folder of the run.
    part
        A name that no other process uses at the same time.

    Raises
    ------
    BusyError
        On entering, if another process writes this part of the run.
    """

    def __init__(self, folder: Path, part: str) -> None:
        self.path = folder / FOLDER / f"{part}.jsonl"

    def __enter__(self) -> Journal:
        self._file = self._open()
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":  # a line that a kill cut off
            self._write(b"\n")
        return self

    def __exit__(self, *error: object) -> None:
        if os.fstat(self._file).st_size == 0 and is_open_file(self.path, self._file):
            with suppress(OSError):  # something else is in a folder
                self.path.unlink()
                for folder in self.path.parents[:2]:
                    folder.rmdir()
        os.close(self._file)

    def _open(self) -> int:
        while True:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
            except FileNotFoundError:  # another rank has just joined the parts
                continue
            if lock(file) is False:
                os.close(file)
                raise BusyError(f"{self.path}: another process runs this; wait for its end")
            if is_open_file(self.path, file):
                return file
            os.close(file)

    def add(self, rows: list[Row]) -> None:
        """Append the rows of one image; a kill after this returns does not lose them.

        Raises
        ------
        OSError
            If they cannot be written, or the journal is no longer there.
        """
        self._write(_line(rows))
        if not is_open_file(self.path, self._file):
            raise OSError(
                f"{self.path}: vanished while the run wrote it; run the same command again, and "
                "leave its folder alone meanwhile"
            )

    def _write(self, content: bytes) -> None:
        left = memoryview(content)
        while left:
            left = left[os.write(self._file, left) :]


def read_journals(folder: Path) -> list[Row]:
    """Return all rows of a run's journals; a line that is cut off or damaged is left out.

    Raises
    ------
    ValueError
        If a whole line has a row that the runner does not write.
    """
    rows: list[Row] = []
    for path in sorted((folder / FOLDER).glob("*.jsonl")):
        try:
            lines = path.read_bytes().split(b"\n")
        except FileNotFoundError:  # another rank has just joined them
            continue
        own = [row for line in lines for row in _rows(line) or []]
        check_rows(own, path)
        rows += own
    return rows


def count_damaged(path: Path) -> int:
    """Return how many lines of a journal are damaged; a last one that a kill cut off is not."""
    *whole, _ = path.read_bytes().split(b"\n")
    return sum(line != b"" and _rows(line) is None for line in whole)


def remove_journals(folder: Path) -> None:
    """Remove the journals of a run, once their rows are joined; not those still written."""
    for path in sorted((folder / FOLDER).glob("*.jsonl")):
        _remove_unlocked(path)
    if (folder / FOLDER).is_dir() and not any((folder / FOLDER).iterdir()):
        (folder / FOLDER).rmdir()


def _remove_unlocked(path: Path) -> None:
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return
    try:
        if lock(file) is not False:
            path.unlink(missing_ok=True)
    finally:
        os.close(file)


def _line(rows: list[Row]) -> bytes:
    text = json.dumps(rows).encode()
    return b"%s %08x\n" % (text, zlib.crc32(text))


def _rows(line: bytes) -> list[Row] | None:
    """Return the rows of a line; None where it is damaged. Lines once had no checksum."""
    text, space, checksum = line.rpartition(b" ")
    if space and len(checksum) == 8 and not line.endswith(b"]"):
        if b"%08x" % zlib.crc32(text) != checksum:
            return None
    else:
        text = line
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return rows if isinstance(rows, list) else None
