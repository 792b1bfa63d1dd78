"""The compiled search of `groups`: near points for a whole group of queries at once.

One walk through the candidates' tree serves a group. The boxes of the leaves that it meets are laid
side by side, and every so often each query is compared with all of them, and then with the points
of those leaves that are near to it, by vector instructions. What is near is appended to the query's
list, which is cut back when it is full.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from baselines.neighbours.sorted_tree import STACK
from baselines.neighbours.vector_intrinsics import (
    AXES,
    WIDTH,
    append_less,
    append_near,
    count_less,
    lowest_bit,
    near_boxes,
)

INFINITY = np.int32(0x7F800000)  # the bits of infinity
# A query's list is cut when more than `FULL` could go. What stays is the number of neighbours, and
# up to a `SLACK`-th of it and 4 more: exact cuts take more steps.
SLACK, FULL = 4, 32


@njit(cache=True, nogil=True)
def keep_least(
    bits: npt.NDArray[np.int32],
    numbers: npt.NDArray[np.int32],
    first: int,
    size: int,
    least: int,
    most: int,
) -> tuple[int, np.int32]:
    """Move the least of `size` values from `first` on to the front.

    Parameters
    ----------
    bits, numbers
        int32, flat: values of at least 0, and numbers that move along. Up to 15 values behind the
        last are overwritten.
    first, size
        Where the values are.
    least, most
        How many to keep, of more values than `most`. Of equal ones the first are kept.

    Returns
    -------
    kept, limit
        How many were kept, and a limit: what is not less than it is not needed, as `least` others
        are as little.
    """
    padded = (size + WIDTH - 1) // WIDTH * WIDTH
    bits[first + size : first + padded] = INFINITY
    # Bisect: fewer than `least` values are less than low, more than `most` less than high.
    low, high = INFINITY, np.int32(0)
    for i in range(first, first + size):
        low = min(low, bits[i])
        high = max(high, bits[i])
    high += np.int32(1)
    while high - low > 1:
        middle = np.int32(low + ((high - low) >> 1))
        less = 0
        for start in range(first, first + padded, WIDTH):
            less += count_less(bits, start, middle)
        if less < least:
            low = middle
        elif less > most:
            high = middle
        else:
            kept = first
            for start in range(first, first + padded, WIDTH):
                kept += append_less(bits, numbers, start, middle, kept)
            return less, middle
    less = 0
    for start in range(first, first + padded, WIDTH):
        less += count_less(bits, start, low)
    kept = first
    for i in range(first, first + size):
        value, number = bits[i], numbers[i]
        equal = value == low and less < least
        less += equal
        bits[kept], numbers[kept] = value, number
        kept += equal or value < low
    return least, low


@njit(cache=True, nogil=True)
def search_groups(
    children: npt.NDArray[np.int32],
    corners: npt.NDArray[np.float32],
    leaves: npt.NDArray[np.float32],
    members: npt.NDArray[np.int32],
    runs: npt.NDArray[np.int32],
    order: npt.NDArray[np.int32],
    queries: npt.NDArray[np.float32],
    own: npt.NDArray[np.int32],
    count: int,
) -> npt.NDArray[np.int32]:
    """Return for each query its nearest points.

    Parameters
    ----------
    children, corners, leaves, members
        The points' tree, from `sorted_tree`.
    runs
        int32 g×2: first query and end of each group in `order`, near each other.
    order
        int32 m: the queries along a curve.
    queries
        float32 m×`AXES`.
    own
        int32 m: the place in `members` that a query must not find; -1 for none.
    count
        Neighbours per query; at most the number of points that each may find.

    Returns
    -------
    ndarray
        int32 m×count, in no order.
    """
    largest = 0
    for g in range(runs.shape[0]):
        largest = max(largest, runs[g, 1] - runs[g, 0])
    slack = count // SLACK + 4
    full = count + slack + FULL
    room = full + 3 * WIDTH  # one more leaf, and what vectors overwrite behind the last value
    found = np.empty((queries.shape[0], count), np.int32)
    asked = np.empty((largest, AXES), np.float32)
    own_place = np.empty(largest, np.int32)
    least, most = np.empty(AXES, np.float32), np.empty(AXES, np.float32)
    batch = np.zeros((2 * AXES, 2 * WIDTH), np.float32)
    met = np.empty(2 * WIDTH, np.int32)
    apart = np.empty(WIDTH, np.int32)
    bits = np.empty(largest * room, np.int32)
    kept = np.empty(largest * room, np.int32)
    filled = np.empty(largest, np.int64)
    limits = np.empty(largest, np.int32)
    stack = np.empty(STACK, np.int32)
    distance = np.empty(STACK, np.int32)
    for g in range(runs.shape[0]):
        group = runs[g, 1] - runs[g, 0]
        least[:], most[:] = np.inf, -np.inf
        for q in range(group):
            number = order[runs[g, 0] + q]
            own_place[q] = own[number]
            for k in range(AXES):
                value = queries[number, k]
                asked[q, k] = value
                least[k] = min(least[k], value)
                most[k] = max(most[k], value)
        filled[:group] = 0
        limits[:group] = INFINITY
        whole = INFINITY  # the largest distance that any query of the group still keeps
        stack[0], distance[0] = 0, 0
        waiting, size, enough = 1, 0, 1
        while waiting or size:
            # Walk, nearer children first, until there are enough leaves.
            while waiting and size < enough:
                waiting -= 1
                if distance[waiting] >= whole:
                    continue
                at, bottom = stack[waiting], waiting
                near = near_boxes(
                    corners, at * (2 * AXES * WIDTH), WIDTH, most, least, 0, whole, apart
                )
                while near:
                    j = lowest_bit(near)
                    near &= near - 1
                    child = children[at, j]
                    if child < 0:
                        met[size] = -child - 1
                        for k in range(2 * AXES):
                            batch[k, size] = corners[at, k, j]
                        size += 1
                        continue
                    to = waiting
                    while to > bottom and distance[to - 1] < apart[j]:
                        stack[to], distance[to] = stack[to - 1], distance[to - 1]
                        to -= 1
                    stack[to], distance[to] = child, apart[j]
                    waiting += 1
            if size < WIDTH:
                batch[0, size:WIDTH] = np.inf
            whole = np.int32(0)
            for q in range(group):
                limit, first, end = limits[q], q * room, filled[q]
                near = near_boxes(batch, 0, 2 * WIDTH, asked, asked, q * AXES, limit, apart)
                while near:
                    j = lowest_bit(near)
                    near &= near - 1
                    if apart[j] >= limit:
                        continue
                    end += append_near(
                        leaves,
                        met[j] * (AXES * WIDTH),
                        asked,
                        q * AXES,
                        limit,
                        own_place[q],
                        np.int32(met[j] * WIDTH),
                        bits,
                        kept,
                        first + end,
                    )
                    if end > full:
                        end, limit = keep_least(bits, kept, first, end, count, count + slack)
                filled[q], limits[q] = end, limit
                whole = max(whole, limit)
            for i in range(WIDTH, size):
                met[i - WIDTH] = met[i]
                for k in range(2 * AXES):
                    batch[k, i - WIDTH] = batch[k, i]
            size, enough = max(0, size - WIDTH), WIDTH
        for q in range(group):
            number, first = order[runs[g, 0] + q], q * room
            if filled[q] > count:
                keep_least(bits, kept, first, filled[q], count, count)
            for k in range(count):
                place = kept[first + k]
                found[number, k] = members[place // WIDTH, place % WIDTH]
    return found
