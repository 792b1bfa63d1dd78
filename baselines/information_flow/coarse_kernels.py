"""The compiled coarse functions of `mixture_preconditioner`: hats times 1 and the three colours.

A coarse point stands at every `spacing`-th row and column. Values of the four functions around
points are kept by point, P×4; they are times 1, red, green and blue under the bilinear hat of the
point. Nothing is stored by pixel: along a run of pixels a hat is a straight line.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from baselines.information_flow.local_flow_kernels import FAST


@njit(cache=True, nogil=True, fastmath=FAST)
def add_line(
    values: npt.NDArray[np.float64],
    colours: npt.NDArray[np.float32],
    start: npt.NDArray[np.float64],
    slope: npt.NDArray[np.float64],
) -> None:
    """Add (start + i slope)·(1, colour) to each value; the first of `start` is of 1."""
    red, green, blue = colours[0], colours[1], colours[2]
    for i in range(values.size):
        values[i] += (
            (start[0] + i * slope[0])
            + (start[1] + i * slope[1]) * red[i]
            + (start[2] + i * slope[2]) * green[i]
            + (start[3] + i * slope[3]) * blue[i]
        )


@njit(cache=True, nogil=True, fastmath=FAST)
def sum_line(
    values: npt.NDArray[np.float64],
    colours: npt.NDArray[np.float32],
    sums: npt.NDArray[np.float64],
    slopes: npt.NDArray[np.float64],
) -> None:
    """Fill sums of value·(1, colour), and of i·value·(1, colour)."""
    red, green, blue = colours[0], colours[1], colours[2]
    a = b = c = d = e = f = g = h = 0.0
    for i in range(values.size):
        value = values[i]
        a += value
        b += value * red[i]
        c += value * green[i]
        d += value * blue[i]
        value *= i
        e += value
        f += value * red[i]
        g += value * green[i]
        h += value * blue[i]
    sums[0], sums[1], sums[2], sums[3] = a, b, c, d
    slopes[0], slopes[1], slopes[2], slopes[3] = e, f, g, h


@njit(cache=True, nogil=True)
def between_points(
    table: npt.NDArray[np.int32],
    colours: npt.NDArray[np.float32],
    spacing: int,
    width: int,
    points: npt.NDArray[np.float64],
    pixels: npt.NDArray[np.float64],
    restrict: bool,
) -> None:
    """Add the functions' values times `points` to `pixels`, or the transpose's to `points`.

    Parameters
    ----------
    table
        Of `local_flow.Runs`.
    colours
        float32 3×N in [0, 1].
    spacing, width
        Pixels between coarse points, and how many of them make a row.
    points, pixels
        P×4 and N; one of them is read and the other added to.
    restrict
        Whether `points` is added to.
    """
    upper, lower = np.empty(4), np.empty(4)
    for r in range(table.shape[0]):
        run = table[r]
        y, down = run[6] // spacing, run[6] % spacing / spacing
        at, column, end = run[0], run[7], run[7] + run[1]
        while column < end:
            x = column // spacing
            count = min(end, (x + 1) * spacing) - column
            right = (column - x * spacing) / spacing
            p, q = y * width + x, (y + 1) * width + x
            values, around = pixels[at : at + count], colours[:, at : at + count]
            if restrict:
                sum_line(values, around, upper, lower)
                for k in range(4):
                    far = right * upper[k] + lower[k] / spacing
                    near = upper[k] - far
                    points[p, k] += (1 - down) * near
                    points[p + 1, k] += (1 - down) * far
                    points[q, k] += down * near
                    points[q + 1, k] += down * far
            else:
                for k in range(4):
                    near = (1 - down) * points[p, k] + down * points[q, k]
                    far = (1 - down) * points[p + 1, k] + down * points[q + 1, k]
                    upper[k] = near + right * (far - near)
                    lower[k] = (far - near) / spacing
                add_line(values, around, upper, lower)
            at, column = at + count, column + count


@njit(cache=True, nogil=True, error_model="numpy")
def add_functions(
    weight: float,
    number: int,
    where: npt.NDArray[np.int32],
    colours: npt.NDArray[np.float32],
    spacing: int,
    first: npt.NDArray[np.int64],
    width: int,
    into: npt.NDArray[np.float64],
) -> None:
    """Add a pixel's functions, times a weight, to a block of points × 4.

    `first` is the row and column of the block's first point, `width` the points in a row of it.
    """
    row, column = where[0, number], where[1, number]
    y, x = row // spacing, column // spacing
    down, right = (row - y * spacing) / spacing, (column - x * spacing) / spacing
    at = (y - first[0]) * width + x - first[1]
    red, green, blue = colours[0, number], colours[1, number], colours[2, number]
    for h in range(4):
        share = weight * (down if h >= 2 else 1 - down) * (right if h % 2 else 1 - right)
        point = at + (h // 2) * width + h % 2
        into[point, 0] += share
        into[point, 1] += share * red
        into[point, 2] += share * green
        into[point, 3] += share * blue
