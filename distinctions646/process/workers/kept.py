"""The processes that do a piece of work, and those that wait for the next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from distinctions646.checks.workers import check_script, end_where_unguarded
from distinctions646.process.workers.surroundings import watch_parent

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor


class _Workers:
    """Pools of one process each, so that each process can have a function of its own."""

    def __init__(self) -> None:
        import multiprocessing

        end_where_unguarded()
        check_script()
        self._context = multiprocessing.get_context("spawn")
        self._lifeline, self._ours = self._context.Pipe(duplex=False)
        self._threads = _threads()
        self.pools: list[ProcessPoolExecutor] = []
        self.busy = False

    def fit(self) -> bool:
        """Return whether they are free and alive, and would be started with the same threads."""
        ended = any(pool._broken or pool._processes is None for pool in self.pools)
        return not (self.busy or ended) and self._threads == _threads()

    def resize(self, number: int) -> None:
        """End those that are too many, which would only take memory, and add those that lack."""
        from concurrent.futures import ProcessPoolExecutor

        for pool in self.pools[number:]:
            pool.shutdown()
        del self.pools[number:]
        while len(self.pools) < number:
            pool = ProcessPoolExecutor(
                1, mp_context=self._context, initializer=watch_parent, initargs=(self._lifeline,)
            )
            self.pools.append(pool)

    def end(self, *, at_once: bool = False) -> None:
        """End them; at once means whatever they are at."""
        if at_once:
            self._ours.close()
        for pool in self.pools:
            pool.shutdown(cancel_futures=True)
        self._ours.close()
        self._lifeline.close()


def _threads() -> dict[str, str]:
    """Return the settings that libraries read once, when they are loaded."""
    return {name: value for name, value in os.environ.items() if name.endswith("_NUM_THREADS")}


_kept: ContextVar[list[_Workers] | None] = ContextVar("kept", default=None)
"""The workers that wait for the next piece of work: none or one; None where none are kept."""


@contextmanager
def keeping_workers() -> Iterator[None]:
    """Have the workers of one piece of work do the next, for the length of a ``with`` statement."""
    end_where_unguarded()
    if _kept.get() is not None:
        yield
        return
    kept: list[_Workers] = []
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)
        for workers in kept:
            workers.end(at_once=True)


@contextmanager
def pools_of(number: int) -> Iterator[list[ProcessPoolExecutor]]:
    """Return as many pools, kept ones where there are some."""
    kept = _kept.get()
    if kept and not kept[0].busy and not kept[0].fit():
        kept.pop().end()
    workers = kept[0] if kept and kept[0].fit() else _Workers()
    if kept == []:
        kept.append(workers)
    workers.busy = True
    try:
        workers.resize(number)
        yield workers.pools
    except BaseException:
        if kept and kept[0] is workers:
            kept.clear()
        workers.end(at_once=True)
        raise
    workers.busy = False
    if not kept or kept[0] is not workers:
        workers.end()
