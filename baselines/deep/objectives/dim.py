"""Deep Image Matting: alpha and composition in the unknown region, three stages.

References
----------
Xu, Price, Cohen, Huang, "Deep image matting", CVPR 2017; where the paper is silent,
huochaitiantang/pytorch-deep-image-matting.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from torch import Tensor

from baselines.deep.methods.dim import Dim
from baselines.deep.networks.dim import PRESETS as SIZES
from baselines.deep.objectives.recipe import WHOLE, NetworkRecipe, Terms, present, reduced
from baselines.deep.objectives.terms import charbonnier, compose, masked_mean
from hattmatting.samples.planes import Batch

ALPHA_WEIGHT = COMPOSITION_WEIGHT = 0.5


def losses(outputs: Terms, batch: Batch, phase: str = WHOLE) -> Terms:
    """Return the terms ``alpha`` and ``composition``, both weighted by 0.5.

    Parameters
    ----------
    outputs
        Of `baselines.deep.networks.dim.Dim`.
    batch
        What it saw.
    phase
        The first one looks at the matte before its refinement.
    """
    alpha = outputs["coarse" if phase == "encoder-decoder" else "alpha"]
    return matting_terms(alpha, batch)


def matting_terms(alpha: Tensor, batch: Batch) -> Terms:
    """Return both terms for a matte, B×1×H×W."""
    composite = compose(
        alpha, present(batch.foreground, "foreground"), present(batch.background, "background")
    )
    by_colour = charbonnier(composite - batch.image).mean(1, keepdim=True)
    unknown = batch.unknown
    return {
        "alpha": ALPHA_WEIGHT * masked_mean(charbonnier(alpha - batch.alpha), unknown),
        "composition": COMPOSITION_WEIGHT * masked_mean(by_colour, unknown),
    }


@dataclass(frozen=True)
class DimRecipe(NetworkRecipe):
    """Deep Image Matting, in the paper's three phases."""

    method = Dim
    sizes = SIZES
    parts = MappingProxyType(
        {
            "encoder-decoder": ("conv", "bn", "deconv"),
            "refinement": ("refine_",),
            WHOLE: ("",),
        }
    )

    def objective(self, outputs: Terms, batch: Batch, phase: str) -> Terms:
        """Return the terms of a phase."""
        return losses(outputs, batch, phase)


PRESETS = {
    "paper": DimRecipe(
        source="Xu et al. 2017; batch and epochs of huochaitiantang/pytorch-deep-image-matting",
        inferred="the dilation's range (the paper says random) and the lengths of the phases",
        crops=(320, 480, 640),
        stages=((1.0, 320),),
        batch=1,
        epochs=12,
        optimiser="adam",
        rate=1e-5,
        weight_decay=0.0,
        schedule="constant",
        phases=((0.5, "encoder-decoder"), (0.75, "refinement"), (1.0, WHOLE)),
    ),
    "small": reduced(
        DimRecipe, phases=((0.8, "encoder-decoder"), (0.85, "refinement"), (1.0, WHOLE))
    ),
}
