"""The compiled round of `expansion`: colours on 0-255, pixels as (row, column)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

SLACK = 0.01  # pixels: OpenCV's distances are rounded


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

    Parameters
    ----------
    image, trimap
        uint8 H×W×3 RGB; uint8 H×W of 0, 128, 255.
    away
        H×W: each unknown pixel's distance to the nearest known one, so that most are left at once.
    offsets
        n×2 (row, column): the neighbourhood, nearest first, of `radius` pixels.
    radius
        In pixels.
    limit
        Largest squared colour distance, on a scale of 0-255.
    """
    height, width = trimap.shape
    expanded = trimap.copy()
    for row in range(height):
        for column in range(width):
            if trimap[row, column] != 128 or away[row, column] > radius + SLACK:
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
