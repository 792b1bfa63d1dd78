"""Strands in an enlarged matte's border, from the photograph's own pixels.

A matte is made at a few hundred pixels. In the band where it is unsure, a fast guided filter takes
it to the photograph's size: around each pixel of the small matte alpha is fitted as a linear
function of colour, and that function is evaluated on the large photograph. No network runs there.

References
----------
He, Sun and Tang, "Guided Image Filtering", TPAMI 2013; He and Sun, "Fast Guided Filter", 2015.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

ImageU8 = npt.NDArray[np.uint8]
ImageF32 = npt.NDArray[np.float32]

# Chosen on photographic cut-outs, see docs/training.md: window radius and regularisation of the
# fit, where alpha is unsure, and how far the band reaches beyond; pixels of the small matte.
RADIUS = 4
REGULARISATION = 1e-4
UNSURE = 0.03, 0.97
REACH = 2


def refine_border(image: ImageU8, alpha: ImageF32, side: int) -> ImageF32:
    """Return an enlarged matte with its unsure band fitted to the photograph.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    alpha
        float32 H×W in [0, 1], enlarged from a matte of a smaller size.
    side
        Long side in pixels of the matte that was enlarged. A photograph that is no larger has
        nothing to gain, and `alpha` is returned.

    Returns
    -------
    numpy.ndarray
        float32 H×W in [0, 1]; equal to `alpha` outside the band.
    """
    height, width = alpha.shape
    if side >= max(height, width):
        return alpha
    scale = side / max(height, width)
    small = max(round(width * scale), 1), max(round(height * scale), 1)
    guide = _shrink(image, small) * np.float32(1 / 255)
    matte = _shrink(alpha, small).astype(np.float32)
    weight = _enlarge(_band(matte), alpha.shape)
    if not weight.any():
        return alpha
    slope, offset = _fit(guide, matte)
    fitted = _enlarge(offset, alpha.shape)
    for channel in range(3):
        factor = _enlarge(slope[..., channel] * np.float32(1 / 255), alpha.shape)
        # one channel of its own at a time: strided pixels take twice as long
        fitted += cv2.multiply(factor, cv2.extractChannel(image, channel), dtype=cv2.CV_32F)
    np.clip(fitted, 0, 1, out=fitted)
    fitted -= alpha
    fitted *= weight
    fitted += alpha
    return np.clip(fitted, 0, 1, out=fitted)


def _shrink(values: Any, size: tuple[int, int]) -> Any:
    """Return the means of windows, width and height in pixels given; halved first where it can be.

    A large photograph is halved in a tenth of the time; the windows are then off by a quarter of
    their side at most.
    """
    while values.shape[1] >= 4 * size[0] and not (values.shape[0] % 2 or values.shape[1] % 2):
        half = values.shape[1] // 2, values.shape[0] // 2
        values = cv2.resize(values, half, interpolation=cv2.INTER_AREA)
    return cv2.resize(values, size, interpolation=cv2.INTER_AREA)


def _band(matte: ImageF32) -> ImageF32:
    """Return 1 where alpha is unsure or nearly so, 0 elsewhere, with a ramp of a pixel between."""
    unsure = ((matte > UNSURE[0]) & (matte < UNSURE[1])).astype(np.uint8)
    near = cv2.dilate(unsure, np.ones((2 * REACH + 1,) * 2, np.uint8)).astype(np.float32)
    return np.asarray(cv2.blur(near, (3, 3)), np.float32)


def _fit(guide: npt.NDArray[np.floating[Any]], matte: ImageF32) -> tuple[ImageF32, ImageF32]:
    """Return slope h×w×3 and offset h×w of alpha as a function of colour around each pixel.

    In a window with mean colour m, mean alpha p and covariance C of colour, the slope a solves
    (C + ε·1) a = mean(I·alpha) − m·p, and the offset is p − a·m; both are then averaged over the
    windows that a pixel is in.
    """
    mean, mean_alpha = _mean(guide), _mean(matte)
    covariance = {
        (row, column): _mean(guide[..., row] * guide[..., column])
        - mean[..., row] * mean[..., column]
        for row in range(3)
        for column in range(row, 3)
    }
    with_alpha = _mean(guide * matte[..., None]) - mean * mean_alpha[..., None]
    slope = _solve(covariance, with_alpha)
    offset = mean_alpha - (slope * mean).sum(axis=-1)
    return _mean(slope), _mean(offset)


def _solve(covariance: dict[tuple[int, int], ImageF32], right: ImageF32) -> ImageF32:
    """Return a of (C + ε·1) a = b at each pixel, by elimination; C's upper half is given."""
    epsilon = np.float32(REGULARISATION)
    first, second, third = (covariance[each, each] + epsilon for each in range(3))
    by_first = covariance[0, 1] / first, covariance[0, 2] / first
    second = second - by_first[0] * covariance[0, 1]
    mixed = covariance[1, 2] - by_first[0] * covariance[0, 2]
    by_second = mixed / second
    third = third - by_first[1] * covariance[0, 2] - by_second * mixed
    b1 = right[..., 1] - by_first[0] * right[..., 0]
    a2 = (right[..., 2] - by_first[1] * right[..., 0] - by_second * b1) / third
    a1 = b1 / second - by_second * a2
    a0 = right[..., 0] / first - by_first[0] * a1 - by_first[1] * a2
    return np.stack([a0, a1, a2], axis=-1)


def _mean(values: npt.NDArray[np.floating[Any]]) -> ImageF32:
    size = (2 * RADIUS + 1,) * 2
    return np.asarray(cv2.blur(values, size, borderType=cv2.BORDER_REFLECT), np.float32)


def _enlarge(values: npt.NDArray[np.floating[Any]], shape: tuple[int, ...]) -> ImageF32:
    size = shape[1], shape[0]
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR), np.float32)
