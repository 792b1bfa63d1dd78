"""A k-d tree made by sorting: compiled, for points that come by the million.

Points are sorted along the Z-order curve of a fine grid. A node of the tree is then a run of sorted
points, and the place where its highest differing bit changes splits it. For the search, nodes of
two children are joined to nodes of sixteen, whose boxes are compared with another at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from baselines.neighbours.vector_intrinsics import AXES, WIDTH

STACK = 1024  # most nodes that wait to be visited: far more than such a tree is deep and wide
KEY = 60  # bits of a key, which the axes share
DIGIT = 12  # bits that are sorted by at once
CELLS = 1 << DIGIT
LEAST_RANGE = 1e-30


@njit(cache=True, nogil=True)
def z_order(points: npt.NDArray[np.float32], axes: int) -> npt.NDArray[np.uint64]:
    """Return the key of each point, n×`AXES`: its grid coordinates' bits, one of each axis in turn.

    Only the first `axes` count. The grid is over the longest.
    """
    count = points.shape[0]
    bits = min(KEY // axes, DIGIT)
    cells = 1 << bits
    least, most = np.empty(AXES, np.float32), np.empty(AXES, np.float32)
    least[:], most[:] = np.inf, -np.inf
    for i in range(count):
        for k in range(AXES):
            least[k] = min(least[k], points[i, k])
            most[k] = max(most[k], points[i, k])
    longest = np.float32(0.0)
    for k in range(AXES):
        longest = max(longest, most[k] - least[k])
    # In a range so short that the scale would be infinite all points are in one cell.
    scale = np.float32(cells - 1) / longest if longest > LEAST_RANGE else np.float32(0.0)
    wide = np.zeros(cells, np.uint64)  # a coordinate with zeros for the other axes between its bits
    for cell in range(cells):
        for bit in range(bits):
            wide[cell] |= np.uint64((cell >> bit) & 1) << np.uint64(axes * bit)
    keys = np.empty(count, np.uint64)
    for i in range(count):
        key = np.uint64(0)
        for k in range(axes):
            key |= wide[int((points[i, k] - least[k]) * scale)] << np.uint64(k)
        keys[i] = key
    return keys


@njit(cache=True, nogil=True)
def sort_keys(
    keys: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """Return the keys in ascending order, and where each was; equal keys stay in order.

    The array that came is overwritten.
    """
    count = keys.size
    order, other_order = np.empty(count, np.int32), np.empty(count, np.int32)
    other_keys = np.empty(count, np.uint64)
    starts = np.zeros((KEY // DIGIT, CELLS), np.int32)
    for i in range(count):
        order[i] = i
        for digit in range(KEY // DIGIT):
            starts[digit, (keys[i] >> np.uint64(DIGIT * digit)) & np.uint64(CELLS - 1)] += 1
    for digit in range(KEY // DIGIT):
        total = np.int32(0)
        for cell in range(CELLS):
            held = starts[digit, cell]
            starts[digit, cell] = total
            total += held
        for i in range(count):
            key = keys[i]
            cell = (key >> np.uint64(DIGIT * digit)) & np.uint64(CELLS - 1)
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
def split_runs(
    points: npt.NDArray[np.float32], axes: int, most: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the order of points, n×`AXES`, and the nodes that split it in runs of at most `most`.

    Returns
    -------
    order : ndarray
        int32 n: the number of each point, along the Z-order curve.
    nodes : ndarray
        int32 m×3: first point, end, left child (0 for a leaf), which the right child follows.
        Children come after their parents.
    """
    count = points.shape[0]
    keys, order = sort_keys(z_order(points, axes))
    nodes = np.empty((2 * count, 3), np.int32)  # of which uneven splits may need all
    nodes[0, 0], nodes[0, 1], nodes[0, 2] = 0, count, 0
    stack = np.zeros(STACK, np.int32)
    waiting, made = 1, 1
    while waiting:
        waiting -= 1
        at = stack[waiting]
        start, stop = nodes[at, 0], nodes[at, 1]
        if stop - start <= most:
            continue
        split = split_keys(keys, start, stop)
        nodes[at, 2] = made
        nodes[made, 0], nodes[made, 1], nodes[made, 2] = start, split, 0
        nodes[made + 1, 0], nodes[made + 1, 1], nodes[made + 1, 2] = split, stop, 0
        stack[waiting], stack[waiting + 1] = made + 1, made
        waiting += 2
        made += 2
    return order, nodes[:made].copy()


