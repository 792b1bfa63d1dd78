"""pymatting's estimators at their defaults, under the suite's policy and on one thread."""

from __future__ import annotations

import contextlib
import io
from typing import Any, ClassVar

import numpy as np

from baselines.policy import Alpha, Image, Notes, Trimap, TrimapMethod, make_card
from distinctions646.trimap.values import NotApplicable, trimap_as_alpha


class PymattingMethod(TrimapMethod):
    """An estimator of pymatting; subclasses say which.

    Attributes
    ----------
    estimator
        Name of pymatting's function.

    References
    ----------
    Germer, Uelwer, Conrad, Harmeling, "PyMatting: a Python library for alpha matting", JOSS 2020.
    """

    estimator: ClassVar[str]

    def solve(self, image: Image, trimap: Trimap) -> tuple[Alpha, Notes]:
        """Return the estimator's matte; a solver that does not converge is `NotApplicable`."""
        import pymatting

        iterations = 0

        def count(*_: Any) -> None:
            nonlocal iterations
            iterations += 1

        known = trimap_as_alpha(trimap).astype(np.float64)
        printed = io.StringIO()  # pymatting reports a failing preconditioner by print
        with contextlib.redirect_stdout(printed):
            try:
                alpha = getattr(pymatting, self.estimator)(
                    image / 255.0, known, cg_kwargs={"callback": count}
                )
            except ValueError as error:
                if "did not converge" not in str(error):
                    raise
                raise NotApplicable(
                    f"{self.name} did not converge in {iterations} iterations"
                ) from None
        notes: Notes = {"solver": f"pymatting {_version()}", "iterations": iterations}
        if printed.getvalue():
            notes["warning"] = "the preconditioner met an insufficiently positive definite matrix"
        return alpha, notes


class ClosedFormPymatting(PymattingMethod):
    """Closed-form matting; incomplete Cholesky, conjugate gradients, hard constraints."""

    name = "closed-form-pymatting"
    estimator = "estimate_alpha_cf"
    memory_gb_per_megapixel = 1.1
    card = make_card("Levin et al. 2008, doi:10.1109/TPAMI.2007.1177", f"pymatting {estimator}")


class LearningBasedPymatting(PymattingMethod):
    """Learning-based matting over all pixels, soft constraints of weight 100."""

    name = "learning-based-pymatting"
    estimator = "estimate_alpha_lbdm"
    memory_gb_per_megapixel = 2.6
    card = make_card(
        "Zheng and Kambhamettu 2009, doi:10.1109/ICCV.2009.5459326", f"pymatting {estimator}"
    )


class KnnPymatting(PymattingMethod):
    """KNN matting on RGB over all pixels: 20 and 10 neighbours, binary kernel, row-normalised."""

    name = "knn-pymatting"
    estimator = "estimate_alpha_knn"
    memory_gb_per_megapixel = 3.3
    card = make_card("Chen et al. 2013, doi:10.1109/TPAMI.2013.18", f"pymatting {estimator} (RGB)")


class LargeKernel(PymattingMethod):
    """Large-kernel matting, radius 10, matrix-free.

    References
    ----------
    He, Sun, Tang, "Fast matting using large kernel matting Laplacian matrices", CVPR 2010.
    """

    name = "large-kernel"
    estimator = "estimate_alpha_lkm"
    memory_gb_per_megapixel = 0.6
    card = make_card("He et al. 2010, doi:10.1109/CVPR.2010.5539896", f"pymatting {estimator}")


class RandomWalk(PymattingMethod):
    """Random-walk matting, σ = 0.033.

    References
    ----------
    Grady, Schiwietz, Aharon, Westermann, "Random walks for interactive alpha-matting", VIIP 2005.
    """

    name = "random-walk"
    estimator = "estimate_alpha_rw"
    memory_gb_per_megapixel = 0.7
    card = make_card("Grady et al. 2005, VIIP", f"pymatting {estimator}")


def _version() -> str:
    from importlib.metadata import version

    return version("pymatting")
