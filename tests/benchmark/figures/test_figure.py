"""Figures: every tile where it belongs, the right images chosen, PDF and PNG written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmark.figure import main
from benchmark.figures.choosing import choose_samples, median_errors, read_scores
from benchmark.figures.grid import GridRow, Tile, draw_grid, save_figure
from benchmark.figures.runs import FoundRun, find_run_mattes
from benchmark.figures.sheet import GAP, TITLE, contact_sheet
from benchmark.figures.styles import (
    COMPONENTS,
    components_grid,
    methods_grid,
    photographs_grid,
    trimaps_grid,
)
from benchmark.results.trimaps import Trimaps
from benchmark.run import main as run
from distinctions646.images.png import write_png
from distinctions646.images.reading import read_alpha
from distinctions646.loading.opening import open_split


@pytest.fixture
def runs(dataset: Path, tmp_path: Path) -> Path:
    run(
        [
            "--dataset",
            str(dataset),
            "--out",
            str(tmp_path / "runs"),
            "--method",
            "trimap",
            "constant",
        ]
    )
    return tmp_path / "runs"


def test_sheet_tiles(dataset: Path, runs: Path) -> None:
    split = open_split(dataset)
    found = find_run_mattes(runs, split)
    assert [each.method for each in found] == ["constant", "trimap"]
    sheet = np.asarray(contact_sheet(split.samples, found, tile=30))
    for row, sample in enumerate(split.samples):
        top = TITLE + row * (30 + TITLE + GAP) + TITLE
        tiles = [sheet[top : top + 24, GAP + k * 34 : GAP + k * 34 + 30] for k in range(5)]
        assert np.array_equal(tiles[0], sample.image())
        assert np.array_equal(tiles[1][..., 0], sample.trimap())
        assert np.array_equal(tiles[2][..., 0], sample.alpha_u8())
        assert (tiles[3] == 128).all()
        assert np.array_equal(tiles[4][..., 0], read_alpha(found[1].mattes[sample.name]))


def test_sheet_command(dataset: Path, runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "pictures" / "sheet.png"
    assert (
        main(
            [
                "--dataset",
                str(dataset),
                "--runs",
                str(runs),
                "--out",
                str(out),
                "--images",
                "b",
                "--method",
                "trimap",
            ]
        )
        == 0
    )
    assert Image.open(out).size == (GAP + 4 * (192 + GAP), TITLE + 192 + TITLE + GAP + GAP)


def test_methods_side_by_side(dataset: Path, runs: Path) -> None:
    split = open_split(dataset)
    found = find_run_mattes(runs, split, ["trimap", "constant"])
    scores = read_scores(found)
    titles, rows = methods_grid(split.samples, found, {"constant": "Grey"}, scores=scores)
    assert titles == ["Input", "Trimap", "trimap", "Grey", "Ground truth"]
    assert [row.name for row in rows] == ["a", "b", "glass"]
    for row, sample in zip(rows, split.samples, strict=True):
        shown = [tile.picture for tile in row.tiles]
        expected = [
            sample.image(),
            sample.trimap(),
            read_alpha(found[0].mattes[sample.name]),
            np.full((24, 30), 128),
            sample.alpha_u8(),
        ]
        for picture, array in zip(shown, expected, strict=True):
            assert picture is not None
            assert np.array_equal(picture, array)
        assert row.tiles[3].words == f"SAD {scores['constant'][sample.id]:.2f}"
        assert row.window is None


def test_zoom_is_where_the_methods_are_wrong(dataset: Path, runs: Path) -> None:
    split = open_split(dataset)
    found = find_run_mattes(runs, split, ["trimap"])
    (row,) = methods_grid(split.samples[:1], found, {}, zoom=True)[1]
    assert row.window is not None
    error = np.abs(read_alpha(found[0].mattes["a"]).astype(int) - split.samples[0].alpha_u8())
    rows, columns = row.window
    assert (rows.stop - rows.start, columns.stop - columns.start) == (8, 8)
    tiles = [
        error[top : top + 8, left : left + 8].sum() for top in (0, 8, 16) for left in (0, 8, 16, 22)
    ]
    assert error[row.window].sum() == max(tiles) > 0


def test_components_have_the_papers_names(dataset: Path, runs: Path) -> None:
    split = open_split(dataset)
    trimap, constant = find_run_mattes(runs, split, ["trimap", "constant"])
    named = [replace(trimap, method="hatt-basic"), replace(constant, method="hatt")]
    titles, rows = components_grid(split.samples[:1], named, {"hatt": "Full"})
    assert titles == ["Input", "Basic", "Full", "Ground truth"]
    assert len(rows[0].tiles) == 4
    assert list(COMPONENTS.values())[-1] == "HAttMatting"


def test_larger_trimaps(dataset: Path, runs: Path) -> None:
    split = open_split(dataset)
    trimap, constant = find_run_mattes(runs, split, ["trimap", "constant"])
    large = Trimaps("radius-200/v1", 0, own=False)
    titles, rows = trimaps_grid(split.samples[:1], [constant, trimap], [trimap], large, {})
    assert titles == [
        "Input",
        "Trimap",
        "constant",
        "trimap",
        "Large trimap",
        "trimap\n+ Large",
        "Ground truth",
    ]
    own, larger = rows[0].tiles[1].picture, rows[0].tiles[4].picture
    assert own is not None
    assert larger is not None
    assert (larger == 128).sum() > (own == 128).sum()


@pytest.mark.slow
def test_larger_trimaps_command(dataset: Path, runs: Path, tmp_path: Path) -> None:
    arguments = [
        "--dataset",
        str(dataset),
        "--runs",
        str(runs),
        "--style",
        "trimaps",
        "--larger",
        "radius-200/v1",
        "--out",
        str(tmp_path / "large.png"),
    ]
    assert main(arguments) == 2
    run(
        [
            "--dataset",
            str(dataset),
            "--out",
            str(runs),
            "--method",
            "trimap",
            "--trimap-rule",
            "radius-200/v1",
        ]
    )
    assert main([*arguments, "--scores"]) == 0
    assert Image.open(tmp_path / "large.png").width == 2070


def test_photographs(tmp_path: Path) -> None:
    for folder, picture in (
        ("photos", np.full((4, 4, 3), 200, np.uint8)),
        ("mattes", np.full((4, 4), 51, np.uint8)),
    ):
        (tmp_path / folder).mkdir()
        write_png(tmp_path / folder / "dog.png", picture)
    titles, rows = photographs_grid(
        tmp_path / "photos", {"hatt": tmp_path / "mattes"}, colour=(0, 100, 255)
    )
    assert titles == ["Photograph", "Matte", "Composite"]
    composite = rows[0].tiles[2].picture
    assert composite is not None
    assert composite[0, 0].tolist() == [40, 120, 244]
    write_png(tmp_path / "mattes" / "dog.png", np.zeros((5, 4), np.uint8))
    with pytest.raises(ValueError, match=r"dog.png: matte is 5x4; expected 4x4, as dog.png"):
        photographs_grid(tmp_path / "photos", {"hatt": tmp_path / "mattes"})
    with pytest.raises(ValueError, match="photos: no picture named cat"):
        photographs_grid(tmp_path / "photos", {"hatt": tmp_path / "mattes"}, ["cat"])


def test_grid_is_drawn_to_scale_and_the_same_each_time(tmp_path: Path) -> None:
    picture = np.zeros((40, 40, 3), np.uint8)
    picture[:, :] = (255, 0, 0)
    rows = [GridRow("x", [Tile(picture, "SAD 1"), Tile(None)], (slice(0, 8), slice(0, 8)))]
    paths = save_figure(draw_grid(["Input", "Empty"], rows, names=True), tmp_path / "figure-4")
    assert [path.name for path in paths] == ["figure-4.pdf", "figure-4.png"]
    first = [path.read_bytes() for path in paths]
    assert first[0].startswith(b"%PDF")
    image = np.asarray(Image.open(paths[1]).convert("RGB"))
    assert image.shape[1] == 2070  # 6.9 inches at 300 dpi
    column = image[300, :1035]
    assert 980 < (np.abs(column.astype(int) - (255, 0, 0)).sum(axis=1) < 9).sum() < 1020
    save_figure(draw_grid(["Input", "Empty"], rows, names=True), tmp_path / "figure-4")
    assert [path.read_bytes() for path in paths] == first
    with pytest.raises(ValueError, match=r"expected a name that ends in .pdf or .png"):
        save_figure(draw_grid(["Input", "Empty"], rows), tmp_path / "figure.jpg")
    with pytest.raises(ValueError, match="x: 2 tiles; expected 1"):
        draw_grid(["Input"], rows)


def test_choosing(dataset: Path) -> None:
    split = open_split(dataset)
    errors = {"a": 1.0, "b": 3.0, "glass": 2.0}

    def names(choice: str, count: int) -> list[str]:
        return [one.name for one in choose_samples(split, None, choice, count, errors)]  # type: ignore[arg-type]

    assert names("first", 2) == ["a", "b"]
    assert names("worst", 2) == ["b", "glass"]
    assert names("median", 1) == ["glass"]
    assert names("best", 2) == ["glass", "a"]
    assert names("spread", 2) == ["b", "a"]
    assert [one.name for one in choose_samples(split, ["glass", "a"])] == ["glass", "a"]
    del errors["b"]
    assert names("worst", 3) == ["glass", "a"]
    with pytest.raises(ValueError, match="no image that all runs have, so worst cannot be told"):
        choose_samples(split, None, "worst", 2, {})


def test_limited_runs_choose_among_what_they_share(
    dataset: Path, runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["--dataset", str(dataset), "--out", str(runs), "--method", "distance", "--limit", "2"])
    capsys.readouterr()
    arguments = ["--dataset", str(dataset), "--runs", str(runs), "--choose", "spread"]
    assert main([*arguments, "--out", str(tmp_path / "some.png")]) == 0
    assert "spread of the 2 images that all 3 methods have; the dataset has 3" in (
        capsys.readouterr().err
    )
    assert main([*arguments, "--out", str(tmp_path / "all.png"), "--method", "trimap"]) == 0
    assert capsys.readouterr().err == ""
    heights = [Image.open(tmp_path / f"{name}.png").height for name in ("some", "all")]
    rows = [(height - TITLE - GAP) / (192 + TITLE + GAP) for height in heights]
    assert rows == [2, 3]


def test_median_errors_need_every_method() -> None:
    assert median_errors({"m": {"a": 1.0, "b": 2.0}, "n": {"a": 4.0}}) == {"a": 2.5}


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
    assert main([*arguments, str(runs), "--style", "components"]) == 2
    assert "no mattes of hatt-basic, " in capsys.readouterr().err
    assert main([*arguments, str(runs), "--style", "photographs"]) == 2
    assert "needs --photographs DIR and --mattes NAME=DIR" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*arguments, str(runs), "--title", "knn"])
    assert "--title knn: expected NAME=VALUE" in capsys.readouterr().err
    assert not (tmp_path / "sheet.png").exists()


def test_a_matte_that_is_missing_leaves_its_place_empty(dataset: Path) -> None:
    split = open_split(dataset)
    _, rows = methods_grid(split.samples[:1], [FoundRun("m", dataset, {})], {})
    assert rows[0].tiles[2].picture is None
