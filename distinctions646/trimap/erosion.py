"""Erosion of a region by an ellipse or another kernel of unbroken rows, 64 pixels at once.

OpenCV's erosion by an ellipse compares with every pixel of the kernel, some 600 at a diameter of
27. Here a region is packed into words of 64 bits. Erosion by a run of pixels is that by a run one
pixel shorter, and itself moved by a pixel; and a kernel is the runs of its rows, moved up or down.
So the work grows with the diameter of the kernel and not with its area.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WORD = 64
_ONE, _LAST = np.uint64(1), np.uint64(_WORD - 1)
_TOP = np.uint64(1 << (_WORD - 1))


def erode(region: NDArray[np.bool_], kernel: NDArray[np.uint8], times: int) -> NDArray[np.bool_]:
    """Erode a region; what lies outside the picture counts as part of it.

    Parameters
    ----------
    region
        H×W, bool.
    kernel
        h×w, uint8, not 0 where it reaches: in each row one unbroken run, and a longer run holds
        every shorter one, as in an ellipse. Its anchor is its pixel at h // 2, w // 2, as
        OpenCV has it.
    times
        How often.

    Returns
    -------
    ndarray
        H×W, bool: the pixels around which the whole kernel lies in the region.

    Examples
    --------
    >>> erode(np.array([[True, True, False, True, True, True]]), np.ones((1, 3), np.uint8), 1)
    array([[ True, False, False, False,  True,  True]])
    """
    runs = _runs(kernel)
    words = _pack(region)
    for _ in range(times):
        words = _erode_packed(words, runs)
    pixels = np.unpackbits(words.view(np.uint8), axis=1, count=region.shape[1], bitorder="little")
    return pixels.view(np.bool_)


def _runs(kernel: NDArray[np.uint8]) -> dict[tuple[int, int], list[int]]:
    """Return the rows of a kernel by their reach to the left and right, the shortest first."""
    rows: dict[tuple[int, int], list[int]] = {}
    height, width = kernel.shape
    for row in range(height):
        (reached,) = np.nonzero(kernel[row])
        reach = (width // 2 - int(reached[0]), int(reached[-1]) - width // 2)
        rows.setdefault(reach, []).append(row - height // 2)
    return dict(sorted(rows.items(), key=lambda item: sum(item[0])))


def _pack(region: NDArray[np.bool_]) -> NDArray[np.uint64]:
    height, width = region.shape
    count = -(-width // _WORD)
    packed = np.full((height, count * 8), 255, np.uint8)
    bits = np.packbits(region, axis=1, bitorder="little")
    packed[:, : bits.shape[1]] = bits
    if width % 8:
        packed[:, bits.shape[1] - 1] |= np.uint8(256 - (1 << width % 8))
    return packed.view(np.dtype("<u8"))


def _erode_packed(
    words: NDArray[np.uint64], runs: dict[tuple[int, int], list[int]]
) -> NDArray[np.uint64]:
    eroded = np.full_like(words, ~np.uint64(0))
    run, moved = words.copy(), np.empty_like(words)
    reach = (0, 0)
    for wanted, rows in runs.items():
        for _ in range(wanted[0] - reach[0]):
            _add_left(run, moved)
        for _ in range(wanted[1] - reach[1]):
            _add_right(run, moved)
        reach = wanted
        for row in rows:
            _and_moved(eroded, run, row)
    return eroded


def _and_moved(eroded: NDArray[np.uint64], run: NDArray[np.uint64], down: int) -> None:
    """And row y + down of `run` into row y, where there is such a row."""
    target = eroded[max(-down, 0) : max(len(run) - down, 0)]
    np.bitwise_and(target, run[max(down, 0) : max(down, 0) + len(target)], out=target)


def _add_left(run: NDArray[np.uint64], moved: NDArray[np.uint64]) -> None:
    """Let runs reach one pixel further to the left."""
    np.left_shift(run, _ONE, out=moved)
    moved[:, 1:] |= run[:, :-1] >> _LAST
    moved[:, 0] |= _ONE
    np.bitwise_and(run, moved, out=run)


def _add_right(run: NDArray[np.uint64], moved: NDArray[np.uint64]) -> None:
    """Let runs reach one pixel further to the right."""
    np.right_shift(run, _ONE, out=moved)
    moved[:, :-1] |= run[:, 1:] << _LAST
    moved[:, -1] |= _TOP
    np.bitwise_and(run, moved, out=run)
