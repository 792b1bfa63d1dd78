"""SampleNet: colours where each layer is hidden, then alpha, composition and gradient.

References
----------
Tang, Aksoy, Öztireli, Gross, Aydın, "Learning-based sampling for natural image matting", CVPR 2019;
the constants are those of a public re-implementation.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from baselines.deep.methods.samplenet import SampleNet
from baselines.deep.networks.samplenet import PRESETS as SIZES
from baselines.deep.objectives.recipe import NetworkRecipe, Terms, present, reduced
from baselines.deep.objectives.terms import compose, gradient_difference, masked_mean
from hattmatting.samples.planes import Batch
from hattmatting.training.recipe import setting

WEIGHT = 0.5  # of alpha and of composition


def losses(outputs: Terms, batch: Batch, phase: str) -> Terms:
    """Return the terms of a phase."""
    return _sampler_terms(outputs, batch) if phase == "samplers" else _opacity_terms(outputs, batch)


def _sampler_terms(outputs: Terms, batch: Batch) -> Terms:
    """Return the absolute error of both stages' colours inside of each hole.

    A foreground has no true colour where alpha is 0.
    """
    dtype = batch.alpha.dtype
    trimap = present(batch.trimap, "trimap")
    holes = {
        "background": (trimap > 0.25).to(dtype),
        "foreground": ((trimap < 0.75) & (batch.alpha > 0)).to(dtype),
    }
    terms = {}
    for layer, hole in holes.items():
        truth = present(getattr(batch, layer), layer)
        for name in (layer, f"coarse_{layer}"):
            terms[name] = masked_mean((outputs[name] - truth).abs().mean(1, keepdim=True), hole)
    return terms


def _opacity_terms(outputs: Terms, batch: Batch) -> Terms:
    alpha, unknown = outputs["alpha"], batch.unknown
    foreground = present(batch.foreground, "foreground")
    composite = compose(alpha, foreground, present(batch.background, "background"))
    by_colour = (composite - batch.image).abs().mean(1, keepdim=True)
    return {
        "alpha": WEIGHT * masked_mean((alpha - batch.alpha).abs(), unknown),
        "composition": WEIGHT * masked_mean(by_colour, unknown),
        "gradient": gradient_difference(alpha, batch.alpha, unknown),
    }


@dataclass(frozen=True)
class SampleNetRecipe(NetworkRecipe):
    """SampleNet: the samplers first, then the opacity network over them."""

    method = SampleNet
    sizes = SIZES
    parts = MappingProxyType({"samplers": ("background.", "foreground."), "opacity": ("opacity.",)})

    phases: tuple[tuple[float, str], ...] = setting(
        ((0.5, "samplers"), (1.0, "opacity")), "what is trained, in order"
    )

    def objective(self, outputs: Terms, batch: Batch, phase: str) -> Terms:
        """Return the terms of a phase."""
        return losses(outputs, batch, phase)


PRESETS = {
    "paper": SampleNetRecipe(
        source="a public re-implementation of Tang et al. 2019",
        inferred="the samplers' loss, and that they are trained first, half of the run, and then "
        "frozen",
        crops=(640,),
        stages=((1.0, 640),),
        batch=32,
        epochs=80,
        optimiser="adam",
        rate=1e-5,
        weight_decay=1e-4,
        schedule="constant",
    ),
    "small": reduced(SampleNetRecipe, phases=((0.2, "samplers"), (1.0, "opacity"))),
}
