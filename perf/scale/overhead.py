"""Dask's overhead on one machine: 1 and 2 local workers against the plain pool, in one run.

    python -m perf.scale.overhead --repeats 5 --record perf/scale/overhead.json

Both do the same units: reading a foreground of 3 megapixels and composing it. They take turns, and
medians are compared. Processor time of all processes counts besides wall time, for it does not
depend on what else the machine does. Starting the workers is left out of both and given apart.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from distinctions646.build.pairing import hash_sources, pair_sources
from distinctions646.build.render import render_shard
from distinctions646.build.shards import Shard
from distinctions646.cluster.options import EngineChoice
from distinctions646.cluster.starting import engine_for
from distinctions646.plan.build_plan import resolve
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.engine import Unit, current_engine
from distinctions646.process.pool import map_unordered
from distinctions646.process.whole_files import write_bytes
from perf.build.sources import build_config, make_sources
from perf.machine import conditions

RECORD = Path(__file__).with_name("overhead.json")
FOREGROUNDS = 2
UNITS = 40  # as many composites as a quarter of a small test set: a run, not its start
EMPTY = 500
WARM = 4  # units before the clock starts: libraries are loaded, workers are there


def render(folder: Path, task: tuple[int, Shard]) -> int:
    """Do one unit: a shard's composites; return its number."""
    number, shard = task
    render_shard(shard, folder, folder / f"{number}.json")
    return number


def shards_of(folder: Path) -> list[Shard]:
    """Return shards of two composites each."""
    make_sources(folder, FOREGROUNDS, seed=0)
    plan = resolve(build_config(folder, "out", ("folder",)))
    shards = hash_sources(pair_sources(plan).shards)
    return [
        replace(shard, rows=shard.rows[:2], backgrounds=shard.backgrounds[:2]) for shard in shards
    ]


@contextmanager
def clocks() -> Iterator[dict[str, float]]:
    """Measure wall time, and processor time of this process and all that it started."""
    taken: dict[str, float] = {}
    start, before = time.perf_counter(), _processor_seconds()
    yield taken
    taken["wall"] = time.perf_counter() - start
    taken["processor"] = _processor_seconds() - before


def _processor_seconds() -> float:
    here = psutil.Process()
    total = 0.0
    for process in (here, *here.children(recursive=True)):
        times = process.cpu_times()
        total += times.user + times.system
    return total


def once(workers: int, tasks: Sequence[tuple[int, Shard]], folder: Path) -> dict[str, float]:
    """Do all units after some to warm up; return the seconds of all but those."""
    functions = [partial(render, folder)] * workers
    if workers == 1 and current_engine() is None:
        for task in tasks[:WARM]:
            functions[0](task)
        with clocks() as taken:
            for task in tasks[WARM:]:
                functions[0](task)
        return taken
    work = map_unordered(functions, tasks, unit=Unit(repeatable=False))
    for _ in range(WARM):
        next(work)
    with clocks() as taken:
        for _ in range(len(tasks) - WARM):
            next(work)
    work.close()  # type: ignore[attr-defined]
    return taken


def measure(repeats: int) -> dict[str, Any]:
    """Return the medians of pool and Dask with 1 and 2 workers, and their ratios."""
    measured: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="overhead-") as name:
        folder = Path(name)
        shards = shards_of(folder)
        for kind in shards[0].outputs:
            (folder / kind).mkdir(exist_ok=True)
        tasks = [(number, shards[number % len(shards)]) for number in range(UNITS + WARM)]
        for workers in (1, 2):
            rows: dict[str, list[dict[str, float]]] = {"pool": [], "dask": []}
            starting = []
            for _ in range(repeats):
                rows["pool"].append(once(workers, tasks, folder))
                begin = time.perf_counter()
                with engine_for(EngineChoice(cluster=f"local:{workers}"), out=folder / "out"):
                    starting.append(time.perf_counter() - begin)
                    rows["dask"].append(once(workers, tasks, folder))
            measured[f"{workers} workers"] = _summary(rows, starting)
    return measured


def tasks_per_second() -> float:
    """Return how many empty units scheduler and client get done in a second of their processor.

    Both are in this process; the worker is another.
    """
    with engine_for(EngineChoice(cluster="local:1")):
        work = map_unordered([abs], range(EMPTY + WARM))
        for _ in range(WARM):
            next(work)
        start = time.process_time()
        done = sum(1 for _ in work)
        return round(done / (time.process_time() - start), 1)


def _summary(
    rows: dict[str, list[dict[str, float]]], starting: Sequence[float]
) -> dict[str, float]:
    found = {
        f"{engine}_{clock}_s": statistics.median(row[clock] for row in each)
        for engine, each in rows.items()
        for clock in ("wall", "processor")
    }
    for clock in ("wall", "processor"):
        ratios = [
            dask[clock] / pool[clock] for dask, pool in zip(rows["dask"], rows["pool"], strict=True)
        ]
        found[f"{clock}_ratio"] = statistics.median(ratios)
        found[f"{clock}_ratio_lowest"], found[f"{clock}_ratio_highest"] = min(ratios), max(ratios)
    found["dask_starting_s"] = statistics.median(starting)
    return {key: round(value, 3) for key, value in found.items()}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.scale.overhead", __doc__)
    parser.add_argument("--repeats", type=int, default=5, help="of each")
    parser.add_argument("--record", type=Path, default=RECORD, help="JSON to write")
    given = parser.parse_args(arguments)

    def command() -> None:
        about = conditions("scale-overhead", ("distributed", "numpy", "opencv-python"))
        record = {"conditions": about, "repeats": given.repeats, "units": UNITS}
        record["scheduler_tasks_per_second"] = tasks_per_second()
        text = json.dumps(record | measure(given.repeats), indent=1) + "\n"
        write_bytes(given.record, text.encode())
        sys.stdout.write(text)

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
