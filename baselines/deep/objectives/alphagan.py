"""AlphaGAN: the losses of Deep Image Matting and a discriminator of composites.

References
----------
Lutz, Amplianitis, Smolić, "AlphaGAN", BMVC 2018; weights and schedule of CDOTAD/AlphaGAN-Matting,
whose adversarial term is the least-squares one.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from baselines.deep.methods.alphagan import AlphaGan
from baselines.deep.networks.alphagan import PRESETS as SIZES
from baselines.deep.networks.alphagan import PatchDiscriminator
from baselines.deep.objectives.dim import matting_terms
from baselines.deep.objectives.recipe import NetworkRecipe, Terms, present, reduced
from baselines.deep.objectives.terms import compose
from hattmatting.samples.planes import Batch
from hattmatting.training.losses import Adversary
from hattmatting.training.recipe import setting

ADVERSARIAL_WEIGHT = 0.001


def composite(alpha: Tensor, batch: Batch) -> Tensor:
    """Return what the discriminator sees of a matte: the true foreground over *other* backgrounds.

    The backgrounds are those of the batch, each image getting its neighbour's.
    """
    background = present(batch.background, "background")
    return compose(alpha, present(batch.foreground, "foreground"), background.roll(1, 0))


def adversarial_loss(scores: Tensor) -> Tensor:
    """Return the mean squared distance of predicted mattes' scores from 1."""
    return torch.mean((scores - 1) ** 2)


def discriminator_loss(scores_true: Tensor, scores_predicted: Tensor) -> Tensor:
    """Return the mean squared distance of true composites' scores from 1, of predicted from 0."""
    return torch.mean((scores_true - 1) ** 2) / 2 + torch.mean(scores_predicted**2) / 2


@dataclass(frozen=True)
class AlphaGanRecipe(NetworkRecipe):
    """AlphaGAN, trained against its discriminator of composites."""

    method = AlphaGan
    sizes = SIZES

    discriminator_width: int = setting(64, "channels of the discriminator's first layer")

    def objective(self, outputs: Terms, batch: Batch, phase: str) -> Terms:
        """Return the terms of the loss but for the adversarial one."""
        return matting_terms(outputs["alpha"], batch)

    def loss_weights(self, done: float, epoch: int) -> dict[str, float]:
        """Return the adversary's factor."""
        return {"adversarial": ADVERSARIAL_WEIGHT}

    def adversary(self) -> Adversary:
        """Return the discriminator of composites, trained as fast as the network."""
        return Adversary(
            lambda: PatchDiscriminator(self.discriminator_width),
            lambda batch, alpha: (composite(alpha, batch), present(batch.trimap, "trimap")),
            adversarial_loss,
            discriminator_loss,
            rate=self.rate,
            betas=(self.momentum, self.second_moment),
        )


PRESETS = {
    "paper": AlphaGanRecipe(
        source="CDOTAD/AlphaGAN-Matting",
        inferred="the dilation's range and the number of epochs",
        crops=(320, 480, 640),
        stages=((1.0, 320),),
        batch=1,
        epochs=100,
        optimiser="adam",
        rate=4e-4,
        weight_decay=4e-4,
        schedule="cosine",
    ),
    "small": reduced(AlphaGanRecipe, discriminator_width=16),
}
