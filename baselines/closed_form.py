"""Closed-form matting, solved by pymatting."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.solver import Alpha, solve_with_pymatting


class ClosedForm:
    """Closed-form matting with hard constraints, ε = 1e-7, 3×3 windows.

    References
    ----------
    Levin, Lischinski, Weiss, "A closed-form solution to natural image matting", CVPR 2006 and PAMI
    2008; pymatting's ``estimate_alpha_cf`` at its defaults.
    """

    name = "closed-form"
    needs_trimap = True
    card = {  # noqa: RUF012
        "paper": "Levin et al. 2008, doi:10.1109/TPAMI.2007.1177",
        "implementation": "pymatting estimate_alpha_cf",
        "licence": "MIT",
        "weights": "none",
        "trained_on": "nothing",
    }

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Return alpha float32 H×W and notes; see `solve_with_pymatting` for what it raises."""

        def solve(
            colour: npt.NDArray[np.float64], known: npt.NDArray[np.float64], cg: dict[str, Any]
        ) -> Alpha:
            from pymatting import estimate_alpha_cf

            alpha: Alpha = estimate_alpha_cf(colour, known, cg_kwargs=cg)
            return alpha

        return solve_with_pymatting(solve, image, trimap, self.name)
