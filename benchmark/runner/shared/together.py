"""Running the jobs of a run, several at a time where they share worker processes.

While one process loads a network, or does the last images of a method, the others do another
method's. Rows go to the journals as they come. What is shown and written keeps the order of the
jobs: the results of one, and its error, wait until all before it have theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import groupby
from typing import TYPE_CHECKING

from benchmark.results import result_table as results
from benchmark.runner.costs import scoring_seconds, share_of_job
from benchmark.runner.pool import (
    affordable_workers,
    on_gpu,
    run_all,
    run_shared,
    spread,
    states_memory,
)
from benchmark.runner.running import join, journal_of, progress, run_job, told
from benchmark.runner.shared.turns import Share, Sharing
from distinctions646.process import pool
from distinctions646.process.engine import current_engine

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.results.journal import Journal
    from benchmark.results.result_table import Row
    from benchmark.runner.image import Item
    from benchmark.runner.jobs import Job

_SMALL = 0.1
"""Megapixels below which images may be too little work for workers, where no speed is known."""


def run_jobs(jobs: Sequence[Job]) -> Iterator[pd.DataFrame | None]:
    """Run jobs, and yield of each what `run_job` returns, in order.

    Parameters
    ----------
    jobs
        Of one configuration.

    Raises
    ------
    ValueError
        If a file is bad, or another process does the same job.
    OSError
        If a file cannot be written, or a worker process is killed.
    """
    if len(jobs) == 1:
        yield run_job(jobs[0], jobs[0].title)
        return
    numbered = [(job, f"{job.title} ({number}/{len(jobs)})") for number, job in enumerate(jobs, 1)]
    for sharing, group in groupby(numbered, lambda pair: _may_share(pair[0])):
        together = list(group)
        if sharing and len({job.folder for job, _ in together}) == len(together) > 1:
            yield from _run_together(together)
        else:
            for job, title in together:
                yield run_job(job, title)


def _may_share(job: Job) -> bool:
    """Return whether a job may run beside others: as many workers as are wanted fit in any mix."""
    config, method = job.config, job.task.method
    if config.workers == 1 or on_gpu(config.device) or current_engine() is not None:
        return False
    if method.mattes_of:  # mattes that a job before it may be making
        return False
    if not states_memory(method):
        return True
    sizes = [item.sample.size() for item in job.items]
    return affordable_workers(config.workers, method, sizes, tell=False) == config.workers


def _run_together(numbered: Sequence[tuple[Job, str]]) -> Iterator[pd.DataFrame | None]:
    jobs = [job for job, _ in numbered]
    todos = [job.todo(job.rows(), job.config.rank) for job in jobs]
    wanted = jobs[0].config.workers
    shares = [share_of_job(job, todo, wanted) for job, todo in zip(jobs, todos, strict=True)]
    workers = _workers(shares, wanted)
    if workers == 1:
        for job, title in numbered:
            yield run_job(job, title)
        return
    with _Together(jobs, todos, shares, workers) as together:
        for number, (job, title) in enumerate(numbered):
            for _ in progress(job, todos[number], together.rows_of(number), title):
                pass  # they are in the journal
            yield join(job, together.close(number), title)


def _workers(shares: Sequence[Share], wanted: int) -> int:
    """Return how many processes jobs share; 1 where they had better be done one by one."""
    left = [share for share in shares if share.sizes]
    if len(left) < 2:
        return 1
    known = [share.seconds for share in left if share.seconds is not None]
    if len(known) == len(left):
        return pool.paying_workers(sum(known), wanted)
    small = any(
        share.seconds is None and share.tried and sum(share.sizes) < _SMALL * len(share.sizes)
        for share in left
    )
    return 1 if small else wanted


class _Together:
    """Jobs that share processes; use it in a ``with`` statement."""

    def __init__(
        self,
        jobs: Sequence[Job],
        todos: Sequence[Sequence[Item]],
        shares: Sequence[Share],
        workers: int,
    ) -> None:
        self._jobs, self._todos = jobs, todos
        self._sharing = Sharing(shares)
        self._columns = [job.columns() for job in jobs]
        tasks = [spread(job.task, 1, job.config.device)[0] for job in jobs]
        self._tasks = tasks
        work = [(task, item) for task, todo in zip(tasks, todos, strict=True) for item in todo]
        self._work = run_shared(work, self._sharing.take, workers)
        self._done: list[list[list[Row]]] = [[] for _ in jobs]  # rows of each image
        self._alone: list[list[Item]] = [[] for _ in jobs]  # images that lacked memory
        self._errors: dict[int, Exception] = {}

    def __enter__(self) -> _Together:
        with ExitStack() as stack:
            self._open = [stack.enter_context(ExitStack()) for _ in self._jobs]
            self._journals = [
                own.enter_context(journal_of(job))
                for own, job in zip(self._open, self._jobs, strict=True)
            ]
            stack.enter_context(closing(self._work))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def close(self, number: int) -> Journal:
        """Close the journal of a job whose images are done, and return it."""
        self._open[number].close()
        return self._journals[number]

    def rows_of(self, number: int) -> Iterator[list[Row]]:
        """Yield the rows of a job's images, in the order in which they are done.

        Raises
        ------
        Exception
            What went wrong with one of them.
        """
        job, todo, done = self._jobs[number], self._todos[number], self._done[number]
        items = {item.sample.id: item for item in todo}
        shown = 0
        while True:
            while shown < len(done):
                yield told(job, items, done[shown])
                shown += 1
            if number in self._errors:
                raise self._errors[number]
            # A process stays with a job, and what is behind an error is left out: a process that
            # is killed takes no image of a job before its own with it.
            if shown + len(self._alone[number]) == len(todo) or not self._next():
                break
        if self._alone[number]:
            while self._next():  # until the others are free
                pass
            for rows in run_all([self._tasks[number]], self._alone[number]):
                self._keep(number, rows)
                yield told(job, items, rows)

    def _next(self) -> bool:
        """Wait for an image of any job; False where all are done, or no process is left."""
        index, result = next(self._work, (None, None))
        if index is None or result is None:
            return False
        number, image = self._sharing.job_of(index)
        item = self._todos[number][image]
        try:
            rows = result()
        except Exception as error:
            self._errors.setdefault(number, error)
            self._sharing.drop(number)  # what is before it goes on
            return True
        if any(map(results.lacks_memory, rows)):
            self._alone[number].append(item)
            return True
        self._sharing.tell(index, _seconds(rows) + scoring_seconds(self._jobs[number], [item]))
        self._keep(number, rows)
        self._done[number].append(rows)
        return True

    def _keep(self, number: int, rows: Sequence[Row]) -> None:
        self._journals[number].add([self._columns[number] | row for row in rows])


def _seconds(rows: Sequence[Row]) -> float:
    """Return the processor seconds of a method in an image, once with each trimap."""
    return sum({row["trimap_rule"]: float(row["seconds"]) for row in rows}.values())
