"""Fast decoding of plain PNGs: 8-bit grey, RGB or RGBA, not interlaced.

Inflating with Intel's ISA-L and undoing the filters in a compiled loop takes a fourth of Pillow's
time. Only a stream without a fault is decoded here: one zlib stream with a right checksum and
exactly the pixels' size, and no other chunk between the first pixels and the end. Of anything else
`decode_png` returns None, and Pillow decides what it is worth.

Our own files have the filters None and Up alone, which NumPy undoes. For others the loop is loaded
or compiled once a process has read so much that it will have paid.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_COLOUR_TYPES = {"L": 0, "RGB": 2, "RGBA": 6}
_CHANNELS = {"L": 1, "RGB": 3, "RGBA": 4}
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = slice(16, 29)  # the content of IHDR: width, height, bits, colours, three methods
_ANIMATION = (b"acTL", b"fcTL")
_UP, _PAETH = 2, 4
_BESIDES = 1 << 20  # bytes of other chunks, at most
_LOADED_FROM = 8e6
"""Bytes of pixels, left to Pillow, from which the loop is loaded if it is on the disk."""
_COMPILED_FROM = 120e6
"""Bytes of pixels from which it is compiled, which takes about a second."""


class FilterLoop:
    """The compiled loop that undoes filters, once a process needs it.

    Attributes
    ----------
    left
        Bytes of pixels that were left to Pillow for want of it.
    undo
        `unfiltering.unfilter`, or None.
    """

    def __init__(self) -> None:
        self.left = 0
        self.undo: Any = None
        self._looked = False

    def pays(self, size: int) -> bool:
        """Return whether the loop is to be used for so many bytes of pixels more."""
        self.left += size
        if self.undo is None and self.left >= (_COMPILED_FROM if self._looked else _LOADED_FROM):
            from distinctions646.images.decoding import unfiltering

            self._looked = True
            if self.left >= _COMPILED_FROM or unfiltering.is_on_disk():
                self.undo = unfiltering.unfilter
        return self.undo is not None


LOOP = FilterLoop()
"""That of this process."""


def decode_png(picture: Image.Image) -> NDArray[np.uint8] | None:
    """Decode an opened picture if it is a plain PNG.

    Parameters
    ----------
    picture
        As opened by `images.opening.open_header`, not loaded; its file is left where it was.

    Returns
    -------
    ndarray or None
        H×W, H×W×3 or H×W×4, uint8, writable: the pixels that Pillow decodes; None where Pillow
        is to decode them.
    """
    file = getattr(picture, "fp", None)
    if picture.format != "PNG" or picture.mode not in _CHANNELS or file is None:
        return None
    width, height, channels = picture.width, picture.height, _CHANNELS[picture.mode]
    size = height * (1 + width * channels)
    place = file.tell()
    try:
        file.seek(0)
        # Deflate hardly adds to what it cannot shorten: a longer file is left to Pillow.
        content = file.read(size + size // 8 + _BESIDES)
    finally:
        file.seek(place)
    methods = bytes([8, _COLOUR_TYPES[picture.mode], 0, 0, 0])
    if content[_HEADER] != width.to_bytes(4) + height.to_bytes(4) + methods:
        return None
    stream = _stream(content)
    lines = None if stream is None else _inflate(stream, height, 1 + width * channels)
    rows = None if lines is None else _unfilter(lines, channels)
    if rows is None or channels == 1:
        return rows
    return rows.reshape(height, width, channels)


def _stream(content: bytes) -> bytes | None:
    """Return the zlib stream of a file whose image data is followed by its end alone."""
    parts: list[memoryview] = []
    headers = 0
    for kind, part in _chunks(content):
        headers += kind == b"IHDR"
        if kind == b"IDAT":
            parts.append(part)
        elif kind == b"IEND":
            return b"".join(parts) if headers == 1 else None
        elif parts or kind in _ANIMATION:
            return None
    return None


def _chunks(content: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the kind and content of the chunks that are whole."""
    view, place = memoryview(content), len(_SIGNATURE)
    while place + 12 <= len(content):
        length = int.from_bytes(view[place : place + 4])
        if place + 12 + length > len(content):
            return
        yield bytes(view[place + 4 : place + 8]), view[place + 8 : place + 8 + length]
        place += 12 + length


def _inflate(stream: bytes, height: int, length: int) -> NDArray[np.uint8] | None:
    """Return the filtered lines, H×(1 + bytes of a row); None unless the stream holds just them."""
    try:
        from isal import igzip_lib, isal_zlib
    except ImportError:  # no wheel for this platform
        return None
    inflate = isal_zlib.decompressobj()
    try:
        if LOOP.undo is None:
            first = isal_zlib.decompressobj().decompress(stream, 1)
            if first != bytes([_UP]) and not LOOP.pays(height * length):
                return None  # not by our own encoder
        # One byte more than expected is enough to tell that there is too much.
        inflated = inflate.decompress(stream, height * length + 1)
    except igzip_lib.IsalError:  # type: ignore[misc]  # its stub has an instance
        return None
    if len(inflated) != height * length or not inflate.eof or inflate.unused_data:
        return None
    return np.frombuffer(inflated, np.uint8).reshape(height, length)


def _unfilter(lines: NDArray[np.uint8], channels: int) -> NDArray[np.uint8] | None:
    """Undo the filters of lines; None where one is unknown, or the loop is needed and not there."""
    filters = lines[:, 0]
    rows = np.empty((lines.shape[0], lines.shape[1] - 1), np.uint8)
    if not np.any(filters % _UP) and filters.max() <= _UP:
        rows[0] = lines[0, 1:]
        for y in range(1, len(lines)):
            if filters[y]:
                np.add(lines[y, 1:], rows[y - 1], out=rows[y])
            else:
                rows[y] = lines[y, 1:]
        return rows
    if filters.max() > _PAETH or not LOOP.pays(rows.size):
        return None
    LOOP.undo(lines.reshape(-1), rows, channels)
    return rows
