"""Context-Aware matting: a Laplacian pyramid of alpha, features of composites, foreground colours.

References
----------
Hou, Liu, "Context-aware image matting for simultaneous foreground and alpha estimation", ICCV 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from baselines.deep.methods.context_aware import ContextAware
from baselines.deep.networks.context_aware import PRESETS as SIZES
from baselines.deep.objectives.recipe import NetworkRecipe, Terms, present, reduced
from baselines.deep.objectives.terms import compose, laplacian_difference, masked_mean
from hattmatting.samples.planes import Batch

Features = Callable[[Tensor], Sequence[Tensor]]


def losses(outputs: Terms, batch: Batch, features: Features | None = None) -> Terms:
    """Return ``alpha``, ``foreground`` and ``composition``.

    Parameters
    ----------
    outputs
        Of `baselines.deep.networks.context_aware.ContextAware`.
    batch
        What it saw.
    features
        Returns feature maps of B×3×H×W colours in [0, 1]; the paper's are those of VGG-16 trained
        on ImageNet, whose weights do not ship. None compares the colours themselves.
    """
    alpha, foreground = outputs["alpha"], outputs["foreground"]
    opaque = (batch.alpha > 0).to(alpha.dtype)
    error = (foreground - present(batch.foreground, "foreground")).abs().mean(1, keepdim=True)
    composite = compose(alpha, foreground, present(batch.background, "background"))
    return {
        "alpha": laplacian_difference(alpha, batch.alpha),
        "foreground": masked_mean(error, opaque),
        "composition": _feature_difference(composite, batch.image, features),
    }


def _feature_difference(composite: Tensor, image: Tensor, features: Features | None) -> Tensor:
    if features is None:
        return (composite - image).abs().mean()
    pairs = zip(features(composite), features(image), strict=True)
    return sum(((ours - theirs) ** 2).mean() for ours, theirs in pairs) + 0 * composite.mean()


@dataclass(frozen=True)
class ContextAwareRecipe(NetworkRecipe):
    """Context-Aware matting."""

    method = ContextAware
    sizes = SIZES
    smallest_crop = 64  # below it the pyramid's last level has nothing to blur

    def objective(self, outputs: Terms, batch: Batch, phase: str) -> Terms:
        """Return the terms of the loss; colours are compared, not their features."""
        return losses(outputs, batch)


PRESETS = {
    "paper": ContextAwareRecipe(
        source="Hou, Liu 2019",
        inferred="crops, batch, epochs, rate and decay",
        crops=(320, 480, 640),
        stages=((1.0, 320),),
        batch=6,
        epochs=30,
        optimiser="adam",
        rate=1e-4,
        weight_decay=0.0,
        schedule="cosine",
    ),
    "small": reduced(ContextAwareRecipe, channels_last=False, extra_losses=(("unknown", 1.0),)),
}
