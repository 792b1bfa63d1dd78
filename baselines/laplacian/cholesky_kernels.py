"""The compiled loops of `cholesky`: dissection of the unknowns, structure, substitution."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

STACK = 256  # most pieces that wait to be cut: far more than cuts are deep


@njit(cache=True, nogil=True)
def dissect(
    grid: npt.NDArray[np.int32],
    reach: int,
    leaf: int,
    order: npt.NDArray[np.int32],
    kept: npt.NDArray[np.int32],
    histogram: npt.NDArray[np.int32],
    starts: npt.NDArray[np.bool_],
) -> None:
    """Bring the unknowns into the order of nested dissection, and mark where blocks start.

    A piece is cut across its longer side at the median; what lies within `reach` behind the cut
    separates both halves and is eliminated after them. Pieces of at most `leaf` unknowns, and
    separators, are the blocks.

    Parameters
    ----------
    grid
        int32 2×n, the row and column of each unknown.
    reach
        Farthest distance of tied unknowns along an axis.
    leaf
        Most unknowns of a piece that is not cut.
    order
        int32 n: 0, 1, … before, the order after.
    kept, histogram
        Room for n numbers, and for one of each row or column.
    starts
        bool n, all False before.
    """
    stack = np.empty((STACK, 2), np.int32)
    stack[0, 0], stack[0, 1] = 0, order.size
    waiting = 1
    while waiting:
        waiting -= 1
        low, high = stack[waiting, 0], stack[waiting, 1]
        starts[low] = True
        if high - low <= leaf:
            continue
        axis, least, most = 0, 0, -1
        for k in range(2):
            smallest, largest = grid[k, order[low]], grid[k, order[low]]
            for at in range(low, high):
                smallest = min(smallest, grid[k, order[at]])
                largest = max(largest, grid[k, order[at]])
            if largest - smallest > most - least:
                axis, least, most = k, smallest, largest
        if most - least < reach:
            continue
        for k in range(least, most + 1):
            histogram[k] = 0
        for at in range(low, high):
            histogram[grid[axis, order[at]]] += 1
        cut, before = least + 1, histogram[least]
        while cut < most and 2 * (before + histogram[cut]) <= high - low:
            before += histogram[cut]
            cut += 1
        behind = 0
        for k in range(cut + reach, most + 1):
            behind += histogram[k]
        # First half | second half | separator, in one pass from a copy.
        first, second, between = low, low + before, low + before + behind
        stack[waiting, 0], stack[waiting, 1] = low, second
        stack[waiting + 1, 0], stack[waiting + 1, 1] = second, between
        waiting += 2 if behind else 1
        if between < high:
            starts[between] = True
        for at in range(low, high):
            kept[at] = order[at]
        for at in range(low, high):
            one = kept[at]
            if grid[axis, one] < cut:
                order[first] = one
                first += 1
            elif grid[axis, one] >= cut + reach:
                order[second] = one
                second += 1
            else:
                order[between] = one
                between += 1


@njit(cache=True, nogil=True)
def find_structure(
    indptr: npt.NDArray[np.int32],
    indices: npt.NDArray[np.int32],
    order: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int32],
    places: npt.NDArray[np.int32],
    block_of: npt.NDArray[np.int32],
    seen: npt.NDArray[np.int32],
    links: npt.NDArray[np.int32],
    bounds: npt.NDArray[np.int64],
    below: npt.NDArray[np.int32],
) -> npt.NDArray[np.int32]:
    """Return, for each block in turn, the later places that its columns reach, in no order.

    Parameters
    ----------
    indptr, indices
        Of the matrix, CSR.
    order, starts
        Of elimination, int32 n, and where its blocks start, int32 blocks + 1.
    places, block_of
        int32 n, filled: the place of each unknown in the order, the block of each place.
    seen
        Room for n numbers, all -1.
    links
        int32 3×blocks, all -1 before: the block that takes up a block's update (-1 for none), its
        first child and its next sibling.
    bounds
        int64, blocks + 1, filled: where each block's part of the result begins.
    below
        Room for the result, enlarged where it is short.
    """
    blocks = starts.size - 1
    for block in range(blocks):
        for at in range(starts[block], starts[block + 1]):
            places[order[at]] = at
            block_of[at] = block
    bounds[0] = 0
    for block in range(blocks):
        stop = starts[block + 1]
        filled = bounds[block]
        # A block reaches at most all later places: make sure of their room at once.
        if filled + order.size - stop > below.size:
            more = np.empty(2 * below.size + order.size, np.int32)
            for k in range(filled):
                more[k] = below[k]
            below = more
        for at in range(starts[block], stop):
            one = order[at]
            for k in range(indptr[one], indptr[one + 1]):
                place = places[indices[k]]
                if place >= stop and seen[place] != block:
                    seen[place] = block
                    below[filled] = place
                    filled += 1
        child = links[1, block]
        while child >= 0:
            for k in range(bounds[child], bounds[child + 1]):
                place = below[k]
                if place >= stop and seen[place] != block:
                    seen[place] = block
                    below[filled] = place
                    filled += 1
            child = links[2, child]
        bounds[block + 1] = filled
        if filled > bounds[block]:
            nearest = below[bounds[block]]
            for k in range(bounds[block], filled):
                nearest = min(nearest, below[k])
            parent = block_of[nearest]
            links[0, block] = parent
            links[2, block], links[1, parent] = links[1, parent], block
    return below


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
    """Add a block's columns of the matrix to its front, and note where later places stand in it.

    `own` and `lower` are F11 and F21, column after column.
    """
    size, under = stop - start, below.size
    for k in range(under):
        local[below[k]] = k
    for at in range(start, stop):
        one = order[at]
        for k in range(indptr[one], indptr[one + 1]):
            place = places[indices[k]]
            if place >= stop:
                lower[(at - start) * under + local[place]] += data[k]
            elif place >= at:
                own[(at - start) * size + place - start] += data[k]


@njit(cache=True, nogil=True)
def add_update(
    update: npt.NDArray[np.float64],
    its_places: npt.NDArray[np.int32],
    start: int,
    stop: int,
    under: int,
    local: npt.NDArray[np.int32],
    own: npt.NDArray[np.float64],
    lower: npt.NDArray[np.float64],
    rest: npt.NDArray[np.float64],
) -> None:
    """Add the lower half of a child's update to its parent's front, all column after column."""
    count = its_places.size
    inside = 0
    while inside < count and its_places[inside] < stop:
        inside += 1
    size = stop - start
    for j in range(inside):
        column = its_places[j] - start
        for i in range(j, inside):
            own[column * size + its_places[i] - start] += update[j * count + i]
        for i in range(inside, count):
            lower[column * under + local[its_places[i]]] += update[j * count + i]
    for j in range(inside, count):
        column = local[its_places[j]]
        for i in range(j, count):
            rest[column * under + local[its_places[i]]] += update[j * count + i]


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
    rest = np.zeros(most)
    for block in range(blocks):
        start, size = starts[block], starts[block + 1] - starts[block]
        under = bounds[block + 1] - bounds[block]
        at = offsets[block]
        for i in range(under):
            rest[i] = 0.0
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
            for i in range(j + 1, size):
                total -= factor[column + i] * solution[start + i]
            column = at + size * size + j * under
            for i in range(under):
                total -= factor[column + i] * rest[i]
            solution[start + j] = total / factor[at + j * size + j]
