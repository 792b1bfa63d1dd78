"""The processes that share the images of a task: one per CPU worker, or one per GPU."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from distinctions646.process.compiling import tell_compiling
from distinctions646.process.engine import Unit, current_engine
from distinctions646.process.pool import map_unordered
from distinctions646.process.whole_files import remove_partials

if TYPE_CHECKING:
    from benchmark.methods.description import MethodDescription
    from benchmark.runner.image import Item, Row, Task

_PROCESS_GB = 0.4
"""Memory of a worker with its libraries, before it has an image, in GB."""


def run_all(tasks: Sequence[Task], items: Sequence[Item]) -> Iterator[list[Row]]:
    """Score every item once and yield its rows, in the order in which they are done.

    Parameters
    ----------
    tasks
        One per process; they differ in their device at most. A single one runs in this process.
    items
        The images.

    Raises
    ------
    OSError
        If a worker process is killed.
    """
    from benchmark.methods.description import load
    from benchmark.runner.ahead import equal_sizes, score_group
    from benchmark.runner.image import score_image

    if len(tasks) > 1 and len(items) > 1 and current_engine() is None:
        load.cache_clear()  # the model that this process has looked at needs no room of its own now
        # Threads of several processes would fight over the same cores.
        threads = str(max((os.cpu_count() or 1) // len(tasks), 1))
        os.environ["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS", threads)
    begin = partial(_begin, -(-len(items) // len(tasks)), _pixels(items))
    if len(tasks) == 1 and current_engine() is None:
        begin(0)
    if on_gpu([tasks[0].device or ""]):
        groups = equal_sizes(items)
        unit = Unit(gpu=True, name=lambda group: f"image {group[0].sample.name}")
        ahead = [partial(score_group, task) for task in tasks]
        for _, group in map_unordered(ahead, groups, begin=begin, unit=unit):
            yield from group
    else:
        unit = Unit(name=lambda item: f"image {item.sample.name}")
        functions = [partial(score_image, task) for task in tasks]
        for _, rows in map_unordered(functions, items, begin=begin, unit=unit):
            yield rows
    if current_engine() is not None:  # a worker that was killed may have left half a file
        for folder in (tasks[0].store.cache, tasks[0].store.mattes):
            if folder is not None:
                remove_partials.__wrapped__(folder.absolute())


def _begin(images: int, pixels: int, process: int) -> None:
    from benchmark.metrics.kernels.choosing import CHOICE

    if process == 0:  # one process speaks for all, which compile the same
        tell_compiling()
    CHOICE.expect(images, pixels)


def _pixels(items: Sequence[Item]) -> int:
    """Return the pixels of the first image, which stands for all."""
    height, width = items[0].sample.size() if items else (0, 0)
    return height * width


def spread(task: Task, workers: int, devices: Sequence[str]) -> list[Task]:
    """Return one task per process: one for each GPU, or `workers` on the CPU.

    Another engine gets one task, whose device is each worker's own GPU where it is one.
    """
    if current_engine() is not None:
        device = "cuda" if on_gpu(devices) else devices[0] if devices else None
        return [replace(task, device=device)]
    if on_gpu(devices):
        return [replace(task, device=device) for device in devices]
    return [replace(task, device=devices[0] if devices else None)] * workers


def on_gpu(devices: Sequence[str]) -> bool:
    """Return whether a run's devices are GPUs; each then has one process, whatever the workers."""
    return any(device.startswith("cuda") for device in devices)


def affordable_workers(
    wanted: int,
    method: MethodDescription,
    sizes: Sequence[tuple[int, int]],
    available: int | None = None,
) -> int:
    """Return how many processes fit into memory, at least 1 and at most `wanted`.

    Parameters
    ----------
    wanted
        As many as the user asked for.
    method
        Its `memory_gb_per_megapixel` counts; if it states none, `wanted` is returned.
    sizes
        Height and width of the images in pixels; the largest counts.
    available
        Free memory in bytes; left out, as `benchmark.methods.memory.free_bytes` returns it.
    """
    need = method.memory_gb_per_megapixel
    if wanted == 1 or need is None or not sizes:
        return wanted
    from benchmark.methods.memory import free_bytes

    free = free_bytes() if available is None else available
    largest = max(height * width / 1e6 for height, width in sizes)
    fitting = max(int(free / 1e9 / (need * largest + _PROCESS_GB)), 1)
    if fitting < wanted:
        sys.stderr.write(
            f"{fitting} workers instead of {wanted}: {need * largest:.1f} GB each for "
            f"{largest:.1f} megapixels\n"
        )
    return min(wanted, fitting)
