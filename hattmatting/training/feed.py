"""Samples for training: opened, loaded ahead by worker processes, brought to the device."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch.utils.data import DataLoader, Dataset

from distinctions646.images.opencv import load_cv2
from hattmatting.samples.crops import Crops
from hattmatting.samples.device_compose import Windows, compose, pack
from hattmatting.samples.features import Draws, ShardPlan, kept_batches
from hattmatting.samples.planes import Batch, SamplesWithPlanes, to_batch
from hattmatting.samples.samples import Batches, ImageU8, Request, Samples, Sources, Window
from hattmatting.samples.virtual_data import VirtualSamples
from hattmatting.training.recipe import Recipe
from hattmatting.training.run import Run
from hattmatting.training.state import TrainingState

AnySamples = Samples | VirtualSamples
PREVIEWS = 4  # samples drawn at every checkpoint
AHEAD = 4  # batches that each worker process prepares


def open_samples(recipe: Recipe, run: Run) -> AnySamples:
    """Return the samples to train on.

    Raises
    ------
    ValueError
        If not exactly one of `run.sources` and `run.dataset` is given, it cannot be read, or the
        recipe's style needs the other.
    """
    crops = Crops(recipe.crops, recipe.around, recipe.trimap)
    if run.sources is not None and run.dataset is None:
        sources = Sources(run.sources)
        sources.decode_all()
        return Samples(sources, recipe.style, recipe.seed, crops)
    if run.dataset is None or run.sources is not None:
        raise ValueError("sources and dataset: expected one of them")
    if recipe.style != "paper":
        raise ValueError(
            f"{run.dataset}: a dataset gives the official composites; samples in the style "
            f"{recipe.style!r} are made from sources"
        )
    return VirtualSamples(run.dataset, run.split, run.backgrounds, recipe.seed, crops)


class WindowsOf(Dataset[tuple[Window, Request]]):
    """The windows that samples are composed of, for composition on the device.

    Parameters
    ----------
    samples
        In the style ``"paper"``.
    """

    def __init__(self, samples: AnySamples) -> None:
        self.samples = samples

    def __getitem__(self, request: Request) -> tuple[Window, Request]:
        """Return the window of a sample, and the request."""
        return self.samples.window(request.number), request


def feed_steps(
    recipe: Recipe, run: Run, samples: AnySamples, state: TrainingState
) -> Iterator[Batch]:
    """Yield the batch of every step that is left, on the training's device.

    Raises
    ------
    ValueError
        If features are to be kept (`Recipe.shard`) in several processes.
    """
    if not recipe.shard:
        for loaded in make_loader(recipe, run, samples, state):
            yield unpack(loaded, state.device)
        return
    if state.accelerator.num_processes > 1:
        raise ValueError(f"shard is {recipe.shard}; expected 0 in several processes")
    plan = ShardPlan(recipe.shard, recipe.passes, recipe.batch, recipe.seed)
    draws = Draws(plan, _batches(recipe, state))
    loader = load(with_planes(recipe, samples), draws, recipe.compose, run.workers, state.device)
    drawn = (unpack(loaded, state.device) for loaded in loader)
    encode = functools.partial(recipe.encode, state.model)
    yield from kept_batches(drawn, plan, encode, state.step, state.steps)


def make_loader(
    recipe: Recipe, run: Run, samples: AnySamples, state: TrainingState
) -> DataLoader[Any]:
    """Return a loader of this process's part of every batch that is left."""
    batches = _batches(recipe, state)
    return load(with_planes(recipe, samples), batches, recipe.compose, run.workers, state.device)


def _batches(recipe: Recipe, state: TrainingState) -> Batches:
    return Batches(
        state.steps,
        recipe.batch,
        recipe.stages,
        recipe.distractors_from,
        recipe.distractors,
        first=state.step,
        process=state.accelerator.process_index,
        processes=state.accelerator.num_processes,
    )


def with_planes(recipe: Recipe, samples: AnySamples) -> AnySamples | SamplesWithPlanes:
    """Return the samples, carrying what the recipe asks for beside image and alpha."""
    more = recipe.more_planes()
    if recipe.trimap is None and not recipe.layers and more is None:
        return samples
    return SamplesWithPlanes(samples, recipe.layers, more)


def load(
    samples: AnySamples | SamplesWithPlanes,
    batches: Batches | Draws,
    where: str,
    workers: int,
    device: torch.device,
) -> DataLoader[Any]:
    """Return a loader whose batches :func:`unpack` brings to the device.

    Parameters
    ----------
    samples
        What makes a sample on request.
    batches
        The requests of each step.
    where
        ``"loader"`` or ``"device"``: where samples are composed, see `Recipe.compose`.
    workers
        Processes; 0 makes samples in this one.
    device
        The training's.
    """
    if workers:
        # Before they are forked: a child that stops threads it did not inherit waits forever.
        _single_thread()
    on_device = where == "device" and not isinstance(samples, SamplesWithPlanes)
    return DataLoader(
        WindowsOf(samples) if on_device else samples,  # type: ignore[arg-type]
        batch_sampler=batches,
        num_workers=workers,
        collate_fn=pack if on_device else None,
        worker_init_fn=_single_thread,
        prefetch_factor=AHEAD if workers else None,
        # Of its own: a draw from the global one at every start would set a resumed training apart.
        generator=torch.Generator(),
        pin_memory=device.type == "cuda",
    )


def unpack(loaded: Any, device: torch.device) -> Batch:
    """Return a loaded batch on the training's device.

    Parameters
    ----------
    loaded
        From :func:`load`: windows, which are composed on the device, or ready samples.
    device
        The training's.
    """
    if isinstance(loaded, Windows):
        image, alpha = compose(loaded, device)
        return to_batch(image, alpha, loaded.numbers, {}, device)
    image, alpha, numbers, *planes = loaded
    return to_batch(image, alpha, numbers.tolist(), planes[0] if planes else {}, device)


class Preview(NamedTuple):
    """A sample to look at: image S×S×3, alpha S×S and, where there is one, trimap S×S, uint8."""

    image: ImageU8
    alpha: ImageU8
    trimap: ImageU8 | None


def previews(samples: AnySamples, recipe: Recipe) -> list[Preview]:
    """Return the first samples at the training's last side."""
    made = []
    source = with_planes(recipe, samples)
    for number in range(min(PREVIEWS, len(samples))):
        image, alpha, _, *planes = source[Request(number, recipe.stages[-1][1], recipe.distractors)]
        trimap = planes[0].get("trimap") if planes else None
        made.append(
            Preview(
                image.permute(1, 2, 0).numpy(),
                alpha[0].numpy(),
                None if trimap is None else trimap[0].numpy(),
            )
        )
    return made


def _single_thread(worker: int = 0) -> None:
    del worker
    load_cv2().setNumThreads(1)
