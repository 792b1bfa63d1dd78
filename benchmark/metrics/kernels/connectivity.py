"""Compiled steps of Conn before and after the labelling: thresholds passed, errors summed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from benchmark.metrics.kernels.levels import PADDING, THRESHOLDS
from benchmark.metrics.registry import UNKNOWN

CHUNK = 4096
"""Pixels per 32-bit partial sum; 4096 x 510 stays below 2^31."""


@njit(cache=True, nogil=True)
def passed_thresholds(
    alpha: npt.NDArray[np.uint8], alpha_gt: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Count the thresholds that both 8-bit mattes pass, 0 to 9, per pixel of padded rows.

    Single-precision k / 255 >= i / 10 holds from k = 26, 51, 77, 102, 128, 153, 179, 204, 230 on,
    which is floor(10 k / 255) >= i, and that is (10 k + 1) * 257 >> 16 for every k in 0 to 255.
    """
    height, width = alpha.shape
    passed = np.empty((height, -(-width // PADDING) * PADDING), dtype=np.uint8)
    for i in range(height):
        a, g, out = alpha[i], alpha_gt[i], passed[i]
        for j in range(width):
            tenfold = np.uint32(np.uint32(min(a[j], g[j])) * np.uint32(10) + np.uint32(1))
            count = np.uint32(tenfold * np.uint32(257)) >> np.uint32(16)
            out[j] = np.uint8(min(count, np.uint32(THRESHOLDS)))
        out[width:] = 0
    return passed


@njit(cache=True, nogil=True)
def connectivity_sums(
    alpha: npt.NDArray[np.uint8],
    alpha_gt: npt.NDArray[np.uint8],
    survived: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8],
) -> tuple[int, int]:
    """Sum |phi - phi_gt| in steps of 1 / 510 over flat arrays, whole and unknown: exact integers.

    510 (alpha - l) is 2 k - 51 n, and reaching 0.15 means exceeding 76; it is never met exactly.
    The second sum is 0 where `trimap` is empty.
    """
    whole, unknown = 0, 0
    # 32-bit partial sums vectorise; each is added to the 64-bit total before it can overflow.
    for start in range(0, alpha.size, CHUNK):
        a, g = alpha[start : start + CHUNK], alpha_gt[start : start + CHUNK]
        n = survived[start : start + CHUNK]
        part, inside = np.int32(0), np.int32(0)
        if trimap.size == 0:
            for j in range(a.size):
                part = np.int32(part + _phi_difference(a[j], g[j], n[j]))
        else:
            t = trimap[start : start + CHUNK]
            for j in range(a.size):
                difference = _phi_difference(a[j], g[j], n[j])
                part = np.int32(part + difference)
                inside = np.int32(inside + difference * np.int32(t[j] == UNKNOWN))
        whole += int(part)
        unknown += int(inside)
    return whole, unknown


@njit(nogil=True)
def _phi_difference(alpha: int, alpha_gt: int, survived: int) -> np.int32:
    """Return 510 |phi - phi_gt|; 510 (1 - phi) is the excess over the level if it is above 76."""
    settled = np.int32(np.int32(51) * np.int32(survived))
    excess = np.int32(np.int32(2) * np.int32(alpha) - settled)
    excess_gt = np.int32(np.int32(2) * np.int32(alpha_gt) - settled)
    excess = excess if excess > 76 else np.int32(0)
    excess_gt = excess_gt if excess_gt > 76 else np.int32(0)
    return np.int32(abs(np.int32(excess - excess_gt)))
