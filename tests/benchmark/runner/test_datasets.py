"""Which datasets the runner takes: several, trimaps by rule, virtual splits."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.results import result_table as results
from benchmark.run import main
from distinctions646.build.building import main as build
from distinctions646.images.png import write_png
from distinctions646.images.reading import read_alpha


def test_several_datasets(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "others"
    shutil.copytree(dataset, other)
    write_png(other / "alpha" / "b.png", read_alpha(other / "alpha" / "a.png"))
    runs = tmp_path / "runs"
    options = ["--method", "constant", "trimap", "--dataset", str(dataset), str(other)]
    assert main([*options, "--out", str(runs)]) == 0
    shown = capsys.readouterr().out
    assert shown.count("trimaps: given") == 2
    assert len(list(runs.glob("discs-*/*/results.parquet"))) == 2
    assert len(list(runs.glob("others-*/*/results.parquet"))) == 2


def test_a_rule_stands_in_for_missing_trimaps(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    start: Callable[..., int],
    build_options: Callable[[Path, str], list[str]],
) -> None:
    """The same trimaps, and the same folder, as a build by that rule has."""
    built = tmp_path / "built"
    options = build_options(built, "folder")
    assert build([*options, "--trimap-rule", "dilate-25/v1"]) == 0
    runs = tmp_path / "runs"
    start(built, runs, "--method", "trimap", "--protocol", "standard")
    shutil.rmtree(built)
    assert build(options) == 0
    start(built, runs, "--method", "trimap", "--protocol", "paper")
    assert "3 images done before" in capsys.readouterr().err
    (path,) = runs.glob("*/*/results.parquet")
    assert set(results.read(path)["trimap_rule"]) == {"dilate-25/v1"}


@pytest.mark.slow
def test_a_virtual_split_with_backgrounds_elsewhere(
    dataset: Path,
    tmp_path: Path,
    start: Callable[..., int],
    build_options: Callable[[Path, str], list[str]],
) -> None:
    built, runs = tmp_path / "built", tmp_path / "runs"
    options = build_options(built, "virtual")
    assert build(options) == 0
    assert start(built, runs, "--method", "constant") == 2
    backgrounds = ("--backgrounds", str(dataset / "image"))
    assert start(built, runs, "--method", "constant", *backgrounds, "--workers", "2") == 0
