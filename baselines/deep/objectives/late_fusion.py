"""Late Fusion: two segmentations at four scales, then their blend.

References
----------
Zhang, Gong, Fan, Ren, Huang, Bao, Xu, "A late fusion CNN for digital matting", CVPR 2019; constants
of the public port of its Keras program.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from baselines.deep.objectives.recipe import WHOLE, Batch, Recipe, Terms
from baselines.deep.objectives.terms import forward_difference

SOLID = 0.05  # alpha above it counts as foreground, below 1 minus it as background
TRANSITION_WEIGHT = 0.5  # of the cross-entropy where alpha is neither 0 nor 1
SOLID_WEIGHT = 0.1  # of the fusion's error elsewhere
SHARPNESS_WEIGHT, SHARPNESS_POWER, SHARPNESS_FLOOR = 0.01, 0.9, 1e-5
DECODER_WEIGHT = 0.5  # of the decoders' losses in the joint step
RECIPE = Recipe(
    source="the public port of the authors' Keras program",
    crops=(512, 800),
    size=512,
    trimap_rule=None,
    inputs=("image",),
    batch=2,
    epochs=40,
    rate=1e-3,
    around="transition",
    optimiser="sgd",
    decay="cosine",
    stages={
        "segmentation": ("encoder.", "foreground.", "background."),
        "fusion": ("fusion.",),
        WHOLE: ("",),
    },
    inferred="cosine for the program's cyclic rates (5e-4 to 1.5e-3), epochs, and crops resized to "
    "one size",
)


def losses(outputs: Terms, batch: Batch, stage: str = WHOLE) -> Terms:
    """Return a stage's terms."""
    RECIPE.trained(stage)
    terms: Terms = {}
    if stage != "fusion":
        weight = 1.0 if stage == "segmentation" else DECODER_WEIGHT
        for layer, alpha in (("foreground", batch.alpha), ("background", 1 - batch.alpha)):
            sides = outputs[f"{layer}_sides"]
            terms[layer] = weight * _segmentation(sides, alpha, batch.transition)
    if stage != "segmentation":
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
