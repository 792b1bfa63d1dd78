"""What a training leaves in its folder: checkpoint, log, previews, best and finished model."""

from __future__ import annotations

import dataclasses
import json
import time
from importlib.metadata import version
from typing import Any

import torch

from distinctions646.images.png import write_bytes
from hattmatting.model.ablations import ROWS
from hattmatting.training.feed import AnySamples, previews
from hattmatting.training.progress import Log, write_preview
from hattmatting.training.recipes import Run, TrainConfig
from hattmatting.training.saving import read_checkpoint, refuse_another, write_checkpoint
from hattmatting.training.state import TrainingState
from hattmatting.training.step import NotFiniteError
from hattmatting.training.validation import Validation, score


class Records:
    """The folder of one training.

    Parameters
    ----------
    config, run
        Of the training.
    samples
        What it is trained on.
    state
        Of the training; goes on from the folder's checkpoint, where there is one.

    Raises
    ------
    ValueError
        If the checkpoint is damaged, or belongs to another configuration or other data; or the
        validation data cannot be read.
    """

    def __init__(
        self, config: TrainConfig, run: Run, samples: AnySamples, state: TrainingState
    ) -> None:
        self.config, self.run, self.samples = config, run, samples
        self.checkpoint = run.out / "checkpoint.pt"
        self.writes = bool(state.accelerator.is_main_process)
        fields = json.loads(json.dumps(dataclasses.asdict(config)))
        self.identity = {**fields, "data": samples.fingerprint(), "length": state.steps}
        self.best: dict[str, Any] = {"step": 0, "scores": {}}
        self.seconds = {"cpu": 0.0, "wall": 0.0}
        self.pictures = (
            Validation(
                run.validation,
                run.validation_split,
                run.validation_limit,
                run.validation_backgrounds,
            ).samples()
            if run.validation
            else ()
        )
        if self.checkpoint.exists():
            parts = read_checkpoint(self.checkpoint)
            refuse_another(run.out, self.identity, parts["identity"])
            state.load(parts)
            self.best, self.seconds = dict(parts["best"]), dict(parts["seconds"])
        if self.writes:
            run.out.mkdir(parents=True, exist_ok=True)
            text = json.dumps(self.identity, indent=2) + "\n"
            write_bytes(run.out / "config.json", text.encode())
        self.previews = previews(samples, config) if self.writes else []
        log = run.out / "log.csv" if self.writes else None
        processes = state.accelerator.num_processes
        self.log = Log(log, state.step, state.steps, config.batch, processes)
        self.clock = _now()

    def look(self, state: TrainingState, size: int) -> None:
        """Score, log and draw; keep the averaged weights apart if they are the best so far."""
        scores = score(state.averaged, self.pictures, state.accelerator) if self.pictures else {}
        self.log.write(state.step, (state.step - 1) // state.steps_an_epoch, size, scores)
        if self.writes:
            folder = self.run.out / "previews"
            folder.mkdir(exist_ok=True)
            write_preview(folder / f"step_{state.step:07d}.png", state.averaged, self.previews)
        if scores and scores["sad"] < self.best["scores"].get("sad", float("inf")):
            self.best = {"step": state.step, "scores": scores}
            if self.writes:
                state.averaged.save_pretrained(self.run.out / "best", facts=self.facts(state))
        state.set_training()

    def keep(self, state: TrainingState) -> None:
        """Write the checkpoint; a full disk is an `OSError` that leaves the previous one."""
        now = _now()
        for name in self.seconds:
            self.seconds[name] += now[name] - self.clock[name]
        self.clock = now
        if not self.writes:
            return
        about = {
            "identity": self.identity,
            "best": self.best,
            "seconds": self.seconds,
            "versions": {name: version(name) for name in ("torch", "timm", "accelerate", "numpy")},
        }
        write_checkpoint(self.checkpoint, {**about, **state.parts()})

    def finish(self, state: TrainingState) -> None:
        """Write the finished model."""
        if self.writes:
            dtype = getattr(torch, self.config.checkpoint_dtype)
            state.averaged.save_pretrained(self.run.out / "model", dtype, self.facts(state))

    def facts(self, state: TrainingState) -> dict[str, object]:
        """Return what the model card says of the training."""
        default = dataclasses.asdict(TrainConfig())
        here = dataclasses.asdict(self.config)
        changed = {name: value for name, value in here.items() if value != default[name]}
        facts: dict[str, object] = {
            "row of the ablation": ROWS[self.config.ablation].label,
            "recipe, where it differs from the preset `paper`": f"`{json.dumps(changed)}`",
            "data": f"{self.identity['data']}",
            "length": f"{state.step} of {state.steps} steps of {self.config.batch} samples",
            "CPU seconds": round(self.seconds["cpu"]),
            "seed": self.config.seed,
            "versions": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        }
        if self.pictures:
            part = f"{self.run.validation_split} of "
            where = ("" if self.run.validation_backgrounds else part) + self.pictures_name()
            scores = self.best["scores"]
            facts["best on validation"] = (
                f"step {self.best['step']}: SAD {scores['sad']:.3f}, MSE {scores['mse']:.4f} "
                f"over the whole image, mean of {len(self.pictures)} pictures of {where}"
            )
        return facts

    def pictures_name(self) -> str:
        """Return the name of the validation dataset's folder."""
        return "" if self.run.validation is None else self.run.validation.resolve().name

    def stopped(self, error: NotFiniteError, step: int) -> str:
        """Word why the training stops, by which samples, and what is left."""
        named = (f"{self.samples.describe(number)} (no. {number})" for number in error.numbers)
        left = f"{self.checkpoint} is the last good" if self.checkpoint.exists() else "none was due"
        return (
            f"training stopped at step {step}: {error}; samples: {', '.join(named)}; "
            f"checkpoint: {left}"
        )


_PACKAGES = ("distinctions646", "torch")


def _now() -> dict[str, float]:
    return {"cpu": time.process_time(), "wall": time.perf_counter()}
