"""A k-d tree made by sorting: compiled, for points that come by the million.

Points are sorted along the Z-order curve of a fine grid. A node of the tree is then a run of sorted
points, and the place where its highest differing bit changes splits it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from baselines.neighbours.tree_kernels import LEAF, STACK

AXES = 5  # of every point; fewer are filled with zeros
BITS = 12  # of a coordinate on the grid, over the longest axis: five times as many make a key
CELLS = 1 << BITS


@njit(cache=True, nogil=True)
def five_axes(
    points: npt.NDArray[Any], rows: npt.NDArray[np.integer[Any]]
) -> npt.NDArray[np.float32]:
    """Return some points, n×d, as float32 m×5, with zeros for the axes that they lack."""
    padded = np.zeros((rows.size, AXES), np.float32)
    for i in range(rows.size):
        for k in range(points.shape[1]):
            padded[i, k] = points[rows[i], k]
    return padded


@njit(cache=True, nogil=True)
def z_order(points: npt.NDArray[np.float32]) -> npt.NDArray[np.uint64]:
    """Return the key of each point, n×5: its grid coordinates' bits, one of each axis in turn."""
    count = points.shape[0]
    least, most = points[0].copy(), points[0].copy()
    for i in range(count):
        for k in range(AXES):
            least[k] = min(least[k], points[i, k])
            most[k] = max(most[k], points[i, k])
    longest = np.float32(0.0)
    for k in range(AXES):
        longest = max(longest, most[k] - least[k])
    scale = np.float32(CELLS - 1) / longest if longest > 0 else np.float32(0.0)
    wide = np.zeros(CELLS, np.uint64)  # a coordinate with four zeros between its bits
    for cell in range(CELLS):
        for bit in range(BITS):
            wide[cell] |= np.uint64((cell >> bit) & 1) << np.uint64(AXES * bit)
    keys = np.empty(count, np.uint64)
    for i in range(count):
        key = np.uint64(0)
        for k in range(AXES):
            key |= wide[int((points[i, k] - least[k]) * scale)] << np.uint64(k)
        keys[i] = key
    return keys


@njit(cache=True, nogil=True)
def sort_keys(
    keys: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """Return the keys in ascending order, and where each was; equal keys stay in order."""
    count = keys.size
    keys = keys.copy()
    order = np.arange(count).astype(np.int32)
    other_keys, other_order = np.empty_like(keys), np.empty_like(order)
    starts = np.zeros((AXES, CELLS), np.int32)
    for i in range(count):
        for digit in range(AXES):
            starts[digit, (keys[i] >> np.uint64(BITS * digit)) & np.uint64(CELLS - 1)] += 1
    for digit in range(AXES):
        total = np.int32(0)
        for cell in range(CELLS):
            held = starts[digit, cell]
            starts[digit, cell] = total
            total += held
        for i in range(count):
            key = keys[i]
            cell = (key >> np.uint64(BITS * digit)) & np.uint64(CELLS - 1)
            to = starts[digit, cell]
            starts[digit, cell] = to + 1
            other_keys[to], other_order[to] = key, order[i]
        keys, other_keys = other_keys, keys
        order, other_order = other_order, order
    return keys, order


@njit(cache=True, nogil=True)
def split_keys(keys: npt.NDArray[np.uint64], start: int, stop: int) -> int:
    """Return where the highest bit changes that differs in a run; the middle where none does."""
    last = keys[stop - 1]
    different = keys[start] ^ last
    if different == 0:
        return (start + stop) // 2
    below = np.uint64(0)  # the bits under the one that changes
    while different > np.uint64(1):
        different >>= np.uint64(1)
        below = below << np.uint64(1) | np.uint64(1)
    limit = last & ~below
    low, high = start, stop - 1  # keys[low] < limit <= keys[high]
    while high - low > 1:
        middle = (low + high) // 2
        if keys[middle] < limit:
            low = middle
        else:
            high = middle
    return high


@njit(cache=True, nogil=True)
def build_sorted(
    points: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the tree of n points in five dimensions, as `tree_kernels.build` does.

    But `by_leaf` is 5×(n + `LEAF`), with zeros at the end.
    """
    count = points.shape[0]
    keys, order = sort_keys(z_order(points))
    by_leaf = np.zeros((AXES, count + LEAF), np.float32)
    for i in range(count):
        for k in range(AXES):
            by_leaf[k, i] = points[order[i], k]
    nodes = np.zeros((max(1, count // 2), 4), np.int32)
    nodes[0, 1] = count
    stack = np.zeros(STACK, np.int32)
    waiting, made = 1, 1
    while waiting:
        waiting -= 1
        at = stack[waiting]
        start, stop = nodes[at, 0], nodes[at, 1]
        if stop - start <= LEAF:
            continue
        split = split_keys(keys, start, stop)
        if made + 2 > nodes.shape[0]:
            more = np.zeros((2 * made + 2, 4), np.int32)
            more[:made] = nodes[:made]
            nodes = more
        nodes[at, 2], nodes[at, 3] = made, made + 1
        nodes[made, 0], nodes[made, 1] = start, split
        nodes[made + 1, 0], nodes[made + 1, 1] = split, stop
        stack[waiting], stack[waiting + 1] = made + 1, made
        waiting += 2
        made += 2
    boxes = np.empty((made, 2, AXES), np.float32)
    for at in range(made - 1, -1, -1):  # children come after their parents
        near, far = nodes[at, 2], nodes[at, 3]
        for k in range(AXES):
            if near:
                boxes[at, 0, k] = min(boxes[near, 0, k], boxes[far, 0, k])
                boxes[at, 1, k] = max(boxes[near, 1, k], boxes[far, 1, k])
                continue
            least = most = by_leaf[k, nodes[at, 0]]
            for i in range(nodes[at, 0] + 1, nodes[at, 1]):
                least = min(least, by_leaf[k, i])
                most = max(most, by_leaf[k, i])
            boxes[at, 0, k], boxes[at, 1, k] = least, most
    return order, nodes[:made].copy(), boxes, by_leaf
