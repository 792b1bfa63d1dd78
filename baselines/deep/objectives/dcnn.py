"""DCNN matting: the squared error of alpha.

References
----------
Cho, Tai, Kweon, "Natural image matting using deep convolutional neural networks", ECCV 2016. Rate,
optimiser and batch are those of a public re-implementation (xuehuachunsheng/dcnn-matting); the
paper's rate could not be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from baselines.deep.fitting import Matte
from baselines.deep.methods.dcnn import SOLVERS, Dcnn
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

    def predict(
        self,
        network: Any,
        image: ImageU8,
        trimap: ImageU8 | None,
        *,
        crop: bool = False,
    ) -> Matte:
        """Return the matte that the method makes of the solvers' mattes."""
        if trimap is None:
            raise ValueError("dcnn needs a trimap; got None")
        method: Any = self.method.around(network, None)
        mattes = _solved(image.tobytes(), trimap.tobytes(), trimap.shape)
        alpha: Matte = method(image, trimap, mattes)[0]
        return alpha

    def more_planes(self) -> MorePlanes:
        """Return what makes ``mattes`` of a sample."""
        return mattes_of


def mattes_of(image: ImageU8, trimap: ImageU8 | None) -> dict[str, ImageU8]:
    """Return ``mattes``, uint8 H×W×2; where a solver cannot work, what the trimap knows."""
    if trimap is None:
        raise ValueError("dcnn needs a trimap; got None")
    mattes = solve(image, trimap)
    return {"mattes": np.stack([alpha_to_u8(mattes[name]) for name in SOLVERS], 2)}


def solve(image: ImageU8, trimap: ImageU8) -> dict[str, Matte]:
    """Return the solvers' mattes by name, float32 H×W; where one cannot work, what is known."""
    mattes: dict[str, Matte] = {}
    for name, solver in SOLVERS.items():
        try:
            mattes[name] = solver()(image, trimap)[0]
        except NotApplicable:
            mattes[name] = trimap_as_alpha(trimap)
    return mattes


@lru_cache(maxsize=64)  # the pictures of validation come again at every checkpoint
def _solved(image: bytes, trimap: bytes, shape: tuple[int, int]) -> dict[str, Matte]:
    given, known = (np.frombuffer(pixels, np.uint8) for pixels in (image, trimap))
    return solve(given.reshape(*shape, 3), known.reshape(shape))


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
    "small": reduced(DcnnRecipe, steps=150, layers=False, extra_losses=(("unknown", 1.0),)),
}
