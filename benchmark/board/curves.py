"""Trimap curves as a table: a method's scores over trimaps of many widths."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


COLUMNS = (
    "dataset", "method", "method_hash", "trimap_rule", "dilation", "metric", "region", "mean",
    "low", "high", "images", "foregrounds", "not_applicable", "seconds",
)  # fmt: skip


_DILATION = re.compile(r"radius-(\d+)/v\d+")


def summarise_curves(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Average over images, with intervals that draw foregrounds.

    Parameters
    ----------
    tables
        Per-image results, one a method.

    Returns
    -------
    pandas.DataFrame
        One row a method, trimap rule and metric. `dilation` is set for ``radius-N/v1``; both
        `trimap_rule` and `dilation` are empty for a method without trimaps. `low` and `high` are
        the ends of the 95 % interval, empty with fewer than `FEW_CLUSTERS` foregrounds. `seconds`
        is the mean processor time of an image.
    """
    import pandas as pd

    from benchmark.statistics.intervals import mean_interval

    rows = []
    for table in tables:
        parts = [
            (str(rule), str(metric), part)
            for (rule, metric), part in table.groupby(["trimap_rule", "metric"], dropna=False)
        ]
        for rule, metric, part in sorted(parts, key=lambda one: _order(*one[:2])):
            values, foregrounds = part["value"].tolist(), part["foreground"].tolist()
            low, high = mean_interval(values, foregrounds) or (float("nan"),) * 2
            first = part.iloc[0]
            rows.append({
                "dataset": first["dataset"], "method": first["method"],
                "method_hash": first["method_hash"], "trimap_rule": first["trimap_rule"],
                "dilation": _dilation(rule), "metric": metric, "region": first["region"],
                "mean": part["value"].mean(), "low": low, "high": high, "images": len(part),
                "foregrounds": len(set(foregrounds)),
                "not_applicable": int((part["status"] == "n/a").sum()),
                "seconds": part["seconds"].mean(),
            })  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _order(rule: str, metric: str) -> tuple[bool, str, list[int], str]:
    """Put dilations first, the rules with mistakes after them, and each kind by its numbers."""
    numbers = [int(number) for number in re.findall(r"\d+", rule)]
    return _dilation(rule) is None, rule.partition("-")[0], numbers, metric


def _dilation(rule: object) -> int | None:
    match = _DILATION.fullmatch(rule) if isinstance(rule, str) else None
    return int(match[1]) if match else None
