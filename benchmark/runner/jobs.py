"""A job: one method on one split, and which of its images have results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.methods.description import MethodDescription
from benchmark.methods.folder import check_size, describe_folder
from benchmark.results import result_table as results
from benchmark.results.finished_runs import RESULTS, RUN_CARD
from benchmark.results.journal import read_journals
from benchmark.results.matte_store import MatteStore
from benchmark.results.split_identity import known_hashes, slug
from benchmark.results.stored_fields import ROW
from benchmark.results.trimaps import Trimaps
from benchmark.runner.config import RunConfig
from benchmark.runner.image import Item, Task, wanted_metrics
from benchmark.runner.ranks import ALONE

if TYPE_CHECKING:
    from benchmark.results.result_table import Row
    from distinctions646.forms.samples import Split
    from distinctions646.process.part import Part

CACHE = Path("cache", "mattes")
"""Below the output folder; one level deeper than runs, so that it is not taken for one."""


@dataclass(frozen=True)
class Job:
    """One method on one split.

    Attributes
    ----------
    config
        The configuration of the run.
    split
        The opened dataset.
    task
        What is done with each image.
    items
        The wanted images, in order.
    results, card
        The files that it leaves.
    """

    config: RunConfig
    split: Split
    task: Task
    items: tuple[Item, ...]
    results: Path
    card: Path

    @property
    def folder(self) -> Path:
        """The folder with the results and the run card."""
        return self.results.parent

    @property
    def title(self) -> str:
        """Method and dataset, for people."""
        return f"{self.task.method.name} on {self.split.name}"

    def columns(self) -> Row:
        """Return the columns that are the same in all its rows."""
        return {
            "dataset": self.split.name,
            "dataset_root": self.split.root,
            "method": self.task.method.name,
            "method_hash": self.task.method.method_hash,
        }

    def rows(self) -> list[Row]:
        """Return the rows that earlier starts and other ranks have left."""
        return self.all_rows()[0]

    def all_rows(self) -> tuple[list[Row], bool]:
        """Return the rows that there are, and whether some are in journals yet."""
        fresh = read_journals(self.folder)  # first: they are removed once they are joined
        return results.merge(results.read_rows(self.results), fresh), bool(fresh)

    def missing(self, rows: Sequence[Row], part: Part = ALONE) -> list[Item]:
        """Return the items of a part that lack a result."""
        wanted = wanted_metrics(self.task)
        there: dict[str, set[tuple[str | None, str]]] = {}
        for row in rows:
            there.setdefault(row["image_id"], set()).add((row["trimap_rule"], row["metric"]))
        mine = (self.items[index] for index in part.of(len(self.items)))
        return [item for item in mine if not wanted <= there.get(item.sample.id, set())]

    def todo(self, rows: Sequence[Row], part: Part = ALONE) -> list[Item]:
        """Return the items of a part that a start does: without a result, or for lack of memory."""
        return self.missing([row for row in rows if not results.lacks_memory(row)], part)


def make_job(
    config: RunConfig,
    split: Split,
    method: MethodDescription | str,
    trimaps: tuple[Trimaps, ...],
    folder: Path,
    *,
    results_name: str = RESULTS,
    card_name: str = RUN_CARD,
    reference: Trimaps | None = None,
    keep_mattes: bool = True,
) -> Job:
    """Check all that can be checked before any work.

    Parameters
    ----------
    config
        The configuration of the run.
    split
        An opened dataset.
    method
        A described method, or ``folder:PATH`` of ready-made mattes, which are looked for here.
    trimaps
        The method gets each image once with each of these.
    folder
        Folder of all runs on the split; the method gets one in it.
    results_name, card_name
        Names of the files in the method's folder.
    reference
        As in `Task`; a method that needs no trimap is then called once, without.
    keep_mattes
        Whether the method's folder gets the mattes by image name.

    Raises
    ------
    ValueError
        If the method needs trimaps and there are none, a ready-made matte is missing or has
        another size than its image, or dataset or method have a name that no result can hold.
    """
    paths: Sequence[Path | None] = [None] * len(split.samples)
    if isinstance(method, str):
        method, paths = describe_folder(
            method,
            split.samples,
            title=config.title,
            reference=config.reference,
            uses_trimap=config.uses_trimap,
            matte_channel=config.matte_channel,
            leak=config.leak,
        )
    ROW["dataset"](split.name, f"{split.folder}: the name of the dataset")
    ROW["method"](method.name, "the name of a method")
    if method.needs_trimap and trimaps[0].rule is None:
        raise ValueError(
            f"method {method.name} needs trimaps and the dataset {split.name} has none; "
            "make some with --trimap-rule dilate-25/v1"
        )
    if not method.needs_trimap and reference is not None:
        trimaps = (Trimaps(None, None, own=True),)
    slugged = slug(method.name)
    folder = folder / f"{slugged}-{method.method_hash[:8]}"
    task = Task(
        method,
        trimaps,
        MatteStore(
            config.out / CACHE / f"{slugged}-{method.method_hash}",
            folder / "alpha" if keep_mattes else None,
        ),
        config.device[0] if config.device else None,
        config.metrics,
        reference,
        config.reading,
    )
    items = _items(split, paths, config)
    return Job(config, split, task, items, folder / results_name, folder / card_name)


def _items(split: Split, mattes: Sequence[Path | None], config: RunConfig) -> tuple[Item, ...]:
    known = known_hashes(split)
    items = tuple(
        Item(sample, known.get(sample.id), path)
        for sample, path in list(zip(split.samples, mattes, strict=True))[: config.limit]
    )
    for item in items:
        if item.matte is not None:
            check_size(item.matte, item.sample, config.exif)
    return items
