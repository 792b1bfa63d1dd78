"""Train HAttMatting: configuration, data, model, optimisers, loop.

    python -m hattmatting.train --sources DIR --preset tiny --out runs/tiny

DIR holds ``foregrounds/`` (RGBA) and ``backgrounds/``. A killed training goes on when the same
command is run again, and on a CPU ends with the same weights.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distinctions646.commandline import make_parser, run_command
from hattmatting.recipes import PRESETS, TrainConfig, rate

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from hattmatting.network import HAttMatting


@dataclass(frozen=True)
class Run:
    """Where a training reads and writes, and what it runs on; does not change its result."""

    sources: Path
    out: Path
    validation: Path | None
    device: str
    workers: int
    checkpoint_every: int


def train(config: TrainConfig, run: Run, stop_after: int | None = None) -> Path:
    """Train, or go on with a training, and return the folder of the finished checkpoint.

    Parameters
    ----------
    config
        What decides the result.
    run
        What does not.
    stop_after
        End after this many steps, as if killed just after a checkpoint.

    Raises
    ------
    ValueError
        If the sources are missing, or `run.out` holds a training with another configuration or
        other data.
    """
    import torch

    from hattmatting.data import Batches, Samples, Sources
    from hattmatting.device import find_device

    sources = Sources(run.sources)
    sources.decode_all()
    samples = Samples(sources, config.style, config.seed)
    steps_an_epoch = max(len(samples) // config.batch, 1)
    steps = max(round(config.epochs * steps_an_epoch), 1)

    torch.manual_seed(config.seed)
    state = _State(config, find_device(run.device), steps, sources.fingerprint())
    run.out.mkdir(parents=True, exist_ok=True)
    checkpoint = run.out / "checkpoint.pt"
    if checkpoint.exists():
        state.resume(checkpoint)
    (run.out / "config.json").write_text(json.dumps(dataclasses.asdict(config), indent=2) + "\n")

    first = state.step
    stages, batch = config.stages, config.batch
    batches = Batches(steps, batch, stages, config.distractors_from, config.distractors, first)
    loader: torch.utils.data.DataLoader[tuple[Tensor, Tensor]] = torch.utils.data.DataLoader(
        samples, batch_sampler=batches, num_workers=run.workers,
        worker_init_fn=_quiet_worker, prefetch_factor=4 if run.workers else None,
    )  # fmt: skip
    log = _Log(run.out, first, steps)
    for image_u8, alpha_u8 in loader:
        image = image_u8.to(state.device).float() / 255
        alpha_gt = alpha_u8.to(state.device).float() / 255
        log.add(state.advance(image, alpha_gt, epoch=state.step // steps_an_epoch))
        if state.step % run.checkpoint_every == 0 or state.step == steps:
            state.save(checkpoint)
            scores = _validate(state.averaged, run.validation) if run.validation else {}
            log.write(state.step, image.shape[-1], scores)
        if stop_after is not None and state.step - first >= stop_after:
            state.save(checkpoint)
            return run.out
    final = run.out / "model"
    state.averaged.save_pretrained(final, getattr(torch, config.checkpoint_dtype))
    return final


class _State:
    """Everything that a step changes, and how to save it."""

    def __init__(
        self, config: TrainConfig, device: torch.device, steps: int, fingerprint: str
    ) -> None:
        import copy

        import torch

        from hattmatting.backbone import load_backbone_weights
        from hattmatting.discriminator import PatchDiscriminator
        from hattmatting.network import HAttMatting

        self.config, self.device, self.steps = config, device, steps
        self.identity = json.dumps([dataclasses.asdict(config), fingerprint, steps])
        if config.start_from:
            self.model = HAttMatting.from_pretrained(config.start_from)
        else:
            self.model = HAttMatting.from_preset(config.model)
        if config.backbone_weights:
            load_backbone_weights(self.model.backbone, config.backbone_weights)
        self.model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.model.train()
        self.averaged = copy.deepcopy(self.model).eval() if config.ema else self.model
        self.optimiser = _optimiser(config, self.model)
        self.discriminator = PatchDiscriminator().to(device) if config.losses == "paper" else None
        self.discriminator_optimiser = self._discriminator_optimiser()
        self.step = 0

    def _discriminator_optimiser(self) -> torch.optim.Optimizer | None:
        import torch

        if self.discriminator is None:
            return None
        # The paper does not say; pix2pix's choice.
        return torch.optim.Adam(self.discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))

    def advance(self, image: Tensor, alpha_gt: Tensor, epoch: int) -> dict[str, float]:
        """Take one step of the generator, then one of the discriminator; return the losses."""
        import torch

        from hattmatting import losses

        weights = self._weights(epoch)
        for group in self.optimiser.param_groups:
            group["lr"] = rate(self.config, self.step, self.steps)
        bf16 = self.config.precision == "bf16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=bf16):
            alpha = self.model(image)
        parts = {"mse": losses.mse_loss(alpha, alpha_gt)}
        total = weights["mse"] * parts["mse"]
        if weights["ssim"]:
            parts["ssim"] = losses.ssim_loss(alpha, alpha_gt)
            total = total + weights["ssim"] * parts["ssim"]
        if weights["l1"]:
            parts["l1"] = (alpha - alpha_gt).abs().mean()
            total = total + weights["l1"] * parts["l1"]
        if self.discriminator is not None:
            self.discriminator.requires_grad_(False)
            fooled = losses.generator_adversarial_loss(self.discriminator(image, alpha))
            self.discriminator.requires_grad_(True)
            parts["adversarial"] = fooled
            total = total + weights["adversarial"] * fooled
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        if self.config.clip_gradient is not None:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_gradient)
        self.optimiser.step()
        if self.discriminator is not None and self.discriminator_optimiser is not None:
            real = self.discriminator(image, alpha_gt)
            parts["discriminator"] = losses.discriminator_loss(
                real, self.discriminator(image, alpha.detach())
            )
            self.discriminator_optimiser.zero_grad(set_to_none=True)
            parts["discriminator"].backward()  # type: ignore[no-untyped-call]
            self.discriminator_optimiser.step()
        self.step += 1
        self._average()
        return {name: float(value.detach()) for name, value in parts.items()}

    def _weights(self, epoch: int) -> dict[str, float]:
        from hattmatting.losses import paper_weights

        if self.config.losses == "paper":
            return {**paper_weights(epoch)._asdict(), "l1": 0.0}
        sharpen = self.step / self.steps >= self.config.sharpen_from
        return {"mse": 1.0, "ssim": 0.1 * sharpen, "l1": 0.3 * sharpen, "adversarial": 0.0}

    def _average(self) -> None:
        import torch

        if self.averaged is self.model:
            return
        decay = min(self.config.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            targets = self.averaged.state_dict()
            for name, value in self.model.state_dict().items():
                if value.is_floating_point():
                    targets[name].lerp_(value, 1 - decay)
                else:
                    targets[name].copy_(value)

    def save(self, path: Path) -> None:
        """Write a checkpoint under a temporary name, then rename it."""
        import torch

        parts: dict[str, Any] = {
            "identity": self.identity,
            "step": self.step,
            "random": torch.get_rng_state(),
            "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        if self.discriminator is not None and self.discriminator_optimiser is not None:
            parts["discriminator"] = self.discriminator.state_dict()
            parts["discriminator_optimiser"] = self.discriminator_optimiser.state_dict()
        temporary = path.with_suffix(".part")
        torch.save(parts, temporary)
        temporary.replace(path)

    def resume(self, path: Path) -> None:
        """Read :meth:`save`'s file; another configuration or other data is a `ValueError`."""
        import torch

        parts = torch.load(path, map_location=self.device, weights_only=True)
        if parts["identity"] != self.identity:
            raise ValueError(
                f"{path.parent}: holds a training with another configuration or other sources; "
                "give another --out, or the same options"
            )
        self.model.load_state_dict(parts["model"])
        self.averaged.load_state_dict(parts["averaged"])
        self.optimiser.load_state_dict(parts["optimiser"])
        if self.discriminator is not None and self.discriminator_optimiser is not None:
            self.discriminator.load_state_dict(parts["discriminator"])
            self.discriminator_optimiser.load_state_dict(parts["discriminator_optimiser"])
        torch.set_rng_state(parts["random"].cpu())
        self.step = int(parts["step"])


