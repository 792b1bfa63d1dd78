"""The folder of a training run: checkpoint, log, previews, best and finished model."""

from __future__ import annotations

import json
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from distinctions646.images.reading import alpha_to_u8
from distinctions646.process.whole_files import write_bytes
from hattmatting.training.feed import AnySamples, previews
from hattmatting.training.progress import Log, trim_log, write_preview
from hattmatting.training.recipe import Recipe
from hattmatting.training.run import Run
from hattmatting.training.saving import read_checkpoint, refuse_another, write_checkpoint
from hattmatting.training.state import TrainingState
from hattmatting.training.step import NotFiniteError
from hattmatting.training.validation import Scored, Validation, score


class Records:
    """The folder of one training run.

    Parameters
    ----------
    recipe, run
        What is trained, and where.
    samples
        What it is trained on.
    state
        Brought to the folder's checkpoint, where there is one.

    Raises
    ------
    ValueError
        If the checkpoint is damaged, or belongs to another configuration or other data; or the
        validation data cannot be read.
    """

    def __init__(self, recipe: Recipe, run: Run, samples: AnySamples, state: TrainingState) -> None:
        self.recipe, self.run, self.samples = recipe, run, samples
        self.checkpoint = run.out / "checkpoint.pt"
        self.writes = bool(state.accelerator.is_main_process)
        data = {"data": samples.fingerprint(), "length": state.steps}
        self.identity = {**recipe.settings(), **data}
        self.best: dict[str, Any] = {"step": 0, "scores": {}}
        self.seconds = {"cpu": 0.0, "wall": 0.0}
        self.pictures = self._open_validation()
        if self.checkpoint.exists():
            parts = read_checkpoint(self.checkpoint)
            # A setting that the checkpoint's version did not have had what is its default now.
            found = {**type(recipe)().settings(), **parts["identity"]}
            refuse_another(run.out, self.identity, found)
            state.load(parts)
            self.best, self.seconds = dict(parts["best"]), dict(parts["seconds"])
        if self.writes:
            text = json.dumps(self.identity, indent=2) + "\n"
            write_bytes(run.out / "config.json", text.encode())
            trim_log(run.out / "log.csv", state.step)
        self.previews = previews(samples, recipe) if self.writes else []
        log = run.out / "log.csv" if self.writes else None
        processes = state.accelerator.num_processes
        self.log = Log(log, state.step, state.steps, recipe.batch, processes)
        self.clock = _now()

    def look(self, state: TrainingState, size: int) -> None:
        """Score, log and draw; save the averaged weights to ``best/`` if they score best so far."""
        state.averaged.eval()
        scores = self._score(state) if self.pictures else {}
        self.log.write(state.step, (state.step - 1) // state.steps_an_epoch, size, scores)
        if self.writes:
            folder = self.run.out / "previews"
            folder.mkdir(exist_ok=True)
            self._draw(state, folder / f"step_{state.step:07d}.png")
        if scores and scores["sad"] < self.best["scores"].get("sad", float("inf")):
            self.best = {"step": state.step, "scores": scores}
            if self.writes:
                self._save(state, "best", torch.float32)
        state.set_training()

    def _open_validation(self) -> tuple[Scored, ...]:
        run = self.run
        if run.validation is None:
            return ()
        pictures = Validation(
            run.validation, run.validation_split, run.validation_limit, run.validation_backgrounds
        ).samples()
        bare = [picture.id for picture in pictures if "trimap" not in picture.contents]
        if self.recipe.trimap is not None and bare:
            raise ValueError(
                f"{self.run.validation}: {bare[0]} has no trimap; expected one for every picture, "
                "since the network takes trimaps"
            )
        return pictures

    def _score(self, state: TrainingState) -> dict[str, float]:
        def predict(picture: Scored) -> npt.NDArray[np.float32]:
            trimap = None if self.recipe.trimap is None else picture.trimap()
            return self.recipe.predict(state.averaged, picture.image(), trimap)

        return score(predict, self.pictures, state.accelerator)

    def _draw(self, state: TrainingState, path: Path) -> None:
        rows = []
        for picture in self.previews:
            matte = self.recipe.predict(state.averaged, picture.image, picture.trimap, crop=True)
            given = [picture.image] if picture.trimap is None else [picture.image, picture.trimap]
            rows.append([*given, picture.alpha, alpha_to_u8(matte)])
        write_preview(path, rows)

    def _save(self, state: TrainingState, name: str, dtype: torch.dtype) -> None:
        self.recipe.save(state.averaged, self.run.out / name, dtype, self.facts(state))

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
            self._save(state, "model", getattr(torch, self.recipe.checkpoint_dtype))

    def facts(self, state: TrainingState) -> dict[str, object]:
        """Return the rows of the model card about the training."""
        default = type(self.recipe)().settings()
        here = self.recipe.settings()
        changed = {name: value for name, value in here.items() if value != default[name]}
        facts: dict[str, object] = {
            **self.recipe.facts(),
            "recipe, where it differs from its defaults": f"`{json.dumps(changed)}`",
            "data": f"{self.identity['data']}",
            "length": f"{state.step} of {state.steps} steps of {self.recipe.batch} samples",
            "CPU seconds": round(self.seconds["cpu"]),
            "seed": self.recipe.seed,
            "versions": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        }
        if self.pictures:
            split = "" if self.run.validation_backgrounds else f"{self.run.validation_split} of "
            where = split + self.pictures_name()
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
        """Return why the training stops, at which samples, and which checkpoint is left."""
        named = (f"{self.samples.describe(number)} (no. {number})" for number in error.numbers)
        left = f"{self.checkpoint} is the last good" if self.checkpoint.exists() else "none was due"
        return (
            f"training stopped at step {step}: {error}; samples: {', '.join(named)}; "
            f"checkpoint: {left}"
        )


_PACKAGES = ("distinctions646", "torch")


def _now() -> dict[str, float]:
    return {"cpu": time.process_time(), "wall": time.perf_counter()}
