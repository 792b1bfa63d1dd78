"""Conjugate gradients, and direct solves by a sparse symmetric factorisation."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def factorise(matrix: Any) -> Any:
    """Return a function that solves with a sparse matrix.

    Parameters
    ----------
    matrix
        scipy CSR, symmetric positive definite, so SuperLU needs no pivoting; its columns are
        ordered by minimum degree of A + A'.
    """
    from scipy.sparse import csc_matrix
    from scipy.sparse.linalg import splu

    # A symmetric matrix in CSR is itself in CSC.
    columns = csc_matrix((matrix.data, matrix.indices, matrix.indptr), shape=matrix.shape)
    return splu(
        columns,
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True, "ColPerm": "MMD_AT_PLUS_A"},
    ).solve


def conjugate_gradients(
    matrix: Any,
    right: npt.NDArray[np.float64],
    preconditioner: Any,
    tolerance: float = 1e-7,
    most: int = 2000,
) -> tuple[npt.NDArray[np.float64], dict[str, Any]]:
    """Return the solution by preconditioned conjugate gradients from zero.

    Parameters
    ----------
    matrix
        n×n, symmetric positive definite; only its products with vectors are used.
    right
        float64, n.
    preconditioner
        A function that approximates the inverse, from a residual to a step; linear, symmetric
        positive definite.
    tolerance
        Stop where the residual's norm is at most this part of the norm of `right`.
    most
        Iterations after which it stops, converged or not.

    References
    ----------
    Hestenes, Stiefel, "Methods of conjugate gradients for solving linear systems", 1952.

    Returns
    -------
    tuple
        The solution, and notes: iterations, converged.
    """
    solution = np.zeros_like(right)
    residual = right.copy()
    limit = tolerance * float(np.linalg.norm(right))
    direction = np.zeros_like(right)
    energy = 1.0
    for iteration in range(most + 1):
        if float(np.linalg.norm(residual)) <= limit:
            return solution, {"iterations": iteration, "converged": True}
        conditioned = preconditioner(residual)
        before, energy = energy, float(residual @ conditioned)
        direction = conditioned + (energy / before if iteration else 0.0) * direction
        image_of_direction = matrix @ direction
        step = energy / float(direction @ image_of_direction)
        solution += step * direction
        residual -= step * image_of_direction
    return solution, {"iterations": most, "converged": False}
