"""The plan of a run: what is there, what is left, what it costs; and nothing is computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from baselines.trivial import Distance
from benchmark.run import main
from benchmark.runner.config import RunConfig
from benchmark.runner.plan import make_plan, render_plan
from benchmark.runner.setup import make_jobs
from benchmark.sensitivity import main as sensitivity


def plan_of(dataset: Path, out: Path, **changes: object):
    config = RunConfig(method=("distance",), dataset=(dataset,), out=out, **changes)  # type: ignore[arg-type]
    (job,) = make_jobs(config)
    plan = make_plan(job)
    return plan, render_plan([plan])


def test_a_first_run_has_no_timing(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(self: Distance, *_: np.ndarray) -> np.ndarray:
        raise AssertionError("called")

    monkeypatch.setattr(Distance, "__call__", never)
    plan, shown = plan_of(dataset, tmp_path / "runs", workers=2)
    assert (plan.images, plan.done, plan.cached, plan.todo) == (3, 0, 0, 3)
    assert plan.seconds is None
    assert "no timing is known yet for distance; run with --limit 1" in shown
    assert not (tmp_path / "runs").exists()


def test_what_is_done_cached_and_left(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "runs"
    main(["--method", "distance", "--dataset", str(dataset), "--out", str(out), "--limit", "1"])
    plan, shown = plan_of(dataset, out)
    assert (plan.images, plan.done, plan.cached, plan.todo, plan.calls) == (3, 1, 0, 2, 2)
    assert plan.seconds is not None
    assert "as 1 cached mattes took" in shown
    (results,) = out.glob("*/*/results.parquet")
    results.unlink()
    plan, _ = plan_of(dataset, out)
    assert (plan.done, plan.cached, plan.todo) == (0, 1, 2)
    plan, _ = plan_of(dataset, out, trimap_rule="radius-200/v1")  # other trimaps, other mattes
    assert (plan.done, plan.cached, plan.todo) == (0, 0, 3)


def test_cost_is_seconds_a_megapixel(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two images of 24×30 pixels at 50,000 s a megapixel: 72 s."""
    monkeypatch.setattr(Distance, "seconds_per_megapixel", 50000.0, raising=False)
    plan, shown = plan_of(dataset, tmp_path, limit=2, workers=3)
    assert plan.seconds == pytest.approx(72)
    assert "in all 72 s of processor time, about 24 s with these workers" in shown
    assert "50000.00 s a megapixel, as the method states" in shown


def test_ready_made_mattes_cost_nothing(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--dataset", str(dataset), "--out", str(tmp_path / "runs"), "--dry-run"]
    assert main(["--method", f"folder:{dataset / 'alpha'}", *options]) == 0
    assert "in all 0 s of processor time, about 0 s with these workers\n" in capsys.readouterr().out


def test_equal_trimaps_are_one_call(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of 30 pixels, dilations 1, 5 and 50 are all 1; 200 is 4."""
    options = ["--dataset", str(dataset), "--out", str(tmp_path / "runs")]
    dilations = ["--dilations", "1", "5", "50", "200"]
    main(["--method", "distance", *options, "--trimap-rule", "radius-5/v1", "--limit", "1"])
    sensitivity(["--method", "distance", *options, *dilations, "--dry-run"])
    row = capsys.readouterr().out.split("CPU time\n")[1].splitlines()[0].split()
    assert row[:6] == ["discs", "distance", "3", "0", "0", "3"]
    assert row[6:8] == ["(5", "calls)"]
