"""Schemas of what a run leaves behind and is read again: rows of results, run cards.

Rows name files (a method's hash, an image's id), so a row from a stranger is checked as a recipe
is, once, where it is read. A mean over the images that happen to have a value is no mean of the
test set: a table with a row missing is refused, not averaged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.metrics.registry import BY_NAME, metric_id
from benchmark.results.text_columns import different, is_text, row_codes
from distinctions646.checks import schema
from distinctions646.checks.files import parse_json

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_LINE = schema.text(r"[^\x00-\x1f\x7f]+", most=500)
_AGAIN = "run the same command again, or remove the file to score all again"
_MOST = 1e15  # of a metric, and of seconds


def _notes(value: Any, where: str) -> None:
    """Check the remarks of a method: an object in JSON."""
    if isinstance(value, str) and value == "{}":  # nearly always
        return
    schema.text(most=1_000_000)(value, where)
    if not isinstance(parse_json(value, where), dict):
        raise ValueError(f"{where} is {value[:80]!r}; expected an object in JSON")


ROW: Mapping[str, schema.Schema] = {
    "dataset": _LINE,
    "dataset_root": schema.text("[0-9A-Za-z]{1,64}"),
    "method": _LINE,
    "method_hash": schema.text("[0-9A-Za-z]{1,64}"),
    "image_id": schema.plain_name,
    "foreground": schema.plain_name,
    "metric": schema.text(r"[a-z][a-z0-9_]*/[\w.-]+(/float)?/v[0-9]+", most=200),
    "region": schema.text(r"[\w.-]+", most=200),
    "trimap_rule": schema.optional(schema.text(r"[^\x00-\x1f\x7f]+", most=200)),
    "value": schema.number(0, _MOST, nan=True),
    "status": schema.one_of("ok", "n/a"),
    "notes": _notes,
    "seconds": schema.number(0, _MOST, nan=True),
}
"""The schema of each column of a result."""
_TRIMAPS = schema.optional(
    schema.fields(
        {
            "rule": schema.optional(_LINE),
            "seed": schema.optional(schema.whole(-(2**63))),
            "own": schema.truth,
        }
    )
)
_CARD = schema.fields(
    {},
    {
        "kind": schema.one_of("measured", "scored"),
        "method": _LINE,
        "method_hash": ROW["method_hash"],
        "method_card": schema.mapping_of(schema.anything),
        "needs_trimap": schema.optional(schema.truth),
        "dataset": _LINE,
        "dataset_root": ROW["dataset_root"],
        "split": _LINE,
        "images": schema.whole(0),
        "images_in_split": schema.whole(0),
        "trimaps": _TRIMAPS,
        "reference_trimaps": _TRIMAPS,
        "config": schema.mapping_of(schema.anything),
    },
)


def check_table(content: pa.Table, path: Path) -> None:
    """Check the values of a result table.

    Parameters
    ----------
    content
        With the columns of `ROW`.
    path
        Its file.

    Raises
    ------
    ValueError
        Naming the file, the column and the value that is of another type or range.
    """
    different = {name: _different(content[name]) for name in ROW}
    try:
        schema.check_columns(different, ROW, str(path))
    except ValueError:  # among all values the error finds its row
        schema.check_columns({name: _all(content[name]) for name in ROW}, ROW, str(path))
        raise
    rows = row_codes(content["image_id"], content["trimap_rule"], content["metric"])
    _, first = np.unique(rows, return_index=True)
    if len(first) < len(rows):
        row = content.slice(int(np.setdiff1d(np.arange(len(rows)), first)[0]), 1).to_pylist()[0]
        raise ValueError(f"{path}: {row['metric']} of the image {row['image_id']} comes twice")
    _, pairs = np.unique(row_codes(content["metric"], content["region"]), return_index=True)
    for pair in content.select(["metric", "region"]).take(pairs).to_pylist():
        _check_region(pair["metric"], pair["region"], path)


def _is_float(column: pa.ChunkedArray) -> bool:
    return str(column.type) == "double"


def _all(column: pa.ChunkedArray) -> list[Any]:
    """Return all values of a column; a number that is missing is NaN."""
    values: list[Any] = column.to_numpy().tolist() if _is_float(column) else column.to_pylist()
    return values


def _different(column: pa.ChunkedArray) -> list[Any]:
    """Return the values that decide whether a column is right.

    These are the different ones; of numbers, whose schemas are ranges, both ends and a NaN.
    """
    if is_text(column.type):
        return list(different(column))
    if not _is_float(column):
        return list(column.to_pylist())
    values = column.to_numpy()
    defined = values[~np.isnan(values)]
    ends = [defined.min(), defined.max()] if len(defined) else []
    return [*(float(end) for end in ends), *[float("nan")] * (len(defined) < len(values))]


def check_rows(rows: Sequence[Any], path: Path) -> None:
    """Check the rows of a journal; errors as for `check_table`."""
    try:
        columns = {name: [row[name] for row in rows] for name in ROW}
        schema.check_columns(columns, ROW, str(path))
    except (KeyError, TypeError, ValueError):  # row by row the error finds its place
        row_schema = schema.fields(ROW)
        for number, row in enumerate(rows):
            row_schema(row, f"{path}: row {number}")
        raise
    for metric, region in sorted(set(zip(columns["metric"], columns["region"], strict=True))):
        _check_region(metric, region, path)


def _check_region(metric: str, region: str, path: Path) -> None:
    if metric.split("/")[1] != region:
        raise ValueError(f"{path}: metric {metric} is of the region {region}; expected its own")


def check_fields(card: Any, path: Path) -> None:
    """Check the entries of a run card; a `ValueError` names the file and the entry."""
    _CARD(card, str(path))


def missing_rows(table: pd.DataFrame, card: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Yield what a table lacks, as one sentence for each kind of fault.

    Parameters
    ----------
    table
        Of one method on one split, whole as it was read.
    card
        Its run card, for what all images may lack; without it the images are compared with each
        other. An entry that a card lacks, as those of old ones, is not compared.
    """
    images = table["image_id"].unique().tolist()
    kinds = table[["trimap_rule", "metric"]].drop_duplicates()
    rules = kinds["trimap_rule"].astype(object).fillna("")
    there = set(zip(rules, kinds["metric"], strict=True))
    if len(table) != len(images) * len(there):  # no row comes twice: an image lacks one
        yield _lacking(table, images)
        return
    if card is None:
        return
    if card.get("images", len(images)) != len(images):
        yield (
            f"has results of {len(images)} images, and the run card says {card['images']}; {_AGAIN}"
        )
    for rule, metric in _promised(card, {rule for rule, _ in there}):
        if (rule, metric) not in there:
            yield f"has no {metric}, which the run card says was measured; {_AGAIN}"
            return


