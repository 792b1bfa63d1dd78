"""The command that times a matte beside an earlier commit and ONNX."""

from __future__ import annotations

import numpy as np
import pytest

from perf.checkpoint.inference import CASES, TARGETS, differences, to_markdown, to_rows
from perf.machine import ROOT
from perf.points.__main__ import to_markdown as points_table

ABOUT = {
    "date": "2026-01-01",
    "processor": "Some",
    "load": 0.1,
    "packages": {"torch": "2", "timm": None},
}


def mattes(offset: float) -> dict[str, np.ndarray]:
    names = ("bee", "meadow", *set(CASES) - {"small"})
    return {name: np.full((4, 5), offset, np.float32) for name in names}


def test_mattes_are_compared_over_all_pictures() -> None:
    one, other = mattes(0.25), mattes(0.25)
    other["meadow"][0, 0] = 0.5
    apart = differences(one, other)
    assert set(apart) == set(CASES)
    assert apart["small"]["largest"] == pytest.approx(0.25)
    assert apart["small"]["mean"] == pytest.approx(0.25 / 40)
    assert apart["large"] == {"mean": 0, "largest": 0}


def test_rows_are_those_that_the_table_of_points_takes() -> None:
    seconds = {name: {"before": 0.3, "after": 0.1} for name in (*CASES, "fresh process")}
    rows = to_rows(seconds, differences(mattes(0.5), mattes(0.75)), ROOT)
    table = points_table([{"point": 8, "what": "hatt", "rows": rows}])
    assert table.count("3.00 ×") == len(seconds)
    assert TARGETS["small"] in table
    assert "mattes differ by 2.5e-01 in the mean" in table


def test_the_table_beside_onnx_has_ratios_to_the_first_row() -> None:
    rows = [
        {"what": "ours", "ms": 100.0, "mean": None, "largest": None},
        {"what": "exported", "ms": 150.0, "mean": 1e-7, "largest": 2e-5},
    ]
    table = to_markdown(rows, ABOUT)
    assert "| exported | 150.0 | 1.50 | 1.0e-07 | 2.0e-05 |" in table
    assert "timm" not in table
