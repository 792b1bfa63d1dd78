"""The compiled loops of `local_flow`: products of half a Laplacian, and its inverse approximated.

Vectors are over the numbers of `local_flow.Runs`, with zeros in the margin. Of the 25 entries in a
pixel's row, the diagonal and the 12 after it are its own; the 12 before it are those of the pixels
that they lead to, for the Laplacian is symmetric.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

# Largest eigenvalue: a pixel is in nine windows, each a matrix between 0 and 1. Confidences add at
# most 0.05 to it, which the polynomial stands: it stays positive up to 9.3.
LARGEST = 9.0
STEPS = 4  # of Chebyshev's iteration; more cost as much as the iterations they save
FAST = {"reassoc", "contract", "nsz"}  # sums in the order of the processor's vectors


@njit(cache=True, nogil=True)
def halve_stencil(
    stencil: npt.NDArray[np.float64],
    index: npt.NDArray[np.int32],
    known_alpha: npt.NDArray[np.float32],
    table: npt.NDArray[np.int32],
    size: int,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Return a stencil's second half, 13×N, and -L_UK times alpha, N.

    Parameters
    ----------
    stencil
        n×25, rows of the Laplacian, the 5×5 around an unknown pixel in reading order.
    index
        int32 H×W: the row of an unknown pixel, -1 where known.
    known_alpha
        H×W; read where known.
    table, size
        Of `local_flow.Runs`.
    """
    height, width = index.shape
    halves = np.zeros((13, size), np.float32)
    right = np.zeros(size)
    for run in range(table.shape[0]):
        row = table[run, 6]
        for i in range(table[run, 1]):
            number, column = table[run, 0] + i, table[run, 7] + i
            at = index[row, column]
            for k in range(25):
                r, c = row + k // 5 - 2, column + k % 5 - 2
                if r < 0 or r >= height or c < 0 or c >= width:
                    continue
                if index[r, c] < 0:
                    right[number] -= stencil[at, k] * known_alpha[r, c]
                elif k >= 12:
                    halves[k - 12, number] = stencil[at, k]
    return halves, right


@njit(cache=True, nogil=True, fastmath=FAST)
def add_taps(
    total: npt.NDArray[Any],
    vector: npt.NDArray[Any],
    one: npt.NDArray[np.float32],
    two: npt.NDArray[np.float32],
    three: npt.NDArray[np.float32],
    four: npt.NDArray[np.float32],
    five: npt.NDArray[np.float32],
) -> None:
    """Add five neighbouring entries of a vector, each times its own weight, to each total."""
    for i in range(total.size):
        near = one[i] * vector[i] + two[i] * vector[i + 1]
        far = four[i] * vector[i + 3] + five[i] * vector[i + 4]
        total[i] += near + three[i] * vector[i + 2] + far


@njit(cache=True, nogil=True)
def add_products(
    halves: npt.NDArray[np.float32],
    run: npt.NDArray[np.int32],
    vector: npt.NDArray[Any],
    total: npt.NDArray[Any],
) -> None:
    """Add the Laplacian times a vector, for one run of pixels, to `total`."""
    m = total.size
    own, end = run[0], run[0] + m
    add_taps(
        total,
        vector[own - 2 : end + 2],
        halves[2, own - 2 : end - 2],
        halves[1, own - 1 : end - 1],
        halves[0, own:end],
        halves[1, own:end],
        halves[2, own:end],
    )
    for down in range(1, 3):
        middle = 5 * down  # of a row of the stencil
        for up in range(2):
            # Below, the entries are the pixel's own; above, those of the pixels that lead to it.
            at = run[4 - down] - 2 if up else run[3 + down] - 2
            first, step, drift = (at, -1, 1) if up else (own, 1, 0)
            add_taps(
                total,
                vector[at : at + m + 4],
                halves[middle - 2 * step, first : first + m],
                halves[middle - step, first + drift : first + drift + m],
                halves[middle, first + 2 * drift : first + 2 * drift + m],
                halves[middle + step, first + 3 * drift : first + 3 * drift + m],
                halves[middle + 2 * step, first + 4 * drift : first + 4 * drift + m],
            )


@njit(cache=True, nogil=True)
def local_pull(
    halves: npt.NDArray[np.float32],
    table: npt.NDArray[np.int32],
    alpha: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return the Laplacian times alpha."""
    pull = np.zeros(alpha.size)
    for r in range(table.shape[0]):
        run = table[r]
        add_products(halves, run, alpha, pull[run[0] : run[0] + run[1]])
    return pull


@njit(cache=True, nogil=True, fastmath=FAST)
def smooth(
    halves: npt.NDArray[np.float32],
    table: npt.NDArray[np.int32],
    shift: float,
    right: npt.NDArray[np.float64],
) -> npt.NDArray[np.float32]:
    """Return (L + shift)⁻¹ times `right` by Chebyshev's iteration, a fixed polynomial in L.

    References
    ----------
    Saad, "Iterative methods for sparse linear systems", 2003, algorithm 12.1.
    """
    middle, half = np.float32(shift + LARGEST / 2), np.float32(LARGEST / 2)
    offset = np.float32(shift)
    ratio = half / middle
    residual, step = np.empty(right.size, np.float32), np.empty(right.size, np.float32)
    solution, following = np.empty(right.size, np.float32), np.zeros(right.size, np.float32)
    total = np.empty(right.size, np.float32)
    for i in range(right.size):
        residual[i] = right[i]
        step[i] = solution[i] = residual[i] / middle
    for _ in range(STEPS - 1):
        before, ratio = ratio, np.float32(1) / (np.float32(2) * middle / half - ratio)
        keep, add = ratio * before, np.float32(2) * ratio / half
        for r in range(table.shape[0]):
            run = table[r]
            own, end = run[0], run[0] + run[1]
            product = total[: run[1]]
            for i in range(product.size):
                product[i] = 0
            add_products(halves, run, step, product)
            left, old, new = residual[own:end], step[own:end], following[own:end]
            sums = solution[own:end]
            for i in range(product.size):
                left[i] -= product[i] + offset * old[i]
                new[i] = keep * old[i] + add * left[i]
                sums[i] += new[i]
        step, following = following, step
    return solution
