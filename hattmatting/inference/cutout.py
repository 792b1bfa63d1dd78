"""Cut-outs from mattes: the object's own colour, an RGBA picture, a new background."""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from distinctions646.images.reading import alpha_to_u8
from hattmatting.inference.predicting import check_image

if TYPE_CHECKING:
    from PIL.Image import Image

ImageU8 = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

_NAMED: dict[str, Colour] = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
}


def parse_colour(colour: str | Sequence[int]) -> Colour:
    """Return red, green and blue of a colour's name, of its ``#rrggbb``, or of three levels.

    Raises
    ------
    ValueError
        If it is none of these.

    Examples
    --------
    >>> parse_colour("#ff8000")
    (255, 128, 0)
    """
    if not isinstance(colour, str):
        return _levels(colour)
    if colour in _NAMED:
        return _NAMED[colour]
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"colour is {colour!r}; expected #rrggbb or one of {', '.join(_NAMED)}")
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def _levels(colour: Sequence[int]) -> Colour:
    try:
        red, green, blue = bytes(index(level) for level in colour)
    except (TypeError, ValueError):
        expected = "a name, #rrggbb or three whole numbers from 0 to 255"
        raise ValueError(f"colour is {colour!r}; expected {expected}") from None
    return red, green, blue


def estimate_foreground(
    image: ImageU8, alpha: npt.NDArray[np.floating[Any]]
) -> npt.NDArray[np.float32]:
    """Return the object's own colour, free of the old background's.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    alpha
        float32 H×W in [0, 1]; it counts as it is stored, in 8 bits.

    Returns
    -------
    numpy.ndarray
        float32 H×W×3 in [0, 1]; where alpha is 0, colours carried over from the foreground nearby.

    Raises
    ------
    ValueError
        If the image is not uint8 H×W×3, or alpha has another size, other values or no float type.

    References
    ----------
    Germer et al., "Fast multi-level foreground estimation", ICPR 2020; see
    `distinctions646.compose.foreground`.
    """
    from distinctions646.compose.foreground import estimate_colours

    check_image(image)
    _check_alpha(alpha, image.shape[:2])
    stored = alpha_to_u8(alpha).astype(np.float32) / np.float32(255)
    return estimate_colours(image, stored)[0]


def cutout(
    image: ImageU8 | Image | Path | str, *, weights: str | None = None, device: str = "cpu"
) -> ImageU8:
    """Cut the subject out of a photograph.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB; or a PIL picture or a picture's file, which is turned upright by its EXIF
        orientation.
    weights
        As for `HAttMatting.from_pretrained`; the shipped default where None. The checkpoint used
        last is kept in memory.
    device
        ``"cpu"``, ``"cuda"``, ``"cuda:1"``.

    Returns
    -------
    numpy.ndarray
        uint8 H×W×4: the subject's own estimated colour and alpha, straight (not premultiplied).

    Raises
    ------
    ValueError
        If the image, the checkpoint or the device cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> import hattmatting
    >>> hattmatting.cutout(np.zeros((48, 64, 3), np.uint8)).shape
    (48, 64, 4)
    """
    from hattmatting.inference.photographs import photograph_pixels
    from hattmatting.inference.predictors import DEFAULT_WEIGHTS, checkpoint_predictor

    pixels = photograph_pixels(image)
    matte = checkpoint_predictor(weights or DEFAULT_WEIGHTS, device, "trained", None)
    alpha, _ = matte(pixels, None)
    return cut_out(estimate_foreground(pixels, alpha), alpha)


def _check_alpha(alpha: npt.NDArray[np.floating[Any]], size: tuple[int, ...]) -> None:
    if alpha.shape != size or not np.issubdtype(alpha.dtype, np.floating):
        got, expected = ("×".join(map(str, shape)) for shape in (alpha.shape, size))
        raise ValueError(f"alpha is {got} {alpha.dtype}; expected {expected} float")
    low, high = float(alpha.min()), float(alpha.max())
    if not (low >= 0.0 and high <= 1.0):  # so written that NaN fails too
        ends = " to ".join(str(end).removesuffix(".0") for end in (low, high))
        raise ValueError(f"alpha has values from {ends}; expected 0 to 1")


def cut_out(foreground: npt.NDArray[np.float32], alpha: npt.NDArray[np.float32]) -> ImageU8:
    """Return foreground colour and alpha as uint8 H×W×4, straight (not premultiplied)."""
    return np.dstack([_to_u8(foreground), alpha_to_u8(alpha)])


def over_colour(
    foreground: npt.NDArray[np.float32], alpha: npt.NDArray[np.float32], colour: Colour
) -> ImageU8:
    """Return the object over one colour, uint8 H×W×3."""
    plain = np.array(colour, np.float32) / 255
    return _to_u8(alpha[..., None] * foreground + (1 - alpha[..., None]) * plain)


def _to_u8(values: npt.NDArray[np.floating[Any]]) -> ImageU8:
    levels = values * np.float32(255)
    levels += np.float32(0.5)
    result: ImageU8 = levels.astype(np.uint8)  # cut off, which rounds what is not negative
    return result
