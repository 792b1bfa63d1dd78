"""Opening of files that may come from a stranger: regular ones only, of a stated size at most.

A named pipe would block, a device may never end: both are refused before a byte is read.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

TEXT_LIMIT = 256 * 2**20
"""Bytes of a text file (a list, a manifest, a card), at most; COCO's list of names has 2 MB."""
MOST_NESTED = 64
"""Lists and objects within each other in JSON, at most; ours have 6."""
_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: Path | str) -> BinaryIO:
    """Open a regular file for reading.

    Parameters
    ----------
    path
        A file; a link to one is followed.

    Returns
    -------
    BinaryIO
        The caller closes it.

    Raises
    ------
    ValueError
        If the path is a pipe, a device or a socket.
    OSError
        If there is no such file, it is a folder, or it may not be read.
    """
    descriptor = os.open(path, os.O_RDONLY | _NO_WAITING)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISREG(mode):
            return open(descriptor, "rb")  # noqa: PTH123 - it is open already
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        raise ValueError(f"{path}: is a pipe, a device or a socket; expected a regular file")
    except BaseException:
        os.close(descriptor)
        raise


def read_text(path: Path | str, expected: str = "UTF-8 text") -> str:
    """Read a text file.

    Parameters
    ----------
    path
        A UTF-8 file of at most `TEXT_LIMIT` bytes; a byte-order mark is left out.
    expected
        What the message says was expected.

    Returns
    -------
    str
        Its text, with its own line ends.

    Raises
    ------
    ValueError
        If it is no regular file, too large, or not UTF-8.
    OSError
        If it is missing or may not be read.
    """
    with open_regular(path) as file:
        content = file.read(TEXT_LIMIT + 1)
    if len(content) > TEXT_LIMIT:
        raise ValueError(f"{path}: has more than {TEXT_LIMIT} bytes; expected {expected}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 text; expected {expected}") from error


def parse_json(text: str | bytes, name: Path | str) -> Any:
    """Parse JSON, nested at most `MOST_NESTED` deep.

    Parameters
    ----------
    text
        The JSON.
    name
        What messages call it, usually its file.

    Returns
    -------
    object
        Lists, dicts, texts, numbers, bools and None.

    Raises
    ------
    ValueError
        If it is no JSON, or is nested deeper.
    """
    try:
        value = json.loads(text)
        if "\\ud" in (text if isinstance(text, str) else text.decode()).lower():
            json.dumps(value, ensure_ascii=False).encode()  # half a character cannot be written
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise ValueError(f"{name}: cannot be read as JSON: {reason}") from error
    if deeper_than(value, MOST_NESTED):
        raise ValueError(
            f"{name}: cannot be read as JSON: it is nested more than {MOST_NESTED} levels deep"
        )
    return value


def deeper_than(value: Any, levels: int) -> bool:
    """Return whether lists and dicts stand within each other more than so many levels deep."""
    layer = [value]
    for _ in range(levels):
        layer = [
            child
            for each in layer
            if isinstance(each, (dict, list))
            for child in (each.values() if isinstance(each, dict) else each)
        ]
        if not layer:
            return False
    return True


def read_json(path: Path | str) -> Any:
    """Read a JSON file; a `ValueError` or `OSError` names the file, as for `read_text`."""
    return parse_json(read_text(path, "JSON"), path)
