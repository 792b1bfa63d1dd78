"""The processes that share the images of a task: one per CPU worker, or one per GPU."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from distinctions646.checks.words import counted
from distinctions646.process.engine import Unit, current_engine
from distinctions646.process.pool import Begin, Take, map_taken, map_unordered
from distinctions646.process.whole_files import remove_partials

if TYPE_CHECKING:
    from benchmark.methods.description import MethodDescription
    from benchmark.runner.image import Item, Row, Task

_UNKNOWN = 0.4
"""Unknown share of a trimap by which workers are counted: trimaps are known only once they are
read, or made. `docs/baselines.md` states needs for the same share. A picture with more, which does
not fit into a worker's share, is done alone after the others (`benchmark.runner.running`)."""


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
    from benchmark.runner.ahead import equal_sizes, score_group
    from benchmark.runner.image import score_image

    begin = _beginning(items, len(tasks))
    if len(tasks) == 1 and current_engine() is None:
        begin(0)
    if on_gpu([tasks[0].device or ""]):
        groups = equal_sizes(items)
        unit = Unit(gpu=True, name=lambda group: _name(tasks[0], group[0]))
        ahead = [partial(score_group, task) for task in tasks]
        for _, group in map_unordered(ahead, groups, begin=begin, unit=unit):
            yield from group
    else:
        unit = Unit(name=partial(_name, tasks[0]))
        functions = [partial(score_image, task) for task in tasks]
        for _, rows in map_unordered(functions, items, begin=begin, unit=unit):
            yield rows
    if current_engine() is not None:  # a worker that was killed may have left half a file
        for folder in (tasks[0].store.cache, tasks[0].store.mattes):
            if folder is not None:
                remove_partials.__wrapped__(folder.absolute())


def run_shared(
    work: Sequence[tuple[Task, Item]], take: Take, workers: int
) -> Generator[tuple[int, Callable[[], list[Row]]]]:
    """Score the items of several tasks by processes that they share.

    Parameters
    ----------
    work
        Each item with its task.
    take
        Returns the index of what a free process does next, as for `map_taken`.
    workers
        Processes on the CPU, 2 or more.

    Yields
    ------
    tuple
        Index of what is done, and a function that returns its rows or raises its error. A worker
        process that is killed is the error of its image; where none is left, the work ends early.

    Raises
    ------
    OSError
        If a worker process is killed before its first image.
    """
    begin = _beginning([item for _, item in work], workers)
    yield from map_taken(
        _score, work, take, workers=workers, begin=begin, name=lambda pair: _name(*pair)
    )


def _name(task: Task, item: Item) -> str:
    return f"{task.method.name}, image {item.sample.name}"


def _score(work: tuple[Task, Item]) -> list[Row]:
    from benchmark.runner.image import score_image

    return score_image(*work)


def _beginning(items: Sequence[Item], processes: int) -> Begin:
    """Return what each of some processes begins with, and make room for them here."""
    from benchmark.methods.description import load
    from benchmark.methods.memory import share_of

    share = None
    if processes > 1 and len(items) > 1 and current_engine() is None:
        share = share_of(min(processes, len(items)))
        load.cache_clear()  # the model that this process has looked at needs no room of its own now
        # Threads of several processes would fight over the same cores.
        threads = str(max((os.cpu_count() or 1) // processes, 1))
        os.environ["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS", threads)
    return partial(_begin, -(-len(items) // processes), _pixels(items), share)


def _begin(images: int, pixels: int, share: float | None, process: int) -> None:
    from benchmark.methods.memory import limit_process
    from benchmark.scoring.beginning import begin_scoring

    limit_process(share)
    begin_scoring(images, pixels, process)


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
    *,
    tell: bool = True,
) -> int:
    """Return how many processes fit into memory, at least 1 and at most `wanted`.

    Parameters
    ----------
    wanted
        As many as the user asked for.
    method
        Its `memory_needs` count, with two fifths of the pixels unknown, or else its
        `memory_gb_per_megapixel`; if it states neither, `wanted` is returned.
    sizes
        Height and width of the images in pixels; the largest counts.
    available
        Free memory in bytes; left out, as `benchmark.methods.memory.free_bytes` returns it.
    tell
        Whether to print where they are fewer than wanted.
    """
    if wanted == 1 or not sizes or not states_memory(method):
        return wanted
    from benchmark.methods.memory import PROCESS, free_bytes

    free = free_bytes() if available is None else available
    largest = max(height * width for height, width in sizes)
    need = _needed(method, largest)
    fitting = max(int(free / (need + PROCESS)), 1)
    if fitting < wanted and tell:
        sys.stderr.write(
            f"{method.name}: {counted(fitting, 'worker')} instead of {wanted}: "
            f"{need / 1e9:.1f} GB each for {largest / 1e6:.1f} megapixels\n"
        )
    return min(wanted, fitting)


def states_memory(method: MethodDescription) -> bool:
    """Return whether a method states what memory it needs."""
    return method.memory_needs is not None or method.memory_gb_per_megapixel is not None


def _needed(method: MethodDescription, pixels: int) -> float:
    """Return the bytes that a method needs for a picture whose trimap is not yet known."""
    from benchmark.methods.memory import needed_bytes

    if method.memory_needs is None:
        return (method.memory_gb_per_megapixel or 0.0) * 1e3 * pixels
    has_trimap = method.needs_trimap or method.makes_trimaps or method.mattes_of
    return needed_bytes(method, pixels, int(_UNKNOWN * pixels) if has_trimap else 0)
