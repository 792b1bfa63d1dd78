"""The compiled search of `groups`: near points for a whole group of queries at once.

One walk through the candidates' tree serves a group. The leaves that it meets are copied side by
side, and every so often each query is compared with all copied points by vector instructions.
Squared distances are compared by their bits: floats that are not negative have the order of
integers, whose counts and extremes compilers turn into vector instructions.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from baselines.neighbours.sorted_tree import AXES
from baselines.neighbours.tree_kernels import LEAF, STACK
from baselines.neighbours.vector_intrinsics import WIDTH, append_less, count_less

BATCH = 160  # copied points that are compared at once
INFINITY = np.int32(0x7F800000)  # the bits of infinity
NOBODY = np.int32(-1)


@njit(cache=True, nogil=True)
def keep_least(
    bits: npt.NDArray[np.int32], numbers: npt.NDArray[np.int32], size: int, count: int
) -> np.int32:
    """Move the `count` least of `size` > `count` values to the front; return their greatest.

    A bisection of the values, until exactly `count` are below; of equal ones the first are kept.
    """
    padded = (size + WIDTH - 1) // WIDTH * WIDTH
    low, high = INFINITY, np.int32(0)
    for i in range(size):
        low = min(low, bits[i])
        high = max(high, bits[i])
    bits[size:padded] = INFINITY
    high += np.int32(1)
    below = 0  # always: at most `count` values are less than low, more than `count` less than high
    while below != count and high - low > 1:
        middle = np.int32(low + ((high - low) >> 1))
        less = 0
        for start in range(0, padded, WIDTH):
            less += count_less(bits, start, middle)
        if less <= count:
            low, below = middle, less
        else:
            high = middle
    kept = 0
    if below == count:
        for start in range(0, padded, WIDTH):
            kept += append_less(bits, numbers, start, low, NOBODY, bits, numbers, kept)
    else:
        for i in range(size):
            value, number = bits[i], numbers[i]
            equal = value == low and below < count
            below += equal
            bits[kept], numbers[kept] = value, number
            kept += equal or value < low
    greatest = np.int32(0)
    for i in range(count):
        greatest = max(greatest, bits[i])
    return greatest


@njit(cache=True, nogil=True)
def box_distance(
    boxes: npt.NDArray[np.float32], node: int, box: npt.NDArray[np.float32]
) -> np.float32:
    """Return the squared distance of a node's box and another, without branches."""
    total = np.float32(0.0)
    for k in range(AXES):
        gap = max(boxes[node, 0, k] - box[1, k], box[0, k] - boxes[node, 1, k])
        gap = max(gap, np.float32(0.0))
        total += gap * gap
    return total


@njit(cache=True, nogil=True)
def compare(
    points: npt.NDArray[np.float32],
    size: int,
    query: npt.NDArray[np.float32],
    apart: npt.NDArray[np.float32],
) -> None:
    """Fill `apart` with the squared distances of the first `size` points to a query."""
    a, b, c, d, e = query[0], query[1], query[2], query[3], query[4]
    for i in range(size):
        one = points[0, i] - a
        two = points[1, i] - b
        three = points[2, i] - c
        four = points[3, i] - d
        five = points[4, i] - e
        apart[i] = one * one + two * two + three * three + four * four + five * five


@njit(cache=True, nogil=True)
def collect(
    apart: npt.NDArray[np.int32],
    numbers: npt.NDArray[np.int32],
    size: int,
    limit: np.int32,
    own: int,
    bits: npt.NDArray[np.int32],
    kept: npt.NDArray[np.int32],
    filled: int,
) -> int:
    """Append the points nearer than `limit`, but not `own`, to a query's; return their number."""
    for start in range(0, size, WIDTH):
        filled += append_less(apart, numbers, start, limit, own, bits, kept, filled)
    return filled


