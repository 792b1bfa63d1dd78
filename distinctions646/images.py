"""Read an image, an alpha, a trimap; the checks every package shares.

What a file means follows the compositing script that ships with Composition-1k: Pillow decodes,
EXIF orientation is ignored, pictures become RGB, and an alpha is the first channel of its file.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from distinctions646.folders import find_images as find_images
from distinctions646.folders import match_images as match_images
from distinctions646.png import write_png as write_png

TRIMAP_VALUES = (0, 128, 255)
# Grey first, then what the official script would index with [0]; "1" indexes as 0 and 255.
_ALPHA_MODES = frozenset({"1", "L", "LA", "RGB", "RGBA"})
_REFUSED_IMAGE_MODES = frozenset({"I", "F", "I;16", "I;16B", "I;16L", "I;16N"})


def read_image(path: Path | str, content: bytes | None = None) -> NDArray[np.uint8]:
    """Read a foreground, a background or a composite as 8-bit RGB.

    Grey, palette and CMYK pictures are converted by Pillow; of RGBA only the RGB counts, whatever
    its own alpha says; EXIF orientation is ignored.

    Parameters
    ----------
    path
        The file.
    content
        Its bytes, where they are at hand already; `path` then only names them in messages.

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
    picture = _decode(path, content, check_image_mode)
    if picture.mode == "RGBA":
        return np.ascontiguousarray(np.asarray(picture)[..., :3])
    return np.array(picture.convert("RGB"))


def read_alpha(path: Path | str, content: bytes | None = None) -> NDArray[np.uint8]:
    """Read an alpha matte as 8-bit grey.

    The first channel of L, LA, RGB and RGBA files counts. A 1-bit file reads as 0 and 255, as it
    does in the official script. That script would read palette *indices* of a palette file and
    raw 16-bit numbers; both are refused here.

    Parameters
    ----------
    path
        The file.
    content
        Its bytes, where they are at hand already; `path` then only names them in messages.

    Returns
    -------
    ndarray
        H×W, uint8.

    Raises
    ------
    ValueError
        If the file is not a whole, readable picture of 8-bit grey or RGB.
    """
    return _first_channel(_decode(path, content, check_alpha_mode))


