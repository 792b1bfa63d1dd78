"""The compiled k-d tree of `tree`, which answers for whole leaves at once.

Neighbours are wanted for most pixels of a region, and pixels of one leaf have nearly the same ones:
one walk through the tree serves them all, pruned by the distance between tight boxes. Points are
kept leaf by leaf, one coordinate after the other, so that a leaf is scanned by vector instructions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

LEAF = 16  # most points in a leaf: fewer make walks longer, more make scans longer
STACK = 256  # most nodes that wait to be visited: far more than such a tree is deep


@njit(cache=True, nogil=True)
def split_rows(
    rows: npt.NDArray[np.float32],
    order: npt.NDArray[np.int32],
    start: int,
    stop: int,
    axis: int,
    middle: float,
) -> int:
    """Bring the rows below `middle` to the front; return where the others begin."""
    axes = rows.shape[1]
    left, right = start, stop - 1
    while left <= right:
        if rows[left, axis] < middle:
            left += 1
        elif rows[right, axis] >= middle:
            right -= 1
        else:
            order[left], order[right] = order[right], order[left]
            for k in range(axes):
                rows[left, k], rows[right, k] = rows[right, k], rows[left, k]
            left += 1
            right -= 1
    return left


@njit(cache=True, nogil=True)
def build(
    points: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the tree of n points in d dimensions.

    A node is split at the middle of its box's longest side, until it has at most `LEAF` points.

    Returns
    -------
    order : ndarray
        int32 n: the number of each point, leaf by leaf.
    nodes : ndarray
        int32 m×4: first point, end, left child (0 for a leaf), right child. Children come after
        their parents.
    boxes : ndarray
        float32 m×2×d: the least and greatest coordinates of each node's points.
    by_leaf : ndarray
        float32 d×n: the coordinates in the tree's order.
    """
    count, axes = points.shape
    rows = points.copy()
    order = np.arange(count).astype(np.int32)
    most = max(1, 4 * count // LEAF + 64)
    nodes = np.zeros((most, 4), np.int32)
    boxes = np.empty((most, 2, axes), np.float32)
    nodes[0, 1] = count
    stack = np.zeros(STACK, np.int32)
    waiting, made = 1, 1
    while waiting:
        waiting -= 1
        at = stack[waiting]
        start, stop = nodes[at, 0], nodes[at, 1]
        for k in range(axes):
            boxes[at, 0, k] = boxes[at, 1, k] = rows[start, k]
        for i in range(start + 1, stop):
            for k in range(axes):
                boxes[at, 0, k] = min(boxes[at, 0, k], rows[i, k])
                boxes[at, 1, k] = max(boxes[at, 1, k], rows[i, k])
        if stop - start <= LEAF:
            continue
        axis = 0
        for k in range(1, axes):
            if boxes[at, 1, k] - boxes[at, 0, k] > boxes[at, 1, axis] - boxes[at, 0, axis]:
                axis = k
        middle = np.float32(0.5) * (boxes[at, 0, axis] + boxes[at, 1, axis])
        split = split_rows(rows, order, start, stop, axis, middle)
        if split == start or split == stop:  # equal points, or no number between two
            split = (start + stop) // 2
        # Uneven splits may need more nodes than were reserved: double both arrays.
        if made + 2 > nodes.shape[0]:
            more = np.zeros((2 * made, 4), np.int32)
            more[:made] = nodes[:made]
            nodes = more
            larger = np.empty((2 * made, 2, axes), np.float32)
            larger[:made] = boxes[:made]
            boxes = larger
        nodes[at, 2], nodes[at, 3] = made, made + 1
        nodes[made, 0], nodes[made, 1] = start, split
        nodes[made + 1, 0], nodes[made + 1, 1] = split, stop
        stack[waiting], stack[waiting + 1] = made + 1, made
        waiting += 2
        made += 2
    return order, nodes[:made].copy(), boxes[:made].copy(), rows.T.copy()


@njit(cache=True, nogil=True)
def mark_nodes(
    nodes: npt.NDArray[np.int32], marked: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Return for every node whether it holds a marked point (`marked` in the tree's order)."""
    holds = np.zeros(nodes.shape[0], np.bool_)
    for at in range(nodes.shape[0] - 1, -1, -1):  # children come after their parents
        if nodes[at, 2]:
            holds[at] = holds[nodes[at, 2]] or holds[nodes[at, 3]]
        else:
            for i in range(nodes[at, 0], nodes[at, 1]):
                if marked[i]:
                    holds[at] = True
                    break
    return holds


@njit(cache=True, nogil=True)
def box_distance(
    boxes: npt.NDArray[np.float32], node: int, box: npt.NDArray[np.float32]
) -> np.float32:
    """Return the squared distance of a node's box and another."""
    total = np.float32(0.0)
    for k in range(box.shape[1]):
        gap = max(boxes[node, 0, k] - box[1, k], box[0, k] - boxes[node, 1, k])
        if gap > 0:
            total += gap * gap
    return total


@njit(cache=True, nogil=True)
def point_distance(
    boxes: npt.NDArray[np.float32], node: int, point: npt.NDArray[np.float32]
) -> np.float32:
    """Return the squared distance of a node's box and a point."""
    total = np.float32(0.0)
    for k in range(point.size):
        gap = max(boxes[node, 0, k] - point[k], point[k] - boxes[node, 1, k])
        if gap > 0:
            total += gap * gap
    return total


@njit(cache=True, nogil=True)
def insert(
    distances: npt.NDArray[np.float32],
    numbers: npt.NDArray[np.int32],
    distance: np.float32,
    number: int,
) -> None:
    """Insert a neighbour that is nearer than the last one at its place, in ascending order."""
    at = distances.size - 1
    while at > 0 and distances[at - 1] > distance:
        distances[at] = distances[at - 1]
        numbers[at] = numbers[at - 1]
        at -= 1
    distances[at] = distance
    numbers[at] = number


@njit(cache=True, nogil=True)
def scan_leaf(
    by_leaf: npt.NDArray[np.float32],
    start: int,
    stop: int,
    query: npt.NDArray[np.float32],
    apart: npt.NDArray[np.float32],
) -> None:
    """Fill `apart` with the squared distances of a leaf's points to a query."""
    for i in range(stop - start):
        apart[i] = 0
    for k in range(query.size):
        value = query[k]
        for i in range(stop - start):
            step = by_leaf[k, start + i] - value
            apart[i] += step * step


@njit(cache=True, nogil=True)
def search(
    nodes: npt.NDArray[np.int32],
    boxes: npt.NDArray[np.float32],
    by_leaf: npt.NDArray[np.float32],
    asking: npt.NDArray[np.bool_],
    marked: npt.NDArray[np.bool_],
    count: int,
) -> npt.NDArray[np.int32]:
    """Return for each asking point its nearest marked other points, in the tree's numbers.

    Parameters
    ----------
    nodes, boxes, by_leaf
        From `build`.
    asking, marked
        bool n, in the tree's order: which points ask, which may be found.
    count
        Neighbours per point; at most the number of marked points less one.

    Returns
    -------
    ndarray
        int32, a row for each asking point in the tree's order, nearest first.
    """
    axes = by_leaf.shape[0]
    holds = mark_nodes(nodes, marked)
    found = np.empty((asking.sum(), count), np.int32)
    distances = np.empty((LEAF, count), np.float32)
    members = np.empty(LEAF, np.int32)
    box = np.empty((2, axes), np.float32)
    queries = np.empty((LEAF, axes), np.float32)
    apart = np.empty(LEAF, np.float32)
    stack = np.empty(STACK, np.int32)
    stack_distance = np.empty(STACK, np.float32)
    rows: Any = np.cumsum(asking) - asking
    for leaf in range(nodes.shape[0]):
        if nodes[leaf, 2]:
            continue
        # The asking points of this leaf, and the box around them.
        group = 0
        for i in range(nodes[leaf, 0], nodes[leaf, 1]):
            if asking[i]:
                members[group] = i
                for k in range(axes):
                    value = by_leaf[k, i]
                    queries[group, k] = value
                    box[0, k] = min(box[0, k], value) if group else value
                    box[1, k] = max(box[1, k], value) if group else value
                group += 1
        if group == 0:
            continue
        distances[:group] = np.inf
        answered: int = rows[nodes[leaf, 0]]
        # Walk from the root, nearer children first. `limit` is the largest distance of a neighbour
        # that any point of the group still keeps: boxes farther away hold none that is nearer.
        limit = np.float32(np.inf)
        stack[0], stack_distance[0] = 0, 0
        waiting = 1
        while waiting:
            waiting -= 1
            if stack_distance[waiting] >= limit:
                continue
            at = stack[waiting]
            if nodes[at, 2]:
                near, far = nodes[at, 2], nodes[at, 3]
                to_near, to_far = box_distance(boxes, near, box), box_distance(boxes, far, box)
                if to_far < to_near:
                    near, far = far, near
                    to_near, to_far = to_far, to_near
                if holds[far] and to_far < limit:
                    stack[waiting], stack_distance[waiting] = far, to_far
                    waiting += 1
                if holds[near] and to_near < limit:
                    stack[waiting], stack_distance[waiting] = near, to_near
                    waiting += 1
                continue
            start, stop = nodes[at, 0], nodes[at, 1]
            limit = np.float32(0)
            for q in range(group):
                own = distances[q]
                if point_distance(boxes, at, queries[q]) >= own[count - 1]:
                    limit = max(limit, own[count - 1])
                    continue
                scan_leaf(by_leaf, start, stop, queries[q], apart)
                for i in range(stop - start):
                    if apart[i] < own[count - 1] and marked[start + i] and start + i != members[q]:
                        insert(own, found[answered + q], apart[i], start + i)
                limit = max(limit, own[count - 1])
    return found
