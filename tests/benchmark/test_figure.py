"""The contact sheet: every tile where it belongs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmark.figure import GAP, TITLE, contact_sheet, find_runs, main
from benchmark.run import main as run
from distinctions646.images import read_alpha
from distinctions646.loading import open_split


@pytest.fixture
def runs(dataset: Path, tmp_path: Path) -> Path:
    run(["--dataset", str(dataset), "--out", str(tmp_path / "runs"), "--method", "trimap",
         "constant"])  # fmt: skip
    return tmp_path / "runs"


def test_tiles(dataset: Path, runs: Path) -> None:
    split = open_split(dataset)
    columns = find_runs(runs, split)
    assert [name for name, _ in columns] == ["constant", "trimap"]
    sheet = np.asarray(contact_sheet(split.samples, columns, tile=30))
    for row, sample in enumerate(split.samples):
        top = TITLE + row * (30 + TITLE + GAP) + TITLE
        tiles = [sheet[top : top + 24, GAP + k * 34 : GAP + k * 34 + 30] for k in range(5)]
        assert np.array_equal(tiles[0], sample.image())
        assert np.array_equal(tiles[1][..., 0], sample.trimap())
        assert np.array_equal(tiles[2][..., 0], sample.alpha_u8())
        assert (tiles[3] == 128).all()
        assert np.array_equal(tiles[4][..., 0], read_alpha(dict(columns)["trimap"][sample.name]))


def test_command(dataset: Path, runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "pictures" / "sheet.png"
    assert main(["--dataset", str(dataset), "--runs", str(runs), "--out", str(out), "--images",
                 "b", "--method", "trimap"]) == 0  # fmt: skip
    assert Image.open(out).size == (GAP + 4 * (192 + GAP), TITLE + 192 + TITLE + GAP + GAP)


def test_errors(
    dataset: Path, runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--dataset", str(dataset), "--out", str(tmp_path / "sheet.png"), "--runs"]
    assert main([*arguments, str(tmp_path / "none")]) == 2
    assert "no mattes of any method" in capsys.readouterr().err
    assert main([*arguments, str(runs), "--method", "knn"]) == 2
    assert "no mattes of knn" in capsys.readouterr().err
    assert main([*arguments, str(runs), "--images", "z"]) == 2
    assert "no image named z" in capsys.readouterr().err
    assert not (tmp_path / "sheet.png").exists()
