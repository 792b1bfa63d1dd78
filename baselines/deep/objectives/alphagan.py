"""AlphaGAN: the losses of Deep Image Matting and a discriminator of composites.

References
----------
Lutz, Amplianitis, Smolić, "AlphaGAN", BMVC 2018; weights and schedule of CDOTAD/AlphaGAN-Matting,
whose adversarial term is the least-squares one.
"""

from __future__ import annotations

import torch
from torch import Tensor

from baselines.deep.objectives.dim import matting_terms
from baselines.deep.objectives.recipe import WHOLE, Batch, Recipe, Terms
from baselines.deep.objectives.terms import compose

ADVERSARIAL_WEIGHT = 0.001
RECIPE = Recipe(
    source="CDOTAD/AlphaGAN-Matting",
    crops=(320, 480, 640),
    size=320,
    trimap_rule="random-1-25/v1",
    batch=1,
    epochs=100,
    rate=4e-4,
    weight_decay=4e-4,
    decay="cosine",
    inferred="the dilation's range and the number of epochs",
)


def composite(alpha: Tensor, batch: Batch) -> Tensor:
    """Return what the discriminator sees of a matte: the true foreground over *other* backgrounds.

    The backgrounds are those of the batch, each image getting its neighbour's.
    """
    return compose(alpha, batch.foreground, batch.background.roll(1, 0))


def losses(outputs: Terms, batch: Batch, stage: str = WHOLE, scores: Tensor | None = None) -> Terms:
    """Return ``alpha``, ``composition`` and, given scores, ``adversarial``.

    Parameters
    ----------
    outputs
        Of `baselines.deep.networks.alphagan.AlphaGan`.
    batch, stage
        What it saw; the one stage.
    scores
        Of `PatchDiscriminator` for ``composite(outputs["alpha"], batch)``.
    """
    RECIPE.trained(stage)
    terms = matting_terms(outputs["alpha"], batch)
    if scores is not None:
        terms["adversarial"] = ADVERSARIAL_WEIGHT * ((scores - 1) ** 2).mean()
    return terms


def discriminator_loss(scores_true: Tensor, scores_predicted: Tensor) -> Tensor:
    """Return the mean squared distance of true composites' scores from 1, of predicted from 0."""
    return torch.mean((scores_true - 1) ** 2) / 2 + torch.mean(scores_predicted**2) / 2
