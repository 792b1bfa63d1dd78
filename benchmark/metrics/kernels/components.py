"""Compiled search for the largest connected component, threshold after threshold.

Why it is fast: a row is handled as 64-pixel words, one bit per pixel, so that the runs of a row and
the pixels where runs of two rows touch take a few word operations; union-find joins runs, not
pixels; words without a change of value, which are nearly all of a natural matte, cost one
comparison; and the search ends at the first threshold whose largest component lies outside the one
before, because no pixel survives that.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit, types
from numba.extending import intrinsic

WORD = 64
_ONE = np.uint64(1)
_BYTES = np.uint64(0x0101010101010101)
_TOP_BITS = np.uint64(0x8080808080808080)
_GATHER = np.uint64(0x0102040810204080)


def _count_trailing_zeros(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, True))

    return types.uint64(types.uint64), generate


def _count_set_bits(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


_trailing_zeros: Any = intrinsic(_count_trailing_zeros)
"""The number of zero bits below the lowest set bit of a word that is not 0."""
_set_bits: Any = intrinsic(_count_set_bits)
"""The number of set bits of a word."""


@njit(cache=True, nogil=True)
def survived_thresholds(
    passed: npt.NDArray[np.uint8], width: int, thresholds: int
) -> npt.NDArray[np.uint8]:
    """Count the thresholds through which each pixel stays in the largest component.

    Parameters
    ----------
    passed
        Uint8, H x (W rounded up to a multiple of 64): how many thresholds a pixel passes, below
        128; 0 in the padding.
    width
        W.
    thresholds
        How many thresholds there are.

    Returns
    -------
    numpy.ndarray
        Uint8, H x W: the last i such that the pixel lies in the largest component of each of the
        thresholds 1 to i. Components are 4-connected; of those of equal size the largest is the one
        whose first pixel comes first in column-major order, as MATLAB lists them. At a threshold
        that no pixel passes, none survives.
    """
    height = passed.shape[0]
    words = passed.view(np.uint64)  # eight pixels each, for `_packed`
    lowest, highest, changes = _word_bounds(passed)
    # A run starts at a row's first pixel or at every other change, whatever the threshold. No more
    # memory than needed is allocated: touching it costs time.
    runs_at_most = height + changes // 2
    edges = np.empty(2 * runs_at_most, dtype=np.int32)
    row_first = np.empty(height + 1, dtype=np.int32)
    parent = np.empty(runs_at_most, dtype=np.int32)
    size = np.empty(runs_at_most, dtype=np.int32)
    survived = np.zeros((height, width), dtype=np.uint8)
    # Omega of each threshold in turn; only its pixels that were in every Omega before survive.
    for threshold in range(1, thresholds + 1):
        runs = _label(words, lowest, highest, threshold, edges, row_first, parent)
        if runs == 0:
            break
        best = _largest(edges, row_first, parent, size, runs)
        if not _raise(survived, edges, row_first, parent, best, threshold):
            break
    return survived


@njit(nogil=True)
def _word_bounds(
    passed: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], int]:
    """Return the lowest and highest number in each word, and how often neighbours differ."""
    height, words = passed.shape[0], passed.shape[1] // WORD
    lowest = np.empty((height, words), dtype=np.uint8)
    highest = np.empty((height, words), dtype=np.uint8)
    changes = 0
    for i in range(height):
        row = passed[i]
        changed = np.int32(0)
        for j in range(1, row.size):
            changed = np.int32(changed + (row[j] != row[j - 1]))
        changes += int(changed)
        for word in range(words):
            pixels = row[word * WORD : (word + 1) * WORD]
            low, high = pixels[0], pixels[0]
            for j in range(WORD):
                low = min(low, pixels[j])
                high = max(high, pixels[j])
            lowest[i, word], highest[i, word] = low, high
    return lowest, highest, changes


@njit(nogil=True)
def _packed(eights: npt.NDArray[np.uint64], threshold: int) -> np.uint64:
    """Pack 64 bytes into a word of bits that say whether a byte reaches the threshold.

    Adding 128 - threshold to every byte sets its top bit where it does; the product with
    `_GATHER` collects the eight top bits in the highest byte.
    """
    lift = np.uint64(np.uint64(128 - threshold) * _BYTES)
    word = np.uint64(0)
    for eight in range(8):
        reached = ((eights[eight] + lift) & _TOP_BITS) >> np.uint64(7)
        word |= ((reached * _GATHER) >> np.uint64(56)) << np.uint64(8 * eight)
    return word


@njit(nogil=True)
def _label(
    words: npt.NDArray[np.uint64],
    lowest: npt.NDArray[np.uint8],
    highest: npt.NDArray[np.uint8],
    threshold: int,
    edges: npt.NDArray[np.int32],
    row_first: npt.NDArray[np.int32],
    parent: npt.NDArray[np.int32],
) -> int:
    """Find the runs over the threshold and join those that touch; return how many runs.

    Fills `edges` (start and stop of each run in turn), `row_first` (number of a row's first run)
    and `parent`, a forest in which a parent's number is never above its child's.
    """
    height, columns = lowest.shape
    # Of the row above, per word: its bits, the bits where runs start, runs before the word.
    above = np.zeros(columns, dtype=np.uint64)
    above_starts = np.zeros(columns, dtype=np.uint64)
    above_runs = np.zeros(columns, dtype=np.int64)
    runs, edge = 0, 0
    for i in range(height):
        row_first[i] = runs
        carry, touch_carry = np.uint64(0), np.uint64(0)
        for c in range(columns):
            # One bit per pixel; most words are all below or all above the threshold.
            if highest[i, c] < threshold:
                word = np.uint64(0)
            elif lowest[i, c] >= threshold:
                word = ~np.uint64(0)
            else:
                word = _packed(words[i, 8 * c : 8 * c + 8], threshold)
            # A bit that differs from the one before it starts or ends a run; `carry` is the last
            # bit of the word before.
            changes = word ^ ((word << _ONE) | carry)
            carry = word >> np.uint64(WORD - 1)
            starts = changes & word
            runs_before = runs
            runs += int(_set_bits(starts))
            for run in range(runs_before, runs):
                parent[run] = run
            while changes != 0:
                edges[edge] = WORD * c + int(_trailing_zeros(changes))
                changes &= changes - _ONE
                edge += 1
            # The first pixel of each stretch in which this row and the one above are both set.
            both = word & above[c]
            touches = both & ~((both << _ONE) | touch_carry)
            touch_carry = both >> np.uint64(WORD - 1)
            while touches != 0:
                # The run at a column is the last one that starts at or before it.
                up_to = touches ^ (touches - _ONE)
                run_above = above_runs[c] + int(_set_bits(above_starts[c] & up_to)) - 1
                run = runs_before + int(_set_bits(starts & up_to)) - 1
                touches &= touches - _ONE
                _join(parent, run_above, run)
            above[c], above_starts[c], above_runs[c] = word, starts, runs_before
        if carry != 0:  # a run that reaches the end of the row
            edges[edge] = WORD * columns
            edge += 1
    row_first[height] = runs
    return runs


@njit(nogil=True)
def _join(parent: npt.NDArray[np.int32], run_above: int, run: int) -> None:
    """Join two components under the root with the lower number."""
    root, other = _root(parent, run_above), _root(parent, run)
    if root < other:
        parent[other] = root
    elif other < root:
        parent[root] = other


@njit(nogil=True)
def _root(parent: npt.NDArray[np.int32], run: int) -> int:
    """Return a run's root, halving the path to it on the way."""
    while parent[run] != run:
        parent[run] = parent[parent[run]]
        run = parent[run]
    return run


@njit(nogil=True)
def _largest(
    edges: npt.NDArray[np.int32],
    row_first: npt.NDArray[np.int32],
    parent: npt.NDArray[np.int32],
    size: npt.NDArray[np.int32],
    runs: int,
) -> int:
    """Flatten the forest, measure the components and return the root of the largest."""
    for run in range(runs):  # parents come before children, so one sweep is enough
        root = parent[parent[run]]
        parent[run] = root
        length = edges[2 * run + 1] - edges[2 * run]
        size[run] = 0
        size[root] += length
    best, tied = 0, False
    for run in range(1, runs):
        if size[run] > size[best]:
            best, tied = run, False
        elif size[run] == size[best]:
            tied = True
    return _first_by_column(edges, row_first, parent, size, size[best]) if tied else best


@njit(nogil=True)
def _first_by_column(
    edges: npt.NDArray[np.int32],
    row_first: npt.NDArray[np.int32],
    parent: npt.NDArray[np.int32],
    size: npt.NDArray[np.int32],
    largest: int,
) -> int:
    """Return the root, of components of the largest size, whose first pixel is leftmost.

    Rows are visited from the top, so the upper one of two in the same column is found first.
    """
    best, best_column = -1, -1
    for run in range(row_first[-1]):
        if size[parent[run]] == largest and (best < 0 or edges[2 * run] < best_column):
            best, best_column = parent[run], edges[2 * run]
    return best


@njit(nogil=True)
def _raise(
    survived: npt.NDArray[np.uint8],
    edges: npt.NDArray[np.int32],
    row_first: npt.NDArray[np.int32],
    parent: npt.NDArray[np.int32],
    best: int,
    threshold: int,
) -> bool:
    """Write the threshold to the best component if its pixels survived so far; else return False.

    A component lies wholly inside or wholly outside one of a lower threshold, so one pixel is
    enough to tell.
    """
    survives = False
    for i in range(survived.shape[0]):
        row = survived[i]
        for run in range(row_first[i], row_first[i + 1]):
            if parent[run] == best:
                start, stop = edges[2 * run], edges[2 * run + 1]
                if not survives and row[start] != threshold - 1:
                    return False
                survives = True
                row[start:stop] = threshold
    return survives
