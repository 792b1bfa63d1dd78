"""Trimap sensitivity: every rule a row, one region for all, methods without trimaps once."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from baselines.trivial import Constant, Distance
from benchmark.board.curves import summarise_curves
from benchmark.metrics import evaluate
from benchmark.results import result_table as results
from benchmark.run import main as run
from benchmark.sensitivity import main
from benchmark.statistics.intervals import mean_interval
from distinctions646.images.reading import alpha_to_u8, read_alpha, read_image, read_trimap
from distinctions646.trimap.making import make_trimap


def start(dataset: Path, out: Path, *options: str) -> int:
    return main(["--dataset", str(dataset), "--out", str(out), *options])


def table_of(out: Path, method: str) -> pd.DataFrame:
    (path,) = out.glob(f"sensitivity/*/{method}-*/sensitivity.parquet")
    return results.read(path)


def test_values_are_those_of_each_trimap_over_the_reference_region(
    dataset: Path, tmp_path: Path
) -> None:
    assert start(dataset, tmp_path, "--method", "distance", "--dilations", "1", "150") == 0
    table = table_of(tmp_path, "distance")
    assert len(table) == 3 * 2 * 8
    alpha_gt = read_alpha(dataset / "alpha" / "a.png")
    made = make_trimap(alpha_gt, "radius-150/v1", image_id="a")
    alpha_u8 = alpha_to_u8(Distance()(read_image(dataset / "image" / "a.png"), made))
    given = read_trimap(dataset / "trimap" / "a.png")
    rows = table[(table["image_id"] == "a") & (table["trimap_rule"] == "radius-150/v1")]
    values = rows.set_index("metric")["value"]
    for region, name in (("whole", "whole"), ("unknown", "unknown-of-given")):
        for metric, value in evaluate(alpha_u8, alpha_gt, given, region=region).items():  # type: ignore[arg-type]
            assert values[f"{metric}/{name}/v1"] == value
    assert set(rows["region"]) == {"whole", "unknown-of-given"}


def test_a_method_without_trimaps_is_called_once(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def counting(self: Constant, image: np.ndarray, trimap: np.ndarray | None) -> np.ndarray:
        calls.append(1)
        assert trimap is None
        return np.full(image.shape[:2], 0.5)

    monkeypatch.setattr(Constant, "__call__", counting)
    start(dataset, tmp_path, "--method", "constant", "distance", "--dilations", "1", "5", "9")
    assert len(calls) == 3
    assert table_of(tmp_path, "constant")["trimap_rule"].tolist() == [None] * 24
    run(["--method", "constant", "--dataset", str(dataset), "--out", str(tmp_path)])
    assert len(calls) == 3  # its mattes are the run's, too
    assert len(list(tmp_path.glob("*/*/results.parquet"))) == 1  # which no curve is taken for


def test_more_dilations_join_those_there(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start(dataset, tmp_path, "--method", "trimap", "--dilations", "1")
    start(dataset, tmp_path, "--method", "trimap", "--dilations", "200", "1")
    assert len(table_of(tmp_path, "trimap")) == 3 * 2 * 8
    capsys.readouterr()
    start(dataset, tmp_path, "--method", "trimap", "--dilations", "1")
    printed = capsys.readouterr()
    assert "3 images done before" in printed.err
    assert "200" not in printed.out.splitlines()[2]  # only what was asked for is shown


def test_noise_without_names_is_the_default_set(dataset: Path, tmp_path: Path) -> None:
    start(dataset, tmp_path, "--method", "trimap", "--dilations", "9", "--noise")
    assert set(table_of(tmp_path, "trimap")["trimap_rule"]) == {
        "radius-9/v1",
        "noisy-15-15/v1",
        "noisy-15-30/v1",
        "patchy-15-5/v1",
        "patchy-15-20/v1",
    }


def test_an_unknown_rule_stops_before_any_work(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(dataset, tmp_path / "runs", "--method", "trimap", "--noise", "noisy-1/v1") == 2
    assert "trimap rule is 'noisy-1/v1'; expected one of" in capsys.readouterr().err
    for dilation in ("-5", "0", "201"):
        with pytest.raises(SystemExit):
            start(dataset, tmp_path / "runs", "--method", "trimap", "--dilations", "9", dilation)
        assert f"--dilations is {dilation}; expected 1 to 200" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_curves_have_intervals_of_enough_foregrounds() -> None:
    count = 9
    table = pd.DataFrame(
        {
            "dataset": "pets",
            "method": "knn",
            "method_hash": "0" * 12,
            "status": "ok",
            "seconds": 1.0,
            "trimap_rule": "radius-9/v1",
            "metric": "sad/whole/v1",
            "region": "whole",
            "foreground": [f"pet{place}" for place in range(count)],
            "value": np.arange(count, dtype=float) ** 2,
        }
    )
    (point,) = summarise_curves([table]).to_dict("records")
    expected = mean_interval(table["value"].tolist(), table["foreground"].tolist())
    assert (point["low"], point["high"]) == expected
    assert 0 <= point["low"] < point["mean"] < point["high"]


def test_curves_are_means(dataset: Path, tmp_path: Path) -> None:
    options = ["--method", "trimap", "constant", "--dilations", "200", "9", "--noise"]
    start(dataset, tmp_path, *options)
    tables = [table_of(tmp_path, name) for name in ("trimap", "constant")]
    summary = summarise_curves(tables)
    part = summary[summary["metric"] == "sad/whole/v1"]
    assert part["dilation"].tolist()[:2] == [9, 200]
    assert part["trimap_rule"].fillna("none").tolist()[2:] == [
        "noisy-15-15/v1",
        "noisy-15-30/v1",
        "patchy-15-5/v1",
        "patchy-15-20/v1",
        "none",
    ]
    rows = tables[0][(tables[0]["trimap_rule"] == "radius-200/v1")]
    rows = rows[rows["metric"] == "sad/whole/v1"]
    point = part[part["dilation"] == 200].iloc[0]
    assert point["mean"] == pytest.approx(rows["value"].mean())
    assert mean_interval(rows["value"].tolist(), rows["foreground"].tolist()) is None
    assert point[["low", "high"]].isna().all()
    (folder,) = (tmp_path / "sensitivity").iterdir()
    with (folder / "curves.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(summary)
    assert float(lines[0]["mean"]) == pytest.approx(summary["mean"].iloc[0], rel=1e-8)
    assert lines[0]["dilation"] == "9"
    assert (folder / "curves.pdf").read_bytes().startswith(b"%PDF")
    assert (folder / "curves.png").read_bytes().startswith(b"\x89PNG")
