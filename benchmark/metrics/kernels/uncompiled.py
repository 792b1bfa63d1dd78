"""The steps of the metrics in plain NumPy and SciPy, for the first images of a process.

Compiling the kernels takes seconds, which a few images never earn back. Each function has the name,
the arguments and, to the last bit, the result of the compiled one; a test compares them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.metrics.kernels.levels import PADDING, THRESHOLDS
from benchmark.metrics.kernels.taps import BAND, BLOCK, DERIVATIVE, RADIUS, SMOOTH
from benchmark.metrics.registry import UNKNOWN

_ROWS = 16 * BAND  # rows that Grad filters at a time, so that its arrays stay small
_EDGES = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=bool)  # pixels touch by their sides


def difference_sums(
    alpha: npt.NDArray[np.uint8],
    alpha_gt: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8],
    sums: npt.NDArray[np.int64],
) -> None:
    """Do what `differences.difference_sums` does."""
    difference = alpha.astype(np.int16) - alpha_gt
    square = difference.astype(np.int32) ** 2
    absolute = np.abs(difference)
    sums[0] += absolute.sum(dtype=np.int64), square.sum(dtype=np.int64), alpha.size
    if trimap.size:
        inside = trimap == UNKNOWN
        sums[1, 0] += absolute[inside].sum(dtype=np.int64)
        sums[1, 1] += square[inside].sum(dtype=np.int64)
        sums[1, 2] += int(inside.sum())


def filled(
    alpha: npt.NDArray[Any], trimap: npt.NDArray[np.uint8], opaque: float
) -> npt.NDArray[Any]:
    """Do what `fill.filled` does."""
    zero, full = alpha.dtype.type(0), alpha.dtype.type(opaque)
    return np.where(trimap == 0, zero, np.where(trimap == 255, full, alpha))


def passed_thresholds(
    alpha: npt.NDArray[np.uint8], alpha_gt: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Do what `connectivity.passed_thresholds` does."""
    height, width = alpha.shape
    passed = np.zeros((height, -(-width // PADDING) * PADDING), dtype=np.uint8)
    levels = np.minimum(np.arange(256) * 10 // 255, THRESHOLDS).astype(np.uint8)
    passed[:, :width] = levels[np.minimum(alpha, alpha_gt)]
    return passed


def survived_thresholds(
    passed: npt.NDArray[np.uint8], width: int, thresholds: int
) -> npt.NDArray[np.uint8]:
    """Do what `components.survived_thresholds` does."""
    from scipy.ndimage import label

    passed = passed[:, :width]
    survived = np.zeros(passed.shape, dtype=np.uint8)
    labels = np.empty(passed.shape, dtype=np.int32)
    for threshold in range(1, thresholds + 1):
        reached = passed >= threshold
        components = label(reached, _EDGES, labels)
        if components == 0:
            break
        omega = reached if components == 1 else labels == _largest(labels)
        # A component lies wholly inside or wholly outside one of a lower threshold.
        if survived.ravel()[omega.argmax()] != threshold - 1:
            break
        survived[omega] = threshold
    return survived


def _largest(labels: npt.NDArray[np.int32]) -> int:
    """Return the largest component; of several the one that comes first in column-major order."""
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    largest = np.flatnonzero(sizes == sizes.max())
    if largest.size == 1:
        return int(largest[0])
    columns = labels.T.ravel()
    return int(columns[np.argmax((sizes == sizes.max())[columns])])


def connectivity_sums(
    alpha: npt.NDArray[np.uint8],
    alpha_gt: npt.NDArray[np.uint8],
    survived: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8],
) -> tuple[int, int]:
    """Do what `connectivity.connectivity_sums` does."""
    settled = survived * np.int16(51)
    excess, excess_gt = (2 * matte.astype(np.int16) - settled for matte in (alpha, alpha_gt))
    excess[excess <= 76] = 0
    excess_gt[excess_gt <= 76] = 0
    difference = np.abs(excess - excess_gt)
    inside = difference[trimap == UNKNOWN] if trimap.size else difference[:0]
    return int(difference.sum(dtype=np.int64)), int(inside.sum(dtype=np.int64))


def gradient_error_sums(
    alpha: npt.NDArray[np.uint8],
    alpha_gt: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8],
    whole: bool,
) -> tuple[float, float]:
    """Do what `gradient.gradient_error_sums` does."""
    total, unknown = np.zeros(BLOCK), np.zeros(BLOCK)
    height = alpha.shape[0]
    mattes = [(np.pad(matte, RADIUS, mode="edge"), _scale(matte)) for matte in (alpha, alpha_gt)]
    for top in range(0, height, _ROWS):
        stop = min(top + _ROWS, height)
        one, other = (
            _magnitudes(padded[top : stop + 2 * RADIUS].astype(np.float64), scale)
            for padded, scale in mattes
        )
        difference = one - other
        if whole:
            _add_up(difference * difference, total)
        if trimap.size:
            difference = difference * (trimap[top:stop] == UNKNOWN)
            _add_up(difference * difference, unknown)
    return _added(total), _added(unknown)


def _scale(alpha: npt.NDArray[np.uint8]) -> float:
    low, high = float(alpha.min()), float(alpha.max())
    return 1.0 / (high - low) if high > low else 0.0


def _magnitudes(rows: npt.NDArray[np.float64], scale: float) -> npt.NDArray[np.float64]:
    """Return the scaled gradient magnitude of rows without their border of RADIUS pixels."""
    smooth, derivative = _smoothed(rows), _derived(rows)
    across, down = _derived(smooth.T).T, _smoothed(derivative.T).T
    magnitude: npt.NDArray[np.float64] = np.sqrt(across * across + down * down) * scale
    return magnitude


def _smoothed(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Filter down the columns, in the kernel's order of operations."""
    middle = slice(RADIUS, len(rows) - RADIUS)
    result: npt.NDArray[np.float64] = SMOOTH[RADIUS] * rows[middle]
    for tap in range(1, RADIUS + 1):
        above, below = _shifted(rows, -tap), _shifted(rows, tap)
        result += SMOOTH[RADIUS + tap] * (above + below)
    return result


def _derived(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    nearest = _shifted(rows, 1) - _shifted(rows, -1)
    result: npt.NDArray[np.float64] = DERIVATIVE[RADIUS + 1] * nearest
    for tap in range(2, RADIUS + 1):
        above, below = _shifted(rows, -tap), _shifted(rows, tap)
        result += DERIVATIVE[RADIUS + tap] * (below - above)
    return result


def _shifted(rows: npt.NDArray[np.float64], by: int) -> npt.NDArray[np.float64]:
    return rows[RADIUS + by : len(rows) - RADIUS + by]


def _add_up(errors: npt.NDArray[np.float64], sums: npt.NDArray[np.float64]) -> None:
    """Add errors of whole bands to the sums, block by block: see the kernel's notes."""
    height, width = errors.shape
    bands, blocks = -(-height // BAND), -(-width // BLOCK)
    padded = np.zeros((bands * BAND, blocks * BLOCK))
    padded[:height, :width] = errors
    tiles = padded.reshape(bands, BAND, blocks, BLOCK).transpose(0, 2, 1, 3).reshape(-1, BLOCK)
    tiles[0] += sums
    # Down the first axis NumPy adds row after row.
    sums[:] = np.add.reduce(tiles, axis=0)


def _added(sums: npt.NDArray[np.float64]) -> float:
    total = 0.0
    for each in sums:
        total += float(each)
    return total
