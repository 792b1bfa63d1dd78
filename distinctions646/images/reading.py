"""Reading of images, alphas and trimaps, and the checks that every package shares.

What a file means follows the compositing script that ships with Composition-1k: Pillow decodes,
EXIF orientation is ignored unless asked for, pictures become RGB, and an alpha is the first
channel of its file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from distinctions646.images.headers import (
    PILLOW_ERRORS,
    Exif,
    check_grey_mode,
    check_image_mode,
    check_own_alpha,
    open_header,
    orientation,
    turned,
)

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
    """
    picture = _decode(path, content, check_image_mode, exif)
    if picture.mode == "RGBA":
        return np.ascontiguousarray(np.asarray(picture)[..., :3])
    return np.array(picture.convert("RGB"))


def read_alpha(
    path: Path | str, content: bytes | None = None, *, exif: Exif = "ignore"
) -> NDArray[np.uint8]:
    """Read an alpha matte as 8-bit grey.

    The first channel of L, LA, RGB and RGBA files counts. A 1-bit file reads as 0 and 255, as it
    does in the official script. That script would read palette *indices* of a palette file and
    raw 16-bit numbers; both are refused here.

    Parameters
    ----------
    path
        The file.
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
        If the file is not a whole, readable picture of 8-bit grey or RGB.
    """
    return _first_channel(_decode(path, content, partial(check_grey_mode, kind="alpha"), exif))


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


def read_foreground_with_alpha(
    path: Path | str, *, exif: Exif = "ignore"
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read a foreground whose own alpha channel is its matte.

    Parameters
    ----------
    path
        An RGBA, LA or transparent palette file with straight (not premultiplied) colour.
    exif
        As for `read_image`.

    Returns
    -------
    foreground, alpha_u8 : ndarray
        H×W×3 and H×W, uint8.

    Raises
    ------
    ValueError
        If the file is not a whole, readable 8-bit picture, or has no alpha channel.
    """
    pixels = np.asarray(_decode(path, None, check_own_alpha, exif).convert("RGBA"))
    return np.ascontiguousarray(pixels[..., :3]), np.ascontiguousarray(pixels[..., 3])


def read_trimap(
    path: Path | str,
    values: Literal["strict", "official"] = "strict",
    content: bytes | None = None,
) -> NDArray[np.uint8]:
    """Read a trimap.

    Parameters
    ----------
    path
        The file; a palette file is read by its colours.
    values
        ``"strict"`` wants 0, 128 and 255 only; ``"official"`` takes any values, as the official
        evaluation code does (128 is unknown, everything else known).
    content
        Bytes of the file if they have been read; `path` then only names them in messages.

    Returns
    -------
    ndarray
        H×W, uint8.

    Raises
    ------
    ValueError
        If the file is not a whole, readable 8-bit picture, or holds other values.
    """
    picture = _decode(path, content, partial(check_grey_mode, kind="trimap"))
    trimap = _first_channel(picture.convert("L") if picture.mode == "P" else picture)
    if values == "strict":
        check_trimap_values(trimap, f"{path}: trimap")
    elif values != "official":
        raise ValueError(f"values is {values!r}; expected 'strict' or 'official'")
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
            raise ValueError(f"alpha has values from {low:g} to {high:g}; expected 0 to 1")
    # In double precision: 255·a + 0.5 of a float32 alpha may round up to the next integer.
    result: NDArray[np.uint8] = np.floor(255.0 * alpha.astype(np.float64) + 0.5).astype(np.uint8)
    return result


def _decode(
    path: Path | str,
    content: bytes | None,
    check: Callable[[Image.Image, Path | str], None],
    exif: Exif = "ignore",
) -> Image.Image:
    with open_header(path, content) as picture:
        check(picture, path)  # first: a loaded picture no longer tells its depth
        try:
            turn = orientation(picture) if exif == "apply" else 1
            picture.load()
            return turned(picture, turn)
        except PILLOW_ERRORS as error:
            raise ValueError(f"{path}: cannot be read as an image: {error}") from error


def _first_channel(picture: Image.Image) -> NDArray[np.uint8]:
    if picture.mode == "1":
        picture = picture.convert("L")
    pixels = np.array(picture)
    return pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., 0])
