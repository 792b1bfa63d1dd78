"""The table of scores: its conditions, its summary, and its file."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.metrics.registry import EMPTY_INTERSECTION, METRICS, metric_id
from benchmark.scoring.score_files import BY_REGION, ImageScores, ScoreSettings
from benchmark.statistics.intervals import clusters_of, mean_interval, mean_over_images
from distinctions646.checks.escapes import csv_cell
from distinctions646.checks.words import counted
from distinctions646.process.whole_files import write_bytes

SUFFIXES = (".csv", ".parquet", ".json")
FORMAT = 1
_HEADINGS = ("metric", "mean", "95 % interval", "id", "unit")


@dataclass(frozen=True)
class Summary:
    """One metric over all images.

    Attributes
    ----------
    id
        Metric id, as in `benchmark.metrics.METRICS`.
    mean
        Plain mean of the images' values, without undefined ones.
    interval
        95 % confidence interval of the mean, clustered by foreground; None where these are too few.
    undefined
        Images whose value is NaN: no pixel in the region.
    """

    column: str
    id: str
    mean: float
    interval: tuple[float, float] | None
    undefined: int


@dataclass(frozen=True, repr=False)
class ScoreTable:
    """The rows of scores with the conditions under which they hold."""

    rows: list[ImageScores]
    settings: ScoreSettings
    cluster_pattern: str

    def __repr__(self) -> str:
        """Return the means in one line."""
        means = ", ".join(f"{name} {mean:.6g}" for name, mean in self.means().items())
        return f"ScoreTable of {counted(len(self.rows), 'image')}: {means}"

    def means(self) -> dict[str, float]:
        """Return the mean over images of each column, by its name."""
        return {summary.column: summary.mean for summary in self.summaries()}

    def _repr_html_(self) -> str:
        """Return the means with their intervals as an HTML table, for notebooks."""
        rows = []
        for one in self.summaries():
            ends = "" if one.interval is None else f"{one.interval[0]:.5g} to {one.interval[1]:.5g}"
            cells = (one.column, f"{one.mean:.6g}", ends, one.id, METRICS[one.id].unit)
            rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        head = "".join(f"<th>{name}</th>" for name in _HEADINGS)
        images = counted(len(self.rows), "image")
        return f"<p>{images}</p><table><tr>{head}</tr>{''.join(rows)}</table>"

    def summaries(self) -> list[Summary]:
        """Return the mean and interval of each column."""
        clusters = clusters_of([row.image for row in self.rows], self.cluster_pattern)
        summaries = []
        for column in self.settings.metrics:
            values = [row.values[column] for row in self.rows]
            summaries.append(
                Summary(
                    column,
                    column_id(column, self.settings.region),
                    mean_over_images(values),
                    mean_interval(values, clusters),
                    sum(math.isnan(value) for value in values),
                )
            )
        return summaries

    def conditions(self) -> dict[str, Any]:
        """Return what the numbers mean, and their means, as plain JSON values."""
        clusters = clusters_of([row.image for row in self.rows], self.cluster_pattern)
        return {
            "format": FORMAT,
            "images": len(self.rows),
            "clusters": len(set(clusters)),
            "cluster_pattern": self.cluster_pattern,
            "region": self.settings.region,
            "fill_known": self.settings.fill_known,
            "trimap_values": self.settings.trimap_values,
            "alpha": "8-bit",
            "empty_intersection": EMPTY_INTERSECTION,
            "metrics": {
                summary.column: {
                    "id": summary.id,
                    "unit": METRICS[summary.id].unit,
                    "mean": None if math.isnan(summary.mean) else summary.mean,
                    "interval_95": summary.interval and list(summary.interval),
                    "undefined_images": summary.undefined,
                }
                for summary in self.summaries()
            },
        }


def column_id(column: str, region: str) -> str:
    """Return the metric id of a column.

    Examples
    --------
    >>> column_id("grad", "unknown"), column_id("sad_foreground", "whole")
    ('grad/unknown/v1', 'sad/foreground/v1')
    """
    if column in BY_REGION:
        return metric_id("sad", BY_REGION[column])
    return metric_id(column, region)


def check_out(out: Path) -> None:
    """Refuse a path that no table can be written to, before anything is scored.

    Raises
    ------
    ValueError
        For an unknown suffix, a missing folder, or a folder of that name.
    """
    if out.suffix.lower() not in SUFFIXES:
        raise ValueError(f"--out {out}: expected a name ending in {', '.join(SUFFIXES)}")
    if out.is_dir():
        raise ValueError(f"--out {out}: is a folder; expected a file name")
    if not out.parent.is_dir():
        raise ValueError(f"--out {out}: no folder {out.parent}")


def write_table(out: Path, table: ScoreTable) -> None:
    """Write the scores as CSV, Parquet or JSON, by suffix; an old file is replaced as a whole.

    JSON and Parquet hold the conditions; for ``scores.csv`` they are in
    ``scores.conditions.json`` beside it.

    Parameters
    ----------
    out
        The file; its suffix chooses the format.
    table
        The scores.

    Raises
    ------
    OSError
        If the file cannot be written; what was there before is then still there.
    """
    conditions = table.conditions()
    suffix = out.suffix.lower()
    if suffix == ".csv":
        write_bytes(out.with_suffix(".conditions.json"), _json(conditions))
        write_bytes(out, _csv(table).encode())
    elif suffix == ".json":
        rows = [{"image": row.image, **_plain(row.values)} for row in table.rows]
        write_bytes(out, _json({**conditions, "scores": rows}))
    else:
        write_bytes(out, _parquet(table, conditions))


def _plain(values: dict[str, float]) -> dict[str, float | None]:
    return {name: None if math.isnan(value) else value for name, value in values.items()}


def _json(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _csv(table: ScoreTable) -> str:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["image", *table.settings.metrics])
    for row in table.rows:
        writer.writerow(
            [csv_cell(row.image), *(row.values[name] for name in table.settings.metrics)]
        )
    return text.getvalue()


def _parquet(table: ScoreTable, conditions: dict[str, Any]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Sequence[Any]] = {"image": [row.image for row in table.rows]}
    for name in table.settings.metrics:
        columns[name] = [row.values[name] for row in table.rows]
    scores = pa.table(columns)
    metadata = {**(scores.schema.metadata or {}), b"conditions": _json(conditions)}
    sink = pa.BufferOutputStream()
    pq.write_table(scores.replace_schema_metadata(metadata), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content
