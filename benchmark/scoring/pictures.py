"""Pictures for pages: reduced copies, error maps on one fixed scale, and the worst tile at 1:1.

Metrics are computed at full resolution, not from these pictures. An error map is computed at full
resolution, too, and then reduced, positive and negative parts apart so that they cannot cancel.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

ImageU8 = npt.NDArray[np.uint8]
FloatMap = npt.NDArray[np.float32]

LONGEST_SIDE = 640
"""Long side of reduced pictures in pixels, at most."""
TILE = 128
"""Side of the enlarged tile in pixels of the original."""
QUALITY = 82
# From no error to a full one, dark to light on both sides: blue and orange stay apart for every
# kind of colour-blindness, and lightness alone tells the size.
_NEUTRAL = (18, 20, 24)
_TOO_OPAQUE = ((196, 78, 0), (255, 222, 168))
_TOO_CLEAR = ((24, 98, 204), (196, 226, 255))


def reduce(picture: npt.NDArray[Any], side: int = LONGEST_SIDE) -> npt.NDArray[Any]:
    """Reduce a picture so that its long side is at most `side`, averaging areas.

    Parameters
    ----------
    picture
        H×W or H×W×3 uint8, or H×W float32.
    side
        Largest long side in pixels.

    Returns
    -------
    numpy.ndarray
        Same dtype; `picture` itself where it is small enough.
    """
    from PIL import Image

    height, width = picture.shape[:2]
    if max(height, width) <= side:
        return picture
    scale = side / max(height, width)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


def signed_error(alpha_u8: ImageU8, alpha_gt: ImageU8, side: int = LONGEST_SIDE) -> FloatMap:
    """Return matte minus truth in [-1, 1], reduced; the larger sign of an area is kept.

    Parameters
    ----------
    alpha_u8, alpha_gt
        H×W, uint8.
    side
        Largest long side in pixels.
    """
    difference = (alpha_u8.astype(np.float32) - alpha_gt) / np.float32(255)
    above = reduce(np.maximum(difference, 0), side)
    below = reduce(np.maximum(-difference, 0), side)
    error: FloatMap = np.where(above >= below, above, -below)
    return error


def paint_error(error: FloatMap) -> ImageU8:
    """Colour a signed error on the page's fixed scale.

    Parameters
    ----------
    error
        H×W in [-1, 1]: matte minus truth.

    Returns
    -------
    numpy.ndarray
        H×W×3, uint8: dark for none, orange where the matte is too opaque, blue where it is too
        clear; the position on the scale is the square root, so that faint errors are seen.
    """
    painted: ImageU8 = np.full((*error.shape, 3), _NEUTRAL, np.uint8)  # most pixels have no error
    for there, ends in ((error > 0, _TOO_OPAQUE), (error < 0, _TOO_CLEAR)):
        strength = np.sqrt(np.abs(error[there]))[:, None]
        painted[there] = _ramp(strength, ends).round()
    return painted


def _ramp(
    strength: FloatMap, ends: tuple[tuple[int, int, int], tuple[int, int, int]]
) -> npt.NDArray[np.float64]:
    stops_at = (0.0, 0.6, 1.0)
    channels = zip(_NEUTRAL, *ends, strict=True)
    return np.concatenate([np.interp(strength, stops_at, stops) for stops in channels], axis=-1)


def scale_colours(steps: int = 41) -> list[tuple[float, str]]:
    """Return the colour bar: error and CSS colour, evenly spaced as the bar shows them.

    Examples
    --------
    >>> scale_colours(3)
    [(-1.0, '#c4e2ff'), (0.0, '#121418'), (1.0, '#ffdea8')]
    """
    positions = np.linspace(-1, 1, steps, dtype=np.float32)
    errors: FloatMap = np.sign(positions) * positions**2
    return [
        (float(error), "#{:02x}{:02x}{:02x}".format(*colour))
        for error, colour in zip(errors, paint_error(errors[None])[0].tolist(), strict=True)
    ]


def worst_window(
    mattes: Sequence[ImageU8], alpha_gt: ImageU8, tile: int = TILE
) -> tuple[slice, slice]:
    """Find the tile that is hardest for the methods: largest median error over them.

    The median, because one method that fails altogether should not choose what is shown of all.
    Where at least half of them make no error anywhere, the largest mean decides.

    Parameters
    ----------
    mattes
        One per method, H×W uint8; at least one.
    alpha_gt
        H×W, uint8.
    tile
        Side in pixels.

    Returns
    -------
    tuple of slice
        Rows and columns, `tile` pixels long where the picture is as large.
    """
    from benchmark.scoring.inspection import worst_tiles

    errors = np.stack([np.abs(matte.astype(np.int16) - alpha_gt) for matte in mattes])
    middle = np.partition(errors, (len(errors) - 1) // 2, axis=0)[(len(errors) - 1) // 2]
    for error in (middle.astype(float), errors.mean(axis=0)):
        if error.any():
            top, left, _ = worst_tiles(error, tile, 1)[0]
            break
    else:
        top, left = 0, 0
    height, width = alpha_gt.shape
    top, left = (max(min(top, height - tile), 0), max(min(left, width - tile), 0))
    return slice(top, min(top + tile, height)), slice(left, min(left + tile, width))


def encode_webp(picture: ImageU8, *, lossless: bool = False) -> bytes:
    """Encode H×W or H×W×3 uint8 as WebP."""
    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(picture).convert("RGB").save(
        content, "WEBP", quality=30 if lossless else QUALITY, lossless=lossless, method=2
    )
    return content.getvalue()
