"""The Dask engine: units of work as tasks of a scheduler, finished ones first.

A unit whose worker ends is done again by another; the scheduler sees to that. A unit that fails for
reasons of its machine (OSError, or workers that ended under it) is tried again elsewhere, and the
cause is printed. Bad input (ValueError) is not tried again. Only so many units are under way as
keep the workers busy, so the scheduler's memory does not grow with the work.
"""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from distinctions646.checks.limits import MAX_PIXELS_VARIABLE
from distinctions646.process.engine import Unit
from distinctions646.process.pool import keep_freed_memory

if TYPE_CHECKING:
    from distributed import Client, Future

    from distinctions646.cluster.fitness import Fitness

Item = TypeVar("Item")
Result = TypeVar("Result")

RETRIES = 2  # after the first failure; the scheduler has given a unit to several workers before
IN_FLIGHT = 2  # units for each thread of a worker: one at work, one waiting
GPU_LABEL, CPU_LABEL = "GPU", "CPU"
KEY = "matting"
_POLL = 1.0  # seconds between looks at the workers
_COPY_AFTER = 5  # times the median unit, before a slow unit is begun a second time
_COPY_SECONDS = 10.0  # and no earlier


@dataclass(frozen=True)
class Call(Generic[Item, Result]):
    """What a worker does with an item: check itself once, then call the function."""

    function: Callable[[Item], Result]
    fitness: Fitness
    max_pixels: str | None

    def __call__(self, item: Item) -> Result:
        """Return what the function returns, called in the command's folder."""
        self.fitness.check()
        _keep_freed_memory()
        with contextlib.chdir(self.fitness.cwd), _environment(MAX_PIXELS_VARIABLE, self.max_pixels):
            return self.function(item)


@cache
def _keep_freed_memory() -> None:
    keep_freed_memory(anyway=True)


@contextlib.contextmanager
def _environment(name: str, value: str | None) -> Iterator[None]:
    """Set or remove a variable, and put it back: a worker serves other commands too."""
    before = os.environ.pop(name, None)
    if value is not None:
        os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before


class DaskEngine:
    """Units of work as tasks of a Dask scheduler.

    Parameters
    ----------
    client
        Connected to the scheduler.
    address
        Of the scheduler, for messages.
    fitness
        What workers must have.
    scope
        A word that is the same for commands that write into the same place.
    """

    def __init__(self, client: Client, address: str, fitness: Fitness, scope: str) -> None:
        self.client, self.address, self.fitness, self.scope = client, address, fitness, scope

    def completed(
        self, function: Callable[[Item], Result], items: Sequence[Item], unit: Unit
    ) -> Iterator[tuple[int, Result]]:
        """Yield index and result of each item; see `process.engine.Engine`."""
        call = Call(function, self.fitness, os.environ.get(MAX_PIXELS_VARIABLE))
        work = _Work(self, call, items, unit)
        try:
            yield from work.results()
        finally:
            work.cancel()


@dataclass
class _Running:
    """A task: the index of its item, when it was given away, and what failed before."""

    index: int
    began: float
    tries: int
    is_copy: bool = False


