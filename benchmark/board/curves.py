"""Trimap curves as a table: a method's scores over trimaps of many widths, with intervals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.board.board import Board
from benchmark.results import result_table as results
from benchmark.results.stored_fields import missing_rows
from benchmark.statistics.intervals import mean_interval

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "dataset",
    "method",
    "method_hash",
    "trimap_rule",
    "dilation",
    "metric",
    "region",
    "mean",
    "low",
    "high",
    "images",
    "foregrounds",
    "not_applicable",
    "seconds",
)
_DILATION = re.compile(r"radius-(\d+)/v\d+")


def read_curves(paths: Sequence[Path], boards: Sequence[Board]) -> dict[str, pd.DataFrame]:
    """Read sensitivity results and summarise them by the board that they belong to.

    Parameters
    ----------
    paths
        ``sensitivity.parquet`` files of `benchmark.sensitivity`.
    boards
        The boards that may have curves.

    Returns
    -------
    dict
        `summarise_curves` by board key: that of the first board of the same pictures.

    Raises
    ------
    ValueError
        If a file is bad or lacks a row, or no board is of its pictures.
    """
    tables: dict[str, list[pd.DataFrame]] = {}
    for path in paths:
        table = results.read(path)
        for fault in missing_rows(table):
            raise ValueError(f"{path}: {fault}")
        root = str(table["dataset_root"].iloc[0])
        key = next((board.key for board in boards if board.dataset_root == root), None)
        if key is None:
            raise ValueError(
                f"{path}: curves on {table['dataset'].iloc[0]} (root {root[:12]}), of which there "
                "is no leaderboard here"
            )
        tables.setdefault(key, []).append(table)
    return {key: summarise_curves(of_board) for key, of_board in tables.items()}


def summarise_curves(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Average over images, with intervals that draw foregrounds.

    Parameters
    ----------
    tables
        Results per image, one table per method.

    Returns
    -------
    pandas.DataFrame
        One row per method, trimap rule and metric. `dilation` is set for ``radius-N/v1``; both
        `trimap_rule` and `dilation` are empty for a method without trimaps. `low` and `high` are
        the ends of the 95 % interval, empty with fewer than `FEW_CLUSTERS` foregrounds. `seconds`
        is the mean processor time of an image.
    """
    import pandas as pd

    rows = []
    for table in tables:
        parts = [
            (str(rule), str(metric), part)
            for (rule, metric), part in table.groupby(["trimap_rule", "metric"], dropna=False)
        ]
        for rule, metric, part in sorted(parts, key=lambda entry: _order(*entry[:2])):
            values, foregrounds = part["value"].tolist(), part["foreground"].tolist()
            low, high = mean_interval(values, foregrounds) or (float("nan"),) * 2
            first = part.iloc[0]
            row = {
                "dataset": first["dataset"],
                "method": first["method"],
                "method_hash": first["method_hash"],
                "trimap_rule": first["trimap_rule"],
                "dilation": dilation_of(rule),
                "metric": metric,
                "region": first["region"],
                "mean": part["value"].mean(),
                "low": low,
                "high": high,
                "images": len(part),
                "foregrounds": len(set(foregrounds)),
                "not_applicable": int((part["status"] == "n/a").sum()),
                "seconds": part["seconds"].mean(),
            }
            rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _order(rule: str, metric: str) -> tuple[bool, str, list[int], str]:
    """Sort dilations first, the rules with mistakes after them, and each kind by its numbers."""
    numbers = [int(number) for number in re.findall(r"\d+", rule)]
    return dilation_of(rule) is None, rule.partition("-")[0], numbers, metric


def dilation_of(rule: object) -> int | None:
    """Return the radius of a trimap rule ``radius-N/v1``; None for any other."""
    match = _DILATION.fullmatch(rule) if isinstance(rule, str) else None
    return int(match[1]) if match else None


def short_rule(rule: str) -> str:
    """Return a trimap rule in short, for axes and headings.

    Examples
    --------
    >>> short_rule("radius-25/v1"), short_rule("noisy-25-10/v1")
    ('25', 'noisy-25-10')
    """
    return rule.partition("/")[0].removeprefix("radius-")
