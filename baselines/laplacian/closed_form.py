"""Closed-form matting, on the unknown pixels alone."""

from __future__ import annotations

from baselines.laplacian.assembly import matting_system, spread
from baselines.laplacian.solving import Solver, solve_system
from baselines.policy import Alpha, Image, Notes, Trimap, TrimapMethod, make_card


class ClosedForm(TrimapMethod):
    """Closed-form matting with hard constraints, ε = 1e-7, 3×3 windows.

    Parameters
    ----------
    solver
        See `baselines.laplacian.solving.solve_system`.

    References
    ----------
    Levin, Lischinski, Weiss, "A closed-form solution to natural image matting", CVPR 2006 and PAMI
    2008. Differs from the paper in its constraints (hard here, weight 100 there).
    """

    name = "closed-form"
    memory_gb_per_megapixel = 0.7
    memory_needs = (30, 2150)  # bytes of a pixel, and more of an unknown one
    card = make_card(
        "Levin et al. 2008, doi:10.1109/TPAMI.2007.1177",
        "ours: unknown pixels only, direct or two-level",
    )

    def __init__(self, solver: Solver = "auto") -> None:
        self.solver = solver

    def solve(self, image: Image, trimap: Trimap) -> tuple[Alpha, Notes]:
        """Assemble L_UU and solve."""
        system = matting_system(image, trimap)
        alpha, notes = solve_system(system, image, self.solver)
        return spread(alpha, system.index), notes
