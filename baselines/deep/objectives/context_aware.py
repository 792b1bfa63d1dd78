"""Context-Aware matting: a Laplacian pyramid of alpha, features of composites, foreground colours.

References
----------
Hou, Liu, "Context-aware image matting for simultaneous foreground and alpha estimation", ICCV 2019.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from baselines.deep.objectives.recipe import WHOLE, Batch, Recipe, Terms
from baselines.deep.objectives.terms import compose, laplacian_difference, masked_mean

Features = Callable[[Tensor], Sequence[Tensor]]
RECIPE = Recipe(
    source="Hou, Liu 2019",
    crops=(320, 480, 640),
    size=320,
    trimap_rule="random-1-25/v1",
    batch=6,
    epochs=30,
    rate=1e-4,
    decay="cosine",
    inferred="crops, batch, epochs, rate and decay",
)


def losses(
    outputs: Terms, batch: Batch, stage: str = WHOLE, features: Features | None = None
) -> Terms:
    """Return ``alpha``, ``foreground`` and ``composition``.

    Parameters
    ----------
    outputs
        Of `baselines.deep.networks.context_aware.ContextAware`.
    batch, stage
        What it saw; the one stage.
    features
        Returns feature maps of B×3×H×W colours in [0, 1]; the paper's are those of VGG-16 trained
        on ImageNet, whose weights do not ship. None compares the colours themselves.
    """
    RECIPE.trained(stage)
    alpha, foreground = outputs["alpha"], outputs["foreground"]
    opaque = (batch.alpha > 0).to(alpha.dtype)
    error = (foreground - batch.foreground).abs().mean(1, keepdim=True)
    composite = compose(alpha, foreground, batch.background)
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
