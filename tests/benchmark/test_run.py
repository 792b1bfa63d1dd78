"""The runner: numbers equal the metrics', and what it shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.metrics import evaluate
from benchmark.results import result_table as results
from benchmark.run import main, parse_args
from benchmark.runner.config import RunConfig
from distinctions646.images.png import write_png
from distinctions646.images.reading import read_alpha, read_trimap


def test_values_are_the_metrics(
    dataset: Path, tmp_path: Path, start: Callable[..., int], only: Callable[..., Path]
) -> None:
    assert start(dataset, tmp_path / "runs", "--method", "trimap") == 0
    folder = only(tmp_path / "runs", "trimap")
    table = results.read(folder / "results.parquet")
    assert len(table) == 3 * 8
    alpha_u8 = read_alpha(folder / "alpha" / "b.png")
    alpha_gt = read_alpha(dataset / "alpha" / "b.png")
    trimap = read_trimap(dataset / "trimap" / "b.png")
    rows = table[table["image_id"] == "b"].set_index("metric")["value"]
    for region in ("whole", "unknown"):
        expected = evaluate(alpha_u8, alpha_gt, trimap, region=region)
        for name, value in expected.items():
            assert rows[f"{name}/{region}/v1"] == value
    card = json.loads((folder / "run.json").read_text())
    assert card["method"] == "trimap"
    assert card["packages"]["numpy"] == np.__version__
    assert str(tmp_path) not in json.dumps(card)


def test_not_applicable_is_counted_and_scored(
    dataset: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    start: Callable[..., int],
    only: Callable[..., Path],
) -> None:
    """The glass has no known foreground: 0.5 in the unknown region, as the trimap row gets."""
    start(dataset, tmp_path / "runs", "--method", "distance", "trimap")
    shown = capsys.readouterr().out
    assert "distance              3    1 |" in shown
    assert "trimap                3    0 |" in shown
    distance, trimap = (
        results.read(only(tmp_path / "runs", name) / "results.parquet").set_index(
            ["image_id", "metric"]
        )
        for name in ("distance", "trimap")
    )
    assert set(distance.loc["glass", "status"]) == {"n/a"}
    assert set(distance.loc["a", "status"]) == {"ok"}
    assert distance.loc["glass", "value"].equals(trimap.loc["glass", "value"])


def test_workers_change_nothing(
    dataset: Path, tmp_path: Path, start: Callable[..., int], only: Callable[..., Path]
) -> None:
    tables = []
    for workers in ("1", "2"):
        out = tmp_path / workers
        assert start(dataset, out, "--method", "trimap", "--workers", workers) == 0
        tables.append(results.read(only(out, "trimap") / "results.parquet").drop(columns="seconds"))
    assert tables[0].equals(tables[1])


def test_folder_of_mattes_scores_zero_for_the_truth(
    dataset: Path, tmp_path: Path, start: Callable[..., int], only: Callable[..., Path]
) -> None:
    assert start(dataset, tmp_path / "runs", "--method", f"folder:{dataset / 'alpha'}") == 0
    folder = only(tmp_path / "runs", "folder-alpha")
    table = results.read(folder / "results.parquet")
    assert (table["value"].dropna() == 0).all()
    card = json.loads((folder / "run.json").read_text())
    assert (card["kind"], card["needs_trimap"]) == ("scored", None)
    assert card["config"]["method"] == ["folder:alpha"]
    assert np.array_equal(
        read_alpha(folder / "alpha" / "b.png"), read_alpha(dataset / "alpha" / "b.png")
    )


def test_an_undefined_value_is_said(
    dataset: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    start: Callable[..., int],
    only: Callable[..., Path],
) -> None:
    solid = np.full((24, 30), 255, np.uint8)
    write_png(dataset / "image" / "solid.png", np.dstack([solid] * 3))
    for kind in ("alpha", "trimap"):
        write_png(dataset / kind / "solid.png", solid)
    start(dataset, tmp_path / "runs", "--method", "constant")
    table = results.read(only(tmp_path / "runs", "constant") / "results.parquet")
    values = table[table["metric"] == "mse/unknown/v1"]["value"]
    assert values.isna().sum() == 1
    assert "1 value is undefined" in capsys.readouterr().out


def test_without_arguments_the_example_runs() -> None:
    config = parse_args([])
    assert isinstance(config, RunConfig)
    assert config.method == ("closed-form", "knn", "hatt")
    assert config.dataset == (Path("mini"),)


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert "closed-form" in capsys.readouterr().out


def test_the_long_list_has_cards(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a method whose weights do not ship, too: what it is, and what it wants."""
    assert main(["--list", "--long"]) == 0
    by_name = dict(block.split("\n", 1) for block in capsys.readouterr().out.split("\n\n"))
    assert "  paper           Levin et al. 2008" in by_name["closed-form"]
    assert "  parameters      25,164,529" in by_name["gca"]
    assert "  weights         --weights takes gca-dist.pth" in by_name["gca"]
    indexnet = by_name["indexnet"]
    assert "  title           indexnet (ours, reduced)" in indexnet
    assert "  also takes      indexnet_matting.pth.tar" in indexnet
    with pytest.raises(SystemExit):
        main(["--long"])
