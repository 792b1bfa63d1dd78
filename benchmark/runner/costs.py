"""What the images of a job will take: the speed of a method, and the workers that pay."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from benchmark.results.matte_store import read_cost
from benchmark.results.split_identity import slug
from benchmark.runner.shared.turns import Share
from distinctions646.process import pool

if TYPE_CHECKING:
    from benchmark.runner.image import Item
    from benchmark.runner.jobs import Job

_SAMPLED = 200
"""Cached mattes from which the speed of a method is taken."""
_FEW = 10
"""Mattes below which the slowest is left out: it loaded or compiled what all others use."""
TRIED = 2
"""Images that are done first where the speed of the method is not known."""
_START_OF_NETWORK = 4.0
"""Processor seconds before the first image of a method with weights: it loads and packs them."""
_START_OF_LOOPS = 0.5
"""The same of a method of compiled loops, in a process that has loaded numba."""
SCORING = 0.05
"""Processor seconds a megapixel to read and score."""
_TRIED_FROM = 10
"""Images a worker from which some are done first, to know the speed of the method."""
_AN_IMAGE = 0.0015
"""Processor seconds of an image, however small."""


def paying_workers(job: Job, todo: Sequence[Item], wanted: int) -> int:
    """Return how many workers, at most `wanted`, pay, as `process.pool.paying_workers` does.

    Where the speed of the method is not known, that is `wanted`.
    """
    if wanted == 1 or not todo:
        return wanted
    speed = 0.0 if todo[0].matte is not None else speed_of(job)[0]
    if speed is None:
        return wanted
    work = speed * sum(sizes_of(job, todo)) + scoring_seconds(job, todo)
    return pool.paying_workers(work, wanted, max(start_of(job, todo), pool.START))


def start_of(job: Job, todo: Sequence[Item]) -> float:
    """Return the processor seconds before the first image of a process that did other images."""
    has_network = bool(todo) and todo[0].matte is None
    has_network = has_network and job.task.method.card.get("weights", "none") != "none"
    return _START_OF_NETWORK if has_network else _START_OF_LOOPS


def share_of_job(job: Job, todo: Sequence[Item], workers: int) -> Share:
    """Return what is known of a job that shares processes with others."""
    speed = 0.0 if todo and todo[0].matte is not None else speed_of(job)[0]
    return Share(
        sizes_of(job, todo),
        None if speed is None else speed + SCORING,
        start_of(job, todo),
        is_to_be_tried(job, todo, workers),
    )


def sizes_of(job: Job, todo: Sequence[Item]) -> list[float]:
    """Return the megapixels that a method does of each image: once with each trimap."""
    return [len(job.task.trimaps) * megapixels(item) for item in todo]


def scoring_seconds(job: Job, todo: Sequence[Item]) -> float:
    """Return the processor seconds to read and score images."""
    return sum(_AN_IMAGE + SCORING * size for size in sizes_of(job, todo))


def is_to_be_tried(job: Job, todo: Sequence[Item], workers: int) -> bool:
    """Return whether some images are to be done before workers start, as no speed is known."""
    if workers == 1 or len(todo) < _TRIED_FROM * workers or todo[0].matte is not None:
        return False
    return speed_of(job)[0] is None


def speed_of(job: Job) -> tuple[float | None, str]:
    """Return processor seconds per megapixel, and what the number is based on."""
    method = job.task.method
    same = job.task.store.cache
    others = sorted(same.parent.glob(f"{slug(method.name)}-" + "[0-9a-f]" * 12))
    for folder in [same, *(other for other in others if other != same)]:
        files = islice(sorted(folder.glob("[!.]*.png")), _SAMPLED)
        costs = [cost for cost in map(read_cost, files) if cost is not None]
        if 1 < len(costs) < _FEW:
            costs.remove(max(costs))
        size = sum(cost[1] for cost in costs)
        if size:
            speed = sum(cost[0] for cost in costs) / size
            which = "" if folder == same else " of an earlier version"
            return speed, f"{speed:.2f} s a megapixel, as {len(costs)} cached mattes{which} took"
    if method.seconds_per_megapixel is not None:
        stated = method.seconds_per_megapixel
        return stated, f"{stated:.2f} s a megapixel, as the method states"
    return None, ""


def megapixels(item: Item) -> float:
    """Return the size of an image, from its header."""
    height, width = item.sample.size()
    return height * width / 1e6
