"""Growth of the classical methods: the scene, the tables, and needs that hold the measurements."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.methods.finding import load_method
from benchmark.methods.memory import needed_bytes
from distinctions646.checks.files import read_json
from perf.baselines.growth import read_kept
from perf.baselines.growth_cell import make_scene
from perf.baselines.growth_point import growth_point
from perf.baselines.growth_tables import METHODS, exponent, growth_tables, ratio
from perf.points.__main__ import POINTS


def cell(seconds: float, pixels: int = 10_000) -> dict[str, Any]:
    return {"cpu_seconds": seconds, "peak_mb": 512, "idle_mb": 256, "height": pixels, "width": 100,
            "unknown": 16 * pixels, "load": 1.0}  # fmt: skip


def test_the_scene_is_the_same_at_every_size() -> None:
    shares = []
    for megapixels in (0.05, 0.2):
        image, trimap = make_scene(megapixels, 0.02)
        assert image.shape == (*trimap.shape, 3)
        assert image[..., 0].size == pytest.approx(megapixels * 1e6, rel=0.01)
        shares.append([float((trimap == value).mean()) for value in (0, 128, 255)])
    assert shares[0] == pytest.approx(shares[1], abs=0.01)
    assert np.array_equal(make_scene(0.05, 0.02)[0], make_scene(0.05, 0.06)[0])


def test_exponents() -> None:
    assert exponent([(1.0, 2.0), (3.0, 18.0), (9.0, 162.0)]) == "2.00"
    assert exponent([(1.0, 2.0)]) == ""


def test_tables_show_what_is_not_finished_and_leave_out_what_is_not_measured() -> None:
    rows: Any = {
        "knn/1/narrow": cell(2.0),
        "knn/3/narrow": cell(6.0),
        "knn/12/narrow": {"unfinished": "not done after 480 CPU seconds", "load": 1.0},
        "closed-form/3/narrow": cell(3.0),
        "information-flow/3/narrow": cell(9.0),
    }
    about = {"packages": {"numpy": "2"}, "cores": 2}
    tables = growth_tables({"rows": rows, "before": {}, "about": about})
    line = next(line for line in tables["growth"].splitlines() if line.startswith("| `knn`"))
    assert line == "| `knn` |  | 2.00 | 6.00 |  | not done after 480 CPU seconds | 1.00 |"
    assert ratio(rows, "information-flow", "closed-form", "3") == 3
    assert ratio(rows, "knn", "closed-form", "12") is None


def test_the_point_is_made_from_the_cells() -> None:
    def at(commit: str, seconds: float) -> dict[str, Any]:
        return {**cell(seconds), "commit": commit}

    before = {"information-flow/3/narrow": at("a", 30.0), "closed-form/3/narrow": at("a", 10.0)}
    now = {"information-flow/3/narrow": at("b", 10.0), "closed-form/3/narrow": at("b", 4.0)}
    rows = {row["what"]: row for row in growth_point({"before": before, "rows": now})["rows"]}
    flow = rows["Information-Flow over closed form, 3 MP"]
    assert (flow["before"], flow["after"], flow["commits"]) == (3.0, 2.5, ["a", "b"])
    assert flow["note"].startswith("missed")
    assert "before: 1.00" in flow["note"]
    assert rows["Information-Flow, 3 MP"]["after"] == 10
    assert rows["learning-based, 12 MP"]["before"] is None
    assert rows["highest peak memory at 12 MP"]["after"] is None


def test_the_highest_peak_has_the_commits_of_the_methods_that_reach_it() -> None:
    before = {"sss/12/narrow": {**cell(1.0), "peak_mb": 2048, "commit": "a"}}
    now = {"sss/12/narrow": {**cell(1.0), "commit": "b"},
           "knn/12/narrow": {**cell(1.0), "peak_mb": 1024, "commit": "c"}}  # fmt: skip
    peak = growth_point({"before": before, "rows": now})["rows"][-1]
    assert (peak["before"], peak["after"], peak["commits"]) == (2.0, 1.0, ["a", "c"])


def test_the_kept_point_is_that_of_the_kept_cells() -> None:
    assert read_json(POINTS / "7-growth.json") == growth_point(read_kept())


@pytest.mark.parametrize("name", METHODS)
def test_stated_needs_hold_what_was_measured(name: str) -> None:
    """And are no more than half as much again as the largest picture took."""
    method = load_method(name)
    cells = [row for key, row in read_kept()["rows"].items() if key.startswith(f"{name}/")]
    measured = [row for row in cells if row.get("height", 0) * row.get("width", 0) >= 900_000]
    assert measured
    shares = []
    for row in measured:
        took = 2**20 * (row["peak_mb"] - row["idle_mb"])
        shares.append(took / needed_bytes(method, row["height"] * row["width"], row["unknown"]))
    assert max(shares) <= 1
    assert max(shares) >= 0.65
