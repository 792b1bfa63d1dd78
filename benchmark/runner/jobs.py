"""A job: one method on one split, what of it is done, and doing the rest."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.methods.facts import Facts
from benchmark.methods.folder import NOT_STATED, Provenance, check_size, describe_folder
from benchmark.metrics.registry import STANDARD
from benchmark.results import table as results
from benchmark.results.card import make_run_card, write_card
from benchmark.results.journal import Journal, read_journals, remove_journals
from benchmark.results.mattes import Store
from benchmark.results.test_set import Trimaps, known_hashes, slug
from benchmark.runner.image import Item, Task, reference_region, wanted_metrics
from benchmark.runner.pool import affordable_workers, on_gpu, run_all, spread
from benchmark.runner.ranks import ALONE

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.results.table import Row
    from distinctions646.forms.samples import Split
    from distinctions646.plan.part import Part

CACHE = Path("cache", "mattes")  # a level deeper than the runs are


@dataclass(frozen=True)
class Settings:
    """What all jobs of a call share.

    Attributes
    ----------
    out
        Mattes and results go there.
    weights, devices, workers, limit
        As on the command line.
    metrics
        Names.
    provenance
        Of ready-made mattes.
    rank
        Which of the images this process does.
    plain
        The call without absolute paths, for the run card.
    """

    out: Path
    plain: dict[str, Any]
    weights: str | None = None
    devices: tuple[str, ...] = ()
    workers: int = 1
    limit: int | None = None
    metrics: tuple[str, ...] = STANDARD
    provenance: Provenance = NOT_STATED
    rank: Part = ALONE


@dataclass(frozen=True)
class Job:
    """One method on one split.

    Attributes
    ----------
    split
        What it runs on.
    task
        What is done with each image.
    items
        The wanted images, in order.
    results, card
        The files that it leaves.
    """

    split: Split
    task: Task
    items: tuple[Item, ...]
    results: Path
    card: Path

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return self.results.parent

    def rows(self) -> list[Row]:
        """Return what earlier starts and other ranks have left."""
        fresh = read_journals(self.folder)  # first: they are removed once they are joined
        return results.merge(results.read_rows(self.results), fresh)

    def missing(self, rows: Sequence[Row], part: Part = ALONE) -> list[Item]:
        """Return the items of a part that lack a result."""
        wanted = wanted_metrics(self.task)
        there: dict[str, set[tuple[str | None, str]]] = {}
        for row in rows:
            there.setdefault(row["image_id"], set()).add((row["trimap_rule"], row["metric"]))
        mine = (self.items[place] for place in part.of(len(self.items)))
        return [item for item in mine if not wanted <= there.get(item.sample.id, set())]


def make_job(
    settings: Settings,
    split: Split,
    method: str,
    facts: Facts | None,
    trimaps: tuple[Trimaps, ...],
    folder: Path,
    *,
    name: str = "results.parquet",
    card: str = "run.json",
    reference: Trimaps | None = None,
    mattes: bool = True,
) -> Job:
    """Check all that can be checked before any work.

    Parameters
    ----------
    settings
        Of the call.
    split
        An opened dataset.
    method
        As the user wrote it.
    facts
        What is known of it; None of ready-made mattes, which are looked for here.
    trimaps
        What the method is given, each in turn.
    folder
        Of the split's runs; the method gets one in it.
    name, card
        Of the files in there.
    reference
        As `Task` has it; a method that needs no trimap is then called once, without.
    mattes
        Whether to keep the mattes by name.

    Raises
    ------
    ValueError
        If the method needs trimaps and there are none, or a ready-made matte is
        missing or too small or large.
    """
    device = settings.devices[0] if settings.devices else None
    paths: Sequence[Path | None] = [None] * len(split.samples)
    if facts is None:
        facts, paths = describe_folder(method, split.samples, settings.provenance)
    if facts.needs_trimap and trimaps[0].rule is None:
        raise ValueError(
            f"method {facts.name} needs trimaps and the dataset {split.name} has none; "
            "make some with --trimap-rule dilate-25/v1"
        )
    if not facts.needs_trimap and reference is not None:
        trimaps = (Trimaps(None, None, own=True),)
    known = known_hashes(split)
    items = tuple(
        Item(sample, known.get(sample.id), path)
        for sample, path in list(zip(split.samples, paths, strict=True))[: settings.limit]
    )
    for item in items:
        if item.matte is not None:
            check_size(item.matte, item.sample)
    slugged = slug(facts.name)
    folder = folder / f"{slugged}-{facts.identity[:8]}"
    store = Store(
        settings.out / CACHE / f"{slugged}-{facts.identity}", folder / "alpha" if mattes else None
    )
    task = Task(
        facts, settings.weights, device, split.name, split.root, trimaps, store,
        settings.metrics, reference,
    )  # fmt: skip
    return Job(split, task, items, folder / name, folder / card)


def run_job(job: Job, settings: Settings, title: str) -> pd.DataFrame | None:
    """Do what is missing and join the results.

    Parameters
    ----------
    job
        What to do.
    settings
        Of the call.
    title
        Stands before the progress.

    Returns
    -------
    pandas.DataFrame or None
        The rows of the wanted images; None while other ranks are still at work.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    before = job.rows()
    todo = job.missing(before, settings.rank)
    share = len(settings.rank.of(len(job.items)))
    with Journal(job.folder, f"{settings.rank.index}-of-{settings.rank.count}") as journal:
        for rows in _progress(job, settings, todo, share, title):
            journal.add(rows)
    rows = job.rows()
    left = len(job.missing(rows))
    if left:
        sys.stderr.write(f"{title}: {left} images are other ranks'; the last to end joins them\n")
        return None
    table = results.write(job.results, rows)
    remove_journals(job.folder)
    if todo or not job.card.exists():
        write_card(job.card, _card(job, settings, images=table["image_id"].nunique()))
    ids = {item.sample.id for item in job.items}
    wanted = wanted_metrics(job.task)
    keys = zip(table["image_id"], table["trimap_rule"], table["metric"], strict=True)
    return table[[image in ids and (rule, metric) in wanted for image, rule, metric in keys]]


def workers_of(job: Job, settings: Settings, todo: Sequence[Item]) -> int:
    """Return how many processes a job gets."""
    if on_gpu(settings.devices):
        return len(settings.devices)
    if settings.workers == 1 or job.task.facts.memory_gb_per_megapixel is None:
        return settings.workers
    sizes = [item.sample.size() for item in todo]
    return affordable_workers(settings.workers, job.task.facts, sizes)


def _progress(
    job: Job, settings: Settings, todo: list[Item], share: int, title: str
) -> Iterator[list[Row]]:
    from tqdm import tqdm

    done = share - len(todo)
    if not todo:
        sys.stderr.write(f"{title}: all {done} images done before\n")
        return iter(())
    tasks = spread(job.task, workers_of(job, settings, todo), settings.devices)
    work = run_all(tasks, todo)
    return iter(tqdm(work, desc=title, initial=done, total=share, unit="image"))


def _card(job: Job, settings: Settings, *, images: int) -> dict[str, Any]:
    trimaps = job.task.trimaps[0]
    card = make_run_card(
        job.task.facts, job.split, trimaps, images=images, config=settings.plain,
        devices=settings.devices,
    )  # fmt: skip
    reference = job.task.reference
    if reference is not None:
        card["reference_trimaps"] = {
            "rule": reference.rule, "seed": reference.seed, "own": reference.own,
            "region": reference_region(reference),
        }  # fmt: skip
        card["trimap_rules"] = [each.rule for each in job.task.trimaps]
    return card
