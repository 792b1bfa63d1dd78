"""KNN matting, solved by pymatting."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.solver import Alpha, solve_with_pymatting


class Knn:
    """KNN matting on RGB: 20 and 10 neighbours at two spatial weights, binary kernel.

    References
    ----------
    Chen, Li, Tang, "KNN matting", CVPR 2012 and PAMI 2013; pymatting's ``estimate_alpha_knn`` at
    its defaults. Differs from the paper in its features (RGB, not HSV) and in its kernel.
    """

    name = "knn"
    needs_trimap = True
    card = {  # noqa: RUF012
        "paper": "Chen et al. 2013, doi:10.1109/TPAMI.2013.18",
        "implementation": "pymatting estimate_alpha_knn (RGB)",
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
            from pymatting import estimate_alpha_knn

            alpha: Alpha = estimate_alpha_knn(colour, known, cg_kwargs=cg)
            # Its constraints are soft; the suite's known pixels are known.
            return np.where(known == 0.5, alpha, known)

        return solve_with_pymatting(solve, image, trimap, self.name)
