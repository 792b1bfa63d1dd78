"""Running a job: the images that lack results, then the results table and the run card."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from benchmark.results import result_table as results
from benchmark.results.journal import Journal, remove_journals
from benchmark.results.run_card import make_run_card, write_card
from benchmark.runner.costs import TRIED, is_to_be_tried, paying_workers
from benchmark.runner.image import Item, wanted_metrics
from benchmark.runner.jobs import Job
from benchmark.runner.pool import affordable_workers, on_gpu, run_all, spread, states_memory
from distinctions646.checks.words import counted
from distinctions646.process.engine import current_engine
from distinctions646.storage.staging import meet

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.results.result_table import Row


def run_job(job: Job, title: str) -> pd.DataFrame | None:
    """Run what is missing and join the results.

    Parameters
    ----------
    job
        The method and its images.
    title
        Label of the progress bar.

    Returns
    -------
    pandas.DataFrame or None
        The rows of the wanted images; None while other ranks are still at work.

    Raises
    ------
    ValueError
        If a file is bad, or another process does the same job.
    OSError
        If a file cannot be written, or rows vanish while the job runs.
    """
    todo = job.todo(job.rows(), job.config.rank)
    columns = job.columns()
    with journal_of(job) as journal:
        for rows in progress(job, todo, _work(job, todo), title):
            journal.add([columns | row for row in rows])
    return join(job, journal, title)


def journal_of(job: Job) -> Journal:
    """Return the journal of this process for a job, in the job's folder."""
    rank = job.config.rank
    job.folder.mkdir(parents=True, exist_ok=True)
    return Journal(job.folder, f"{rank.index}-of-{rank.count}")


def join(job: Job, journal: Journal, title: str) -> pd.DataFrame | None:
    """Write the results of a job whose images are done, as `run_job` does in the end.

    Parameters
    ----------
    job
        The method and its images.
    journal
        What this process has written of it, closed.
    title
        What messages call the job.

    Returns
    -------
    pandas.DataFrame or None
        As `run_job` returns.

    Raises
    ------
    OSError
        If a file cannot be written, or rows are gone that were just written.
    """
    rank = job.config.rank
    meet(journal.path)
    rows, fresh = job.all_rows()
    if job.missing(rows, rank):
        raise OSError(
            f"{job.folder}: rows that were just written are gone; run the same command again, and "
            "leave the folder alone meanwhile"
        )
    left = len(job.missing(rows))
    if left:
        sys.stderr.write(f"{title}: {left} images are other ranks'; the last to end joins them\n")
        return None
    # The card first: results that are there have theirs, whenever the process is killed. Rows of an
    # earlier start may wait in the journals with a card of fewer images.
    if fresh or not job.card.exists():
        _write_card(job, len({row["image_id"] for row in rows}))
    table = results.write(job.results, rows)
    remove_journals(job.folder)
    _tell_left(job, rows, title)
    return _of_this_run(job, table)


def workers_of(job: Job, todo: Sequence[Item], *, tell: bool = True) -> int:
    """Return how many processes a job gets: fewer than asked for where they do not pay or fit.

    With `tell`, a line says where they do not fit.
    """
    config = job.config
    if current_engine() is not None:  # whose workers have memory limits of their own
        return 1
    if on_gpu(config.device):
        return len(config.device)
    workers = paying_workers(job, todo, config.workers)
    if workers == 1 or not states_memory(job.task.method):
        return workers
    sizes = [item.sample.size() for item in todo]
    return affordable_workers(workers, job.task.method, sizes, tell=tell)


def progress(
    job: Job, todo: Sequence[Item], work: Iterator[list[Row]], title: str
) -> Iterator[list[Row]]:
    """Yield the rows of a job's images as they are done, with a bar of this process' share."""
    from tqdm import tqdm

    share = len(job.config.rank.of(len(job.items)))
    done = share - len(todo)
    if not todo:
        sys.stderr.write(f"{title}: {counted(done, 'image')} done before\n")
        return iter(())
    bar = tqdm(work, desc=title, initial=done, total=share, unit="image", disable=None)
    return iter(bar)


def _work(job: Job, todo: Sequence[Item]) -> Iterator[list[Row]]:
    """Score the images, the first ones alone where they tell whether workers pay."""
    workers = workers_of(job, todo)
    if not on_gpu(job.config.device) and is_to_be_tried(job, todo, workers):
        yield from _run(job, 1, todo[:TRIED])
        todo = todo[TRIED:]
        workers = workers_of(job, todo, tell=False)  # it has been told
    yield from _run(job, workers, todo)


def _run(job: Job, workers: int, todo: Sequence[Item]) -> Iterator[list[Row]]:
    """Score images; what lacks memory in a worker's share is done alone after the others."""
    tasks = spread(job.task, workers, job.config.device)
    items = {item.sample.id: item for item in todo}
    alone = []
    for rows in run_all(tasks, todo):
        if len(tasks) > 1 and any(map(results.lacks_memory, rows)):
            alone.append(items[rows[0]["image_id"]])
        else:
            yield told(job, items, rows)
    for rows in run_all(tasks[:1], alone) if alone else ():
        yield told(job, items, rows)


def told(job: Job, items: Mapping[str, Item], rows: list[Row]) -> list[Row]:
    """Return the rows of an image, and tell if it lacked memory."""
    lacking = [row for row in rows if results.lacks_memory(row)]
    for reason in dict.fromkeys(json.loads(row["notes"])["reason"] for row in lacking):
        name = items[rows[0]["image_id"]].sample.name
        sys.stderr.write(f"{job.task.method.name}, image {name}: not applicable: {reason}\n")
    return rows


def _tell_left(job: Job, rows: Sequence[Row], title: str) -> None:
    wanted = {item.sample.id for item in job.items}
    left = {row["image_id"] for row in rows if results.lacks_memory(row)} & wanted
    if left:
        sys.stderr.write(
            f"{title}: {counted(len(left), 'image')} lacked memory; the same command does them "
            "again where more is free\n"
        )


def _write_card(job: Job, images: int) -> None:
    card = make_run_card(
        job.task.method,
        job.split,
        job.task.trimaps,
        images=images,
        config=job.config.record(),
        devices=job.config.device,
        reference=job.task.reference,
    )
    write_card(job.card, card)


def _of_this_run(job: Job, table: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows of images, trimaps and metrics that earlier runs alone were asked for."""
    ids = {item.sample.id for item in job.items}
    wanted = wanted_metrics(job.task)
    keys = zip(table["image_id"], table["trimap_rule"], table["metric"], strict=True)
    return table[[image in ids and (rule, metric) in wanted for image, rule, metric in keys]]