def _optimiser(config: TrainConfig, model: HAttMatting) -> torch.optim.Optimizer:
    import torch

    parameters = model.parameters()
    if config.optimiser == "sgd":
        return torch.optim.SGD(
            parameters, config.rate, momentum=0.9, weight_decay=config.weight_decay
        )
    return torch.optim.AdamW(parameters, config.rate, weight_decay=config.weight_decay)


def _validate(model: HAttMatting, folder: Path | None) -> dict[str, float]:
    """Score a built dataset's test split, whole image, in the official units."""
    import numpy as np

    from benchmark.metrics import evaluate
    from distinctions646.loading import open_split
    from hattmatting.predict import predict

    if folder is None:
        return {}
    training = model.training
    model.eval()
    rows = [
        evaluate(predict(model, sample.image()), sample.alpha())
        for sample in open_split(folder, "test").samples
    ]
    model.train(training)
    return {name: float(np.mean([row[name] for row in rows])) for name in ("sad", "mse")}


class _Log:
    """Progress on stderr, and one CSV row a checkpoint."""

    def __init__(self, out: Path, first: int, steps: int) -> None:
        from tqdm import tqdm

        self.path = out / "log.csv"
        self.bar = tqdm(total=steps, initial=first, unit="step", mininterval=5)
        self.sums: dict[str, float] = {}
        self.count = 0
        self.cpu = time.process_time()

    def add(self, parts: dict[str, float]) -> None:
        for name, value in parts.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        self.count += 1
        self.bar.update()
        self.bar.set_postfix_str(f"mse {self.sums['mse'] / self.count:.4f}", refresh=False)

    def write(self, step: int, size: int, scores: dict[str, float]) -> None:
        means = {name: total / self.count for name, total in self.sums.items()}
        row: dict[str, float | None] = {
            "step": step,
            "size": size,
            "cpu_seconds": time.process_time() - self.cpu,
        }
        row |= {f"train_{name}": means.get(name) for name in ("mse", "l1", "ssim", "adversarial")}
        row |= {f"validation_{name}": scores.get(name) for name in ("sad", "mse")}
        new = not self.path.exists()
        with self.path.open("a", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            if new:
                writer.writeheader()
            writer.writerow(row)
        self.sums, self.count, self.cpu = {}, 0, time.process_time()


def _quiet_worker(worker: int) -> None:
    import cv2

    del worker
    cv2.setNumThreads(1)


def parse_args(arguments: list[str] | None = None) -> tuple[TrainConfig, Run]:
    """Read the command line into what decides the result and what does not."""
    parser = make_parser("python -m hattmatting.train", __doc__)
    parser.add_argument(
        "--sources", type=Path, required=True, help="folder with foregrounds/ and backgrounds/"
    )
    parser.add_argument("--out", type=Path, required=True, help="checkpoints, log and the result")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="paper", help="the recipe")
    parser.add_argument("--validation", type=Path, help="a built dataset to score on the way")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1")
    parser.add_argument("--workers", type=int, default=1, help="processes that make samples")
    parser.add_argument("--checkpoint-every", type=int, default=500, help="steps")
    kinds = {"batch": int, "seed": int, "epochs": float, "rate": float}
    for name in ("model", "backbone_weights", "start_from", "epochs", "batch", "rate", "seed"):
        flag = "--" + name.replace("_", "-")
        parser.add_argument(
            flag,
            type=kinds.get(name, str),
            default=argparse.SUPPRESS,
            help="instead of the preset's",
        )
    options = vars(parser.parse_args(arguments))
    base = PRESETS[options.pop("preset")]
    run_fields = {field.name for field in dataclasses.fields(Run)}
    run = Run(**{name: options.pop(name) for name in run_fields})
    return dataclasses.replace(base, **options), run


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""

    def command() -> None:
        config, run = parse_args(arguments)
        final = train(config, run)
        sys.stdout.write(
            f"checkpoint: {final}\n"
            f"score it:   python -m benchmark.run --method hatt --weights {final} --dataset DIR\n"
        )

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
