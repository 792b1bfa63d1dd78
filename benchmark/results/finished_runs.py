"""Finished runs, as `benchmark.run` left them: one per method and test set."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmark.methods.finding import card_settings, registered
from benchmark.methods.folder import PREFIX
from benchmark.methods.two_stage import FIRST_STAGE
from benchmark.results.journal import FOLDER as JOURNALS
from benchmark.results.run_card import read_card

if TYPE_CHECKING:
    import pandas as pd

RESULTS = "results.parquet"
RUN_CARD = "run.json"
REGIONS = ("whole", "unknown")
Track = Literal["trimap-free", "two-stage", "trimap-based"]


@dataclass(frozen=True)
class Run:
    """One method's results on one test set.

    Attributes
    ----------
    folder
        Holds ``results.parquet``, ``run.json`` and perhaps ``alpha/``.
    method, method_hash, dataset, dataset_root, split, trimap_rule
        As in its results.
    track
        ``"trimap-based"`` if the method needs a trimap, ``"two-stage"`` if another method makes
        it, ``"trimap-free"`` otherwise.
    kind
        ``"scored"`` for ready-made mattes, ``"measured"`` otherwise.
    card
        The method's card.
    images_in_split
        Number of images in the split, whether or not the run has them all.
    table
        The results, long: one row per image and metric; columns of text are encoded.
    """

    folder: Path
    method: str
    method_hash: str
    dataset: str
    dataset_root: str
    split: str
    trimap_rule: str | None
    track: Track
    kind: Literal["measured", "scored"]
    card: Mapping[str, str]
    images_in_split: int
    table: pd.DataFrame

    @cached_property
    def images(self) -> pd.DataFrame:
        """The first row of each image, which has its foreground, status and seconds."""
        return self.table[~self.table["image_id"].duplicated()]

    @property
    def test_set(self) -> tuple[str, ...]:
        """What is the same for all runs that may be compared.

        It has the name of the folder above, which contains the trimaps' hash: their rule alone does
        not tell seeds apart.
        """
        rule = self.trimap_rule or ""
        return (self.dataset, self.split, self.dataset_root, rule, self.folder.parent.name)


def find_runs(folders: Iterable[Path]) -> list[Path]:
    """Find the folders of runs.

    Parameters
    ----------
    folders
        Each the ``--out`` of `benchmark.run`, a test set's folder in it, or a run's own.

    Raises
    ------
    ValueError
        If a folder is missing or has no run in it.
    """
    runs: dict[Path, None] = {}
    for folder in folders:
        if not folder.is_dir():
            raise ValueError(f"{folder}: no such folder; expected the --out of benchmark.run")
        patterns = (RESULTS, f"*/{RESULTS}", f"*/*/{RESULTS}")
        here = [path.parent for pattern in patterns for path in sorted(folder.glob(pattern))]
        if not here:
            raise ValueError(f"{folder}: no {RESULTS} in it; run python -m benchmark.run first")
        runs.update(dict.fromkeys(here))
    return list(runs)


def read_runs(folder: Path, images: Collection[str] | None = None) -> list[Run]:
    """Read a folder of results: one run per trimap rule, usually one.

    Runs of a trimap sensitivity study are left out: they are points of curves, not rows.

    Parameters
    ----------
    folder
        Folder of one method on one test set.
    images
        Ids of the images that count; all if left out.

    Raises
    ------
    ValueError
        If its results or card are missing, unreadable, or of several methods or test sets, a row of
        an image is missing, or no row is left.
    """
    from benchmark.results import result_table as results
    from benchmark.results.stored_fields import missing_rows

    table = results.read(folder / RESULTS, encoded=True)
    if table.empty:
        raise ValueError(f"{folder / RESULTS}: has no rows")
    for column in ("method", "method_hash", "dataset", "dataset_root"):
        if table[column].nunique() != 1:
            names = ", ".join(sorted(set(table[column].astype(str))))
            raise ValueError(f"{folder / RESULTS}: several of {column}: {names}; expected one")
    card = read_card(folder / RUN_CARD)
    if "reference_trimaps" in card:
        return []
    unfinished = (folder / JOURNALS).is_dir()  # a run that goes on has a new card and old rows
    for fault in missing_rows(table, None if unfinished else card):
        raise ValueError(f"{folder / RESULTS}: {fault}")
    kept = table["region"].isin(REGIONS)
    if images is not None:
        kept &= table["image_id"].isin(images)
    if not kept.any():
        raise ValueError(f"{folder / RESULTS}: has no row of the images and regions asked for")
    table = table if kept.all() else table[kept]
    if table["trimap_rule"].nunique(dropna=False) == 1:
        return [_run(folder, table, card)]
    rules = table.groupby("trimap_rule", dropna=False, sort=True, observed=True)
    return [_run(folder, part, card) for _, part in rules]


def _run(folder: Path, table: pd.DataFrame, card: Mapping[str, Any]) -> Run:
    first = table.iloc[0]
    rule = first["trimap_rule"]
    method = str(first["method"])
    images = table["image_id"].nunique()
    return Run(
        folder=folder,
        method=method,
        method_hash=str(first["method_hash"]),
        dataset=str(first["dataset"]),
        dataset_root=str(first["dataset_root"]),
        split=str(card.get("split") or card.get("config", {}).get("split") or "test"),
        trimap_rule=rule if isinstance(rule, str) else None,
        track=_track(folder, method, card),
        kind="scored" if method.startswith(PREFIX) else card.get("kind", "measured"),
        card={key: str(value) for key, value in card.get("method_card", {}).items()},
        images_in_split=int(card.get("images_in_split") or images),
        table=table,
    )


def _track(folder: Path, method: str, card: Mapping[str, Any]) -> Track:
    """Return the track; of mattes that do not say how they were made, the one that claims less."""
    if FIRST_STAGE in card.get("method_card", {}):
        return "two-stage"
    if "needs_trimap" in card:
        return "trimap-free" if card["needs_trimap"] is False else "trimap-based"
    if method.startswith(PREFIX):
        return "trimap-based"
    known = registered()  # an old card without it: ask the method itself
    if method not in known:
        raise ValueError(
            f"{folder / RUN_CARD}: does not say whether {method} needs a trimap, and no such "
            "method is registered; run it again"
        )
    return "trimap-based" if known[method].load().needs_trimap else "trimap-free"


def joined(runs: Sequence[Run]) -> list[Run]:
    """Join runs of the same method, weights and pixels from several folders into one.

    The same numbers count once; parts with different images make up a whole.

    Raises
    ------
    ValueError
        If two folders have other numbers for the same image and metric, naming both.
    """
    kept: dict[tuple[Any, ...], Run] = {}
    for run in runs:
        key = (run.test_set, run.method, run.method_hash, _settings(run))
        other = kept.get(key)
        kept[key] = run if other is None else _join(other, run)
    return list(kept.values())


_ROW = ["image_id", "metric", "region"]
_SAME = 1e-9
"""Relative difference of two numbers that are the same, sums in another order."""


def _join(one: Run, other: Run) -> Run:
    import numpy as np
    import pandas as pd

    first, second = _made(one.table, other.table), _made(other.table, one.table)
    both = first.merge(second, on=_ROW, suffixes=("", "_other"))
    equal = np.isclose(both["value"], both["value_other"], rtol=_SAME, atol=0, equal_nan=True)
    equal &= both["status"] == both["status_other"]
    if not equal.all():
        row = both[~equal].iloc[0]
        column = "value" if row["status"] == row["status_other"] else "status"
        what, of = ("numbers", "") if column == "value" else ("statuses", "the status of ")
        raise ValueError(
            f"{one.folder} and {other.folder}: two runs of {one.method} ({one.method_hash}) with "
            f"other {what}: {of}{row['metric']} of {row['image_id']} is {row[column]} in the first "
            f"and {row[f'{column}_other']} in the second; leave one out"
        )
    table = pd.concat([first, second]).drop_duplicates(_ROW, ignore_index=True)
    return replace(one, table=table)


def _made(table: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Leave out images that lacked memory and of which another run has mattes; text is plain."""
    from benchmark.results.result_table import lacks_memory

    lacking, lacking_there = (
        [
            lacks_memory({"status": status, "notes": notes})
            for status, notes in zip(part["status"], part["notes"], strict=True)
        ]
        for part in (table, other)
    )
    there = {
        image for image, lacks in zip(other["image_id"], lacking_there, strict=True) if not lacks
    }
    kept = [
        not (lacks and image in there)
        for image, lacks in zip(table["image_id"], lacking, strict=True)
    ]
    texts = table.select_dtypes("category").columns
    return table[kept].astype(dict.fromkeys(texts, object))


def newest(runs: Sequence[Run]) -> list[Run]:
    """Leave out runs that a later one of the same method has replaced.

    A method with other weights or settings on its card is another row; one whose code alone changed
    is not. Ready-made mattes are told apart by everything that was stated of them.
    """
    kept: dict[tuple[Any, ...], Run] = {}
    for run in runs:
        key = (run.test_set, run.method, _settings(run))
        other = kept.get(key)
        if other is not None and other.method_hash != run.method_hash:
            old, new = sorted((other, run), key=_time)
            sys.stderr.write(f"{old.folder}: left out, {new.folder} is newer\n")
            kept[key] = new
        else:
            kept[key] = run
    return list(kept.values())


def _settings(run: Run) -> str:
    """Return what tells rows of one method apart."""
    settings = dict(run.card) if run.kind == "scored" else card_settings(run.card)
    return json.dumps(settings, sort_keys=True)


def _time(run: Run) -> tuple[float, str]:
    return (run.folder / RUN_CARD).stat().st_mtime, run.method_hash
