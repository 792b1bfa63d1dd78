"""The recipe of a learned method: the trainer's, with the method's network, inputs and losses.

To add one: write ``losses(outputs, batch, phase)`` and a frozen dataclass derived from
`NetworkRecipe` in a module of this folder, with ``PRESETS``, recipes by name, ``"paper"`` among
them; then a line in ``pyproject.toml`` under ``[project.entry-points."matting.recipes"]``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from baselines.deep.checkpoints import build_network, open_checkpoint, save_network
from baselines.deep.network_method import NetworkMethod
from hattmatting.samples.crops import AROUND
from hattmatting.samples.planes import Batch
from hattmatting.training.recipe import Recipe, setting

Terms = dict[str, Tensor]
WHOLE = "whole"  # the phase that trains everything


@dataclass(frozen=True)
class NetworkRecipe(Recipe):
    """How a learned method's network is trained; a subclass says which.

    Attributes
    ----------
    method
        Whose network it is.
    sizes
        The network's configurations by name.
    inputs
        What the network is called with, in order: fields of a `Batch`, or names in its `more`.
    parts
        What each phase trains: the beginnings of the names of the parameters that move.
    pretrained_rates
        Where training starts from other weights (`start_from`): factors of the rate of the
        parameters whose names begin so.
    """

    method: ClassVar[type[NetworkMethod]]
    sizes: ClassVar[Mapping[str, Any]]
    inputs: ClassVar[tuple[str, ...]] = ("image", "trimap")
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {WHOLE: ("",)}
    pretrained_rates: ClassVar[Mapping[str, float]] = {}

    source: str = setting("ours", "where the numbers come from", is_option=False)
    inferred: str = setting("nothing", "what of them is a choice of ours", is_option=False)
    size: str = setting("paper", "size of the network")
    start_from: str | None = setting(
        None,
        "checkpoint whose weights the training begins with: whatever --weights of the method takes",
    )
    trimap: str | None = setting(
        "random-1-25/v1", "rule of the trimap that every sample draws anew"
    )
    layers: bool = setting(
        True, "samples carry the foreground and background they are made of", is_option=False
    )
    around: str = setting("unknown", "what a window is centred on", AROUND)
    long_side: int | None = setting(
        None,
        "longer images are brought to this long side when it predicts; the method's by default",
    )

    def __post_init__(self) -> None:
        """Check what a user may have got wrong."""
        super().__post_init__()
        if self.size not in self.sizes:
            raise ValueError(f"size is {self.size!r}; expected one of {', '.join(self.sizes)}")
        if self.method.needs_trimap != (self.trimap is not None):
            wanted = "a rule" if self.method.needs_trimap else "none"
            raise ValueError(f"trimap is {self.trimap!r}; {self.method.name} expected {wanted}")
        for _, phase in self.phases:
            self.moving(phase)

    def moving(self, phase: str) -> tuple[str, ...]:
        """Return the beginnings of the names of what a phase trains.

        Raises
        ------
        ValueError
            If there is no such phase.
        """
        if phase not in self.parts:
            raise ValueError(f"phase is {phase!r}; expected one of {', '.join(self.parts)}")
        return self.parts[phase]

    def objective(self, outputs: Terms, batch: Batch, phase: str) -> Terms:
        """Return the terms of the method's loss, which add up to it."""
        raise NotImplementedError

    def build(self) -> nn.Module:
        """Build the network, with the weights of `start_from` where it is given."""
        method = self.method
        if self.start_from is None:
            network: nn.Module = method.build(self.sizes[self.size])
            return network
        source = open_checkpoint(method.name, method.network_name, self.start_from, method.layouts)
        config = source.configure(method.config_kind)
        return build_network(method.build, config, source, method.name).float()

    def forward(self, network: Any, batch: Batch) -> Terms:
        """Return the network's outputs in single precision."""
        outputs = network(*(self._input(batch, name) for name in self.inputs))
        return {name: each.float() for name, each in outputs.items()}

    def _input(self, batch: Batch, name: str) -> Tensor:
        plane = batch.more.get(name, getattr(batch, name, None))
        return present(plane, name) if self.channels_last else present(plane, name).contiguous()

    def loss_weights(self, done: float, epoch: int) -> dict[str, float]:
        """Return no factors: the terms of :meth:`objective` have theirs."""
        del done, epoch
        return {}

    def loss_terms(
        self,
        given: Mapping[str, Tensor],
        batch: Batch,
        weights: Mapping[str, float],
        done: float,
    ) -> dict[str, Tensor]:
        """Return the method's terms, and what `extra_losses` adds."""
        extra = super().loss_terms(given, batch, weights, done)
        return self.objective(dict(given), batch, self.phase(done)) | extra

    def trained(self, done: float) -> tuple[str, ...] | None:
        """Return the beginnings of the names of what moves at a fraction of the run."""
        return self.moving(self.phase(done))

    def parameter_groups(self, network: nn.Module) -> Sequence[tuple[list[nn.Parameter], float]]:
        """Return what is trained; pretrained parts at their own rates."""
        if self.start_from is None or not self.pretrained_rates:
            return super().parameter_groups(network)
        groups: dict[float, list[nn.Parameter]] = {}
        for name, parameter in network.named_parameters():
            factors = [
                rate for part, rate in self.pretrained_rates.items() if name.startswith(part)
            ]
            groups.setdefault(factors[0] if factors else 1.0, []).append(parameter)
        return [(group, factor) for factor, group in groups.items()]

    def predict(
        self,
        network: Any,
        image: npt.NDArray[np.uint8],
        trimap: npt.NDArray[np.uint8] | None,
        *,
        crop: bool = False,
    ) -> npt.NDArray[np.float32]:
        """Return the matte that the method makes with the network."""
        longest = None if crop else self.long_side or self.method.longest
        return self.method.around(network, longest)(image, trimap)[0]

    def save(
        self, network: Any, folder: Path, dtype: torch.dtype, facts: Mapping[str, object]
    ) -> None:
        """Write a checkpoint that ``--weights`` of the method takes, and its card."""
        from baselines.deep.card import training_card

        card = {"trained_on": str(facts["data"]), "licence": "MIT", "training": _summary(facts)}
        name = self.method.network_name
        save_network(network, name, folder, card=card, long_side=self.long_side, dtype=dtype)
        text = training_card(self.method, network, facts)
        (folder / "README.md").write_text(text)

    def facts(self) -> dict[str, object]:
        """Return where the recipe's numbers come from."""
        return {"network": f"{self.method.name}, size {self.size}", "recipe of": self.source}

    def next_command(self, checkpoint: Path) -> str:
        """Return the command that scores a finished checkpoint."""
        name = self.method.name
        return f"python -m benchmark.run --method {name} --weights {checkpoint} --dataset DIR"


