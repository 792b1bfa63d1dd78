"""Making of a board from the runs on one test set: rows, ranks, groups, foregrounds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from benchmark.board.board import TRACKS, Board, BoardRow, Cell, Foreground, Group
from benchmark.board.protocols import PAPER_TRIMAPS, PROTOCOLS, ProtocolName, known_dataset
from benchmark.board.published import (
    Published,
    find_counterpart,
    is_in_paper,
    published_beside,
)
from benchmark.methods.folder import PREFIX
from benchmark.methods.leaks import has_leaked
from benchmark.metrics.registry import column_order, metric_id, region_of
from benchmark.results.finished_runs import Run
from benchmark.results.foreground_attributes import Attributes
from benchmark.results.result_table import lacks_memory
from benchmark.results.split_identity import slug
from benchmark.statistics import comparison
from benchmark.statistics.intervals import Floats, mean_interval, mean_over_images

if TYPE_CHECKING:
    import pandas as pd

_OUTCOME = ("image_id", "status", "notes", "seconds")


def make_board(
    runs: Sequence[Run], attributes: Attributes | None = None, protocol: ProtocolName = "paper"
) -> Board:
    """Make the leaderboard of runs on one test set.

    Parameters
    ----------
    runs
        All with the same `Run.test_set`.
    attributes
        Attributes of the foregrounds, if known.
    protocol
        The protocol whose region comes first and orders the rows.
    """
    first = runs[0]
    images = _images(runs)
    metrics = _metrics(runs, PROTOCOLS[protocol].region)
    titles = _titles(runs)
    values = {key: _columns(run, tuple(images), metrics) for key, (_, run) in titles.items()}
    clusters = list(images.values())
    whole = max(len(images), *(run.images_in_split for run in runs))
    cells = _cells(values, titles, metrics, clusters, whole)
    published = published_beside(first.dataset, first.trimap_rule, whole)
    rows = [_row(key, title, run, cells[key], published) for key, (title, run) in titles.items()]
    rows += [_published_row(entry, metrics) for entry in published]
    known = known_dataset(first.dataset)
    return Board(
        key=first.folder.parent.name or first.dataset,
        dataset=first.dataset,
        title=known.title,
        split=first.split,
        dataset_root=first.dataset_root,
        synthetic=known.synthetic,
        real=known.real,
        trimap_rule=first.trimap_rule,
        protocol=protocol,
        metrics=metrics,
        rows=tuple(sorted(rows, key=lambda row: _order(row, metrics))),
        images_in_split=whole,
        image_ids=tuple(images),
        image_foregrounds=tuple(clusters),
        values=values,
        smallest_difference=_smallest(values, metrics, clusters),
        groups=tuple(_groups(values, metrics, clusters, attributes)),
        foregrounds=tuple(_foregrounds(values, clusters, attributes)),
        run_folders={key: run.folder for key, (_, run) in titles.items()},
        outcomes={key: run.images[list(_OUTCOME)] for key, (_, run) in titles.items()},
    )


def make_published_board(dataset: str, protocol: ProtocolName = "paper") -> Board | None:
    """Return the numbers that the HAttMatting paper prints for a dataset, with no run beside them.

    None where it prints none.
    """
    known = known_dataset(dataset)
    images = known.test_images or 0
    entries = [
        entry for entry in published_beside(dataset, PAPER_TRIMAPS, images) if is_in_paper(entry)
    ]
    if not entries:
        return None
    ids = {metric_id(name, entry.region) for entry in entries for name in entry.values}
    metrics = tuple(sorted(ids, key=column_order))
    rows = [_published_row(entry, metrics) for entry in entries]
    return Board(
        key=f"{dataset}-published",
        dataset=dataset,
        title=known.title,
        split="test",
        dataset_root="",
        synthetic=known.synthetic,
        real=known.real,
        trimap_rule=PAPER_TRIMAPS,
        protocol=protocol,
        metrics=metrics,
        rows=tuple(sorted(rows, key=lambda row: _order(row, metrics))),
        images_in_split=images,
        image_ids=(),
        image_foregrounds=(),
        values={},
        smallest_difference={},
        groups=(),
        foregrounds=(),
        run_folders={},
        outcomes={},
    )


def _images(runs: Iterable[Run]) -> dict[str, str]:
    """Return the foreground of each image that any run has, in order of image."""
    foregrounds: dict[str, str] = {}
    for run in runs:
        foregrounds.update(zip(run.images["image_id"], run.images["foreground"], strict=True))
    return dict(sorted(foregrounds.items()))


def _metrics(runs: Iterable[Run], leading: str) -> tuple[str, ...]:
    known = {metric for run in runs for metric in run.table["metric"].unique()}
    return tuple(sorted(known, key=lambda m: (region_of(m) != leading, *column_order(m))))


def _titles(runs: Sequence[Run]) -> dict[str, tuple[str, Run]]:
    """Return title and run by row key; the title has a hash where two methods share a name."""
    names = [run.card.get("title", run.method.removeprefix(PREFIX)) for run in runs]
    titles = {}
    for run, name in zip(runs, names, strict=True):
        title = f"{name} ({run.method_hash[:8]})" if names.count(name) > 1 else name
        titles[f"{slug(run.method)}-{run.method_hash[:8]}"] = (title, run)
    return titles


def _columns(run: Run, images: Sequence[str], metrics: Iterable[str]) -> dict[str, Floats]:
    import pandas as pd

    row_image, of_run = pd.factorize(run.table["image_id"])
    row_metric, names = pd.factorize(run.table["metric"])
    place = {image: number for number, image in enumerate(images)}
    places = np.array([place[image] for image in of_run], np.intp)
    values = np.full((len(names), len(images)), np.nan)
    values[row_metric, places[row_image]] = run.table["value"]
    by_name = dict(zip(names, values, strict=True))
    return {name: by_name[name] for name in metrics if name in by_name}


def _cells(
    values: Mapping[str, Mapping[str, Floats]],
    titles: Mapping[str, tuple[str, Run]],
    metrics: Iterable[str],
    clusters: Sequence[str],
    whole: int,
) -> dict[str, dict[str, Cell]]:
    complete = {
        key
        for key, (_, run) in titles.items()
        if len(run.images) == whole and not has_leaked(run.card, run.dataset)
    }
    cells: dict[str, dict[str, Cell]] = {key: {} for key in values}
    for metric in metrics:
        ranks: dict[str, tuple[int, bool]] = {}
        for track in TRACKS:
            members = {key for key in complete if titles[key][1].track == track}
            ranked = {key: values[key][metric] for key in sorted(members) if metric in values[key]}
            ranks |= comparison.ranks(ranked, clusters)
        for key, columns in values.items():
            if metric in columns:
                rank, tied = ranks.get(key, (None, False))
                cells[key][metric] = _cell(columns[metric], clusters, rank, tied)
    return cells


def _cell(
    column: Floats, clusters: Sequence[str], rank: int | None = None, tied: bool = False
) -> Cell:
    low, high = mean_interval(column, clusters) or (None, None)
    return Cell(mean_over_images(column.tolist()), low, high, rank, tied)


def _row(
    key: str, title: str, run: Run, cells: Mapping[str, Cell], published: list[Published]
) -> BoardRow:
    images = run.images
    return BoardRow(
        key=key,
        method=run.method,
        title=title,
        kind=run.kind,
        track=run.track,
        year=None,
        source=None,
        card=run.card,
        method_hash=run.method_hash,
        images=len(images),
        not_applicable=int((images["status"] == "n/a").sum()),
        lacked_memory=sum(
            lacks_memory({"status": status, "notes": notes})
            for status, notes in zip(images["status"], images["notes"], strict=True)
        ),
        seconds=_seconds(run, images),
        cells=cells,
        leak=has_leaked(run.card, run.dataset),
        counterpart=find_counterpart(run.method, published) if run.kind == "measured" else None,
    )


def _seconds(run: Run, images: pd.DataFrame) -> float | None:
    mean = float(images["seconds"].mean())
    return None if run.kind == "scored" or math.isnan(mean) else mean


def _published_row(entry: Published, metrics: Sequence[str]) -> BoardRow:
    cells = {metric_id(name, entry.region): Cell(value) for name, value in entry.values.items()}
    return BoardRow(
        key=entry.key,
        method=entry.method,
        title=entry.method,
        kind="published",
        track="trimap-based" if entry.trimap else "trimap-free",
        year=entry.year,
        source=f"{entry.source} ({entry.note})" if entry.note else entry.source,
        card={},
        method_hash="",
        images=known_dataset(entry.dataset).test_images or 0,
        not_applicable=0,
        seconds=None,
        cells={metric: cells[metric] for metric in metrics if metric in cells},
    )


def _order(row: BoardRow, metrics: Sequence[str]) -> tuple[int, float, str]:
    """Sort by track, then by the first metric a row has; rows of another region come last."""
    lead = row.cells.get(metrics[0])
    value = lead.value if lead is not None and not math.isnan(lead.value) else math.inf
    return TRACKS.index(row.track), value, row.key


def _smallest(
    values: Mapping[str, Mapping[str, Floats]], metrics: Iterable[str], clusters: Sequence[str]
) -> dict[str, float]:
    smallest = {}
    for metric in metrics:
        columns = {key: have[metric] for key, have in values.items() if metric in have}
        difference = comparison.smallest_difference(columns, clusters)
        if difference is not None:
            smallest[metric] = difference
    return smallest


def _groups(
    values: Mapping[str, Mapping[str, Floats]],
    metrics: Iterable[str],
    clusters: Sequence[str],
    attributes: Attributes | None,
) -> Iterable[Group]:
    if attributes is None:
        return
    for attribute, members in attributes.groups(clusters).items():
        for value, indices in members.items():
            inside = [clusters[index] for index in indices]
            yield Group(
                attribute=attribute,
                value=value,
                images=len(indices),
                foregrounds=len(set(inside)),
                cells={
                    key: {
                        metric: _cell(columns[metric][indices], inside)
                        for metric in metrics
                        if metric in columns
                    }
                    for key, columns in values.items()
                },
            )


def _foregrounds(
    values: Mapping[str, Mapping[str, Floats]],
    clusters: Sequence[str],
    attributes: Attributes | None,
) -> Iterable[Foreground]:
    names = np.asarray(clusters)
    for name in sorted(set(clusters)):
        indices = np.flatnonzero(names == name)
        yield Foreground(
            name=name,
            images=len(indices),
            attributes=attributes.of(name) if attributes else {},
            values={
                key: {
                    metric: mean_over_images(column[indices].tolist())
                    for metric, column in columns.items()
                }
                for key, columns in values.items()
            },
        )
