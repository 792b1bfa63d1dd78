"""The table on the screen: columns stay under their headings."""

from __future__ import annotations

import pandas as pd

from benchmark.table import render


def rows(method: str, value: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "dataset": "discs",
            "dataset_root": "0123456789abcdef",
            "method": method,
            "image_id": "a",
            "metric": [f"{name}/whole/v1" for name in ("sad", "mse", "grad", "conn")],
            "region": "whole",
            "trimap_rule": None,
            "value": value,
            "status": "ok",
        }
    )


def test_long_names_keep_the_columns() -> None:
    shown = render([rows("knn", 1.0), rows("learning-based-pymatting", 2.0)]).splitlines()
    bars = [line.index("|") for line in shown if "|" in line]
    assert len(bars) == 4
    assert len(set(bars)) == 1
    assert shown[-1].split() == ["learning-based-pymatting", "1", "0", "|", "2.000", "2.0000",
                                 "2.000", "2.000"]  # fmt: skip
