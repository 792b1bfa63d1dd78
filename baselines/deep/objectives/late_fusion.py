"""Late Fusion: two segmentations at four scales, then their blend.

References
----------
Zhang, Gong, Fan, Ren, Huang, Bao, Xu, "A late fusion CNN for digital matting", CVPR 2019; constants
of the public port of its Keras program.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from baselines.deep.methods.late_fusion import LateFusion
from baselines.deep.networks.late_fusion import PRESETS as SIZES
from baselines.deep.objectives.recipe import WHOLE, NetworkRecipe, Terms, reduced
from baselines.deep.objectives.terms import forward_difference
from hattmatting.samples.crops import AROUND
from hattmatting.samples.planes import Batch
from hattmatting.training.recipe import setting

SOLID = 0.05  # alpha above it counts as foreground, below 1 minus it as background
TRANSITION_WEIGHT = 0.5  # of the cross-entropy where alpha is neither 0 nor 1
SOLID_WEIGHT = 0.1  # of the fusion's error elsewhere
SHARPNESS_WEIGHT, SHARPNESS_POWER, SHARPNESS_FLOOR = 0.01, 0.9, 1e-5
DECODER_WEIGHT = 0.5  # of the decoders' losses in the joint step


def losses(outputs: Terms, batch: Batch, phase: str = WHOLE) -> Terms:
    """Return a phase's terms."""
    terms: Terms = {}
    if phase != "fusion":
        weight = 1.0 if phase == "segmentation" else DECODER_WEIGHT
        for layer, alpha in (("foreground", batch.alpha), ("background", 1 - batch.alpha)):
            sides = outputs[f"{layer}_sides"]
            terms[layer] = weight * _segmentation(sides, alpha, batch.transition)
    if phase != "segmentation":
        terms |= _fusion(outputs["alpha"], batch)
    return terms


def _segmentation(sides: Tensor, alpha: Tensor, transition: Tensor) -> Tensor:
    """Return the mean over the scales of three losses: cross-entropy, error, edges."""
    label = (alpha > SOLID).to(alpha.dtype)
    weight = 1 - (1 - TRANSITION_WEIGHT) * transition
    total = alpha.new_zeros(())
    for place in range(sides.shape[1]):
        side = sides[:, place : place + 1]
        with torch.autocast(side.device.type, enabled=False):
            entropy = F.binary_cross_entropy(side.float(), label.float(), reduction="none")
        error = side - alpha
        matte = torch.where(transition > 0, error.abs(), error**2)
        total = total + (weight * entropy).mean() + matte.mean() + forward_difference(side, alpha)
    return total / sides.shape[1]


def _fusion(alpha: Tensor, batch: Batch) -> Terms:
    transition = batch.transition
    weight = transition + SOLID_WEIGHT * (1 - transition)
    error = (weight * (alpha - batch.alpha).abs()).sum() / weight.sum()
    inside, outside = (each.clamp(min=0) + SHARPNESS_FLOOR for each in (alpha, 1 - alpha))
    sharpness = (inside**SHARPNESS_POWER + outside**SHARPNESS_POWER).mean()
    return {
        "alpha": error,
        "sharpness": SHARPNESS_WEIGHT * sharpness,
        "gradient": forward_difference(alpha, batch.alpha),
    }


@dataclass(frozen=True)
class LateFusionRecipe(NetworkRecipe):
    """Late Fusion: segmentation, then fusion, then all; it takes no trimap."""

    method = LateFusion
    sizes = SIZES
    inputs = ("image",)
    parts = MappingProxyType(
        {
            "segmentation": ("encoder.", "foreground.", "background."),
            "fusion": ("fusion.",),
            WHOLE: ("",),
        }
    )

    trimap: str | None = setting(None, "rule of a trimap; none", is_option=False)
    around: str = setting("transition", "what a window is centred on", AROUND)
    layers: bool = setting(False, "samples carry their layers", is_option=False)

    def objective(self, outputs: Terms, batch: Batch, phase: str) -> Terms:
        """Return the terms of a phase."""
        return losses(outputs, batch, phase)


PRESETS = {
    "paper": LateFusionRecipe(
        source="the public port of the authors' Keras program",
        inferred="cosine for the program's cyclic rates (5e-4 to 1.5e-3), epochs, the lengths of "
        "the phases, and crops resized to one size",
        crops=(512, 800),
        stages=((1.0, 512),),
        batch=2,
        epochs=40,
        optimiser="sgd",
        rate=1e-3,
        weight_decay=0.0,
        schedule="cosine",
        phases=((0.4, "segmentation"), (0.6, "fusion"), (1.0, WHOLE)),
    ),
    # Without a trimap a small network has to see whole objects, varied as `augment` does.
    "small": reduced(
        LateFusionRecipe,
        trimap=None,
        around="anything",
        layers=False,
        colour=0.0,
        style="salient",
        channels_last=False,
        long_side=160,
        phases=((0.4, "segmentation"), (0.5, "fusion"), (1.0, WHOLE)),
    ),
}
