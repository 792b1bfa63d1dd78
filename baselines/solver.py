"""What every solver of an alpha equation needs: its trimap's policy, one thread, honest notes."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from distinctions646.trimap import NotApplicable, check_trimap, trimap_as_alpha

Alpha = npt.NDArray[np.floating[Any]]
Solve = Callable[[npt.NDArray[np.float64], npt.NDArray[np.float64], dict[str, Any]], Alpha]


def solve_with_pymatting(
    solve: Solve, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None, name: str
) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
    """Run one of pymatting's estimators under the suite's policy.

    Parameters
    ----------
    solve
        Takes the image, float64 H×W×3 in [0, 1], the trimap, float64 H×W, and keyword arguments
        for pymatting's ``cg``; returns alpha.
    image
        uint8 H×W×3 RGB.
    trimap
        uint8 H×W of 0, 128, 255. Without an unknown pixel it *is* the matte.
    name
        The method's, for messages.

    Returns
    -------
    tuple
        alpha float32 H×W in [0, 1], and notes: solver, iterations.

    Raises
    ------
    NotApplicable
        If the trimap knows no foreground or no background, or the solver does not converge.
    ValueError
        If the trimap is missing, holds other values or has another size.
    """
    if trimap is None:
        raise ValueError(f"{name} needs a trimap; got None")
    check_trimap(trimap, image.shape[:2])
    if not (trimap == 128).any():
        return trimap_as_alpha(trimap), {"solver": "none: no unknown pixel"}
    for value, what in ((255, "foreground"), (0, "background")):
        if not (trimap == value).any():
            raise NotApplicable(f"{name} needs known {what}; the trimap has none")
    iterations = 0

    def count(*_: Any) -> None:
        nonlocal iterations
        iterations += 1

    printed = io.StringIO()  # pymatting reports a failing preconditioner by print
    with _one_thread(), contextlib.redirect_stdout(printed):
        try:
            alpha = solve(image / 255.0, _three_values(trimap), {"callback": count})
        except ValueError as error:
            if "did not converge" not in str(error):
                raise
            raise NotApplicable(f"{name} did not converge in {iterations} iterations") from None
    notes: dict[str, Any] = {"solver": f"pymatting {_version()}", "iterations": iterations}
    if printed.getvalue():
        notes["warning"] = "the preconditioner met an insufficiently positive definite matrix"
    return np.clip(alpha, 0, 1).astype(np.float32), notes


def _three_values(trimap: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    return np.where(trimap == 128, 0.5, trimap / 255.0)


@contextlib.contextmanager
def _one_thread() -> Any:
    """Hold BLAS, OpenMP and numba to one thread.

    Their threads fight over small vectors: on two busy cores one solve took 23 times as long.
    """
    import numba
    from threadpoolctl import threadpool_limits

    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        numba.set_num_threads(before)


def _version() -> str:
    from importlib.metadata import version

    return version("pymatting")
