"""The journal of a run: rows written image by image, so that a killed run keeps what it has done.

Every rank of a run has a file of its own in the run's folder; the rank that ends last joins them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FOLDER = "parts"
Row = dict[str, Any]


class Journal:
    """A file that rows are appended to; use it in a ``with`` statement.

    Parameters
    ----------
    folder
        Folder of the run.
    part
        A name that no other process uses at the same time.
    """

    def __init__(self, folder: Path, part: str) -> None:
        self.path = folder / FOLDER / f"{part}.jsonl"

    def __enter__(self) -> Journal:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":  # a line that a kill cut off
            os.write(self._file, b"\n")
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._file)

    def add(self, rows: list[Row]) -> None:
        """Append the rows of one image; a kill after this returns does not lose them."""
        line = memoryview((json.dumps(rows) + "\n").encode())
        while line:
            line = line[os.write(self._file, line) :]


def read_journals(folder: Path) -> list[Row]:
    """Return all rows of a run's journals; a line that a kill cut off is left out."""
    rows: list[Row] = []
    for path in sorted((folder / FOLDER).glob("*.jsonl")):
        try:
            lines = path.read_bytes().splitlines()
        except FileNotFoundError:  # another rank has just joined them
            continue
        for line in lines:
            try:
                rows += json.loads(line)
            except ValueError:
                continue
    return rows


def remove_journals(folder: Path) -> None:
    """Remove the journals of a run, once their rows are joined."""
    for path in sorted((folder / FOLDER).glob("*.jsonl")):
        path.unlink(missing_ok=True)
    if (folder / FOLDER).is_dir() and not any((folder / FOLDER).iterdir()):
        (folder / FOLDER).rmdir()
