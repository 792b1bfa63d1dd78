"""Deep Image Matting: alpha and composition in the unknown region, three stages.

References
----------
Xu, Price, Cohen, Huang, "Deep image matting", CVPR 2017; where the paper is silent,
huochaitiantang/pytorch-deep-image-matting.
"""

from __future__ import annotations

from torch import Tensor

from baselines.deep.objectives.recipe import WHOLE, Batch, Recipe, Terms
from baselines.deep.objectives.terms import charbonnier, compose, masked_mean

ALPHA_WEIGHT = COMPOSITION_WEIGHT = 0.5
RECIPE = Recipe(
    source="Xu et al. 2017; batch and epochs of huochaitiantang/pytorch-deep-image-matting",
    crops=(320, 480, 640),
    size=320,
    trimap_rule="random-1-25/v1",
    batch=1,
    epochs=12,
    rate=1e-5,
    stages={
        "encoder-decoder": ("conv", "bn", "deconv"),
        "refinement": ("refine_",),
        WHOLE: ("",),
    },
    inferred="the dilation's range; the paper says random",
)


def losses(outputs: Terms, batch: Batch, stage: str = WHOLE) -> Terms:
    """Return the terms ``alpha`` and ``composition``, both weighted by 0.5.

    Parameters
    ----------
    outputs
        Of `baselines.deep.networks.dim.Dim`.
    batch
        What it saw.
    stage
        The first one looks at the matte before its refinement.
    """
    RECIPE.trained(stage)
    alpha = outputs["coarse" if stage == "encoder-decoder" else "alpha"]
    return matting_terms(alpha, batch)


def matting_terms(alpha: Tensor, batch: Batch) -> Terms:
    """Return both terms for a matte, B×1×H×W."""
    composite = compose(alpha, batch.foreground, batch.background)
    by_colour = charbonnier(composite - batch.image).mean(1, keepdim=True)
    unknown = batch.unknown
    return {
        "alpha": ALPHA_WEIGHT * masked_mean(charbonnier(alpha - batch.alpha), unknown),
        "composition": COMPOSITION_WEIGHT * masked_mean(by_colour, unknown),
    }
