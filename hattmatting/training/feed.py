"""What a training is fed with: its samples, the loader that makes them ahead, a few to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from distinctions646.images.opencv import load_cv2
from hattmatting.samples.device_compose import Windows, compose, pack
from hattmatting.samples.samples import Batches, ImageU8, Request, Samples, Sources, Window
from hattmatting.samples.virtual_data import VirtualSamples
from hattmatting.training.features import Draws, KeptMaps, ShardPlan, kept_batches
from hattmatting.training.recipes import Run, TrainConfig
from hattmatting.training.state import TrainingState

AnySamples = Samples | VirtualSamples
PREVIEWS = 4


def open_samples(config: TrainConfig, run: Run) -> AnySamples:
    """Open what to train on.

    Raises
    ------
    ValueError
        If not exactly one of `run.sources` and `run.dataset` is given, it cannot be read, or the
        recipe's style needs the other.
    """
    if run.sources is not None and run.dataset is None:
        sources = Sources(run.sources)
        sources.decode_all()
        return Samples(sources, config.style, config.seed)
    if run.dataset is None or run.sources is not None:
        raise ValueError("sources and dataset: expected one of them")
    if config.style != "paper":
        raise ValueError(
            f"{run.dataset}: a dataset gives the official composites; samples in the style "
            f"{config.style!r} are made from sources"
        )
    return VirtualSamples(run.dataset, run.split, run.backgrounds, config.seed)


class WindowsOf(Dataset[tuple[Window, Request]]):
    """The windows that samples are made of, for the device to make them.

    Parameters
    ----------
    samples
        In the style ``"paper"``.
    """

    def __init__(self, samples: AnySamples) -> None:
        self.samples = samples

    def __getitem__(self, request: Request) -> tuple[Window, Request]:
        """Return the window of a sample, and what was asked for."""
        return self.samples.window(request.number), request


def feed_steps(
    config: TrainConfig, run: Run, samples: AnySamples, state: TrainingState
) -> Iterator[tuple[Tensor | KeptMaps, Tensor, list[int]]]:
    """Yield what every step that is left is trained on: images or kept features, alphas, numbers.

    Raises
    ------
    ValueError
        If features are to be kept, and the network has no maps to keep or there are several
        processes.
    """
    if not config.shard:
        for batch in make_loader(config, run, samples, state):
            yield unpack(batch, state.device)
        return
    if state.model.config.geometry != "taps" or state.accelerator.num_processes > 1:
        raise ValueError(
            f"shard is {config.shard}; expected 0 with the model {config.model!r} in "
            f"{state.accelerator.num_processes} processes: features are kept of tapped backbones, "
            "in one process"
        )
    plan = ShardPlan(config.shard, config.passes, config.batch, config.seed)
    draws = Draws(plan, _batches(config, state))
    loader = load(samples, draws, config.compose, run.workers, state.device)
    yield from kept_batches(loader, plan, state.model, state.step, state.steps)


def make_loader(
    config: TrainConfig, run: Run, samples: AnySamples, state: TrainingState
) -> DataLoader[Any]:
    """Return a loader of this process's part of every batch that is left."""
    return load(samples, _batches(config, state), config.compose, run.workers, state.device)


def _batches(config: TrainConfig, state: TrainingState) -> Batches:
    return Batches(
        state.steps, config.batch, config.stages, config.distractors_from, config.distractors,
        state.step, state.accelerator.process_index, state.accelerator.num_processes,
    )  # fmt: skip


def load(
    samples: AnySamples, batches: Batches | Draws, where: str, workers: int, device: torch.device
) -> DataLoader[Any]:
    """Return a loader whose batches :func:`unpack` turns into samples.

    Parameters
    ----------
    samples, batches
        What to make, and of it which.
    where
        ``"loader"`` or ``"device"``, see `TrainConfig.compose`.
    workers
        Processes.
    device
        Of the training.
    """
    if workers:
        # Before they are forked: a child that stops threads it did not inherit waits for ever.
        _single_thread()
    on_device = where == "device"
    return DataLoader(
        WindowsOf(samples) if on_device else samples,
        batch_sampler=batches,
        num_workers=workers,
        collate_fn=pack if on_device else None,
        worker_init_fn=_single_thread,
        prefetch_factor=4 if workers else None,
        pin_memory=device.type == "cuda",
    )


def unpack(batch: Any, device: torch.device) -> tuple[Tensor, Tensor, list[int]]:
    """Return image B×3×S×S and alpha B×1×S×S, uint8, and the numbers of a batch.

    Parameters
    ----------
    batch
        From :func:`load`.
    device
        Where windows are composed; ready-made samples stay where they are.
    """
    if isinstance(batch, Windows):
        return *compose(batch, device), batch.numbers
    image, alpha, numbers = batch
    return image, alpha, numbers.tolist()


def previews(samples: AnySamples, config: TrainConfig) -> list[tuple[ImageU8, ImageU8]]:
    """Return the first samples, image H×W×3 and alpha H×W, at the training's last side."""
    found = []
    for number in range(min(PREVIEWS, len(samples))):
        image, alpha, _ = samples[Request(number, config.stages[-1][1], config.distractors)]
        found.append((image.permute(1, 2, 0).numpy(), alpha[0].numpy()))
    return found


def _single_thread(worker: int = 0) -> None:
    del worker
    load_cv2().setNumThreads(1)
