"""The compiled loops that make the coarse matrix of `mixture_preconditioner`.

A pixel's coarse functions, and those that one product with L or I - W leads to, are a few points
with four values each; their outer products are blocks of sixteen, added up point by point.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from baselines.information_flow.coarse_kernels import add_functions


@njit(cache=True, nogil=True)
def add_outer(
    one: npt.NDArray[np.float64], other: npt.NDArray[Any], block: npt.NDArray[np.float64]
) -> None:
    """Add the outer product of two vectors of four to a block of sixteen."""
    for i in range(4):
        for j in range(4):
            block[4 * i + j] += one[i] * other[j]


@njit(cache=True, nogil=True, error_model="numpy")
def local_blocks(
    halves: npt.NDArray[np.float32],
    table: npt.NDArray[np.int32],
    where: npt.NDArray[np.int32],
    colours: npt.NDArray[np.float32],
    means: npt.NDArray[np.float64],
    spacing: int,
    width: int,
) -> npt.NDArray[np.float64]:
    """Return H of P'LP = H + H', P×20×16: the blocks of a point with those from (-1, -2) on.

    The twenty are 4 rows of points × 5 columns around the point, which is number 7. `means` are the
    points' mean colours, P×4 with zeros for the function 1, which the functions are taken from.
    """
    blocks = np.zeros((means.shape[0], 20, 16))
    own, gained = np.zeros((12, 4)), np.zeros((12, 4))
    first = np.empty(2, np.int64)
    for r in range(table.shape[0]):
        run = table[r]
        for i in range(run[1]):
            number = run[0] + i
            y, x = run[6] // spacing, (run[7] + i) // spacing
            first[0], first[1] = y, x - 1
            for j in range(12):
                for k in range(4):
                    own[j, k] = gained[j, k] = 0.0
            add_functions(1.0, number, where, colours, spacing, first, 4, own)
            for k in range(13):
                weight = halves[k, number]
                if weight == 0:
                    continue
                down = (k + 2) // 5
                other = number + k if down == 0 else run[3 + down] + i + k - 5 * down
                factor = 0.5 * weight if k == 0 else weight
                add_functions(factor, other, where, colours, spacing, first, 4, gained)
            top = y * width + x - 1
            for j in range(12):
                for k in range(1, 4):
                    mean = means[top + (j // 4) * width + j % 4, k] if gained[j, 0] != 0 else 0.0
                    gained[j, k] -= mean * gained[j, 0]
            for h in range(4):
                a, b = h // 2, h % 2 + 1
                point = top + a * width + b
                mine = own[4 * a + b]
                if mine[0] == 0:
                    continue
                for k in range(1, 4):
                    mine[k] -= means[point, k] * mine[0]
                for j in range(12):
                    if gained[j, 0] != 0 or gained[j, 1] != 0:
                        place = (j // 4 - a + 1) * 5 + j % 4 - b + 2
                        add_outer(mine, gained[j], blocks[point, place])
    return blocks


@njit(cache=True, nogil=True)
def more_room(
    points: npt.NDArray[np.int32], values: npt.NDArray[Any], filled: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[Any]]:
    """Return copies of two lists with room for twice as many."""
    more_points = np.empty(2 * points.size, np.int32)
    more_values = np.empty((2 * points.size, values.shape[1]), values.dtype)
    for i in range(filled):
        more_points[i] = points[i]
        for k in range(values.shape[1]):
            more_values[i, k] = values[i, k]
    return more_points, more_values


@njit(cache=True, nogil=True, error_model="numpy")
def mixture_rows(
    numbers: npt.NDArray[np.uint32],
    weights: npt.NDArray[np.float32],
    places: npt.NDArray[np.uint32],
    where: npt.NDArray[np.int32],
    colours: npt.NDArray[np.float32],
    means: npt.NDArray[np.float64],
    spacing: int,
    width: int,
    every: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Return one row in `every` of E = (I - W)P: bounds of the rows, points, values ·×4."""
    rows = (places.size + every - 1) // every
    bounds = np.zeros(rows + 1, np.int64)
    room = 24 * rows + 4 * numbers.shape[1] + 4
    points, values = np.empty(room, np.int32), np.empty((room, 4), np.float32)
    sums = np.zeros((means.shape[0], 4))
    touched = np.zeros(means.shape[0], np.bool_)
    listed = np.empty(4 * numbers.shape[1] + 4, np.int64)
    first = np.zeros(2, np.int64)
    filled = 0
    for row in range(rows):
        p = row * every
        count = 0
        for k in range(-1, numbers.shape[1]):
            number = places[p] if k < 0 else numbers[p, k]
            weight = 1.0 if k < 0 else -weights[p, k]
            if weight == 0:
                continue
            add_functions(weight, number, where, colours, spacing, first, width, sums)
            corner = where[0, number] // spacing * width + where[1, number] // spacing
            for h in range(4):
                point = corner + (h // 2) * width + h % 2
                if not touched[point]:
                    touched[point] = True
                    listed[count] = point
                    count += 1
        if filled + count > points.size:
            points, values = more_room(points, values, filled)
        for i in range(count):
            point = listed[i]
            if sums[point, 0] != 0 or sums[point, 1] != 0:
                points[filled] = point
                values[filled, 0] = sums[point, 0]
                for k in range(1, 4):
                    values[filled, k] = sums[point, k] - means[point, k] * sums[point, 0]
                filled += 1
            for k in range(4):
                sums[point, k] = 0.0
            touched[point] = False
        bounds[row + 1] = filled
    return bounds, points[:filled], values[:filled]


@njit(cache=True, nogil=True)
def half_product(
    blocks: npt.NDArray[np.float64],
    bounds: npt.NDArray[np.int64],
    points: npt.NDArray[np.int32],
    values: npt.NDArray[np.float32],
    factor: float,
    width: int,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Return H of P'LP + factor E'E = H + H' as block CSR: indptr, indices, data ·×16.

    Parameters
    ----------
    blocks
        Of `local_blocks`.
    bounds, points, values
        Of `mixture_rows`.
    """
    count = blocks.shape[0]
    # The places of each point's values, row by row.
    starts = np.zeros(count + 1, np.int64)
    for at in range(points.size):
        starts[points[at] + 1] += 1
    for point in range(count):
        starts[point + 1] += starts[point]
    ends = starts.copy()
    rows = np.empty(points.size, np.int32)
    at_value = np.empty(points.size, np.int64)
    for row in range(bounds.size - 1):
        for at in range(bounds[row], bounds[row + 1]):
            point = points[at]
            rows[ends[point]], at_value[ends[point]] = row, at
            ends[point] += 1
    indptr = np.zeros(count + 1, np.int32)
    indices, data = np.empty(33 * count, np.int32), np.empty((33 * count, 16))
    sums = np.zeros((count, 16))
    touched = np.zeros(count, np.bool_)
    listed = np.empty(count, np.int32)
    mine = np.empty(4)
    filled = 0
    for point in range(count):
        found = 0
        for place in range(20):
            other = point + (place // 5 - 1) * width + place % 5 - 2
            for k in range(16):
                value = blocks[point, place, k]
                if value != 0:
                    sums[other, k] += value
                    if not touched[other]:
                        touched[other] = True
                        listed[found] = other
                        found += 1
        for i in range(starts[point], starts[point + 1]):
            for at in range(bounds[rows[i]], bounds[rows[i] + 1]):
                other = points[at]
                if other < point:
                    continue
                if not touched[other]:
                    touched[other] = True
                    listed[found] = other
                    found += 1
                for k in range(4):
                    mine[k] = (factor if other > point else factor / 2) * values[at_value[i], k]
                add_outer(mine, values[at], sums[other])
        if filled + found > indices.size:
            indices, data = more_room(indices, data, filled)
        for i in range(found):
            other = listed[i]
            indices[filled] = other
            for k in range(16):
                data[filled, k] = sums[other, k]
                sums[other, k] = 0.0
            touched[other] = False
            filled += 1
        indptr[point + 1] = filled
    return indptr, indices[:filled], data[:filled]
