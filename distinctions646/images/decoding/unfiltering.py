"""The compiled loop that undoes the filters of a PNG; importing it imports numba.

References
----------
Portable Network Graphics Specification, third edition (W3C, 2025), section 9.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numba import njit
from numpy.typing import NDArray

NONE, SUB, UP, AVERAGE, PAETH = range(5)
_SIGN = np.int32(31)
_BLOCK = 64


@njit(cache=True, nogil=True)
def unfilter(lines: NDArray[np.uint8], rows: NDArray[np.uint8], channels: int) -> None:
    """Undo the filters of an 8-bit picture.

    Parameters
    ----------
    lines
        H·(1 + W·channels), uint8, read-only: each row's filter, 0 to 4, and its filtered bytes.
    rows
        H×(W·channels), uint8: receives the pixels.
    channels
        Bytes of a pixel.
    """
    # x = line + f(a, b, c): a the pixel to the left, b above, c above a; 0 outside the picture.
    height, stride = rows.shape
    zeros = np.zeros(stride, np.uint8)
    rest = stride - channels
    for y in range(height):
        start = y * (stride + 1) + 1
        kind, line, row = lines[start - 1], lines[start : start + stride], rows[y]
        above = rows[y - 1] if y > 0 else zeros
        if kind == NONE:
            for j in range(stride):
                row[j] = line[j]
            continue
        if kind == UP:
            for j in range(stride):
                row[j] = np.uint8(line[j] + above[j])
            continue
        for j in range(channels):
            b = above[j] if kind == PAETH else np.uint8(above[j] >> 1)
            row[j] = np.uint8(line[j] + (np.uint8(0) if kind == SUB else b))
        filtered, out, left = line[channels:], row[channels:], row[:rest]
        b_row, c_row = above[channels:], above[:rest]
        if kind == SUB:
            for j in range(rest):
                out[j] = np.uint8(filtered[j] + left[j])
        elif kind == AVERAGE:
            for j in range(rest):
                out[j] = np.uint8(filtered[j] + ((np.int32(left[j]) + np.int32(b_row[j])) >> 1))
        elif channels == 1:
            _undo_grey_paeth(filtered, b_row, c_row, row[0], out)
        else:
            for j in range(rest):
                out[j] = np.uint8(filtered[j] + _nearest(left[j], b_row[j], c_row[j]))


@njit(nogil=True)
def _undo_grey_paeth(
    filtered: NDArray[np.uint8],
    b_row: NDArray[np.uint8],
    c_row: NDArray[np.uint8],
    left: np.uint8,
    out: NDArray[np.uint8],
) -> None:
    """Undo Paeth along a row of grey, most of which is constant in a matte."""
    a = left
    for start in range(0, out.size, _BLOCK):
        line, pixels = filtered[start : start + _BLOCK], out[start : start + _BLOCK]
        b, c = b_row[start : start + _BLOCK], c_row[start : start + _BLOCK]
        # Where b is c, a is the nearest; where nothing is added to it, it goes on.
        changes = np.uint8(0)
        for j in range(line.size):
            changes = np.uint8(changes | np.uint8(line[j] | np.uint8(b[j] ^ c[j])))
        if changes == 0:
            pixels[:] = a
            continue
        for j in range(line.size):
            a = np.uint8(line[j] + _nearest(a, b[j], c[j]))
            pixels[j] = a


@njit(nogil=True, inline="always")
def _nearest(left: np.uint8, up: np.uint8, corner: np.uint8) -> np.int32:
    """Return which of a, b, c is nearest to a + b - c; on a tie a before b before c.

    A comparison becomes a mask, as nothing here can be foreseen by branches.
    """
    a, b, c = np.int32(left), np.int32(up), np.int32(corner)
    to_a, to_b = np.int32(b - c), np.int32(a - c)
    to_c = np.int32(abs(np.int32(to_a + to_b)))
    to_a, to_b = np.int32(abs(to_a)), np.int32(abs(to_b))
    c_wins = np.int32(np.int32(to_c - to_b) >> _SIGN)
    other = np.int32(b ^ ((b ^ c) & c_wins))
    other_wins = np.int32(np.int32(np.int32(min(to_b, to_c)) - to_a) >> _SIGN)
    return np.int32(a ^ ((a ^ other) & other_wins))


def is_on_disk() -> bool:
    """Return whether an earlier process has compiled the loop."""
    line = unfilter.py_func.__code__.co_firstlineno
    return any(Path(str(unfilter.stats.cache_path)).glob(f"unfiltering.unfilter-{line}.*.nbi"))