def read_foreground_with_alpha(
    path: Path | str,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read a foreground whose own alpha channel is its matte.

    Parameters
    ----------
    path
        An RGBA, LA or transparent palette file with straight (not premultiplied) colour.

    Returns
    -------
    foreground, alpha_u8 : ndarray
        H×W×3 and H×W, uint8.

    Raises
    ------
    ValueError
        If the file is not a whole, readable 8-bit picture, or has no alpha channel.
    """
    pixels = np.asarray(_decode(path, None, check_own_alpha).convert("RGBA"))
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
        Its bytes, where they are at hand already; `path` then only names them in messages.

    Returns
    -------
    ndarray
        H×W, uint8.

    Raises
    ------
    ValueError
        If the file is not a whole, readable 8-bit picture, or holds other values.
    """
    picture = _decode(path, content, check_trimap_mode)
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


def check_image_mode(picture: Image.Image, path: Path | str) -> None:
    """Refuse, from its header alone, a picture that cannot become 8-bit RGB as the scripts do it.

    Parameters
    ----------
    picture
        As opened by Pillow; need not be loaded.
    path
        Named in the message.

    Raises
    ------
    ValueError
        If the picture is 16-bit or floating-point grey.
    """
    if picture.mode in _REFUSED_IMAGE_MODES:
        raise ValueError(f"{path}: image has mode {picture.mode}; expected 8 bits per channel")


def check_alpha_mode(picture: Image.Image, path: Path | str) -> None:
    """Refuse, from its header alone, a picture that cannot be an 8-bit alpha.

    Parameters
    ----------
    picture
        As opened by Pillow; need not be loaded.
    path
        Named in the message.

    Raises
    ------
    ValueError
        If the mode is not 1, L, LA, RGB or RGBA, or the file has 16 bits a channel.
    """
    mode = _sixteen_bit_mode(picture) or picture.mode
    if mode not in _ALPHA_MODES:
        raise ValueError(f"{path}: alpha has mode {mode}; expected 8-bit grey (or RGB)")


def check_trimap_mode(picture: Image.Image, path: Path | str) -> None:
    """Refuse, from its header alone, a picture that cannot be an 8-bit trimap.

    Parameters
    ----------
    picture
        As opened by Pillow; need not be loaded.
    path
        Named in the message.

    Raises
    ------
    ValueError
        If the mode is not 1, L, LA, P, RGB or RGBA, or the file has 16 bits a channel.
    """
    mode = _sixteen_bit_mode(picture) or picture.mode
    if mode not in _ALPHA_MODES | {"P"}:
        raise ValueError(f"{path}: trimap has mode {mode}; expected 8-bit grey (or RGB)")


def check_own_alpha(picture: Image.Image, path: Path | str) -> None:
    """Refuse, from its header alone, a foreground that does not bring its own 8-bit alpha.

    Parameters
    ----------
    picture
        As opened by Pillow; need not be loaded.
    path
        Named in the message.

    Raises
    ------
    ValueError
        If there is no alpha channel, or the file has 16 bits a channel.
    """
    deep = _sixteen_bit_mode(picture)
    if deep:
        raise ValueError(f"{path}: foreground has mode {deep}; expected 8 bits per channel")
    transparent_palette = picture.mode == "P" and "transparency" in picture.info
    if picture.mode not in ("RGBA", "LA", "PA") and not transparent_palette:
        raise ValueError(
            f"{path}: foreground has mode {picture.mode} and no alpha channel; "
            "expected RGBA, or a folder of alphas"
        )


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


def open_header(path: Path | str, content: bytes | None = None) -> Image.Image:
    """Open a picture without decoding its pixels; `size`, `mode` and `info` are there.

    Parameters
    ----------
    path
        The file; the caller closes it (``with open_header(path) as picture``).
    content
        Its bytes, where they are at hand already.

    Returns
    -------
    PIL.Image.Image
        Not loaded.

    Raises
    ------
    ValueError
        If the file is no picture.
    OSError
        If the file is missing or may not be read.
    """
    try:
        return Image.open(path if content is None else io.BytesIO(content))
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except UnidentifiedImageError as error:
        size = Path(path).stat().st_size if content is None else len(content)
        reason = "not a picture Pillow knows" if size else "the file is empty"
        raise ValueError(f"{path}: cannot be read as an image: {reason}") from error
    except _PILLOW_ERRORS as error:
        raise ValueError(f"{path}: cannot be read as an image: {error}") from error


# What Pillow's decoders raise on damaged files besides OSError, which a short file gives.
_PILLOW_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


def _decode(
    path: Path | str, content: bytes | None, check: Callable[[Image.Image, Path | str], None]
) -> Image.Image:
    with open_header(path, content) as picture:
        check(picture, path)  # first: a loaded picture no longer tells its depth
        try:
            picture.load()
        except _PILLOW_ERRORS as error:
            raise ValueError(f"{path}: cannot be read as an image: {error}") from error
        return picture


def _first_channel(picture: Image.Image) -> NDArray[np.uint8]:
    if picture.mode == "1":
        picture = picture.convert("L")
    pixels = np.array(picture)
    return pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., 0])


def _sixteen_bit_mode(picture: Image.Image) -> str | None:
    """Name the file's own 16-bit mode where Pillow hides it (a 16-bit RGB PNG opens as RGB)."""
    tiles = getattr(picture, "tile", None)
    if not tiles:
        return None
    arguments = tiles[0][3]
    raw_mode = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return raw_mode if isinstance(raw_mode, str) and ";16" in raw_mode else None