R = TypeVar("R", bound=NetworkRecipe)


def reduced(kind: type[R], **changes: Any) -> R:
    """Return the reduced recipe of a method: the small network, from nothing, on a CPU.

    It is the same for all methods but for `changes`. Windows are of the composites' own resolution,
    so that the unknown band is as wide as in a test picture, and the trimap's radii vary.
    """
    settings: dict[str, Any] = {
        "source": "ours",
        "size": "small",
        "trimap": "random-1-35/v1",
        "crops": (80, 128, 192, 288),
        "stages": ((1.0, 128),),
        "batch": 8,
        "steps": 1000,
        "optimiser": "adamw",
        "rate": 2e-3,
        "weight_decay": 1e-4,
        "schedule": "cosine",
        "warmup": 50,
        "colour": 0.15,
        "ema": 0.995,
        "clip_gradient": 5.0,
        "checkpoint_dtype": "float16",
    }
    return kind(**{**settings, **changes})


def present(plane: Tensor | None, name: str) -> Tensor:
    """Return a plane of a batch that the recipe asks for; None is a `ValueError`."""
    if plane is None:
        raise ValueError(f"batch has no {name}; expected a recipe that asks for it")
    return plane


def _summary(facts: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {facts[name]}" for name in ("length", "CPU seconds", "seed"))
