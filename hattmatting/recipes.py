"""How to train: the paper's recipe, and ours for a CPU."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass


@dataclass(frozen=True)
class TrainConfig:
    """How to train; `PRESETS` has the paper's recipe and ours for a CPU.

    `start_from` is a checkpoint whose weights the training begins with. `stages` are (fraction of
    the training at which it ends, side of the square crop). `schedule` is ``"poly"`` (power 0.9,
    each step) or ``"cosine"`` (after `warmup` steps). `losses` is ``"paper"`` (λ by epoch) or
    ``"sharpen"`` (MSE alone, then with 0.3 L1 + 0.1 SSIM from `sharpen_from` on, and no adversary:
    at small scale both hinder the start).
    """

    model: str = "paper-figure"
    backbone_weights: str | None = None
    start_from: str | None = None
    style: str = "paper"
    epochs: float = 20.0
    batch: int = 4
    stages: tuple[tuple[float, int], ...] = ((1.0, 512),)
    optimiser: str = "sgd"
    rate: float = 0.007
    weight_decay: float = 5e-4
    schedule: str = "poly"
    warmup: int = 0
    losses: str = "paper"
    sharpen_from: float = 0.6
    distractors: float = 0.0
    distractors_from: float = 0.5
    ema: float = 0.0
    clip_gradient: float | None = None
    precision: str = "fp32"
    checkpoint_dtype: str = "float32"
    seed: int = 0


# Two runs one after the other: small crops learn where the object is, large ones its edge.
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
    sharpen_from=1.0,
    ema=0.999,
    clip_gradient=5.0,
    precision="bf16",
    checkpoint_dtype="float16",
)

PRESETS: dict[str, TrainConfig] = {
    "paper": TrainConfig(),
    "tiny": _SMALL,
    "tiny-finish": dataclasses.replace(
        _SMALL,
        epochs=4.8,
        stages=((0.62, 192), (1.0, 256)),
        rate=1e-3,
        sharpen_from=0.3,
        distractors=0.3,
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
