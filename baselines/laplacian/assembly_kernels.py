"""The compiled loops of `assembly`: matting Laplacians of 3×3 windows, rows of unknown pixels only.

A row of such a Laplacian has entries in the 5×5 neighbourhood of its pixel, kept here as a stencil
of 25 numbers in reading order; number 12 is the pixel itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def window_moments(
    image: npt.NDArray[np.uint8],
    row: int,
    column: int,
    colours: npt.NDArray[np.float64],
    moments: npt.NDArray[np.float64],
) -> None:
    """Fill `colours` (9×3, centred) and `moments`: means, sums of products rr rg rb gg gb bb."""
    for k in range(9):
        moments[k] = 0.0
    for i in range(9):
        for k in range(3):
            value = image[row + i // 3 - 1, column + i % 3 - 1, k] / 255.0
            colours[i, k] = value
            moments[k] += value / 9.0
    for i in range(9):
        r, g, b = colours[i, 0] - moments[0], colours[i, 1] - moments[1], colours[i, 2] - moments[2]
        colours[i, 0], colours[i, 1], colours[i, 2] = r, g, b
        moments[3] += r * r
        moments[4] += r * g
        moments[5] += r * b
        moments[6] += g * g
        moments[7] += g * b
        moments[8] += b * b


@njit(cache=True, nogil=True, error_model="numpy")
def inverse_times(
    xx: float,
    xy: float,
    xz: float,
    yy: float,
    yz: float,
    zz: float,
    vectors: npt.NDArray[np.float64],
    solved: npt.NDArray[np.float64],
) -> None:
    """Fill `solved` (9×3) with the inverse of a symmetric 3×3 matrix times each of `vectors`.

    By L D L': windows of nearly one colour are too ill-conditioned for a determinant.
    """
    down, far = xy / xx, xz / xx
    second = yy - down * xy
    mixed = yz - down * xz
    low = mixed / second
    third = zz - far * xz - low * mixed
    for i in range(9):
        x = vectors[i, 0]
        y = vectors[i, 1] - down * x
        z = (vectors[i, 2] - far * x - low * y) / third
        solved[i, 2] = z
        solved[i, 1] = y / second - low * z
        solved[i, 0] = x / xx - down * solved[i, 1] - far * z


@njit(cache=True, nogil=True, error_model="numpy")
def touches(index: npt.NDArray[np.int32], row: int, column: int) -> bool:
    """Return whether the 3×3 window around a pixel holds an unknown one."""
    for i in range(9):
        if index[row + i // 3 - 1, column + i % 3 - 1] >= 0:
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def add_window(
    stencil: npt.NDArray[np.float64],
    index: npt.NDArray[np.int32],
    row: int,
    column: int,
    values: npt.NDArray[np.float64],
) -> None:
    """Add the rows of a window's 9×9 `values` that belong to unknown pixels."""
    for i in range(9):
        at = index[row + i // 3 - 1, column + i % 3 - 1]
        if at < 0:
            continue
        for j in range(9):
            stencil[at, (j // 3 - i // 3 + 2) * 5 + j % 3 - i % 3 + 2] += values[i, j]


@njit(cache=True, nogil=True, error_model="numpy")
def closed_form_stencil(
    image: npt.NDArray[np.uint8], index: npt.NDArray[np.int32], unknowns: int, epsilon: float
) -> npt.NDArray[np.float64]:
    """Return the unknown rows of Levin's matting Laplacian, `unknowns`×25.

    A window with colours x_i, mean m and covariance C adds, for each pair of its pixels,

        δ_ij - 1/9 (1 + (x_i - m)' (C + ε/9)⁻¹ (x_j - m))        (Levin et al., PAMI 2008, eq. 12)

    `window_moments` sums products instead of averaging them, 9C, so the ridge is ε and no 1/9
    stands before the product.
    """
    height, width = index.shape
    stencil = np.zeros((unknowns, 25))
    colours, solved, values = np.empty((9, 3)), np.empty((9, 3)), np.empty((9, 9))
    m = np.empty(9)
    ridge = epsilon  # 9 · ε/9
    for row in range(1, height - 1):
        for column in range(1, width - 1):
            if not touches(index, row, column):
                continue
            window_moments(image, row, column, colours, m)
            inverse_times(
                m[3] + ridge, m[4], m[5], m[6] + ridge, m[7], m[8] + ridge, colours, solved
            )
            for i in range(9):
                for j in range(9):
                    values[i, j] = (
                        (1.0 if i == j else 0.0)
                        - 1.0 / 9.0
                        - colours[i, 0] * solved[j, 0]
                        - colours[i, 1] * solved[j, 1]
                        - colours[i, 2] * solved[j, 2]
                    )
            add_window(stencil, index, row, column, values)
    return stencil


@njit(cache=True, nogil=True, error_model="numpy")
def learning_based_stencil(
    image: npt.NDArray[np.uint8], index: npt.NDArray[np.int32], unknowns: int, ridge: float
) -> npt.NDArray[np.float64]:
    """Return the unknown rows of the sum of (I - F)(I - F)', `unknowns`×25.

    F fits a window's alphas by ridge regression on its colours (Zheng and Kambhamettu, ICCV 2009,
    eq. 9-13): F = K (K + λI)⁻¹ with K = X X', X the window's 9×4 of (r, g, b, 1). With
    M = (X'X + λI)⁻¹ that is

        (I - F)(I - F)' = I - X M X' - λ (X M)(X M)'

    M is inverted by its Schur complement on the constant. With m the mean colour, s = 1 / (9 + λ)
    (`share`) and a = 9 s m, and P = (C + λI + 9 λ s mm')⁻¹ the colour block, C the centred sums of
    products (forming X'X itself would lose the small ones):

        X M X' = s + (x_i - a)' P (x_j - a)          X M = [P (x_i - a),  s - a' P (x_i - a)]

    `fit` is an entry of the first, `slack` one of (X M)(X M)', `rest` the last column of X M.
    """
    height, width = index.shape
    stencil = np.zeros((unknowns, 25))
    colours, solved, values = np.empty((9, 3)), np.empty((9, 3)), np.empty((9, 9))
    m = np.empty(9)
    rest = np.empty(9)
    share = 1.0 / (9.0 + ridge)
    pull = 9.0 * ridge * share
    for row in range(1, height - 1):
        for column in range(1, width - 1):
            if not touches(index, row, column):
                continue
            window_moments(image, row, column, colours, m)
            for i in range(9):
                for k in range(3):
                    colours[i, k] += m[k] * ridge * share  # now x - a
            inverse_times(
                m[3] + ridge + pull * m[0] * m[0],
                m[4] + pull * m[0] * m[1],
                m[5] + pull * m[0] * m[2],
                m[6] + ridge + pull * m[1] * m[1],
                m[7] + pull * m[1] * m[2],
                m[8] + ridge + pull * m[2] * m[2],
                colours,
                solved,
            )
            for i in range(9):
                rest[i] = share - 9.0 * share * (
                    m[0] * solved[i, 0] + m[1] * solved[i, 1] + m[2] * solved[i, 2]
                )
            for i in range(9):
                for j in range(9):
                    fit = share
                    slack = rest[i] * rest[j]
                    for k in range(3):
                        fit += colours[i, k] * solved[j, k]
                        slack += solved[i, k] * solved[j, k]
                    values[i, j] = (1.0 if i == j else 0.0) - fit - ridge * slack
            add_window(stencil, index, row, column, values)
    return stencil


@njit(cache=True, nogil=True)
def stencil_system(
    stencil: npt.NDArray[np.float64],
    index: npt.NDArray[np.int32],
    known_alpha: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[Any], npt.NDArray[Any]]:
    """Return L_UU as CSR parts (indptr, indices, data; indices sorted) and -L_UK times alpha.

    Parameters
    ----------
    stencil
        n×25, the rows of unknown pixels.
    index
        int32 H×W: the row of an unknown pixel, -1 where known.
    known_alpha
        H×W; read where known.
    """
    # First count each row's entries and move the known ones to the right-hand side, then fill.
    height, width = index.shape
    unknowns = stencil.shape[0]
    indptr = np.zeros(unknowns + 1, np.int32)
    right = np.zeros(unknowns)
    for row in range(height):
        for column in range(width):
            at = index[row, column]
            if at < 0:
                continue
            entries = 0
            for k in range(25):
                r, c = row + k // 5 - 2, column + k % 5 - 2
                if r < 0 or r >= height or c < 0 or c >= width:
                    continue
                if index[r, c] >= 0:
                    entries += 1
                else:
                    right[at] -= stencil[at, k] * known_alpha[r, c]
            indptr[at + 1] = entries
    for at in range(unknowns):
        indptr[at + 1] += indptr[at]
    indices = np.empty(indptr[unknowns], np.int32)
    data = np.empty(indptr[unknowns])
    for row in range(height):
        for column in range(width):
            at = index[row, column]
            if at < 0:
                continue
            to = indptr[at]
            for k in range(25):
                r, c = row + k // 5 - 2, column + k % 5 - 2
                if r >= 0 and r < height and c >= 0 and c < width and index[r, c] >= 0:
                    indices[to] = index[r, c]
                    data[to] = stencil[at, k]
                    to += 1
    return indptr, indices, data, right
