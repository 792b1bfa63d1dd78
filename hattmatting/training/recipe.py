"""The recipe of a training run: its settings, and the network that it trains.

The trainer knows no network. It is handed a recipe, which builds the network, calls it with a
batch, weighs the losses, and predicts and saves with the result.

To train another network: derive a frozen dataclass from `Recipe`, add the network's own settings by
`setting`, and override the methods below the line. `hattmatting.recipes` is such a module.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from hattmatting.samples.crops import AROUND, PAPER_CROPS
from hattmatting.training.run import refuse_below_one

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch
    from torch import Tensor, nn

    from hattmatting.samples.planes import Batch, MorePlanes
    from hattmatting.training.losses import Adversary

T = TypeVar("T")


def setting(default: T, text: str, choices: tuple[str, ...] = (), *, is_option: bool = True) -> T:
    """Declare a setting of a recipe; the command line shows and checks what stands here.

    Parameters
    ----------
    default
        Its value where nothing else is asked for.
    text
        What it means, in a line.
    choices
        The words that it may be; empty where it may be any value.
    is_option
        Whether the command line has it. A recipe whose network has no use for a setting leaves it
        out.
    """
    metadata = {"text": text, "choices": choices, "is_option": is_option}
    field: T = dataclasses.field(default=default, metadata=metadata)
    return field


@dataclass(frozen=True)
class Recipe:
    """What decides a training run's result. Every setting is described on its own line.

    Attributes
    ----------
    smallest_crop
        Pixels; below it SSIM or a discriminator has no whole window.
    """

    smallest_crop: ClassVar[int] = 32

    style: str = setting("paper", "how samples are made", ("paper", "salient", "framed"))
    compose: str = setting(
        "loader", "where samples are composed, resized and flipped", ("loader", "device")
    )
    trimap: str | None = setting(
        None, "rule of the trimap that every sample draws anew; none by default", is_option=False
    )
    layers: bool = setting(
        False, "samples carry the foreground and background they are made of", is_option=False
    )
    crops: tuple[int, ...] = setting(
        PAPER_CROPS, "sides in pixels of the windows of whole composites, before they are resized"
    )
    around: str = setting(
        "anything",
        "what such a window is centred on: a pixel of the trimap's unknown region, one whose alpha "
        "is neither 0 nor 1, or anything",
        AROUND,
    )
    epochs: float = setting(20.0, "passes over the foregrounds, or over the dataset's composites")
    steps: int | None = setting(None, "length in steps, instead of epochs")
    batch: int = setting(4, "samples a step, all processes together")
    stages: tuple[tuple[float, int], ...] = setting(
        ((1.0, 512),), "(fraction of the run at which it ends, side of the crop), in order"
    )
    optimiser: str = setting("sgd", "optimiser", ("sgd", "adam", "adamw"))
    momentum: float = setting(0.9, "of sgd; of adam and adamw, β of the gradient's mean")
    second_moment: float = setting(0.999, "of adam and adamw: β of the squared gradient's mean")
    rate: float = setting(0.007, "largest learning rate")
    weight_decay: float = setting(5e-4, "decay of all weights")
    schedule: str = setting(
        "poly",
        "course of the rate: poly with power 0.9 and cosine at each step; steps: a tenth from each "
        "milestone on",
        ("poly", "cosine", "steps", "constant"),
    )
    milestones: tuple[float, ...] = setting((), "epochs at which steps divides the rate by 10")
    phases: tuple[tuple[float, str], ...] = setting(
        ((1.0, "whole"),), "(fraction of the run at which it ends, what is trained), in order"
    )
    warmup: int = setting(0, "steps of growing rate before the cosine")
    extra_losses: tuple[tuple[str, float], ...] = setting(
        (), "(name in `losses.LOSSES`, weight), beside the recipe's own"
    )
    distractors: float = setting(0.0, "probability that a background gets an object of its own")
    distractors_from: float = setting(0.5, "fraction of the run from which it does")
    colour: float = setting(0.0, "strength of the colour changes made on the device; 0 for none")
    ema: float = setting(0.0, "decay of the averaged weights; 0 for no average")
    clip_gradient: float | None = setting(None, "largest norm of the gradient; any by default")
    precision: str = setting("fp32", "number format of the network's products", ("fp32", "bf16"))
    channels_last: bool = setting(True, "memory order of images and weights: NHWC, or NCHW")
    compile: bool = setting(False, "run the network through torch.compile")
    shard: int = setting(
        0, "with a frozen encoder: samples whose features are kept at a time; 0 keeps none"
    )
    passes: int = setting(1, "how often each sample of a shard is used")
    freeze_batch_norm: bool = setting(
        False, "normalise by the stored statistics: for a pre-trained network and few images"
    )
    checkpoint_dtype: str = setting(
        "float32",
        "number format of the finished weights on disk",
        ("float32", "float16", "bfloat16"),
    )
    seed: int = setting(0, "seed of the weights and of every sample")

    def __post_init__(self) -> None:
        """Check what a user may have got wrong."""
        for field in dataclasses.fields(self):
            value, choices = getattr(self, field.name), field.metadata["choices"]
            if choices and value not in choices:
                raise ValueError(f"{field.name} is {value!r}; expected one of {choices}")
        self._check_samples()
        for name in ("batch", "steps", "passes"):
            refuse_below_one(name, getattr(self, name))
        if self.shard < 0 or self.shard % self.batch:
            raise ValueError(f"shard is {self.shard}; expected a multiple of batch {self.batch}")
        for name in ("epochs", "rate"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} is {getattr(self, name)}; expected more than 0")
        for name in ("ema", "distractors", "distractors_from", "momentum", "second_moment"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}; expected 0 to 1")
        for name in ("weight_decay", "colour", "warmup"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} is {getattr(self, name)}; expected 0 or more")
        if self.extra_losses:
            self._check_losses()
        for crop in (*self.crops, *(side for _, side in self.stages)):
            if crop < self.smallest_crop:
                raise ValueError(f"crop is {crop}; expected {self.smallest_crop} or more")
        if self.around == "unknown" and self.trimap is None:
            raise ValueError("around is 'unknown'; expected another without a trimap rule")

    def _check_samples(self) -> None:
        if self.compose == "device":
            if self.style != "paper":
                raise ValueError(
                    "compose is 'device'; expected 'loader' with samples in the style "
                    f"{self.style!r}"
                )
            if self.trimap is not None or self.layers:
                raise ValueError(
                    "compose is 'device'; expected 'loader' with trimaps or layers, which the "
                    "loader makes"
                )
        if self.layers and self.style != "paper":
            raise ValueError(
                f"layers is True; expected False with samples in the style {self.style!r}"
            )
        if self.trimap is not None:
            from distinctions646.trimap import parse_rule

            parse_rule(self.trimap)

    def _check_losses(self) -> None:
        from hattmatting.training.losses import LOSSES

        for name, weight in self.extra_losses:
            if name not in LOSSES:
                raise ValueError(f"loss is {name!r}; expected one of {', '.join(LOSSES)}")
            if not 0 < weight < math.inf:
                raise ValueError(f"weight of the loss {name} is {weight}; expected more than 0")

    def settings(self) -> dict[str, Any]:
        """Return the settings as they are read back from JSON, tuples as lists."""
        settings: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return settings

    def length(self, samples: int) -> tuple[int, int]:
        """Return the number of steps, and of steps an epoch, with so many samples an epoch."""
        steps_an_epoch = max(samples // self.batch, 1)
        return self.steps or max(round(self.epochs * steps_an_epoch), 1), steps_an_epoch

    def rate_at(self, step: int, steps: int) -> float:
        """Return the learning rate of a step counted from 0."""
        if self.schedule == "constant":
            return self.rate
        if self.schedule == "steps":
            # A milestone is a part of the recipe's epochs, also where `steps` asks for fewer.
            passed = sum(step >= steps * one / self.epochs for one in self.milestones)
            return float(self.rate * 0.1**passed)
        if self.schedule == "poly":
            return float(self.rate * (1 - step / steps) ** 0.9)
        if step < self.warmup:
            return self.rate * (step + 1) / self.warmup
        done = (step - self.warmup) / max(steps - self.warmup, 1)
        # Ends at a hundredth of the largest rate, so that the last steps still change something.
        return self.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))

    # ------------------------------------------------------------ what a network's recipe overrides

    def build(self) -> nn.Module:
        """Build the network with its first weights; what cannot be had is a `ValueError`."""
        raise NotImplementedError

    def forward(self, network: Callable[..., Any], batch: Batch) -> Mapping[str, Tensor]:
        """Return the network's outputs for a batch, by name, for the losses.

        ``"alpha"``, B×1×S×S in [0, 1], must be among them. A network that takes a trimap is called
        as ``network(batch.image, batch.trimap)``.
        """
        return {"alpha": network(batch.image)}

    def loss_weights(self, done: float, epoch: int) -> dict[str, float]:
        """Return the factor of each part of the loss; a part of factor 0 is not computed.

        `extra_losses` come on top, from the first step on.

        Parameters
        ----------
        done
            Fraction of the run that lies behind.
        epoch
            Counted from 0.

        Returns
        -------
        dict
            Names in `losses.LOSSES`, and ``"adversarial"`` where there is an adversary.
        """
        raise NotImplementedError

    def loss_terms(
        self,
        given: Mapping[str, Tensor],
        batch: Batch,
        weights: Mapping[str, float],
        done: float,
    ) -> dict[str, Tensor]:
        """Return the parts of the loss by name; one that `weights` does not name has factor 1.

        Parameters
        ----------
        given, batch
            What :meth:`forward` returned, and for what.
        weights
            Of :meth:`loss_weights`; parts of factor 0 are left out.
        done
            Fraction of the run that lies behind.
        """
        del done
        from hattmatting.training.losses import LOSSES

        return {name: loss(given, batch) for name, loss in LOSSES.items() if weights.get(name)}

    def phase(self, done: float) -> str:
        """Return what is trained at a fraction of the run."""
        return next((name for end, name in self.phases if done < end), self.phases[-1][1])

    def trained(self, done: float) -> tuple[str, ...] | None:
        """Return the beginnings of the names of what moves at a fraction of the run; None: all."""
        del done
        return None

    def more_planes(self) -> MorePlanes | None:
        """Return what makes further planes of each sample, for `Batch.more`; None for none."""
        return None

    def adversary(self) -> Adversary | None:
        """Return the adversary that the network is trained against; None for none."""
        return None

    def parameter_groups(self, network: nn.Module) -> Sequence[tuple[list[nn.Parameter], float]]:
        """Return what is trained: parameters, and the factor of their learning rate."""
        return [(list(network.parameters()), 1.0)]

    def set_training(self, network: nn.Module) -> None:
        """Bring the network into training mode, its batch normalisation as the settings say."""
        from torch import nn

        network.train()
        if self.freeze_batch_norm:
            for module in network.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()

    def encode(self, network: Any, image: Tensor) -> dict[int, Tensor]:
        """Return what a frozen encoder makes of images, to be kept; `shard` asks for it."""
        raise ValueError(f"shard is {self.shard}; expected 0 with a network that keeps no features")

    def own_step(self) -> Callable[[Any, Batch], dict[str, float]] | None:
        """Return what takes the place of `step.take_step`, with its signature; None for that."""
        return None

    def predict(
        self,
        network: Any,
        image: npt.NDArray[np.uint8],
        trimap: npt.NDArray[np.uint8] | None,
        *,
        crop: bool = False,
    ) -> npt.NDArray[np.float32]:
        """Return the matte of a picture for validation and previews, float32 H×W in [0, 1].

        Parameters
        ----------
        network
            In evaluation mode.
        image, trimap
            uint8 H×W×3 RGB and uint8 H×W; the trimap where samples have one.
        crop
            Whether the picture is a sample as in training, to be predicted at its own size.
        """
        raise NotImplementedError

    def save(
        self, network: Any, folder: Path, dtype: torch.dtype, facts: Mapping[str, object]
    ) -> None:
        """Write weights, configuration and card into a folder."""
        network.save_pretrained(folder, dtype, facts)

    def facts(self) -> dict[str, object]:
        """Return what a model card says of the network's own settings, one row each."""
        return {}

    def next_command(self, checkpoint: Path) -> str:
        """Return the command that scores a finished checkpoint; empty where there is none."""
        del checkpoint
        return ""
