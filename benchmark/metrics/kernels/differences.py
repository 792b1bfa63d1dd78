"""Compiled sums of SAD, MSE and MAD: one pass over the pixels, exact on 8-bit mattes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from benchmark.metrics.registry import UNKNOWN

CHUNK = 4096
"""Pixels per 32-bit partial sum; 4096 x 255 x 255 stays below 2^31."""


@njit(cache=True, nogil=True)
def difference_sums(
    alpha: npt.NDArray[np.uint8],
    alpha_gt: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8],
    sums: npt.NDArray[np.int64],
) -> None:
    """Sum |p - g| and (p - g)^2 in 8-bit steps over flat arrays, and count the pixels.

    `sums`, 2 x 3, gets these three over the whole image and over the unknown pixels; the latter
    stay as they are where `trimap` is empty. All are exact integers.
    """
    # 32-bit partial sums vectorise; each is added to a 64-bit total before it can overflow.
    for start in range(0, alpha.size, CHUNK):
        a = alpha[start : start + CHUNK]
        g = alpha_gt[start : start + CHUNK]
        absolute, square = np.int32(0), np.int32(0)
        for j in range(a.size):
            difference = np.int32(np.int32(a[j]) - np.int32(g[j]))
            absolute = np.int32(absolute + abs(difference))
            square = np.int32(square + difference * difference)
        sums[0, 0] += absolute
        sums[0, 1] += square
        sums[0, 2] += a.size
        if trimap.size == 0:
            continue
        t = trimap[start : start + CHUNK]
        absolute, square, inside = np.int32(0), np.int32(0), np.int32(0)
        for j in range(a.size):
            unknown = np.int32(t[j] == UNKNOWN)
            difference = np.int32((np.int32(a[j]) - np.int32(g[j])) * unknown)
            absolute = np.int32(absolute + abs(difference))
            square = np.int32(square + difference * difference)
            inside = np.int32(inside + unknown)
        sums[1, 0] += absolute
        sums[1, 1] += square
        sums[1, 2] += inside
