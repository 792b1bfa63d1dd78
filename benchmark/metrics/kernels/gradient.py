"""Compiled Grad: both gradients, their difference and its sum, tile by tile.

The filter's weights sum to 0, so a tile in a constant neighbourhood has no gradient and is left
out, as is a tile without any pixel of the region; a natural matte has few others. The filter is
separable and each tile is small enough to stay in the cache.

Every operation is one of IEEE 754 in a stated order, none fused or reordered: the sum is the same
to the bit on every processor, and that of `uncompiled.gradient_error_sums`.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from benchmark.metrics.kernels.taps import BAND, BLOCK, DERIVATIVE, RADIUS, SMOOTH
from benchmark.metrics.registry import UNKNOWN

SPAN = 8
"""A tile is BAND rows of 1 to SPAN blocks of BLOCK columns, small enough to stay in the cache."""
# The taps one by one, so that they are constants of the compiled loops: both filters are 9 wide,
# SMOOTH symmetric and DERIVATIVE antisymmetric, with 0 in the middle.
S0, S1, S2, S3, S4 = (float(tap) for tap in SMOOTH[RADIUS:])
D1, D2, D3, D4 = (float(tap) for tap in DERIVATIVE[RADIUS + 1 :])


@njit(cache=True, nogil=True)
def gradient_error_sums(
    alpha: npt.NDArray[np.uint8],
    alpha_gt: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8],
    whole: bool,
) -> tuple[float, float]:
    """Sum the squared difference of the two gradient magnitudes, whole image and unknown region.

    Parameters
    ----------
    alpha, alpha_gt
        Mattes, uint8, H x W: each is scaled by its own range.
    trimap
        Uint8, H x W: unknown is 128. With 0 x 0 the second sum is 0.
    whole
        Whether the first sum is wanted; tiles without an unknown pixel are left out where not.

    Returns
    -------
    tuple of float
        Each is the same to the bit whether or not the other is asked for.

    Notes
    -----
    Errors are added up in BLOCK sums, one for each column of a block: band after band, in it block
    after block, in it row after row. The BLOCK sums are then added from the left. A tile that is
    left out would add zeros.
    """
    height, width = alpha.shape
    scale, scale_gt = _scale(alpha), _scale(alpha_gt)
    live = _live_blocks(alpha, alpha_gt, np.empty((0, 0), dtype=np.uint8) if whole else trimap)
    tile = np.empty((BAND + 2 * RADIUS, SPAN * BLOCK + 2 * RADIUS))
    magnitude = np.empty((BAND, SPAN * BLOCK))
    magnitude_gt = np.empty((BAND, SPAN * BLOCK))
    total, unknown = np.zeros(BLOCK), np.zeros(BLOCK)
    # Each band of rows is cut into tiles of up to SPAN live blocks side by side.
    for band in range(live.shape[0]):
        top = band * BAND
        rows = min(BAND, height - top)
        block = 0
        while block < live.shape[1]:
            if not live[band, block]:
                block += 1
                continue
            first = block
            while block < live.shape[1] and block - first < SPAN and live[band, block]:
                block += 1
            left = first * BLOCK
            columns = min(block * BLOCK, width) - left
            _load(alpha, top, left, rows, columns, tile)
            _magnitudes(tile, rows, columns, scale, magnitude)
            _load(alpha_gt, top, left, rows, columns, tile)
            _magnitudes(tile, rows, columns, scale_gt, magnitude_gt)
            # Block by block, so that the order of summation does not hang on the tile's extent.
            for start in range(0, columns, BLOCK):
                stop = min(start + BLOCK, columns)
                for i in range(rows):
                    a, g = magnitude[i, start:stop], magnitude_gt[i, start:stop]
                    if whole:
                        _add_errors(a, g, total)
                    if trimap.size > 0:
                        t = trimap[top + i, left + start : left + stop]
                        _add_unknown_errors(a, g, t, unknown)
    return _added(total), _added(unknown)


@njit(nogil=True)
def _scale(alpha: npt.NDArray[np.uint8]) -> float:
    """Return 1 / (max - min), the min-max scaling of a gradient; 0 for a constant matte."""
    low, high = alpha[0, 0], alpha[0, 0]
    for i in range(alpha.shape[0]):
        row = alpha[i]
        for j in range(row.size):
            low = min(low, row[j])
            high = max(high, row[j])
    return 1.0 / (float(high) - float(low)) if high > low else 0.0


@njit(nogil=True)
def _live_blocks(
    alpha: npt.NDArray[np.uint8], alpha_gt: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8]
) -> npt.NDArray[np.bool_]:
    """Find the blocks that hold a pixel of the region and whose surroundings are not constant."""
    height, width = alpha.shape
    bands, blocks = (height + BAND - 1) // BAND, (width + BLOCK - 1) // BLOCK
    live = np.zeros((bands, blocks), dtype=np.bool_)
    for band in range(bands):
        for block in range(blocks):
            top, left = band * BAND, block * BLOCK
            bottom, right = min(top + BAND, height), min(left + BLOCK, width)
            if trimap.size > 0 and not _any_unknown(trimap[top:bottom, left:right]):
                continue
            top, left = max(top - RADIUS, 0), max(left - RADIUS, 0)
            bottom, right = min(bottom + RADIUS, height), min(right + RADIUS, width)
            live[band, block] = not (
                _constant(alpha[top:bottom, left:right])
                and _constant(alpha_gt[top:bottom, left:right])
            )
    return live


@njit(nogil=True)
def _any_unknown(trimap: npt.NDArray[np.uint8]) -> bool:
    for i in range(trimap.shape[0]):
        unknown = False
        row = trimap[i]
        for j in range(row.size):
            unknown |= row[j] == UNKNOWN
        if unknown:
            return True
    return False


@njit(nogil=True)
def _constant(alpha: npt.NDArray[np.uint8]) -> bool:
    value = alpha[0, 0]
    for i in range(alpha.shape[0]):
        differing = False
        row = alpha[i]
        for j in range(row.size):
            differing |= row[j] != value
        if differing:
            return False
    return True


@njit(nogil=True)
def _load(
    alpha: npt.NDArray[np.uint8],
    top: int,
    left: int,
    rows: int,
    columns: int,
    tile: npt.NDArray[np.float64],
) -> None:
    """Copy a tile with RADIUS pixels around it; the image's border pixels are repeated."""
    height, width = alpha.shape
    start, stop = max(left - RADIUS, 0), min(left + columns + RADIUS, width)
    before = start - (left - RADIUS)
    end = before + stop - start
    for i in range(rows + 2 * RADIUS):
        source = alpha[min(max(top + i - RADIUS, 0), height - 1), start:stop]
        target = tile[i]
        for j in range(source.size):
            target[before + j] = source[j]
        for j in range(before):
            target[j] = target[before]
        for j in range(end, columns + 2 * RADIUS):
            target[j] = target[end - 1]


