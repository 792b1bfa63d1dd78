"""Worker processes: work shared out among them, and an end to all of them with their parent.

Workers are spawned, not forked: a fork would copy the locks of the threads of numba, OpenMP and
OpenCV as they are, and may hang. Each worker holds one end of a pipe whose other end only the
parent has. The pipe closes when the parent ends, however it ends (even by SIGKILL), or when work is
broken off by an error, Ctrl-C or SIGTERM; the worker then exits at once, in the middle of an item.
So an item writes its files under temporary names. Within `keeping_workers`, as in every command,
workers that have ended one piece of work do the next, too. Where another engine is in use
(`process.engine`), the items are its units of work and no process is started here.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NoReturn, TypeAlias, TypeVar

from distinctions646.checks.notes import Note, Noting, passed_on
from distinctions646.checks.workers import Catching, Failure, marking_starts, returned, why_ended
from distinctions646.process.engine import ANY, Unit, current_engine
from distinctions646.process.workers.kept import pools_of
from distinctions646.process.workers.surroundings import Surroundings, without_interrupts

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Result = TypeVar("Result")
Begin = Callable[[int], None]
"""Is called in each worker before its first item, with the number of the worker: 0, 1, ..."""
Take = Callable[[int], int | None]
"""Returns the index of the item that a worker does next; None while there is none for it."""
Name: TypeAlias = Callable[[Item], str]
"""Returns the name of an item for error messages."""
_Answer: TypeAlias = tuple[Result, list[Note]] | Failure

START = 2.5
"""Processor seconds until a process has imported and loaded what works on pictures."""
_MARGIN = 2
"""How many times its start a process has to do at least: starts cost more on a busy machine."""
# Of glibc's mallopt(3): environment variable, number and bytes. It maps at most so much by itself.
_MEMORY = (("MALLOC_MMAP_THRESHOLD_", -3, 32 << 20), ("MALLOC_TRIM_THRESHOLD_", -1, 256 << 20))


def paying_workers(seconds: float, wanted: int, start: float = START) -> int:
    """Return how many processes each have at least twice as much to do as they take to start.

    With n of them the work then takes `seconds` / n + `start` in place of `seconds`, which is less
    by `start` at least.

    Parameters
    ----------
    seconds
        Processor seconds of the work.
    wanted
        Upper bound; 1 or more.
    start
        Processor seconds that a process takes before it works.

    Examples
    --------
    >>> paying_workers(7, 8, start=1.5), paying_workers(5.9, 8, start=1.5), paying_workers(1e9, 8)
    (2, 1, 8)
    """
    return min(wanted, max(1, int(seconds / (_MARGIN * start))))


def keep_freed_memory(*, anyway: bool = False) -> None:
    """Let glibc keep memory that is freed, here and in processes that are started from here.

    By default it gives arrays of megapixels back at once, and the kernel clears every page of the
    next one: a tenth of the time of a score, a third of that of a small JPEG.

    Parameters
    ----------
    anyway
        Whether to set what the environment has already, as a Dask worker's has: Dask's nanny wants
        memory back at 64 kB, which costs a third more for a composite.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc alone has it
    for variable, option, limit in _MEMORY:
        if mallopt is not None and (anyway or variable not in os.environ):
            mallopt(option, limit)
            os.environ[variable] = str(limit)


def map_ordered(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    workers: int,
    chunk: int = 1,
    begin: Begin | None = None,
) -> Iterator[Result]:
    """Call a function on every item and yield the results in the order of the items.

    Parameters
    ----------
    function
        Must be picklable, as must items and results.
    items
        One a call.
    workers
        Processes; with 1, or a single chunk, the calls are made in this one.
    chunk
        Consecutive items that one process takes at a time.
    begin
        Called in each worker before its first item.

    Yields
    ------
    object
        What `function` returns. An error that it raises is raised in place of its result.

    Raises
    ------
    OSError
        If a worker is killed, or a script without ``if __name__ == "__main__"`` starts workers.
    """
    chunks = [items[start : start + chunk] for start in range(0, len(items), chunk)]
    workers = min(workers, len(chunks))
    if workers <= 1 and current_engine() is None:
        yield from map(function, items)
        return
    waiting: dict[int, Callable[[], list[Result]]] = {}
    place = 0
    calls = [partial(_call_each, function)] * max(workers, 1)
    for done, result in _results(calls, chunks, begin, ANY):
        waiting[done] = result
        while place in waiting:
            yield from waiting.pop(place)()
            place += 1