@njit(cache=True, nogil=True)
def fill_leaves(
    points: npt.NDArray[np.float32], order: npt.NDArray[np.int32], nodes: npt.NDArray[np.int32]
) -> tuple[
    npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]
]:
    """Return the leaves of a tree from `split_runs`, in the form that is searched.

    Returns
    -------
    leaves : ndarray
        float32 l×`AXES`×16: the coordinates of each leaf's points, infinite where it has fewer.
    members : ndarray
        int32 l×16: their numbers; 0 where it has fewer.
    place : ndarray
        int32 n: where in `members`, counted flat, each point is.
    below : ndarray
        int32 m×2: how many leaves are under each node, and the number of a leaf, 0 for other nodes.
    boxes : ndarray
        float32 m×2×`AXES`: the least and greatest coordinates of each node's points.
    """
    number = (nodes.shape[0] + 1) // 2
    leaves = np.empty((number, AXES, WIDTH), np.float32)
    members = np.empty((number, WIDTH), np.int32)
    place = np.empty(order.size, np.int32)
    below = np.empty((nodes.shape[0], 2), np.int32)
    boxes = np.empty((nodes.shape[0], 2, AXES), np.float32)
    for at in range(nodes.shape[0] - 1, -1, -1):  # children come after their parents
        left = nodes[at, 2]
        if left:
            below[at, 0], below[at, 1] = below[left, 0] + below[left + 1, 0], 0
            for k in range(AXES):
                boxes[at, 0, k] = min(boxes[left, 0, k], boxes[left + 1, 0, k])
                boxes[at, 1, k] = max(boxes[left, 1, k], boxes[left + 1, 1, k])
            continue
        number -= 1
        below[at, 0], below[at, 1] = 1, number
        boxes[at, 0], boxes[at, 1] = np.inf, -np.inf
        start = nodes[at, 0]
        length = nodes[at, 1] - start
        for k in range(AXES):
            for i in range(length, WIDTH):
                leaves[number, k, i] = np.inf
        for i in range(length, WIDTH):
            members[number, i] = 0
        for i in range(length):
            point = order[start + i]
            members[number, i] = point
            place[point] = number * WIDTH + i
            for k in range(AXES):
                value = points[point, k]
                leaves[number, k, i] = value
                boxes[at, 0, k] = min(boxes[at, 0, k], value)
                boxes[at, 1, k] = max(boxes[at, 1, k], value)
    return leaves, members, place, below, boxes


@njit(cache=True, nogil=True)
def widen(
    nodes: npt.NDArray[np.int32],
    below: npt.NDArray[np.int32],
    boxes: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Return the tree from `split_runs` and `fill_leaves` with up to 16 children a node.

    Returns
    -------
    children : ndarray
        int32 w×16: numbers of nodes; of leaves, negated less one.
    corners : ndarray
        float32 w×2`AXES`×16: for each axis the least coordinates of all children, then the greatest
        ones; infinite where there are fewer children.
    """
    most = below[0, 0]
    children = np.zeros((most, WIDTH), np.int32)
    corners = np.empty((most, 2 * AXES, WIDTH), np.float32)
    whole = np.zeros(most, np.int32)  # the node of `nodes` that each is made from
    chosen = np.empty(WIDTH, np.int32)
    made, at = 1, 0
    while at < made:
        # Split the child with the most leaves, until there are 16, or each can be a last node.
        chosen[0], size = whole[at], 1
        least = 1 if below[chosen[0], 0] <= WIDTH else WIDTH
        while size < WIDTH:
            largest = 0
            for i in range(1, size):
                if below[chosen[i], 0] > below[chosen[largest], 0]:
                    largest = i
            if below[chosen[largest], 0] <= least:
                break
            left = nodes[chosen[largest], 2]
            chosen[largest], chosen[size] = left, left + 1
            size += 1
        corners[at, :AXES] = np.inf
        corners[at, AXES:] = -np.inf
        for i in range(size):
            child = chosen[i]
            for k in range(AXES):
                corners[at, k, i] = boxes[child, 0, k]
                corners[at, AXES + k, i] = boxes[child, 1, k]
            if below[child, 0] == 1:
                children[at, i] = -below[child, 1] - 1
            else:
                children[at, i] = made
                whole[made] = child
                made += 1
        at += 1
    return children[:made].copy(), corners[:made].copy()
