"""Deep Image Matting: alpha and composition in the unknown region, three stages.

References
----------
Xu, Price, Cohen, Huang, "Deep image matting", CVPR 2017; where the paper is silent,
huochaitiantang/pytorch-deep-image-matting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn

from baselines.deep.methods.dim import Dim
from baselines.deep.networks.dim import PRESETS as SIZES
from baselines.deep.objectives.recipe import WHOLE, NetworkRecipe, Terms, present, reduced
from baselines.deep.objectives.terms import charbonnier, compose, masked_mean
from hattmatting.samples.planes import Batch
from hattmatting.training.recipe import setting

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

    decoder_gain: float = setting(
        1.0,
        "factor of the decoder's first weights: three quarters of an unpooled map are zeros, which "
        "leave a network that starts from nothing without a signal",
    )

    def build(self) -> nn.Module:
        """Build the network, its decoder's first weights as large as asked."""
        network = super().build()
        if self.start_from is None:
            with torch.no_grad():
                for name, weight in network.named_parameters():
                    if re.fullmatch(r"deconv\d_1\.weight", name):
                        weight.mul_(self.decoder_gain)
        return network

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
        DimRecipe,
        decoder_gain=2.5,
        phases=((0.8, "encoder-decoder"), (0.85, "refinement"), (1.0, WHOLE)),
    ),
}
