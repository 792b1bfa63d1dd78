"""The compiled loops of `cholesky`: dissection of the unknowns, structure, substitution."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

STACK = 256  # most pieces that wait to be cut: far more than cuts are deep


@njit(cache=True, nogil=True)
def dissect(
    rows: npt.NDArray[np.int32], columns: npt.NDArray[np.int32], reach: int, leaf: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return an order of elimination by nested dissection, and where its blocks start.

    A piece is cut across its longer side at the median; what lies within `reach` behind the cut
    separates both halves and is eliminated after them. Pieces of at most `leaf` unknowns, and
    separators, are the blocks.

    Parameters
    ----------
    rows, columns
        int32 n, where the unknowns lie on a grid.
    reach
        Farthest distance of tied unknowns along an axis.
    leaf
        Most unknowns of a piece that is not cut.
    """
    count = rows.size
    order = np.arange(count).astype(np.int32)
    kept = np.empty(count, np.int32)
    starts = np.zeros(count + 1, np.bool_)
    starts[count] = True
    stack = np.empty((STACK, 2), np.int32)
    stack[0, 0], stack[0, 1] = 0, count
    waiting = 1
    histogram = np.zeros(max(rows.max(), columns.max()) + 2, np.int32)
    while waiting:
        waiting -= 1
        low, high = stack[waiting, 0], stack[waiting, 1]
        starts[low] = True
        if high - low <= leaf:
            continue
        least_row, most_row = rows[order[low]], rows[order[low]]
        least_column, most_column = columns[order[low]], columns[order[low]]
        for at in range(low, high):
            least_row, most_row = min(least_row, rows[order[at]]), max(most_row, rows[order[at]])
            least_column = min(least_column, columns[order[at]])
            most_column = max(most_column, columns[order[at]])
        across = rows if most_row - least_row >= most_column - least_column else columns
        least, most = least_column, most_column
        if across is rows:
            least, most = least_row, most_row
        if most - least < reach:
            continue
        histogram[least : most + 1] = 0
        for at in range(low, high):
            histogram[across[order[at]]] += 1
        cut, before = least, 0
        while cut < most and 2 * (before + histogram[cut]) <= high - low:
            before += histogram[cut]
            cut += 1
        if before == 0:
            cut, before = least + 1, histogram[least]
        behind = 0
        for k in range(cut + reach, most + 1):
            behind += histogram[k]
        # First half | second half | separator, in one pass from a copy.
        kept[low:high] = order[low:high]
        first, second, between = low, low + before, low + before + behind
        stack[waiting, 0], stack[waiting, 1] = low, second
        stack[waiting + 1, 0], stack[waiting + 1, 1] = second, between
        waiting += 2 if behind else 1
        if between < high:
            starts[between] = True
        for at in range(low, high):
            one = kept[at]
            if across[one] < cut:
                order[first] = one
                first += 1
            elif across[one] >= cut + reach:
                order[second] = one
                second += 1
            else:
                order[between] = one
                between += 1
    return order, np.flatnonzero(starts).astype(np.int32)


@njit(cache=True, nogil=True)
def find_structure(
    indptr: npt.NDArray[np.int32],
    indices: npt.NDArray[np.int32],
    order: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int32],
) -> tuple[Any, Any, Any, Any]:
    """Return the blocks' rows below themselves, where each one's begin, parents, and places.

    Returns
    -------
    below : ndarray
        int32: for each block in turn, the later places that its columns reach, ascending.
    bounds : ndarray
        int64, blocks + 1: where each block's part of `below` begins.
    parents : ndarray
        int32: the block that takes up a block's update; -1 for none.
    places : ndarray
        int32 n: the place of each unknown in the order.
    """
    count, blocks = order.size, starts.size - 1
    places = np.empty(count, np.int32)
    block_of = np.empty(count, np.int32)
    for block in range(blocks):
        for at in range(starts[block], starts[block + 1]):
            places[order[at]] = at
            block_of[at] = block
    seen = np.full(count, -1, np.int32)
    parents = np.full(blocks, -1, np.int32)
    first_child, sibling = np.full(blocks, -1, np.int32), np.full(blocks, -1, np.int32)
    bounds = np.zeros(blocks + 1, np.int64)
    below = np.empty(8 * count + 1024, np.int32)
    for block in range(blocks):
        stop = starts[block + 1]
        filled = bounds[block]
        for at in range(starts[block], stop):
            one = order[at]
            for k in range(indptr[one], indptr[one + 1]):
                place = places[indices[k]]
                if place >= stop and seen[place] != block:
                    seen[place] = block
                    if filled == below.size:
                        below = np.concatenate((below, np.empty_like(below)))
                    below[filled] = place
                    filled += 1
        child = first_child[block]
        while child >= 0:
            for k in range(bounds[child], bounds[child + 1]):
                place = below[k]
                if place >= stop and seen[place] != block:
                    seen[place] = block
                    if filled == below.size:
                        below = np.concatenate((below, np.empty_like(below)))
                    below[filled] = place
                    filled += 1
            child = sibling[child]
        bounds[block + 1] = filled
        if filled > bounds[block]:
            part = np.sort(below[bounds[block] : filled])
            below[bounds[block] : filled] = part
            parent = block_of[part[0]]
            parents[block] = parent
            sibling[block], first_child[parent] = first_child[parent], block
    return below[: bounds[blocks]].copy(), bounds, parents, places


