"""IndexNet: the losses of Deep Image Matting, each image by itself.

References
----------
Lu, Dai, Shen, Xu, "Indices matter: learning to index for deep image matting", ICCV 2019, and its
program, poppinace/indexnet_matting.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from baselines.deep.methods.indexnet import IndexNet
from baselines.deep.networks.indexnet import PRESETS as SIZES
from baselines.deep.objectives.recipe import NetworkRecipe, Terms, present, reduced
from baselines.deep.objectives.terms import charbonnier, compose, masked_mean_by_image
from hattmatting.samples.planes import Batch

ALPHA_WEIGHT = COMPOSITION_WEIGHT = 0.5
PRETRAINED = tuple(f"layer{layer}." for layer in range(8))  # MobileNetV2


def losses(outputs: Terms, batch: Batch) -> Terms:
    """Return the terms ``alpha`` and ``composition``; colours are summed, not averaged."""
    alpha = outputs["alpha"]
    composite = compose(
        alpha, present(batch.foreground, "foreground"), present(batch.background, "background")
    )
    by_colour = charbonnier(composite - batch.image).sum(1, keepdim=True)
    unknown = batch.unknown
    error = charbonnier(alpha - batch.alpha)
    return {
        "alpha": ALPHA_WEIGHT * masked_mean_by_image(error, unknown),
        "composition": COMPOSITION_WEIGHT * masked_mean_by_image(by_colour, unknown),
    }


@dataclass(frozen=True)
class IndexNetRecipe(NetworkRecipe):
    """IndexNet."""

    method = IndexNet
    sizes = SIZES
    pretrained_rates = MappingProxyType(dict.fromkeys(PRETRAINED, 0.01))

    def objective(self, outputs: Terms, batch: Batch, phase: str) -> Terms:
        """Return the terms of the loss."""
        return losses(outputs, batch)


PRESETS = {
    "paper": IndexNetRecipe(
        source="poppinace/indexnet_matting",
        inferred="batch normalisation, frozen there, is trained",
        trimap="distance-1-20/v1",
        crops=(320, 480, 640),
        stages=((1.0, 320),),
        batch=16,
        epochs=30,
        optimiser="adam",
        rate=1e-2,
        weight_decay=0.0,
        schedule="steps",
        milestones=(20, 26),
    ),
    "small": reduced(IndexNetRecipe),
}