@njit(cache=True, nogil=True)
def search_groups(
    nodes: npt.NDArray[np.int32],
    boxes: npt.NDArray[np.float32],
    by_leaf: npt.NDArray[np.float32],
    groups: npt.NDArray[np.int32],
    queries: npt.NDArray[np.float32],
    own: npt.NDArray[np.int32],
    count: int,
) -> npt.NDArray[np.int32]:
    """Return for each query its nearest points, in the tree's numbers.

    Parameters
    ----------
    nodes, boxes, by_leaf
        The points' tree, from `sorted_tree.build_sorted`.
    groups
        int32 g×2: first query and end of each group, near each other.
    queries
        float32 m×5.
    own
        int32 m: the number of the point that a query must not find; -1 for none.
    count
        Neighbours per query; at most the number of points that each may find.

    Returns
    -------
    ndarray
        int32 m×count, in no order.
    """
    largest = 0
    for g in range(groups.shape[0]):
        largest = max(largest, groups[g, 1] - groups[g, 0])
    room = count + 2 * BATCH
    found = np.empty((queries.shape[0], count), np.int32)
    points = np.zeros((AXES, 2 * BATCH), np.float32)
    numbers = np.zeros(2 * BATCH, np.int32)
    apart = np.empty(2 * BATCH, np.float32)
    apart_bits = apart.view(np.int32)
    bits = np.empty((largest, room), np.int32)
    kept = np.empty((largest, room), np.int32)
    filled = np.empty(largest, np.int64)
    limits = np.empty(largest, np.int32)
    box = np.empty((2, AXES), np.float32)
    stack = np.empty(STACK, np.int32)
    stack_distance = np.empty(STACK, np.float32)
    whole = np.empty(1, np.float32)  # the largest distance that any query of the group still keeps
    whole_bits = whole.view(np.int32)
    for g in range(groups.shape[0]):
        first, group = groups[g, 0], groups[g, 1] - groups[g, 0]
        for k in range(AXES):
            box[0, k] = box[1, k] = queries[first, k]
            for q in range(first + 1, first + group):
                box[0, k] = min(box[0, k], queries[q, k])
                box[1, k] = max(box[1, k], queries[q, k])
        filled[:group] = 0
        limits[:group] = INFINITY
        whole[0] = np.inf
        size, enough = 0, min(BATCH, 2 * count + 8)
        stack[0], stack_distance[0] = 0, 0
        waiting = 1
        while waiting or size:
            # Walk, nearer children first, until enough points are copied.
            while waiting and size < enough:
                waiting -= 1
                if stack_distance[waiting] >= whole[0]:
                    continue
                at = stack[waiting]
                if nodes[at, 2]:
                    near, far = nodes[at, 2], nodes[at, 3]
                    to_near, to_far = box_distance(boxes, near, box), box_distance(boxes, far, box)
                    if to_far < to_near:
                        near, far = far, near
                        to_near, to_far = to_far, to_near
                    if to_far < whole[0]:
                        stack[waiting], stack_distance[waiting] = far, to_far
                        waiting += 1
                    if to_near < whole[0]:
                        stack[waiting], stack_distance[waiting] = near, to_near
                        waiting += 1
                    continue
                start, length = nodes[at, 0], nodes[at, 1] - nodes[at, 0]
                # Always `LEAF` of them, which is faster: the next leaf overwrites the rest.
                for k in range(AXES):
                    for i in range(LEAF):
                        points[k, size + i] = by_leaf[k, start + i]
                for i in range(LEAF):
                    numbers[size + i] = start + i
                size += length
            padded = (size + WIDTH - 1) // WIDTH * WIDTH
            whole_bits[0] = 0
            for q in range(group):
                compare(points, padded, queries[first + q], apart)
                apart[size:padded] = np.inf
                filled[q] = collect(
                    apart_bits,
                    numbers,
                    padded,
                    limits[q],
                    own[first + q],
                    bits[q],
                    kept[q],
                    filled[q],
                )
                if filled[q] >= count:
                    if filled[q] > count:
                        limits[q] = keep_least(bits[q], kept[q], filled[q], count)
                        filled[q] = count
                    else:
                        limits[q] = bits[q, :count].max()
                whole_bits[0] = max(whole_bits[0], limits[q])
            size, enough = 0, BATCH
        for q in range(group):
            found[first + q] = kept[q, :count]
    return found


@njit(cache=True, nogil=True)
def arrange(
    found: npt.NDArray[np.int32], order: npt.NDArray[np.int32], numbers: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Return rows in the order in which queries came, with places replaced by points' numbers."""
    arranged = np.empty_like(found)
    for q in range(found.shape[0]):
        for k in range(found.shape[1]):
            arranged[order[q], k] = numbers[found[q, k]]
    return arranged
