"""The compiled Gauss-Seidel sweeps of `two_level`.

Rows are CSR with sorted indices and a diagonal, whose places let each half be read alone: from a
zero guess a forward sweep reads the left half only, and its residual the right half only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit


@njit(cache=True, nogil=True)
def diagonal_places(
    indptr: npt.NDArray[np.int32], indices: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Return where in `indices` each row's diagonal stands."""
    places = np.empty(indptr.size - 1, np.int32)
    for row in range(places.size):
        at = indptr[row]
        while indices[at] < row:
            at += 1
        places[row] = at
    return places


@njit(cache=True, nogil=True, error_model="numpy")
def sweep_from_zero(
    indptr: npt.NDArray[np.int32],
    indices: npt.NDArray[np.int32],
    data: npt.NDArray[Any],
    places: npt.NDArray[np.int32],
    right: npt.NDArray[np.float64],
    solution: npt.NDArray[np.float64],
    residual: npt.NDArray[np.float64],
) -> None:
    """Fill `solution` by a forward sweep from zero, and `residual` with what is left of `right`."""
    rows = right.size
    for row in range(rows):
        total = right[row]
        for at in range(indptr[row], places[row]):
            total -= data[at] * solution[indices[at]]
        solution[row] = total / data[places[row]]
    for row in range(rows):
        total = 0.0
        for at in range(places[row] + 1, indptr[row + 1]):
            total -= data[at] * solution[indices[at]]
        residual[row] = total


@njit(cache=True, nogil=True, error_model="numpy")
def sweep_backward(
    indptr: npt.NDArray[np.int32],
    indices: npt.NDArray[np.int32],
    data: npt.NDArray[Any],
    places: npt.NDArray[np.int32],
    right: npt.NDArray[np.float64],
    solution: npt.NDArray[np.float64],
) -> None:
    """Sweep once over all rows, the last one first, updating `solution` in place."""
    for row in range(right.size - 1, -1, -1):
        total = right[row]
        for at in range(indptr[row], places[row]):
            total -= data[at] * solution[indices[at]]
        for at in range(places[row] + 1, indptr[row + 1]):
            total -= data[at] * solution[indices[at]]
        solution[row] = total / data[places[row]]
