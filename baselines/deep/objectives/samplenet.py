"""SampleNet: colours where each layer is hidden, then alpha, composition and gradient.

References
----------
Tang, Aksoy, Öztireli, Gross, Aydın, "Learning-based sampling for natural image matting", CVPR 2019;
the constants are those of a public re-implementation.
"""

from __future__ import annotations

from baselines.deep.objectives.recipe import Batch, Recipe, Terms
from baselines.deep.objectives.terms import compose, gradient_difference, masked_mean

WEIGHT = 0.5  # of alpha and of composition
RECIPE = Recipe(
    source="a public re-implementation of Tang et al. 2019",
    crops=(640,),
    size=640,
    trimap_rule="random-1-25/v1",
    batch=32,
    epochs=80,
    rate=1e-5,
    weight_decay=1e-4,
    stages={"samplers": ("background.", "foreground."), "opacity": ("opacity.",)},
    inferred="the samplers' loss, and that they are trained first and then frozen",
)


def losses(outputs: Terms, batch: Batch, stage: str) -> Terms:
    """Return a stage's terms."""
    RECIPE.trained(stage)
    return _sampler_terms(outputs, batch) if stage == "samplers" else _opacity_terms(outputs, batch)


def _sampler_terms(outputs: Terms, batch: Batch) -> Terms:
    """Return the absolute error of both stages' colours inside of each hole.

    A foreground has no true colour where alpha is 0.
    """
    dtype = batch.alpha.dtype
    holes = {
        "background": (batch.trimap > 0.25).to(dtype),
        "foreground": ((batch.trimap < 0.75) & (batch.alpha > 0)).to(dtype),
    }
    terms = {}
    for layer, hole in holes.items():
        truth = batch.foreground if layer == "foreground" else batch.background
        for name in (layer, f"coarse_{layer}"):
            terms[name] = masked_mean((outputs[name] - truth).abs().mean(1, keepdim=True), hole)
    return terms


def _opacity_terms(outputs: Terms, batch: Batch) -> Terms:
    alpha, unknown = outputs["alpha"], batch.unknown
    composite = compose(alpha, batch.foreground, batch.background)
    by_colour = (composite - batch.image).abs().mean(1, keepdim=True)
    return {
        "alpha": WEIGHT * masked_mean((alpha - batch.alpha).abs(), unknown),
        "composition": WEIGHT * masked_mean(by_colour, unknown),
        "gradient": gradient_difference(alpha, batch.alpha, unknown),
    }
