"""A training batch, and the facts of a training recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from torch import Tensor

Terms = dict[str, Tensor]
WHOLE = "whole"  # the stage that trains everything


class Batch(NamedTuple):
    """Samples as a network and its losses see them.

    Attributes
    ----------
    image
        B×3×H×W in [0, 1], the composite.
    alpha
        B×1×H×W in [0, 1], true.
    trimap
        B×1×H×W in [0, 1]: 0, 128/255 where unknown, 1.
    foreground, background
        B×3×H×W in [0, 1], the true colours of both layers.
    mattes
        B×2×H×W in [0, 1], closed-form and KNN; of the recipes that ask for them.
    """

    image: Tensor
    alpha: Tensor
    trimap: Tensor
    foreground: Tensor
    background: Tensor
    mattes: Tensor | None = None

    def inputs(self, names: tuple[str, ...]) -> list[Tensor]:
        """Return what a network is called with, by the names of a recipe's `inputs`.

        Raises
        ------
        ValueError
            If the batch lacks one.
        """
        given = [getattr(self, name) for name in names]
        if any(each is None for each in given):
            raise ValueError(f"batch lacks one of {', '.join(names)}")
        return given

    @property
    def unknown(self) -> Tensor:
        """Return B×1×H×W: 1 in the trimap's unknown region."""
        return ((self.trimap > 0.25) & (self.trimap < 0.75)).to(self.alpha.dtype)

    @property
    def transition(self) -> Tensor:
        """Return B×1×H×W: 1 where alpha is neither 0 nor 1."""
        return ((self.alpha > 0) & (self.alpha < 1)).to(self.alpha.dtype)


@dataclass(frozen=True)
class Recipe:
    """How a paper, or the program that its numbers come from, trains.

    Attributes
    ----------
    source
        The paper or program.
    crops, size
        Sides in pixels of the square crops, one drawn for each sample, and what they are resized
        to.
    around
        What a crop is centred on: an unknown pixel of the trimap, a pixel with 0 < alpha < 1, or
        anything.
    inputs
        Fields of a `Batch` that the network is called with, in order.
    trimap_rule
        A rule of `distinctions646.trimap`, drawn anew for each sample; None for no trimap.
    batch, epochs
        Samples a step, and passes over the training composites.
    optimiser, rate, momentum, second_moment, weight_decay
        Of Adam, `momentum` and `second_moment` are its β.
    decay
        ``"constant"``, ``"steps"`` (by 10 at `milestones`, in epochs) or ``"cosine"``.
    rate_factors
        Parts whose rate is another where they start from pretrained weights: the beginning of
        parameter names, and a factor.
    stages
        What is trained one after the other: a name, and the beginnings of the names of the
        parameters that move.
    inferred
        What of this is a choice of ours.
    """

    source: str
    crops: tuple[int, ...]
    size: int
    trimap_rule: str | None
    batch: int
    epochs: float
    rate: float
    inputs: tuple[str, ...] = ("image", "trimap")
    around: Literal["unknown", "transition", "anything"] = "unknown"
    optimiser: Literal["adam", "sgd"] = "adam"
    momentum: float = 0.9
    second_moment: float = 0.999
    weight_decay: float = 0.0
    decay: Literal["constant", "steps", "cosine"] = "constant"
    milestones: tuple[int, ...] = ()
    rate_factors: Mapping[str, float] = field(default_factory=dict)
    stages: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {WHOLE: ("",)})
    inferred: str = "nothing"

    def trained(self, stage: str) -> tuple[str, ...]:
        """Return the beginnings of the names of what a stage trains.

        Raises
        ------
        ValueError
            If there is no such stage.
        """
        if stage not in self.stages:
            raise ValueError(f"stage is {stage!r}; expected one of {', '.join(self.stages)}")
        return self.stages[stage]
