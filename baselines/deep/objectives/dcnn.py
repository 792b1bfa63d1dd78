"""DCNN matting: the squared error of alpha.

References
----------
Cho, Tai, Kweon, "Natural image matting using deep convolutional neural networks", ECCV 2016. Rate,
optimiser and batch are those of a public re-implementation (xuehuachunsheng/dcnn-matting); the
paper's rate could not be read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from baselines.deep.methods.dcnn import Dcnn, solver_mattes
from baselines.deep.networks.dcnn import PRESETS as SIZES
from baselines.deep.objectives.recipe import NetworkRecipe, Terms, reduced
from distinctions646.images.reading import alpha_to_u8
from distinctions646.trimap import NotApplicable
from distinctions646.trimap.values import trimap_as_alpha
from hattmatting.samples.crops import ImageU8
from hattmatting.samples.planes import Batch, MorePlanes


def losses(outputs: Terms, batch: Batch) -> Terms:
    """Return the term ``alpha``, the mean squared error over all pixels."""
    return {"alpha": ((outputs["alpha"] - batch.alpha) ** 2).mean()}


@dataclass(frozen=True)
class DcnnRecipe(NetworkRecipe):
    """DCNN; closed-form and KNN mattes of each sample are made in the loader."""

    method = Dcnn
    sizes = SIZES
    inputs = ("image", "mattes")
    smallest_crop = 16

    def objective(self, outputs: Terms, batch: Batch, phase: str) -> Terms:
        """Return the term of the loss."""
        return losses(outputs, batch)

    def more_planes(self) -> MorePlanes:
        """Return what makes ``mattes`` of a sample."""
        return mattes_of


def mattes_of(image: ImageU8, trimap: ImageU8 | None) -> dict[str, ImageU8]:
    """Return ``mattes``, uint8 H×W×2; where a solver cannot work, what the trimap knows."""
    if trimap is None:
        raise ValueError("dcnn needs a trimap; got None")
    try:
        mattes = solver_mattes(image, trimap)
    except NotApplicable:
        mattes = np.repeat(trimap_as_alpha(trimap)[..., None], 2, 2)
    return {"mattes": alpha_to_u8(mattes)}


PRESETS = {
    "paper": DcnnRecipe(
        source="xuehuachunsheng/dcnn-matting",
        inferred="epochs; that the solvers see the sample alone; the paper has SGD with momentum "
        "0.9 and batches of 128",
        crops=(27,),
        stages=((1.0, 27),),
        layers=False,
        batch=32,
        epochs=1,
        optimiser="adam",
        rate=1e-4,
        weight_decay=0.0,
        schedule="constant",
    ),
    "small": reduced(DcnnRecipe, steps=300, layers=False, extra_losses=(("unknown", 1.0),)),
}