def _lacking(table: pd.DataFrame, images: Sequence[str]) -> str:
    """Return which image lacks which row that others have."""
    rules = table["trimap_rule"].astype(object).fillna("")
    rows = (rules + "\n" + table["metric"].astype(object)).rename("row")
    counted = table.assign(row=rows).groupby("row")["image_id"].nunique()
    row, count = next((row, count) for row, count in counted.items() if count != len(images))
    there = set(table.loc[rows == row, "image_id"])
    lonely = next(image for image in images if image not in there)
    rule, _, metric = str(row).partition("\n")
    under = f" with the trimaps {rule}" if rule and rules.nunique() > 1 else ""
    more = f" (and of {len(images) - count - 1} more)" if len(images) - count > 1 else ""
    return f"has no {metric} of the image {lonely}{under}{more}, as of the others; {_AGAIN}"


def _promised(card: Mapping[str, Any], rules: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the trimap rule and the metric of each row that a card promises of an image."""
    names = card.get("config", {}).get("metrics")
    if not isinstance(names, list | tuple):
        return
    reference = card.get("reference_trimaps") or {}
    for rule in sorted(rules):
        region = reference.get("region") or ("unknown" if rule else None)
        for name in names:
            if name in BY_NAME:
                yield rule, metric_id(name)
                if region == "unknown":
                    yield rule, metric_id(name, region)
                elif region is not None:
                    yield rule, f"{name}/{region}/v{BY_NAME[name].version}"
