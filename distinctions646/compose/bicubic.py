"""Pillow's bicubic enlargement of any window of a picture, without the rest of it.

The filter is that of ``Image.resize(size, Image.Resampling.BICUBIC)`` in Pillow 8.4 to 13: cubic
convolution with a = -0.5, along rows first; weights in double precision, normalised, then rounded
to 22-bit fixed point; each pass adds one half and shifts, so the value in between is 8-bit. Pillow
takes a ``box`` too, but in single precision, which moves the grid. Enlarging only: the filter then
always reaches two pixels to each side.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_SUPPORT = 2.0
_TAPS = 5
_BITS = 22  # 32 less 8 for the value and 2 for weights beyond 1
_SQUARE = 32


def enlarge_window(
    picture: NDArray[np.uint8],
    size: tuple[int, int],
    top: int,
    left: int,
    height: int,
    width: int,
) -> NDArray[np.uint8]:
    """Compute a window of an enlarged picture.

    Parameters
    ----------
    picture
        h×w×3, uint8.
    size
        Height and width the picture is enlarged to, each at least its own.
    top, left, height, width
        The window in the enlarged picture.

    Returns
    -------
    ndarray
        height×width×3, uint8: what Pillow's whole picture has there.

    Raises
    ------
    ValueError
        If the picture would become smaller, or the window lies outside.

    Examples
    --------
    >>> row = np.array([[[0, 0, 0], [100, 200, 255]]], np.uint8)
    >>> enlarge_window(row, (1, 4), 0, 1, 1, 3)[0, :, 0].tolist()
    [21, 79, 109]
    """
    stored_height, stored_width = picture.shape[:2]
    if size[0] < stored_height or size[1] < stored_width:
        raise ValueError(
            f"size is {size[0]}×{size[1]}; expected at least {stored_height}×{stored_width}, "
            "as the picture"
        )
    inside = min(top, left) >= 0 and top + height <= size[0] and left + width <= size[1]
    if not inside or min(height, width) < 1:
        raise ValueError(
            f"window is {height}×{width} at {top}, {left}; expected one inside {size[0]}×{size[1]}"
        )
    first_rows, row_weights = _weights(stored_height, size[0], top, height)
    first_columns, column_weights = _weights(stored_width, size[1], left, width)
    start = int(first_rows[0])
    stop = min(int(first_rows[-1]) + _TAPS, stored_height)
    left_end = int(first_columns[0])
    part = picture[start:stop, left_end : int(first_columns[-1]) + _TAPS].copy()
    # Both passes go down columns, where neighbours share their weights and the loop becomes vector
    # instructions: the picture is turned, enlarged, turned back and enlarged again. Below each is
    # a margin of zeros for taps that no pixel stands behind; their weights are zero too.
    rows, columns = part.shape[:2]
    turned = np.zeros((columns + _TAPS, rows, 3), np.uint8)
    _turn(part, turned[:columns])
    longer = np.empty((width, rows, 3), np.uint8)
    _enlarge(_lines(turned), first_columns - left_end, column_weights, _lines(longer))
    widened = np.zeros((rows + _TAPS, width, 3), np.uint8)
    _turn(longer, widened[:rows])
    window = np.empty((height, width, 3), np.uint8)
    _enlarge(_lines(widened), first_rows - start, row_weights, _lines(window))
    return window


def _lines(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture as one line of values a row."""
    return picture.reshape(len(picture), -1)


def _weights(
    stored: int, enlarged: int, start: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return first pixel and fixed-point weights of `count` outputs, in Pillow's order of steps."""
    scale = stored / enlarged
    center = (np.arange(start, start + count) + 0.5) * scale
    first = np.maximum((center - _SUPPORT + 0.5).astype(np.int64), 0)
    last = np.minimum((center + _SUPPORT + 0.5).astype(np.int64), stored)
    weights = np.zeros((count, _TAPS))
    total = np.zeros(count)
    for tap in range(_TAPS):
        inside = first + tap < last
        weights[:, tap] = np.where(inside, _cubic(tap + first - center + 0.5), 0.0)
        total += weights[:, tap]
    weights /= total[:, None]
    rounded = np.trunc(weights * (1 << _BITS) + np.copysign(0.5, weights))
    return first, rounded.astype(np.int32)


def _cubic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weight of a pixel at distance x (Keys, 1981), with a = -0.5.

    1 - (a + 3) x² + (a + 2) x³ for x < 1; -4a + 8a x - 5a x² + a x³ for x < 2; 0 beyond.
    """
    a = -0.5
    x = np.abs(x)
    near = ((a + 2.0) * x - (a + 3.0)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * a
    return np.where(x < 1.0, near, np.where(x < 2.0, far, 0.0))


@njit(cache=True, nogil=True)
def _to_byte(value: np.int32) -> int:
    return min(max(int(value >> _BITS), 0), 255)


@njit(cache=True, nogil=True)
def _turn(picture: NDArray[np.uint8], turned: NDArray[np.uint8]) -> None:
    # Pixel (y, x) becomes (x, y), by squares of which both sides fit into the cache.
    height, width = turned.shape[:2]
    for top in range(0, height, _SQUARE):
        for left in range(0, width, _SQUARE):
            for y in range(top, min(top + _SQUARE, height)):
                for x in range(left, min(left + _SQUARE, width)):
                    for channel in range(3):
                        turned[y, x, channel] = picture[x, y, channel]


@njit(cache=True, nogil=True)
def _enlarge(
    lines: NDArray[np.uint8],
    first: NDArray[np.int64],
    weights: NDArray[np.int32],
    enlarged: NDArray[np.uint8],
) -> None:
    # out(y) = (2^21 + sum over 5 taps of weight(y, tap) * in(first(y) + tap)) >> 22, for all
    # columns and channels of a row at once.
    half = np.int32(1 << (_BITS - 1))
    for y in range(first.size):
        # All five taps at once in the inner loop, so that it becomes vector instructions.
        row0, row1 = lines[first[y]], lines[first[y] + 1]
        row2, row3, row4 = lines[first[y] + 2], lines[first[y] + 3], lines[first[y] + 4]
        w0, w1, w2 = weights[y, 0], weights[y, 1], weights[y, 2]
        w3, w4 = weights[y, 3], weights[y, 4]
        out = enlarged[y]
        for x in range(out.size):
            value = np.int32(
                half
                + np.int32(row0[x]) * w0
                + np.int32(row1[x]) * w1
                + np.int32(row2[x]) * w2
                + np.int32(row3[x]) * w3
                + np.int32(row4[x]) * w4
            )
            out[x] = _to_byte(value)