@njit(cache=True, nogil=True)
def fill_front(
    indptr: npt.NDArray[np.int32],
    indices: npt.NDArray[np.int32],
    data: npt.NDArray[np.float64],
    order: npt.NDArray[np.int32],
    places: npt.NDArray[np.int32],
    start: int,
    stop: int,
    below: npt.NDArray[np.int32],
    local: npt.NDArray[np.int32],
    own: npt.NDArray[np.float64],
    lower: npt.NDArray[np.float64],
) -> None:
    """Add a block's columns of the matrix to its front, and note where later places stand in it."""
    for k in range(below.size):
        local[below[k]] = k
    for at in range(start, stop):
        one = order[at]
        for k in range(indptr[one], indptr[one + 1]):
            place = places[indices[k]]
            if place >= stop:
                lower[local[place], at - start] += data[k]
            elif place >= at:
                own[place - start, at - start] += data[k]


@njit(cache=True, nogil=True)
def add_update(
    update: npt.NDArray[np.float64],
    its_places: npt.NDArray[np.int32],
    start: int,
    stop: int,
    local: npt.NDArray[np.int32],
    own: npt.NDArray[np.float64],
    lower: npt.NDArray[np.float64],
    rest: npt.NDArray[np.float64],
) -> None:
    """Add the lower half of a child's update to its parent's front."""
    inside = np.searchsorted(its_places, stop)
    for j in range(inside):
        column = its_places[j] - start
        for i in range(j, inside):
            own[its_places[i] - start, column] += update[i, j]
        for i in range(inside, its_places.size):
            lower[local[its_places[i]], column] += update[i, j]
    for j in range(inside, its_places.size):
        column = local[its_places[j]]
        for i in range(j, its_places.size):
            rest[local[its_places[i]], column] += update[i, j]


@njit(cache=True, nogil=True)
def substitute(
    starts: npt.NDArray[np.int32],
    bounds: npt.NDArray[np.int64],
    below: npt.NDArray[np.int32],
    offsets: npt.NDArray[np.int64],
    factor: npt.NDArray[np.float64],
    solution: npt.NDArray[np.float64],
) -> None:
    """Solve L L' x = b in place, in the order of elimination.

    A block's part of `factor` from `offsets` on is its diagonal block, then the rows below, both
    column after column.
    """
    blocks = starts.size - 1
    most = 1
    for block in range(blocks):
        most = max(most, bounds[block + 1] - bounds[block])
    rest = np.empty(most)
    for block in range(blocks):
        start, size = starts[block], starts[block + 1] - starts[block]
        under = bounds[block + 1] - bounds[block]
        at = offsets[block]
        rest[:under] = 0
        for j in range(size):
            value = solution[start + j] / factor[at + j * size + j]
            solution[start + j] = value
            column = at + j * size
            for i in range(j + 1, size):
                solution[start + i] -= factor[column + i] * value
            column = at + size * size + j * under
            for i in range(under):
                rest[i] += factor[column + i] * value
        for i in range(under):
            solution[below[bounds[block] + i]] -= rest[i]
    for block in range(blocks - 1, -1, -1):
        start, size = starts[block], starts[block + 1] - starts[block]
        under = bounds[block + 1] - bounds[block]
        at = offsets[block]
        for i in range(under):
            rest[i] = solution[below[bounds[block] + i]]
        for j in range(size - 1, -1, -1):
            column = at + j * size
            total = solution[start + j]
            total -= np.dot(
                factor[column + j + 1 : column + size], solution[start + j + 1 : start + size]
            )
            column = at + size * size + j * under
            total -= np.dot(factor[column : column + under], rest[:under])
            solution[start + j] = total / factor[at + j * size + j]
