"""The one place where a picture file is opened: its format, its kind of file, its size.

A picture is of one of `FORMATS`, told by its first bytes and not by its name: Pillow knows others
that start programs (EPS) or are seldom tried. Only regular files are read. A picture of more pixels
than the limit is refused from its header, before memory is taken; ``--max-pixels`` of every command
raises the limit through the environment, which worker processes inherit.
"""

from __future__ import annotations

import io
import os
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, TypeVar

import PIL
from PIL import Image, UnidentifiedImageError, features

from distinctions646.checks.files import open_regular
from distinctions646.checks.limits import MAX_PIXELS_VARIABLE, max_pixels

FORMATS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "PNG": (".png", ".apng"),
        "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"),
        "WEBP": (".webp",),
        "TIFF": (".tif", ".tiff"),
        "BMP": (".bmp",),
        "GIF": (".gif",),
        "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
        "JPEG2000": (".jp2", ".j2k", ".jpc", ".jpf", ".jpx", ".j2c"),
        "AVIF": (".avif", ".avifs"),
        "TGA": (".tga",),
    }
)
"""Pillow's name of each format that is read, and its usual suffixes."""
LOSSY = frozenset({"JPEG", "MPO"})
"""Formats in which 0 and 255 come back as neighbours."""
IMAGE_SUFFIXES = frozenset(suffix for suffixes in FORMATS.values() for suffix in suffixes)
_OPTIONAL = {"JPEG": "jpg", "WEBP": "webp", "JPEG2000": "jpg_2000", "AVIF": "avif"}
_HEAD = 32  # bytes that tell every format
_MAGIC = re.compile(
    rb"(?P<PNG>\x89PNG\r\n\x1a\n)|(?P<JPEG>\xff\xd8\xff)|(?P<WEBP>RIFF....WEBP)"
    rb"|(?P<TIFF>II[*+]\0|MM\0[*+])|(?P<BMP>BM.{12}[\x0c(48@l|]\0\0\0)|(?P<GIF>GIF8[79]a)"
    rb"|(?P<PPM>P[1-6]\s+[#\d])"
    rb"|(?P<JPEG2000>\xff\x4f\xff\x51|\0\0\0\x0cjP  \r\n\x87\n)|(?P<AVIF>....ftypavi[fs])",
    re.DOTALL,
)
_HEIC = re.compile(rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL)
_TGA_FOOTER = b"TRUEVISION-XFILE.\0"
_PILLOW_WARNS = 80_000_000  # pixels; less than its own limit
Result = TypeVar("Result")


def format_of(file: BinaryIO) -> str | None:
    """Return the format of a file by its first bytes, or its last ones, as TGA has none in front.

    Parameters
    ----------
    file
        Open at its start, where it is again afterwards.

    Returns
    -------
    str or None
        A key of `FORMATS`; None for others.

    Examples
    --------
    >>> format_of(io.BytesIO(b"GIF89a")), format_of(io.BytesIO(b"%!PS-Adobe-3.0 EPSF-3.0"))
    ('GIF', None)
    """
    match = _MAGIC.match(file.read(_HEAD))
    file.seek(0)
    if match:
        return match.lastgroup
    file.seek(max(file.seek(0, os.SEEK_END) - len(_TGA_FOOTER), 0))
    is_tga = file.read(len(_TGA_FOOTER)) == _TGA_FOOTER
    file.seek(0)
    return "TGA" if is_tga else None


@cache
def can_decode(format_: str) -> bool:
    """Return whether the Pillow that is installed has the decoder of one of `FORMATS`."""
    feature = _OPTIONAL.get(format_)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # before 11.3 Pillow does not know what AVIF is
        return feature is None or bool(features.check(feature))


def is_picture(path: Path | str) -> bool:
    """Return whether a file is of one of `FORMATS` by its first bytes; False if unreadable."""
    try:
        with open_regular(path) as file:
            return format_of(file) is not None
    except (OSError, ValueError):
        return False


def open_header(path: Path | str, content: bytes | None = None) -> Image.Image:
    """Open a picture without decoding its pixels; `size`, `mode` and `info` are there.

    Parameters
    ----------
    path
        The file; the caller closes it (``with open_header(path) as picture``).
    content
        The file's bytes, if they are read already; `path` then only names them in messages.

    Returns
    -------
    PIL.Image.Image
        With `size`, `mode` and `info`; its pixels are not loaded.

    Raises
    ------
    ValueError
        If the file is no regular file, no picture of one of `FORMATS`, damaged in its header, or
        of more pixels than `max_pixels`.
    OSError
        If the file is missing or may not be read.
    """
    file: BinaryIO = open_regular(path) if content is None else io.BytesIO(content)
    try:
        format_ = format_of(file)
        if format_ is None:
            reason = _what_instead(file.read(_HEAD))
            raise ValueError(f"{path}: cannot be read as an image: {reason}")
        if not can_decode(format_):
            raise ValueError(
                f"{path}: cannot be read as an image: it is {format_}, which Pillow "
                f"{PIL.__version__} was built without here; expected one of another format, or a "
                "newer Pillow"
            )
        with _pillow_counts_no_pixels():
            picture = decoding(path, lambda: Image.open(file, formats=(format_,)))
        picture._exclusive_fp = True  # it closes the file with itself
        picture.filename = str(path)
        _check_size(picture, path)
    except BaseException:
        file.close()
        raise
    return picture


def load(picture: Image.Image, path: Path | str) -> None:
    """Decode the pixels of an opened picture; a `ValueError` names the file if it is damaged."""
    if picture.width * picture.height < _PILLOW_WARNS:
        decoding(path, picture.load)
        return
    with _pillow_counts_no_pixels():
        decoding(path, picture.load)


def decoding(path: Path | str, work: Callable[[], Result]) -> Result:
    """Run a step of a decoder, of which every error means a damaged file.

    Parameters
    ----------
    path
        Named in the message.
    work
        The step.

    Raises
    ------
    ValueError
        One sentence that names the file.
    """
    try:
        return work()
    except MemoryError as error:
        raise ValueError(f"{path}: there is not enough memory for its pixels") from error
    # Decoders raise whatever their libraries do (RuntimeError, struct.error, zlib.error, …).
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, UnidentifiedImageError):
            reason = "it is damaged"
        raise ValueError(f"{path}: cannot be read as an image: {reason}") from error


def _what_instead(head: bytes) -> str:
    if not head:
        return "the file is empty"
    if _HEIC.match(head):
        return "HEIC is not read; convert it to PNG or JPEG"
    return f"not a picture of a known format ({', '.join(FORMATS)})"


def _check_size(picture: Image.Image, path: Path | str) -> None:
    pixels, most = picture.width * picture.height, max_pixels()
    if pixels > most:
        picture.close()
        raise ValueError(
            f"{path}: is {picture.height}×{picture.width}, {pixels:,} pixels; expected "
            f"{most:,} at most; --max-pixels {pixels} (or {MAX_PIXELS_VARIABLE}) allows it"
        )


_counting = threading.Lock()
_uncounted: list[int | None] = []  # one for each thread inside; the first is Pillow's own limit


@contextmanager
def _pillow_counts_no_pixels() -> Iterator[None]:
    """Suspend Pillow's own limit, which warns at half of what it refuses; ours holds instead."""
    with _counting:
        _uncounted.append(_uncounted[0] if _uncounted else Image.MAX_IMAGE_PIXELS)
        Image.MAX_IMAGE_PIXELS = None
    try:
        yield
    finally:
        with _counting:
            before = _uncounted.pop()
            if not _uncounted:
                Image.MAX_IMAGE_PIXELS = before