def map_unordered(
    functions: Sequence[Callable[[Item], Result]],
    items: Sequence[Item],
    *,
    begin: Begin | None = None,
    unit: Unit = ANY,
) -> Iterator[tuple[int, Result]]:
    """Call one of several functions on every item and yield the results as they are done.

    Parameters
    ----------
    functions
        One for each process, such as the same method on each of several GPUs. A single one, or a
        single item, is done in this process.
    items
        Each goes to the first process that is free.
    begin
        Called in each worker before its first item.
    unit
        What another engine may do with the items; it calls the first function.

    Yields
    ------
    tuple
        Index of the item, and what the function returned.

    Raises
    ------
    OSError
        If a worker is killed, or a script without ``if __name__ == "__main__"`` starts workers.
    """
    if (len(functions) == 1 or len(items) < 2) and current_engine() is None:
        for index, item in enumerate(items):
            yield index, functions[0](item)
        return
    for index, result in _results(functions, items, begin, unit):
        yield index, result()


def map_taken(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    take: Take,
    *,
    workers: int,
    begin: Begin | None = None,
    name: Name[Item] | None = None,
) -> Iterator[tuple[int, Callable[[], Result]]]:
    """Call a function on the items that each worker is given, whatever engine is in use.

    A worker that is killed is the error of its item, and is not replaced: the others go on. Where
    none is left, the work ends before all that `take` would return is done.

    Parameters
    ----------
    function
        Must be picklable, as must items and results.
    items
        What `take` chooses from.
    take
        Called with the number of a worker that is free. One that gets None is asked again after
        each result. The work ends when all are free.
    workers
        Processes; even a single one is not this one.
    begin
        Called in each worker before its first item.
    name
        Returns the name of an item for the error of a worker that is killed.

    Yields
    ------
    tuple
        Index of the item, and a function that returns its result or raises its error.

    Raises
    ------
    OSError
        If a worker is killed before its first item, or a script without
        ``if __name__ == "__main__"`` starts workers.
    """
    yield from _completed([Noting(function)] * workers, items, begin, name, take)


def _results(
    functions: Sequence[Callable[[Item], Result]],
    items: Sequence[Item],
    begin: Begin | None,
    unit: Unit,
) -> Iterator[tuple[int, Callable[[], Result]]]:
    """Yield the index of each finished item, and what returns its result or raises its error."""
    noting = [Noting(function) for function in functions]
    engine = current_engine()
    if engine is not None:
        for index, answer in engine.completed(noting[0], items, unit):
            yield index, partial(passed_on, answer)
        return
    yield from _completed(noting, items, begin, unit.name)


def _result_of(future: Future[_Answer[Result]]) -> Result:
    return passed_on(returned(future.result()))


def _raise_ended(why: str, future: Future[_Answer[Result]]) -> NoReturn:
    raise OSError(why) from future.exception()


def _call_each(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return [function(item) for item in items]


def _completed(
    functions: Sequence[Noting[Item, Result]],
    items: Sequence[Item],
    begin: Begin | None,
    name: Name[Item] | None,
    take: Take | None = None,
) -> Iterator[tuple[int, Callable[[], Result]]]:
    """Yield the index of each item and what returns its result, the first finished first.

    A process that ends in the middle of an item is that item's error, and gets no other.
    """
    from concurrent.futures import FIRST_COMPLETED, wait
    from concurrent.futures.process import BrokenProcessPool

    waiting = iter(range(len(items)))
    running: dict[Future[_Answer[Result]], tuple[int, int]] = {}  # future: process, index
    begun: list[Future[Failure | None]] = []
    processes: list[BaseProcess] = []
    free: set[int] = set()
    process = 0

    def start(process: int) -> None:
        index = next(waiting, None) if take is None else take(process)
        if index is None:
            free.add(process)
            return
        free.discard(process)
        call = pools[process].submit(Catching(functions[process]), items[index])
        running[call] = process, index

    try:
        with pools_of(min(len(functions), len(items))) as pools:
            here = Surroundings.of_this_process()
            with without_interrupts(), marking_starts():
                for process, pool in enumerate(pools):
                    begun.append(pool.submit(Catching(partial(_begin, here, begin)), process))
                    processes += (pool._processes or {}).values()  # its only one
                    start(process)
            while running:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    process, index = running.pop(future)
                    returned(begun[process].result())
                    if isinstance(future.exception(), BrokenProcessPool):
                        pools[process].shutdown()  # its end, and its status, are known then
                        why = why_ended(processes[process].exitcode, begun=True)
                        named = f"{name(items[index])}: " if name is not None else ""
                        yield index, partial(_raise_ended, named + why, future)
                    else:
                        start(process)
                        yield index, partial(_result_of, future)
                    for one in sorted(free) if take is not None else ():
                        start(one)
    except BrokenProcessPool as error:  # all have ended now, and their status is known
        status = processes[process].exitcode if process < len(processes) else None
        has_begun = process < len(begun) and begun[process].exception() is None
        raise OSError(why_ended(status, begun=has_begun)) from error


def _begin(here: Surroundings, begin: Begin | None, process: int) -> None:
    here.enter()
    if begin is not None:
        begin(process)
