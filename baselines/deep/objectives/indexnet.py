"""IndexNet: the losses of Deep Image Matting, each image by itself.

References
----------
Lu, Dai, Shen, Xu, "Indices matter: learning to index for deep image matting", ICCV 2019, and its
program, poppinace/indexnet_matting.
"""

from __future__ import annotations

from baselines.deep.objectives.recipe import WHOLE, Batch, Recipe, Terms
from baselines.deep.objectives.terms import charbonnier, compose, masked_mean_by_image

ALPHA_WEIGHT = COMPOSITION_WEIGHT = 0.5
PRETRAINED = tuple(f"layer{layer}." for layer in range(8))  # MobileNetV2
RECIPE = Recipe(
    source="poppinace/indexnet_matting",
    crops=(320, 480, 640),
    size=320,
    trimap_rule="random-1-20/v1",
    batch=16,
    epochs=30,
    rate=1e-2,
    decay="steps",
    milestones=(20, 26),
    rate_factors=dict.fromkeys(PRETRAINED, 0.01),
    inferred="the trimap rule erodes by an ellipse where the program thresholds a distance; batch "
    "normalisation, frozen there, is trained",
)


def losses(outputs: Terms, batch: Batch, stage: str = WHOLE) -> Terms:
    """Return the terms ``alpha`` and ``composition``; colours are summed, not averaged."""
    RECIPE.trained(stage)
    alpha = outputs["alpha"]
    composite = compose(alpha, batch.foreground, batch.background)
    by_colour = charbonnier(composite - batch.image).sum(1, keepdim=True)
    unknown = batch.unknown
    error = charbonnier(alpha - batch.alpha)
    return {
        "alpha": ALPHA_WEIGHT * masked_mean_by_image(error, unknown),
        "composition": COMPOSITION_WEIGHT * masked_mean_by_image(by_colour, unknown),
    }
