"""The compiled smoother of the two-level preconditioner."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def gauss_seidel(
    indptr: npt.NDArray[np.int32],
    indices: npt.NDArray[np.int32],
    data: npt.NDArray[Any],
    right: npt.NDArray[np.float64],
    solution: npt.NDArray[np.float64],
    backward: bool,
) -> None:
    """Sweep once over all rows, forward or backward, updating `solution` in place."""
    rows = right.size
    for k in range(rows):
        row = rows - 1 - k if backward else k
        total = right[row]
        diagonal = 1.0
        for at in range(indptr[row], indptr[row + 1]):
            if indices[at] == row:
                diagonal = data[at]
            else:
                total -= data[at] * solution[indices[at]]
        solution[row] = total / diagonal
