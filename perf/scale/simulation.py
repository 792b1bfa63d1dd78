"""A queue of units on many workers: stragglers, failures, and what all of them wait for.

Workers take units one after the other. A unit asks the scheduler for itself and the store for its
files; both serve one request after the other, at their rates. A worker that fails loses its unit,
which goes back to the queue, and is there again after a while.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Site:
    """Where the work is done.

    Attributes
    ----------
    workers
        Processes of one core each.
    tasks_per_second
        What the scheduler hands out.
    reads_per_second, writes_per_second
        Requests that the store answers.
    bytes_per_second
        Between store and workers, all together.
    one_machine_bytes_per_second
        What the machine that gives the command reads or writes.
    slow_workers, slowness
        Share of the workers that are so many times slower.
    hours_between_failures, seconds_to_return
        Of one worker.
    """

    workers: int
    tasks_per_second: float
    reads_per_second: float = 5500.0
    writes_per_second: float = 3500.0
    bytes_per_second: float = 5e9
    one_machine_bytes_per_second: float = 5e8
    slow_workers: float = 0.01
    slowness: float = 10.0
    hours_between_failures: float = 200.0
    seconds_to_return: float = 120.0


@dataclass(frozen=True)
class Work:
    """Very many units.

    Attributes
    ----------
    name
        For people.
    units
        How many.
    seconds
        Returns the processor seconds of the unit of a number.
    reads, writes
        Store requests of a unit.
    bytes_moved
        Read and written by a unit.
    alone_bytes
        What the one machine that gives the command reads or writes before and after.
    """

    name: str
    units: int
    seconds: Callable[[int], float]
    reads: int
    writes: int
    bytes_moved: float
    alone_bytes: float


@dataclass(frozen=True)
class Outcome:
    """What came of it: hours in all and of the one machine, units lost, and how busy each was."""

    hours: float
    alone_hours: float
    worker_hours: float
    lost: int
    busy: dict[str, float]

    @property
    def bottleneck(self) -> str:
        """What takes the largest share of the time."""
        return max(self.busy, key=lambda name: self.busy[name])


def simulate(work: Work, site: Site, seed: int = 0) -> Outcome:
    """Return what comes of some work at a site.

    Parameters
    ----------
    work
        The units.
    site
        The workers, and what they share.
    seed
        Of durations, slow workers and failures.
    """
    chance = random.Random(seed)
    slow = [chance.random() < site.slow_workers for _ in range(site.workers)]
    fails = [_next_failure(chance, site) for _ in range(site.workers)]
    free = [(0.0, worker) for worker in range(site.workers)]  # a heap: when, who
    waiting = list(range(work.units - 1, -1, -1))
    scheduler = store = last = busy = 0.0
    store_seconds = (
        work.reads / site.reads_per_second
        + work.writes / site.writes_per_second
        + work.bytes_moved / site.bytes_per_second
    )
    lost = tasks = 0
    while waiting:
        now, worker = heapq.heappop(free)
        unit = waiting.pop()
        tasks += 1
        scheduler = max(scheduler, now) + 1 / site.tasks_per_second
        store = max(store, scheduler) + store_seconds
        seconds = work.seconds(unit) * chance.lognormvariate(-0.045, 0.3)  # of mean 1
        end = store + seconds * (site.slowness if slow[worker] else 1.0)
        if end > fails[worker]:
            lost += 1
            waiting.append(unit)
            back = max(fails[worker], now) + site.seconds_to_return
            fails[worker] = back + _next_failure(chance, site)
            heapq.heappush(free, (back, worker))
            continue
        busy += end - store
        last = max(last, end)
        heapq.heappush(free, (end, worker))
    alone = work.alone_bytes / site.one_machine_bytes_per_second
    total = last + alone
    shares = {
        "workers": busy / site.workers / total,
        "scheduler": tasks / site.tasks_per_second / total,
        "store": tasks * store_seconds / total,
        "one machine": alone / total,
    }
    return Outcome(
        total / 3600,
        alone / 3600,
        site.workers * last / 3600,
        lost,
        {name: round(share, 3) for name, share in shares.items()},
    )


def _next_failure(chance: random.Random, site: Site) -> float:
    return chance.expovariate(1 / (site.hours_between_failures * 3600))
