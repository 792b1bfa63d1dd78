"""Learning-based matting, on the unknown pixels alone."""

from __future__ import annotations

from baselines.laplacian.assembly import matting_system, spread
from baselines.laplacian.solving import Solver, solve_system
from baselines.policy import Alpha, Image, Notes, Trimap, TrimapMethod, make_card


class LearningBased(TrimapMethod):
    """Learning-based matting: alpha as ridge regression of colour in 3×3 windows, λ = 1e-7.

    Parameters
    ----------
    solver
        See `baselines.laplacian.solving.solve_system`.

    References
    ----------
    Zheng, Kambhamettu, "Learning based digital matting", ICCV 2009: its local semi-supervised
    model with the linear kernel. Differs from the paper in its constraints (hard here, weight 800
    in the authors' program).
    """

    name = "learning-based"
    memory_gb_per_megapixel = 1.0
    memory_needs = (30, 2150)  # bytes of a pixel, and more of an unknown one
    card = make_card(
        "Zheng and Kambhamettu 2009, doi:10.1109/ICCV.2009.5459326",
        "ours: unknown pixels only, direct or two-level",
    )

    def __init__(self, solver: Solver = "auto") -> None:
        self.solver = solver

    def solve(self, image: Image, trimap: Trimap) -> tuple[Alpha, Notes]:
        """Assemble the system of the unknown pixels and solve."""
        system = matting_system(image, trimap, "learning-based")
        alpha, notes = solve_system(system, image, self.solver)
        return spread(alpha, system.index), notes
