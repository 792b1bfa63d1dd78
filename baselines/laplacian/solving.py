"""Solution of matting systems: direct, and where they are large iterative."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from baselines.laplacian.assembly import System
from baselines.laplacian.basic_solvers import conjugate_gradients, factorise

Solver: TypeAlias = Literal["auto", "direct", "two-level"]
# Unknown pixels above which a system is solved by iterations: a factorisation is faster, but its
# memory, about 2 KB for each of so many, grows faster than theirs.
LARGEST_DIRECT = 3_000_000


def solve_system(
    system: System,
    image: npt.NDArray[np.uint8],
    solver: Solver = "auto",
) -> tuple[npt.NDArray[np.float64], dict[str, Any]]:
    """Return the unknown alphas of a system.

    Parameters
    ----------
    system
        Symmetric positive definite.
    image
        uint8 H×W×3 RGB, from which the system was assembled.
    solver
        ``"direct"``: `baselines.laplacian.cholesky.GridCholesky`; ``"two-level"``: conjugate
        gradients behind `baselines.laplacian.two_level.TwoLevel`; ``"auto"``: by size.

    Returns
    -------
    tuple
        alpha float64 n, and notes: solver, and for the iterative one iterations and converged.

    Raises
    ------
    ValueError
        If there is no such solver.
    """
    if solver not in ("auto", "direct", "two-level"):
        raise ValueError(f"solver is {solver!r}; expected 'auto', 'direct' or 'two-level'")
    unknowns = system.right.size
    if solver == "direct" or (solver == "auto" and unknowns <= LARGEST_DIRECT):
        return _solve_directly(system)
    from baselines.laplacian.two_level import TwoLevel

    preconditioner = TwoLevel(system.matrix, system.index, image)
    alpha, notes = conjugate_gradients(system.matrix, system.right, preconditioner)
    return alpha, {"solver": "conjugate gradients, two-level", **notes}


def _solve_directly(system: System) -> tuple[npt.NDArray[np.float64], dict[str, Any]]:
    from baselines.laplacian.cholesky import GridCholesky

    rows, columns = np.nonzero(system.index >= 0)
    try:
        factor = GridCholesky(system.matrix, rows, columns)
    except np.linalg.LinAlgError:  # rounding; an LU decomposition stands it
        return factorise(system.matrix)(system.right), {"solver": "direct (SuperLU)"}
    return factor(system.right), {"solver": "direct (Cholesky)"}
