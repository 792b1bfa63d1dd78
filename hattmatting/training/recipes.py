"""How to train: the paper's recipe, a modern one, and ours for a CPU."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path

from hattmatting.model.ablations import FULL, ablation

MISSED = 2.0  # of the losses "whole"
SMALLEST_CROP = 32  # below it SSIM or the discriminator has no whole window


@dataclass(frozen=True)
class TrainConfig:
    """How to train; `PRESETS` has the paper's recipe and others.

    Parameters
    ----------
    model, ablation
        A preset of `hattmatting.model.config`, and the row of the paper's ablation that says
        which of its parts and losses there are.
    backbone_weights, start_from
        ImageNet weights of the backbone; a checkpoint whose weights the training begins with.
    style
        How samples are made, see `hattmatting.samples.samples.Samples`.
    trained_stages, backbone_rate
        How many of the backbone's last stages are trained, the others keeping their weights, and
        the whole backbone its batch statistics; None trains everything. Its rate against `rate`.
    shard, passes
        With a frozen backbone (`trained_stages` 0): samples whose features are computed at once and
        kept, and how often each is used; 0 keeps none.
    compose
        Where samples in the style ``"paper"`` are composed, resized and flipped: by the
        ``"loader"``, or on the training's ``"device"`` (for a GPU that the loader cannot keep
        busy). They show the same; resized values may differ by one level.
    epochs, steps
        Length; `steps`, where given, counts instead of `epochs`.
    batch
        Samples a step, all processes together, so that their number does not change the result.
    stages
        (fraction of the training at which it ends, side of the square crop), in order.
    optimiser, rate, weight_decay, schedule, warmup
        ``"sgd"`` (momentum 0.9) or ``"adamw"``; ``"poly"`` (power 0.9, each step) or ``"cosine"``,
        after `warmup` steps of growing rate.
    losses
        ``"paper"`` (Eq. 2, λ by epoch); ``"sharpen"``: MSE + 0.3 L1 + 0.1 SSIM, no adversary;
        ``"hybrid"``: that with the paper's adversary; ``"whole"``: MSE + L1 + 0.1 SSIM, in the L1
        what is missed of the object counts `MISSED` times.
    mse_until
        Up to this fraction of the training L_MSE counts alone: at small scale the others hinder
        the start.
    discriminator_width
        Channels of the discriminator's first layer (64 in pix2pix).
    distractors, distractors_from
        Probability that a background gets an object of its own, from this fraction on.
    colour
        Strength of the colour changes made on the device; 0 for none.
    ema
        Decay of the averaged weights; 0 for none.
    clip_gradient
        Largest norm of the gradient, or None.
    precision
        ``"fp32"`` or ``"bf16"`` (the generator's products; losses and weights stay float32).
    compile
        Run the generator through ``torch.compile``.
    freeze_batch_norm
        Normalise by the stored statistics: for a pre-trained network and few images a device.
    checkpoint_dtype
        Of the finished model's weights on disk.
    seed
        Of the weights and of every sample.
    """

    model: str = "paper-figure"
    ablation: str = FULL
    backbone_weights: str | None = None
    start_from: str | None = None
    style: str = "paper"
    trained_stages: int | None = None
    backbone_rate: float = 1.0
    shard: int = 0
    passes: int = 1
    compose: str = "loader"
    epochs: float = 20.0
    steps: int | None = None
    batch: int = 4
    stages: tuple[tuple[float, int], ...] = ((1.0, 512),)
    optimiser: str = "sgd"
    rate: float = 0.007
    weight_decay: float = 5e-4
    schedule: str = "poly"
    warmup: int = 0
    losses: str = "paper"
    mse_until: float = 0.0
    discriminator_width: int = 64
    distractors: float = 0.0
    distractors_from: float = 0.5
    colour: float = 0.0
    ema: float = 0.0
    clip_gradient: float | None = None
    precision: str = "fp32"
    compile: bool = False
    freeze_batch_norm: bool = False
    checkpoint_dtype: str = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        """Check what a user may have got wrong."""
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected one of {allowed}")
        if self.compose == "device" and self.style != "paper":
            raise ValueError(
                f"compose is 'device'; expected 'loader' with samples in the style {self.style!r}"
            )
        ablation(self.ablation)
        self._check_shards()
        for name in ("batch", "steps", "passes", "discriminator_width"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} is {value}; expected 1 or more")
        if not 0 <= self.mse_until <= 1:
            raise ValueError(f"mse_until is {self.mse_until}; expected 0 to 1")
        for name in ("epochs", "rate"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} is {getattr(self, name)}; expected more than 0")
        for _, crop in self.stages:
            if crop < SMALLEST_CROP:
                raise ValueError(f"crop is {crop}; expected {SMALLEST_CROP} or more")

    def _check_shards(self) -> None:
        if self.trained_stages is not None and self.trained_stages < 0:
            raise ValueError(f"trained_stages is {self.trained_stages}; expected 0 or more")
        if not self.shard:
            return
        if self.shard < 0 or self.shard % self.batch:
            raise ValueError(f"shard is {self.shard}; expected a multiple of batch {self.batch}")
        if self.losses not in {"sharpen", "whole"}:
            raise ValueError(
                f"losses is {self.losses!r}; expected 'sharpen' or 'whole' with kept features "
                f"(shard {self.shard}): an adversary looks at the images"
            )
        needs = {"trained_stages": 0, "compose": "loader", "colour": 0.0}
        for name, value in needs.items():
            if getattr(self, name) != value:
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}; expected {value!r} with kept features "
                    f"(shard {self.shard})"
                )

    def length(self, samples: int) -> tuple[int, int]:
        """Return the number of steps, and of steps an epoch, with so many samples an epoch."""
        steps_an_epoch = max(samples // self.batch, 1)
        return self.steps or max(round(self.epochs * steps_an_epoch), 1), steps_an_epoch


@dataclass(frozen=True)
class Run:
    """Where a training reads and writes, and what it runs on; does not change its result.

    Parameters
    ----------
    out
        Checkpoints, log and the finished model.
    sources
        Folder with ``foregrounds/`` and ``backgrounds/`` to train on; or
    dataset, split, backgrounds
        a built dataset with a virtual split, and the folder of its backgrounds where that is not
        inside it.
    validation, validation_split, validation_limit
        Built dataset to score at every checkpoint, and so many pictures of it.
    validation_backgrounds
        Where given, `validation` is a folder of photographic cut-outs (RGBA), which lie over these.
    device, workers
        ``"auto"``, ``"cpu"``, ``"cuda:1"``; processes that make samples.
    checkpoint_every
        Steps from one checkpoint to the next.
    """

    out: Path
    sources: Path | None = None
    dataset: Path | None = None
    split: str = "train"
    backgrounds: Path | None = None
    validation: Path | None = None
    validation_split: str = "validation"
    validation_limit: int | None = None
    validation_backgrounds: Path | None = None
    device: str = "auto"
    workers: int = 1
    checkpoint_every: int = 500

    def __post_init__(self) -> None:
        """Check what a user may have got wrong."""
        for name in ("checkpoint_every", "validation_limit"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} is {value}; expected 1 or more")
        if self.workers < 0:
            raise ValueError(f"workers is {self.workers}; expected 0 or more")
        if self.backgrounds is not None and self.dataset is None:
            raise ValueError(
                f"backgrounds is '{self.backgrounds}'; expected none without a dataset, "
                "sources have their own"
            )
        if self.validation_limit is not None and self.validation is None:
            raise ValueError(
                f"validation_limit is {self.validation_limit}; expected none without validation"
            )
        if self.validation_backgrounds is not None and self.validation is None:
            raise ValueError(
                f"validation_backgrounds is '{self.validation_backgrounds}'; expected none without "
                "validation"
            )


_CHOICES: dict[str, tuple[str, ...]] = {
    "style": ("paper", "salient", "framed"),
    "compose": ("loader", "device"),
    "optimiser": ("sgd", "adamw"),
    "schedule": ("poly", "cosine"),
    "losses": ("paper", "sharpen", "hybrid", "whole"),
    "precision": ("fp32", "bf16"),
    "checkpoint_dtype": ("float32", "float16", "bfloat16"),
}

# Runs one after the other: small crops learn where the object is, large ones its edge.
_SMALL = TrainConfig(
    model="tiny",
    style="salient",
    epochs=14.0,
    batch=16,
    stages=((1.0, 128),),
    optimiser="adamw",
    rate=2e-3,
    weight_decay=1e-4,
    schedule="cosine",
    warmup=200,
    losses="sharpen",
    mse_until=1.0,
    discriminator_width=16,
    ema=0.999,
    clip_gradient=5.0,
    precision="bf16",
    checkpoint_dtype="float16",
)

# A pre-trained encoder, frozen, its features kept: what a CPU trains in an hour.
_FROZEN = TrainConfig(
    model="hatt-lite",
    style="framed",
    trained_stages=0,
    shard=256,
    passes=2,
    steps=1000,
    batch=16,
    stages=((1.0, 192),),
    optimiser="adamw",
    rate=2e-3,
    weight_decay=1e-4,
    schedule="cosine",
    warmup=100,
    losses="sharpen",
    mse_until=0.5,
    distractors=0.25,
    distractors_from=0.0,
    ema=0.998,
    clip_gradient=5.0,
    checkpoint_dtype="float16",
)

PRESETS: dict[str, TrainConfig] = {
    "paper": TrainConfig(),
    "modern": TrainConfig(
        compose="device",
        batch=16,
        optimiser="adamw",
        rate=3e-4,
        weight_decay=0.01,
        schedule="cosine",
        warmup=1000,
        colour=0.2,
        ema=0.9998,
        clip_gradient=1.0,
        precision="bf16",
        compile=True,
    ),
    "lite": _FROZEN,
    "lite-finish": dataclasses.replace(
        _FROZEN,
        steps=2000,
        stages=((0.35, 208), (0.6, 288), (0.7, 192), (0.8, 256), (1.0, 320)),
        rate=1.4e-3,
        losses="whole",
        mse_until=0.0,
        ema=0.997,
    ),
    "lite-unfreeze": dataclasses.replace(
        _FROZEN,
        trained_stages=2,
        backbone_rate=0.1,
        shard=0,
        passes=1,
        steps=400,
        stages=((1.0, 320),),
        rate=2e-4,
        losses="whole",
        mse_until=0.0,
    ),
    "tiny": _SMALL,
    "tiny-continue": dataclasses.replace(
        _SMALL,
        epochs=4.0,
        stages=((0.8, 128), (1.0, 192)),
        rate=1.5e-3,
        distractors=0.2,
        distractors_from=0.5,
    ),
    "tiny-finish": dataclasses.replace(
        _SMALL,
        epochs=0.7,
        stages=((0.5, 192), (1.0, 256)),
        rate=7e-4,
        mse_until=0.0,
        distractors=0.2,
        distractors_from=0.0,
    ),
}


def rate(config: TrainConfig, step: int, steps: int) -> float:
    """Return the learning rate of a step counted from 0."""
    if config.schedule == "poly":
        return float(config.rate * (1 - step / steps) ** 0.9)
    if step < config.warmup:
        return config.rate * (step + 1) / config.warmup
    done = (step - config.warmup) / max(steps - config.warmup, 1)
    return config.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))


def loss_weights(config: TrainConfig, done: float, epoch: int) -> dict[str, float]:
    """Return the factor of each part of the generator's loss.

    Parameters
    ----------
    config
        The recipe.
    done
        Fraction of the training that lies behind.
    epoch
        Counted from 0.

    Returns
    -------
    dict
        ``mse``, ``ssim``, ``l1`` and ``adversarial``; what an ablation leaves out is 0.
    """
    from hattmatting.training.losses import paper_weights

    weights = {**paper_weights(epoch)._asdict(), "l1": 0.0}
    if config.losses != "paper":
        weights |= {"ssim": 0.1, "l1": 1.0 if config.losses == "whole" else 0.3}
    if config.losses in {"sharpen", "whole"}:
        weights["adversarial"] = 0.0
    if done < config.mse_until:
        weights |= {"ssim": 0.0, "l1": 0.0, "adversarial": 0.0}
    if not ablation(config.ablation).ssim:
        weights["ssim"] = 0.0
    return weights
