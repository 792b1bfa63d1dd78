"""The compiled coarse functions of `mixture_preconditioner`: hats times 1 and the three colours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

LEAST_NORM = 1e-4  # less is rounding: the colour does not vary under that hat


@njit(cache=True, nogil=True)
def hats_at(
    row: int,
    column: int,
    spacing: int,
    width: int,
    points: npt.NDArray[np.int64],
    shares: npt.NDArray[np.float64],
) -> None:
    """Fill the four coarse points around a pixel, in ascending order, and their bilinear shares."""
    y, x = row // spacing, column // spacing
    down, right = row % spacing / spacing, column % spacing / spacing
    points[0], points[1] = y * width + x, y * width + x + 1
    points[2], points[3] = points[0] + width, points[1] + width
    shares[0], shares[1] = (1 - down) * (1 - right), (1 - down) * right
    shares[2], shares[3] = down * (1 - right), down * right


@njit(cache=True, nogil=True, error_model="numpy")
def colour_hats(
    index: npt.NDArray[np.int32], image: npt.NDArray[np.uint8], spacing: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32], npt.NDArray[np.int32], int]:
    """Return data, indices and indptr of a CSR matrix, n unknown pixels × coarse functions.

    The functions are those of `laplacian.two_level.colour_functions`, those of one coarse point
    side by side. The last value is their number.
    """
    height, columns = index.shape
    width = columns // spacing + 2
    moments = np.zeros(((height // spacing + 2) * width, 4))  # weight, and the weighted colours
    squares = np.zeros(moments.shape)
    points, shares, values = np.empty(4, np.int64), np.empty(4), np.empty(4)
    count = 0
    for row in range(height):
        for column in range(columns):
            if index[row, column] < 0:
                continue
            count += 1
            hats_at(row, column, spacing, width, points, shares)
            for h in range(4):
                moments[points[h], 0] += shares[h]
                for k in range(3):
                    moments[points[h], k + 1] += shares[h] * (image[row, column, k] / 255.0)
    for point in range(moments.shape[0]):
        if moments[point, 0] > 0:
            moments[point, 1:] /= moments[point, 0]
    # Two passes over the functions' values: their norms, then the scaled entries.
    numbers = np.full(moments.shape, -1, np.int32)
    data, indices = np.empty(16 * count), np.empty(16 * count, np.int32)
    indptr = np.zeros(count + 1, np.int32)
    functions = filled = 0
    for scaled in (False, True):
        for row in range(height):
            for column in range(columns):
                pixel = index[row, column]
                if pixel < 0:
                    continue
                hats_at(row, column, spacing, width, points, shares)
                for h in range(4):
                    if shares[h] == 0:
                        continue
                    point = points[h]
                    values[0] = shares[h]
                    for k in range(1, 4):
                        colour = image[row, column, k - 1] / 255.0
                        values[k] = shares[h] * (colour - moments[point, k])
                    for k in range(4):
                        if not scaled:
                            squares[point, k] += values[k] * values[k]
                        elif numbers[point, k] >= 0:
                            data[filled] = values[k] * squares[point, k]
                            indices[filled] = numbers[point, k]
                            filled += 1
                if scaled:
                    indptr[pixel + 1] = filled
        if not scaled:
            for point in range(moments.shape[0]):
                for k in range(4):
                    norm = np.sqrt(squares[point, k])
                    if norm > LEAST_NORM:
                        squares[point, k] = 1 / norm
                        numbers[point, k] = functions
                        functions += 1
    return data[:filled], indices[:filled], indptr, functions