class _Work(Generic[Item, Result]):
    """The units of one piece of work that are under way."""

    def __init__(
        self, engine: DaskEngine, call: Call[Item, Result], items: Sequence[Item], unit: Unit
    ) -> None:
        self.engine, self.call, self.items, self.unit = engine, call, items, unit
        self.run = secrets.token_hex(4)
        self.waiting = deque(range(len(items)))
        self.running: dict[Future, _Running] = {}
        self.done: set[int] = set()
        self.seconds: deque[float] = deque(maxlen=100)
        self.finished: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self.workers: dict[str, dict[str, Any]] = {}
        self.numbered = 0
        self.looked = 0.0

    def results(self) -> Iterator[tuple[int, Result]]:
        self.look()
        while len(self.done) < len(self.items):
            self.fill()
            if time.monotonic() - self.looked > _POLL:
                self.look()
                self.copy_slow()
            try:
                future = self.finished.get(timeout=_POLL)
            except queue.Empty:
                continue
            running = self.running.pop(future, None)
            if running is None or running.index in self.done:
                continue
            if future.status == "finished":
                self.seconds.append(time.monotonic() - running.began)
                self.done.add(running.index)
                self.drop_copies(running.index)
                yield running.index, self.result(future)
            else:
                self.failed(future, running)

    def result(self, future: Future) -> Result:
        """Fetch the result of a finished unit from its worker."""
        from concurrent.futures import CancelledError

        try:
            result: Result = future.result()
        except (OSError, TimeoutError, CancelledError) as error:
            raise self.engine_lost() from error
        return result

    def fill(self) -> None:
        threads = sum(worker["nthreads"] for worker in self.fitting().values())
        while self.waiting and len(self.running) < max(IN_FLIGHT * threads, 1):
            self.submit(self.waiting.popleft(), 0)

    def submit(self, index: int, tries: int, *, elsewhere_than: str | None = None) -> None:
        """Give a unit away; after a failure to other workers than the one it failed on."""
        others = [
            address
            for address, worker in self.fitting().items()
            if _machine(address, worker) != elsewhere_than
        ]
        resources = self.resources()
        self.numbered += 1
        try:
            future = self.engine.client.submit(
                self.call,
                self.items[index],
                key=f"{KEY}-{self.engine.scope}-{self.run}-{index}-{self.numbered}",
                pure=False,
                workers=others if elsewhere_than is not None and others else None,
                allow_other_workers=elsewhere_than is not None and bool(others),  # they may end too
                resources=resources,
                priority=tries,
            )
        except Exception as error:
            if self.engine.client.status == "running":
                raise
            raise self.engine_lost() from error
        self.running[future] = _Running(
            index, time.monotonic(), tries, is_copy=tries == 0 and elsewhere_than is not None
        )
        future.add_done_callback(self.finished.put)

    def resources(self) -> dict[str, float] | None:
        """Return the label that a worker must have: learned methods want a GPU."""
        if self.unit.gpu:
            return {GPU_LABEL: 1}
        labelled = any(CPU_LABEL in worker["resources"] for worker in self.workers.values())
        return {CPU_LABEL: 1} if labelled else None

    def fitting(self) -> dict[str, dict[str, Any]]:
        label = next(iter(self.resources() or {}), None)
        return {
            address: worker
            for address, worker in self.workers.items()
            if label is None or label in worker["resources"]
        }

    def failed(self, future: Future, running: _Running) -> None:
        """Try a unit again, or raise why it failed."""
        from distributed import KilledWorker

        if future.status in ("cancelled", "lost"):
            raise self.engine_lost()
        error = future.exception()
        if isinstance(error, KilledWorker):
            machine = _machine(error.last_worker.address, {"nanny": error.last_worker.nanny})
            cause = "its workers were killed (out of memory?)"
        elif isinstance(error, OSError):
            machine, cause = None, str(error)
        else:
            raise error
        name = self.name(running.index)
        if running.tries >= RETRIES:
            if isinstance(error, OSError):
                raise error
            raise OSError(
                f"{name}: {cause}, {RETRIES + 1} times over, the last at "
                f"{error.last_worker.address}; give workers more memory and run the same command "
                "again"
            ) from error
        tell(f"{name}: tried again: {cause}")
        self.look()
        self.submit(running.index, running.tries + 1, elsewhere_than=machine or "")

    def look(self) -> None:
        """Note which workers there are, and which have gone."""
        client = self.engine.client
        self.looked = time.monotonic()
        if client.status != "running":
            raise self.engine_lost()
        try:
            workers = dict(client.scheduler_info(n_workers=-1)["workers"])
        except Exception as error:  # whatever a connection that ends here raises
            raise self.engine_lost() from error
        for address in self.workers.keys() - workers.keys():
            tell(f"worker {address} is gone; its units are done again by others")
        if self.workers and not workers:
            tell("no worker is left; waiting for one, Ctrl-C ends")
        self.workers = workers
        if self.unit.gpu and workers and not self.fitting():
            raise ValueError(
                f"--device is a GPU, and no worker at {self.engine.address} has the label "
                f"{GPU_LABEL}; start some with --resources {GPU_LABEL}=1"
            )

    def engine_lost(self) -> OSError:
        return OSError(
            f"the scheduler at {self.engine.address} is gone; what is finished is kept: run the "
            "same command again to resume"
        )

    def copy_slow(self) -> None:
        """Begin the last units a second time elsewhere, where their worker is much too slow."""
        if self.waiting or not self.unit.repeatable or not self.seconds:
            return
        limit = max(_COPY_SECONDS, _COPY_AFTER * statistics.median(self.seconds))
        copied = {each.index for each in self.running.values() if each.is_copy}
        late = [
            (future, each)
            for future, each in self.running.items()
            if time.monotonic() - each.began > limit and each.index not in copied
        ]
        if not late:
            return
        places = self.engine.client.processing()
        for future, each in late:
            where = [address for address, keys in places.items() if future.key in keys]
            if where and where[0] in self.workers and len(self.fitting()) > 1:
                tell(f"{self.name(each.index)}: slow on {where[0]}; begun on another worker too")
                machine = _machine(where[0], self.workers[where[0]])
                self.submit(each.index, 0, elsewhere_than=machine)

    def drop_copies(self, index: int) -> None:
        for future in [future for future, each in self.running.items() if each.index == index]:
            del self.running[future]
            future.cancel()

    def name(self, index: int) -> str:
        named = self.unit.name(self.items[index]) if self.unit.name is not None else None
        return named or f"unit {index + 1} of {len(self.items)}"

    def cancel(self) -> None:
        if self.running and self.engine.client.status == "running":
            with contextlib.suppress(Exception):  # the scheduler may be gone
                self.engine.client.cancel(list(self.running))
        self.running.clear()


def _machine(address: str, worker: dict[str, Any]) -> str:
    """Return what stays the same when a worker is started again after it was killed."""
    return worker.get("nanny") or address


def tell(line: str) -> None:
    """Print a line on stderr, above the progress bars that there are."""
    from tqdm import tqdm

    with tqdm.external_write_mode(file=sys.stderr):
        sys.stderr.write(f"cluster: {line}\n")


def scope_of(out: Path | None) -> str:
    """Return a word for the place that a command writes into; ``"-"`` where it writes nothing."""
    import hashlib

    if out is None:
        return "none"
    return hashlib.sha256(str(out.absolute()).encode()).hexdigest()[:8]


def executing(dask_worker: Any) -> list[str]:
    """Return the keys of our units that a worker is at; run on it by `Client.run`."""
    return [task.key for task in dask_worker.state.executing if str(task.key).startswith(KEY)]
