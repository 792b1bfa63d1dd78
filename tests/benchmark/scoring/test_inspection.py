"""python -m benchmark.inspect_pair: the numbers behind the picture, and that there is a picture."""

import numpy as np
import pytest
from PIL import Image

from benchmark.inspect_pair import main
from benchmark.metrics import evaluate
from benchmark.scoring.inspection import inspect, worst_tiles


@pytest.fixture
def pair(tmp_path):
    rng = np.random.default_rng(2)
    alpha, alpha_gt = rng.integers(0, 256, (2, 40, 50), dtype=np.uint8)
    trimap = np.full((40, 50), 128, np.uint8)
    trimap[:, :20] = 255
    for name, array in (("alpha", alpha), ("alpha_gt", alpha_gt), ("trimap", trimap)):
        Image.fromarray(array).save(tmp_path / f"{name}.png")
    return tmp_path, alpha, alpha_gt, trimap


@pytest.mark.parametrize("options", [{}, {"region": "unknown"}, {"fill_known": True}])
def test_maps_add_up_to_the_scores(pair, options):
    _, *arrays = pair
    inspection = inspect(*arrays, **options)
    values = evaluate(*arrays, **options)
    assert list(inspection.scores.values()) == list(values.values())
    for name in ("sad", "grad", "conn"):
        total = inspection.maps[name].sum() / 1000
        assert total == pytest.approx(values[name], rel=1e-9)
    mean = inspection.maps["mse"].sum() / inspection.region.sum()
    assert mean == pytest.approx(values["mse"], rel=1e-9)


def test_worst_tiles_of_an_uneven_grid():
    error = np.zeros((5, 7))
    error[4, 6], error[0, 0], error[2, 3] = 4, 1, 3
    assert worst_tiles(error, 3, 2) == [(3, 6, 0.5), (0, 3, 0.375)]
    assert worst_tiles(np.zeros((2, 2)), 3, 2) == []


@pytest.mark.slow
def test_a_picture_is_written(pair):
    folder = pair[0]
    argv = ["--alpha", folder / "alpha.png", "--alpha-gt", folder / "alpha_gt.png"]
    argv += ["--trimap", folder / "trimap.png", "--region", "unknown", "--tile", 16]
    assert main([*map(str, argv), "--out", str(folder / "view.png")]) == 0
    picture = np.asarray(Image.open(folder / "view.png").convert("RGB"))
    assert picture.shape[1] == 1650
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 100
    assert not list(folder.glob(".*part"))


@pytest.mark.slow
def test_equal_mattes_can_be_looked_at(pair):
    folder = pair[0]
    alpha = str(folder / "alpha.png")
    argv = ["--alpha", alpha, "--alpha-gt", alpha, "--out", str(folder / "view.png")]
    assert main(argv) == 0


def test_bad_options_are_refused(pair, capsys):
    folder = pair[0]
    argv = ["--alpha", str(folder / "alpha.png"), "--alpha-gt", str(folder / "alpha_gt.png")]
    for more, message in (
        (["--tile", "0"], "--tile is 0; expected 1 or more"),
        (["--out", "view.pdf"], "--out view.pdf: expected a name ending in .png"),
        (["--region", "unknown"], 'region "unknown" needs a trimap, none was given'),
    ):
        assert main([*argv, *more]) == 2
        assert capsys.readouterr().err == f"error: {message}\n"


def test_an_input_is_never_overwritten(pair, capsys):
    folder = pair[0]
    before = (folder / "alpha_gt.png").read_bytes()
    argv = ["--alpha", folder / "alpha.png", "--alpha-gt", folder / "alpha_gt.png"]
    assert main([str(part) for part in [*argv, "--out", folder / "alpha_gt.png"]]) == 2
    assert "is one of the pictures to inspect" in capsys.readouterr().err
    assert (folder / "alpha_gt.png").read_bytes() == before
