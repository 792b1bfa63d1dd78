"""The plan of a run: what it would do and cost, without doing it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.results.matte_store import input_key
from benchmark.runner import pool
from benchmark.runner.costs import megapixels, speed_of
from benchmark.runner.running import workers_of
from distinctions646.images.fingerprint import pixel_sha256

if TYPE_CHECKING:
    from benchmark.runner.image import Item
    from benchmark.runner.jobs import Job

HEADINGS = ("dataset", "method", "images", "done", "cached", "to do", "workers", "CPU time")


@dataclass(frozen=True)
class Plan:
    """What one method on one split would do.

    Attributes
    ----------
    dataset, method
        Names.
    images
        Number of wanted images.
    done
        Images with results; those that lacked memory are to be done again.
    cached
        Images without results whose mattes are all there: to be scored only.
    todo
        Images to be predicted, perhaps under some of the trimaps only.
    calls
        Calls of the method: more than `todo` where it gets an image with several trimaps.
    workers
        Processes that fit into memory.
    on_gpu
        Whether they run on GPUs.
    seconds
        Processor time that the calls may take; None where no timing is known.
    basis
        What that estimate is based on.
    """

    dataset: str
    method: str
    images: int
    done: int
    cached: int
    todo: int
    calls: int
    workers: int
    on_gpu: bool
    seconds: float | None
    basis: str


def make_plan(job: Job) -> Plan:
    """Return what a job would do; images are decoded only where mattes may be cached."""
    left = job.todo(job.rows())
    kept = job.task.store.keys()
    calls = {item.sample.id: _missing_calls(job, item, kept) for item in left}
    todo = [item for item in left if calls[item.sample.id]]
    speed, basis = speed_of(job)
    seconds = None
    if speed is not None or not todo:
        size = sum(megapixels(item) * calls[item.sample.id] for item in todo)
        seconds = size * (speed or 0.0)
    return Plan(
        dataset=job.split.name,
        method=job.task.method.name,
        images=len(job.items),
        done=len(job.items) - len(left),
        cached=len(left) - len(todo),
        todo=len(todo),
        calls=sum(calls.values()),
        workers=workers_of(job, todo) if todo else 0,
        on_gpu=pool.on_gpu(job.config.device),
        seconds=seconds,
        basis=basis if todo else "",
    )


def show_plan(jobs: Sequence[Job]) -> None:
    """Print what jobs would do."""
    sys.stdout.write(render_plan([make_plan(job) for job in jobs]))


def render_plan(plans: Sequence[Plan]) -> str:
    """Return a table of one line per job, then the sum."""
    known = sum(plan.seconds or 0.0 for plan in plans)
    wall = sum((plan.seconds or 0.0) / max(plan.workers, 1) for plan in plans)
    unknown = sorted({plan.method for plan in plans if plan.seconds is None})
    on_gpu = any(plan.on_gpu for plan in plans)
    where = "one model process a GPU" if on_gpu else "processes on the CPU"
    lines = [
        *_table(plans),
        "",
        f"nothing was run; {where}; done: has its results; cached: only to be scored",
    ]
    for plan in plans:
        if plan.basis and plan.seconds is not None:
            lines.append(f"{plan.method} on {plan.dataset}: {plan.basis}")
    if unknown:
        lines.append(
            f"no timing is known yet for {', '.join(unknown)}; run with --limit 1 and ask again"
        )
    lines.append(
        f"in all {_duration(known)} of processor time, about {_duration(wall)} with these workers"
        + (", and what is not known" if unknown else "")
    )
    return "\n".join(lines) + "\n"


def _table(plans: Sequence[Plan]) -> list[str]:
    """Return the lines of the table: names to the left, numbers to the right."""
    rows = [HEADINGS]
    for plan in plans:
        todo = f"{plan.todo}" + (f" ({plan.calls} calls)" if plan.calls > plan.todo else "")
        counts = (f"{plan.images}", f"{plan.done}", f"{plan.cached}", todo, f"{plan.workers}")
        rows.append((plan.dataset, plan.method, *counts, _duration(plan.seconds)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _missing_calls(job: Job, item: Item, kept: frozenset[str]) -> int:
    """Count the trimaps under which the matte of an image is neither cached nor ready-made."""
    task = job.task
    if item.matte is not None:
        return 0
    if not kept:
        return len(task.trimaps)
    sample = item.sample
    image_sha256 = item.known[0] if item.known else None
    if image_sha256 is None:
        image_sha256 = pixel_sha256(sample.image())
    if not task.method.needs_trimap:
        return int(input_key(image_sha256, sample.size(), None) not in kept)
    alpha_gt = sample.alpha_u8()
    missing = set()
    for trimaps in task.trimaps:
        trimap = trimaps.of(sample, alpha_gt)
        trimap_sha256 = None if trimap is None else pixel_sha256(trimap)
        missing.add(input_key(image_sha256, sample.size(), trimap_sha256))
    return len(missing - kept)


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "?"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
