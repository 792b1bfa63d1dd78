"""Compiled steps that sampling methods share: colours on 0-255, pixels as (row, column)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit


@njit(cache=True, nogil=True)
def expand_once(
    image: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8],
    away: npt.NDArray[np.float32],
    offsets: npt.NDArray[np.int32],
    radius: float,
    limit: float,
) -> npt.NDArray[np.uint8]:
    """Return the trimap after one round of expansion.

    `away` is each unknown pixel's distance to the known ones, `offsets` the neighbourhood, nearest
    first, `limit` a squared colour distance.
    """
    height, width = trimap.shape
    expanded = trimap.copy()
    for row in range(height):
        for column in range(width):
            if trimap[row, column] != 128 or away[row, column] > radius + 0.01:
                continue
            for k in range(offsets.shape[0]):
                r, c = row + offsets[k, 0], column + offsets[k, 1]
                if r < 0 or r >= height or c < 0 or c >= width or trimap[r, c] == 128:
                    continue
                distance = np.int64(0)
                for channel in range(3):
                    step = np.int64(image[r, c, channel]) - np.int64(image[row, column, channel])
                    distance += step * step
                if distance <= limit:
                    expanded[row, column] = trimap[r, c]
                    break
    return expanded


@njit(cache=True, nogil=True, error_model="numpy")
def projected_alpha(
    colour: npt.NDArray[Any], foreground: npt.NDArray[Any], background: npt.NDArray[Any]
) -> float:
    """Return the alpha in [0, 1] whose mixture is nearest to a colour; 0.5 for equal samples."""
    along, length = 0.0, 0.0
    for k in range(3):
        step = foreground[k] - background[k]
        along += (colour[k] - background[k]) * step
        length += step * step
    if length == 0.0:
        return 0.5
    return min(1.0, max(0.0, along / length))


@njit(cache=True, nogil=True, error_model="numpy")
def squared_distortion(
    colour: npt.NDArray[Any],
    foreground: npt.NDArray[Any],
    background: npt.NDArray[Any],
    alpha: float,
) -> float:
    """Return the squared distance of a colour from the mixture of two samples."""
    total = 0.0
    for k in range(3):
        step = colour[k] - (alpha * foreground[k] + (1.0 - alpha) * background[k])
        total += step * step
    return total


@njit(cache=True, nogil=True)
def projected_alphas(
    colours: npt.NDArray[np.float64],
    foregrounds: npt.NDArray[np.float64],
    backgrounds: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return `projected_alpha` of each row."""
    alphas = np.empty(colours.shape[0])
    for p in range(alphas.size):
        alphas[p] = projected_alpha(colours[p], foregrounds[p], backgrounds[p])
    return alphas