@njit(nogil=True)
def _magnitudes(
    tile: npt.NDArray[np.float64],
    rows: int,
    columns: int,
    scale: float,
    magnitude: npt.NDArray[np.float64],
) -> None:
    """Write the scaled gradient magnitude of a tile without its border."""
    smooth = np.empty(columns + 2 * RADIUS)
    derivative = np.empty(columns + 2 * RADIUS)
    # With s the smoothing and d the derivative taps, the gradient of the tile A is (d * (s^T * A),
    # s * (d^T * A)): first both column filters into one row each, then both row filters.
    for i in range(rows):
        r0, r1, r2, r3, r4 = tile[i], tile[i + 1], tile[i + 2], tile[i + 3], tile[i + 4]
        r5, r6, r7, r8 = tile[i + 5], tile[i + 6], tile[i + 7], tile[i + 8]
        for j in range(columns + 2 * RADIUS):
            smooth[j] = (
                S0 * r4[j]
                + S1 * (r3[j] + r5[j])
                + S2 * (r2[j] + r6[j])
                + S3 * (r1[j] + r7[j])
                + S4 * (r0[j] + r8[j])
            )
            derivative[j] = (
                D1 * (r5[j] - r3[j])
                + D2 * (r6[j] - r2[j])
                + D3 * (r7[j] - r1[j])
                + D4 * (r8[j] - r0[j])
            )
        out = magnitude[i]
        for j in range(columns):
            across = (
                D1 * (smooth[j + 5] - smooth[j + 3])
                + D2 * (smooth[j + 6] - smooth[j + 2])
                + D3 * (smooth[j + 7] - smooth[j + 1])
                + D4 * (smooth[j + 8] - smooth[j])
            )
            down = (
                S0 * derivative[j + 4]
                + S1 * (derivative[j + 3] + derivative[j + 5])
                + S2 * (derivative[j + 2] + derivative[j + 6])
                + S3 * (derivative[j + 1] + derivative[j + 7])
                + S4 * (derivative[j] + derivative[j + 8])
            )
            out[j] = math.sqrt(across * across + down * down) * scale


@njit(nogil=True)
def _add_errors(
    magnitude: npt.NDArray[np.float64],
    magnitude_gt: npt.NDArray[np.float64],
    sums: npt.NDArray[np.float64],
) -> None:
    for j in range(magnitude.size):
        difference = magnitude[j] - magnitude_gt[j]
        sums[j] += difference * difference


@njit(nogil=True)
def _add_unknown_errors(
    magnitude: npt.NDArray[np.float64],
    magnitude_gt: npt.NDArray[np.float64],
    trimap: npt.NDArray[np.uint8],
    sums: npt.NDArray[np.float64],
) -> None:
    for j in range(magnitude.size):
        difference = (magnitude[j] - magnitude_gt[j]) * (trimap[j] == UNKNOWN)
        sums[j] += difference * difference


@njit(nogil=True)
def _added(sums: npt.NDArray[np.float64]) -> float:
    total = 0.0
    for j in range(sums.size):
        total += sums[j]
    return total
