"""Reading of images, alphas and trimaps as arrays, and the checks that every package shares.

What a file means follows the compositing script that ships with Composition-1k: Pillow decodes,
EXIF orientation is ignored unless asked for, pictures become RGB, and an alpha is grey, the first
of its channels where they are equal. What is odd about an alpha or trimap is noted
(`distinctions646.checks.notes`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from distinctions646.checks.notes import note
from distinctions646.images.headers import (
    Exif,
    check_image_mode,
    check_own_alpha,
    choose_turn,
)
from distinctions646.images.mattes import MatteChannel, read_grey, source_notes
from distinctions646.images.opening import open_header
from distinctions646.images.pixels import as_rgb, decode_pixels

TrimapValues = Literal["strict", "official"]
TRIMAP_VALUES = (0, 128, 255)
# Name to two limits: values below the first become 0, values above the second 255.
ALPHA_CLEANUPS: Mapping[str, tuple[int, int]] = MappingProxyType({"clip-10-245/v1": (10, 245)})


def read_image(
    path: Path | str, content: bytes | None = None, *, exif: Exif = "ignore"
) -> NDArray[np.uint8]:
    """Read a foreground, a background or a composite as 8-bit RGB.

    Grey, palette and CMYK pictures are converted by Pillow; of RGBA only the RGB counts, whatever
    its own alpha says.

    Parameters
    ----------
    path
        The file.
    content
        The file's bytes, if they are read already; `path` then only names them in messages.
    exif
        ``"apply"`` turns the picture by its EXIF orientation, as OpenCV does.

    Returns
    -------
    ndarray
        H×W×3, uint8, RGB.

    Raises
    ------
    ValueError
        If the file is not a whole, readable picture, or has 16 or more bits of grey, which the
        official conversion would clip to white.

    Warns
    -----
    ReadingWarning
        Where an EXIF orientation is ignored.
    """
    return as_rgb(_decode(path, content, check_image_mode, exif))


def read_alpha(
    path: Path | str,
    content: bytes | None = None,
    *,
    exif: Exif = "ignore",
    channel: MatteChannel | None = None,
) -> NDArray[np.uint8]:
    """Read an alpha matte as 8-bit grey.

    A file of several channels is refused unless they are equal, but for the noise of JPEG. A 1-bit
    file reads as 0 and 255, as it does in the official script; 16 bits are scaled. That script
    would read palette *indices* of a palette file, which is refused here.

    Parameters
    ----------
    path
        The file.
    content
        Bytes of the file if they have been read; `path` then only names them in messages.
    exif
        As for `read_image`.
    channel
        ``"first"`` or ``"alpha"``, for files that read in two ways (`images.mattes.read_grey`).

    Returns
    -------
    ndarray
        H×W, uint8.

    Raises
    ------
    ValueError
        If the file is not a whole, readable picture of these kinds, or reads in two ways.

    Warns
    -----
    ReadingWarning
        Where it is not as a matte should be: 16 bits, JPEG, a mask of 0 and 1, empty, opaque.
    """
    alpha_u8, notes = read_grey(path, content, exif=exif, channel=channel)
    for what in notes:
        note(path, what)
    return alpha_u8


def clean_alpha(alpha_u8: NDArray[np.uint8], cleanup: str) -> NDArray[np.uint8]:
    """Restore the exact 0 and 255 of an alpha that was stored as JPEG.

    Parameters
    ----------
    alpha_u8
        H×W, uint8.
    cleanup
        A key of `ALPHA_CLEANUPS`.

    Returns
    -------
    ndarray
        H×W, uint8.

    Raises
    ------
    ValueError
        If there is no such clean-up.

    References
    ----------
    The limits 10 and 245 are those that the authors of "Learning-based Sampling for Natural Image
    Matting" (Tang et al., CVPR 2019) give for Composition-1k's training alphas.

    Examples
    --------
    >>> clean_alpha(np.array([[9, 10, 245, 246]], np.uint8), "clip-10-245/v1").tolist()
    [[0, 10, 245, 255]]
    """
    if cleanup not in ALPHA_CLEANUPS:
        raise ValueError(f"alpha clean-up is {cleanup!r}; expected {', '.join(ALPHA_CLEANUPS)}")
    low, high = ALPHA_CLEANUPS[cleanup]
    levels = np.arange(256, dtype=np.uint8)
    levels[:low], levels[high + 1 :] = 0, 255
    return levels[alpha_u8]


def read_foreground(
    path: Path | str,
    alpha: Path | str | None,
    *,
    exif: Exif = "ignore",
    channel: MatteChannel | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read a foreground and its matte.

    Parameters
    ----------
    path
        The foreground.
    alpha
        Its matte; None where it is the foreground's own alpha channel, which an RGBA, LA or
        transparent palette file with straight (not premultiplied) colour has.
    exif, channel
        As for `read_alpha`.

    Returns
    -------
    foreground, alpha_u8 : ndarray
        H×W×3 and H×W, uint8.

    Raises
    ------
    ValueError
        If a file is not a whole, readable picture of its kind.

    Warns
    -----
    ReadingWarning
        As `read_alpha`; or where the two do not fit together, as with premultiplied colour.
    """
    if alpha is None:
        picture = _decode(path, None, check_own_alpha, exif)
        if isinstance(picture, Image.Image):
            picture = picture.convert("RGBA")
        pixels = np.asarray(picture)
        foreground = np.ascontiguousarray(pixels[..., :3])
        alpha_u8 = np.ascontiguousarray(pixels[..., 3])
    else:
        foreground = read_image(path, exif=exif)
        alpha_u8 = read_alpha(alpha, exif=exif, channel=channel)
    if foreground.shape[:2] == alpha_u8.shape:
        for what in source_notes(foreground, alpha_u8):
            note(path, what)
    return foreground, alpha_u8


