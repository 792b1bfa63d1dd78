"""What a training is fed with: its samples, the loader that makes them ahead, a few to look at."""

from __future__ import annotations

from torch.utils.data import DataLoader

from hattmatting.data import Batches, ImageU8, Request, Sample, Samples, Sources
from hattmatting.recipes import Run, TrainConfig
from hattmatting.state import TrainingState
from hattmatting.virtual_data import VirtualSamples

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


def make_loader(
    config: TrainConfig, run: Run, samples: AnySamples, state: TrainingState
) -> DataLoader[Sample]:
    """Return a loader of this process's part of every batch that is left."""
    batches = Batches(
        state.steps, config.batch, config.stages, config.distractors_from, config.distractors,
        state.step, state.accelerator.process_index, state.accelerator.num_processes,
    )  # fmt: skip
    return DataLoader(
        samples,
        batch_sampler=batches,
        num_workers=run.workers,
        worker_init_fn=_quiet_worker,
        prefetch_factor=4 if run.workers else None,
        pin_memory=state.device.type == "cuda",
    )


def previews(samples: AnySamples, config: TrainConfig) -> list[tuple[ImageU8, ImageU8]]:
    """Return the first samples, image H×W×3 and alpha H×W, at the training's last side."""
    found = []
    for number in range(min(PREVIEWS, len(samples))):
        image, alpha, _ = samples[Request(number, config.stages[-1][1], config.distractors)]
        found.append((image.permute(1, 2, 0).numpy(), alpha[0].numpy()))
    return found


def _quiet_worker(worker: int) -> None:
    import cv2

    del worker
    cv2.setNumThreads(1)
