"""Mattes are kept by what made them: other trimaps and metrics call no method in vain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from baselines.trivial import Constant, Distance
from benchmark.results import result_table as results
from distinctions646.images.png import write_png
from distinctions646.trimap.values import NotApplicable


def test_other_trimaps_are_another_run(
    dataset: Path, tmp_path: Path, start: Callable[..., int]
) -> None:
    runs = tmp_path / "runs"
    start(dataset, runs, "--method", "trimap")
    write_png(dataset / "trimap" / "b.png", np.full((24, 30), 128, np.uint8))
    start(dataset, runs, "--method", "trimap")
    before, after = (
        results.read(path)
        for path in sorted(
            runs.glob("*/trimap-*/results.parquet"), key=lambda path: path.stat().st_mtime_ns
        )
    )
    values = [table.set_index(["image_id", "metric"])["value"] for table in (before, after)]
    assert values[0]["b", "sad/whole/v1"] < values[1]["b", "sad/whole/v1"]
    assert values[0]["a", "sad/whole/v1"] == values[1]["a", "sad/whole/v1"]


def test_other_trimaps_need_no_call_of_a_method_without(
    dataset: Path,
    tmp_path: Path,
    start: Callable[..., int],
    count_calls: Callable[[type], list[int]],
) -> None:
    """And one that needs them is called for those only that differ."""
    constant, distance = (count_calls(kind) for kind in (Constant, Distance))
    runs = tmp_path / "runs"
    methods = ("--method", "constant", "distance")
    for rule in ("radius-1/v1", "radius-50/v1", "radius-60/v1"):  # of 30 pixels: 1, 1 and 1
        assert start(dataset, runs, *methods, "--trimap-rule", rule) == 0
    assert (len(constant), len(distance)) == (3, 3)
    start(dataset, runs, *methods, "--trimap-rule", "radius-200/v1")  # of 30 pixels: 4
    assert (len(constant), len(distance)) == (3, 6)
    tables = [results.read(path) for path in sorted(runs.glob("*/constant-*/results.parquet"))]
    assert {rule for table in tables for rule in table["trimap_rule"]} == {
        "radius-1/v1",
        "radius-50/v1",
        "radius-60/v1",
        "radius-200/v1",
    }
    assert all((path.parent / "alpha" / "b.png").is_file() for path in runs.glob("*/*/run.json"))


def test_new_metrics_need_no_call(
    dataset: Path,
    tmp_path: Path,
    start: Callable[..., int],
    only: Callable[..., Path],
    count_calls: Callable[[type], list[int]],
) -> None:
    runs = tmp_path / "runs"
    calls = count_calls(Distance)
    start(dataset, runs, "--method", "distance")
    start(dataset, runs, "--method", "distance", "--more-metrics", "mad")
    assert len(calls) == 3
    table = results.read(only(runs, "distance") / "results.parquet")
    assert len(table) == 3 * 10
    whole = table[table["image_id"] == "a"].set_index("metric")["value"]
    assert whole["mad/whole/v1"] == pytest.approx(whole["sad/whole/v1"] * 1000 / (24 * 30))


def test_where_a_method_cannot_work_the_trimap_of_this_run_counts(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Callable[..., int]
) -> None:
    """Also of a method without trimaps, whose answer is cached for all of them."""

    def never(self: Constant, *_: np.ndarray) -> np.ndarray:
        raise NotApplicable("not today")

    monkeypatch.setattr(Constant, "__call__", never)
    runs = tmp_path / "runs"
    for rule in ("radius-1/v1", "radius-200/v1"):
        start(dataset, runs, "--method", "constant", "trimap", "--trimap-rule", rule)
    folders = list(runs.glob("discs-*"))
    assert len(folders) == 2
    for folder in folders:
        tables = [results.read(path) for path in sorted(folder.glob("*/results.parquet"))]
        assert set(tables[0]["status"]) == {"n/a"}
        assert tables[0]["value"].equals(tables[1]["value"])