def read_foreground_with_alpha(
    path: Path | str, *, exif: Exif = "ignore"
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read a foreground whose own alpha channel is its matte, as `read_foreground` does."""
    return read_foreground(path, None, exif=exif)


def read_trimap(
    path: Path | str,
    values: TrimapValues = "strict",
    content: bytes | None = None,
    *,
    exif: Exif = "ignore",
) -> NDArray[np.uint8]:
    """Read a trimap.

    Parameters
    ----------
    path
        The file; a palette file is read by its colours, which must be grey.
    values
        ``"strict"`` wants 0, 128 and 255 only; ``"official"`` takes any values, as the official
        evaluation code does (128 is unknown, everything else known).
    content
        Bytes of the file if they have been read; `path` then only names them in messages.
    exif
        As for `read_image`.

    Returns
    -------
    ndarray
        H×W, uint8.

    Raises
    ------
    ValueError
        If the file is not a whole, readable picture of grey, or holds other values.

    Warns
    -----
    ReadingWarning
        Where values are odd but were asked for.
    """
    trimap, notes = read_grey(path, content, kind="trimap", exif=exif)
    others = _other_values(trimap)
    if values == "strict":
        if others:
            raise ValueError(f"{path}: trimap has {others}; expected 0, 128, 255")
    elif values != "official":
        raise ValueError(f"values is {values!r}; expected 'strict' or 'official'")
    elif others:
        notes.append(f"trimap has {others}; only 128 counts as unknown")
    for what in notes:
        note(path, what)
    return trimap


def check_trimap_values(trimap: NDArray[np.uint8], name: str = "trimap") -> None:
    """Refuse a trimap that holds anything but 0, 128 and 255.

    Parameters
    ----------
    trimap
        H×W, uint8.
    name
        What the message calls it.

    Raises
    ------
    ValueError
        Naming up to five of the other values.
    """
    others = np.setdiff1d(np.unique(trimap), TRIMAP_VALUES)
    if others.size:
        shown = ", ".join(str(value) for value in others[:5]) + ("…" if others.size > 5 else "")
        raise ValueError(f"{name} has {shown}; expected 0, 128, 255")


def _other_values(trimap: NDArray[np.uint8]) -> str:
    """Return up to five values that no trimap should have; empty where there are none."""
    if ((trimap == 128) | (trimap == 0) | (trimap == 255)).all():
        return ""  # a tenth of the time that counting takes
    counts = np.bincount(trimap.ravel(), minlength=256)
    counts[list(TRIMAP_VALUES)] = 0
    others = np.flatnonzero(counts)
    return ", ".join(str(value) for value in others[:5]) + ("…" if others.size > 5 else "")


def alpha_to_u8(alpha: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Store an alpha in 8 bits, as floor(255·alpha + 0.5).

    Parameters
    ----------
    alpha
        Any shape, float in [0, 1].

    Returns
    -------
    ndarray
        The same shape, uint8.

    Raises
    ------
    ValueError
        If a value is not finite or outside [0, 1].

    Examples
    --------
    >>> alpha_to_u8(np.array([0.0, 0.5, 1.0])).tolist()
    [0, 128, 255]
    """
    if alpha.size:
        low, high = float(alpha.min()), float(alpha.max())
        if not (low >= 0.0 and high <= 1.0):
            ends = " to ".join(str(end).removesuffix(".0") for end in (low, high))
            raise ValueError(f"alpha has values from {ends}; expected 0 to 1")
    # In double precision: 255·a + 0.5 of a float32 alpha may round up to the next integer.
    result: NDArray[np.uint8] = np.floor(255.0 * alpha.astype(np.float64) + 0.5).astype(np.uint8)
    return result


def _decode(
    path: Path | str,
    content: bytes | None,
    check: Callable[[Image.Image, Path | str], None],
    exif: Exif = "ignore",
) -> NDArray[np.uint8] | Image.Image:
    with open_header(path, content) as picture:
        check(picture, path)  # first: a loaded picture no longer tells its depth
        turn, notes = choose_turn(picture, exif)
        for what in notes:
            note(path, what)
        return decode_pixels(picture, path, turn)
