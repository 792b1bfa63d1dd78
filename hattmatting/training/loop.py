"""The training loop."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from distinctions646.process.locks import only_process
from hattmatting.training.recipe import Recipe
from hattmatting.training.run import Run

if TYPE_CHECKING:
    from accelerate import Accelerator

    from hattmatting.training.feed import AnySamples
    from hattmatting.training.state import TrainingState


def train(recipe: Recipe, run: Run, stop_after: int | None = None) -> Path:
    """Train, or continue a training run, and return the folder of the finished checkpoint.

    Parameters
    ----------
    recipe
        What to train and how: all that decides the result.
    run
        Where from, where to and on what: nothing that changes the result.
    stop_after
        Stop after this many steps, as if killed just after a checkpoint.

    Raises
    ------
    ValueError
        If the data are missing, `run.out` holds a training with other settings or data, another
        process trains there, or a loss or gradient is not finite (the message names the samples;
        the last checkpoint is kept).
    OSError
        If a checkpoint cannot be written; the previous one is kept.
    """
    import torch

    from hattmatting.samples.samples import share_of
    from hattmatting.training.feed import open_samples
    from hattmatting.training.state import TrainingState

    if run.out.exists() and not run.out.is_dir():
        raise ValueError(f"{run.out}: is a file; expected a folder to write to")
    accelerator = start(run.device)
    share_of(recipe.batch, accelerator.num_processes)  # refused before anything is written
    samples = open_samples(recipe, run)
    steps, steps_an_epoch = recipe.length(len(samples))
    torch.manual_seed(recipe.seed)
    state = TrainingState(recipe, accelerator, steps, steps_an_epoch)
    with _own_folder(run.out, accelerator.is_main_process):
        return _train(recipe, run, samples, state, stop_after)


def _train(
    recipe: Recipe, run: Run, samples: AnySamples, state: TrainingState, stop_after: int | None
) -> Path:
    from hattmatting.training.feed import feed_steps
    from hattmatting.training.records import Records
    from hattmatting.training.step import NotFiniteError, advance

    steps = state.steps
    records = Records(recipe, run, samples, state)
    last = steps if stop_after is None else min(state.step + stop_after, steps)
    for batch in records.log.watch(feed_steps(recipe, run, samples, state)):
        try:
            records.log.add(advance(state, batch))
        except NotFiniteError as error:
            raise ValueError(records.stopped(error, state.step)) from None
        if state.step % run.checkpoint_every == 0 or state.step == steps:
            records.look(state, size=batch.alpha.shape[-1])
            records.keep(state)
        elif state.step == last:
            records.keep(state)
        if state.step == last != steps:
            return run.out
    records.finish(state)
    sys.stderr.write(f"waiting for samples: {records.log.loading()}\n")
    state.accelerator.wait_for_everyone()
    return run.out / "model"


@contextmanager
def _own_folder(out: Path, is_main: bool) -> Iterator[None]:
    """Keep other trainings out of a folder; one that was made for nothing is removed."""
    if not is_main:  # the main process speaks for all
        yield
        return
    out.mkdir(parents=True, exist_ok=True)
    busy = f"{out}: another process trains here; wait for its end, or give another --out"
    try:
        with only_process(out / ".lock", busy):
            yield
    finally:
        if not any(out.iterdir()):
            out.rmdir()


def start(device: str) -> Accelerator:
    """Return Accelerate's object for this process: its device, and the other processes.

    Parameters
    ----------
    device
        ``"auto"``: the process's own GPU where there is one; or ``"cpu"``, ``"cuda"``,
        ``"cuda:1"``.

    Raises
    ------
    ValueError
        If there is no such device, or a numbered one is asked for with several processes.
    """
    import torch
    from accelerate import Accelerator

    from hattmatting.inference.device import find_device

    if device != "auto":
        found = find_device(device)
        if found.index is not None:
            torch.cuda.set_device(found)
    accelerator = Accelerator(cpu=device == "cpu")
    if ":" in device and accelerator.num_processes > 1:
        raise ValueError(f"device is {device!r}; expected auto with several processes")
    return accelerator
