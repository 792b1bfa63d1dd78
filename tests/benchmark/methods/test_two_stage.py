"""Methods of two stages: a method's matte becomes another's trimap; a track of its own."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.board.loading import load_boards
from benchmark.methods.finding import load_method
from benchmark.methods.two_stage import TrimapNotApplicable, name_two_stage
from distinctions646.trimap.making import make_trimap


class Bright:
    """A method without a trimap: alpha is the brightness."""

    name = "bright"
    needs_trimap = False
    card = {"paper": "none", "weights": "none"}  # noqa: RUF012

    def __call__(self, image, trimap=None):
        return image.mean(axis=2).astype(np.float32) / 255


class Half(Bright):
    """A first stage from which no known foreground comes."""

    name = "half"

    def __call__(self, image, trimap=None):
        return np.full(image.shape[:2], 0.5, np.float32)


BRIGHT, HALF = (f"{__name__}:{name}" for name in ("Bright", "Half"))
IMAGE = np.tile(np.linspace(0, 255, 40).astype(np.uint8)[None, :, None], (30, 1, 3))


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """Let this module be found by its name, as a user's own would be."""
    import sys

    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])


def test_the_second_stage_gets_the_trimap_of_the_first_ones_matte():
    method = load_method(f"two-stage:trimap,{BRIGHT},rembg-200-50-3/v1")
    coarse = np.floor(IMAGE.mean(axis=2) + 0.5).astype(np.uint8)
    made = make_trimap(coarse, "rembg-200-50-3/v1", image_id="")
    alpha = method(IMAGE)[0]
    np.testing.assert_array_equal(alpha[made == 255], 1)
    np.testing.assert_array_equal(alpha[made == 0], 0)
    np.testing.assert_array_equal(alpha[made == 128], 0.5)
    assert method.needs_trimap is False
    assert method.card["made_trimaps"] == "rembg-200-50-3/v1"
    assert method.card["first_stage"].startswith("bright ")


def test_where_the_second_cannot_work_the_made_trimap_counts():
    method = load_method(f"two-stage:closed-form,{HALF},rembg-240-10-10/v1")
    with pytest.raises(TrimapNotApplicable) as caught:
        method(IMAGE)
    assert (caught.value.trimap == 128).all()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("two-stage:knn", "expected two-stage:SECOND,FIRST,RULE"),
        ("two-stage:knn,closed-form,dilate-9/v1", "closed-form needs a trimap itself"),
        (f"two-stage:constant,{BRIGHT},dilate-9/v1", "constant takes no trimap"),
        (f"two-stage:knn,{BRIGHT},dilate-x/v1", "trimap rule is 'dilate-x/v1'"),
        (f"two-stage:knnn,{BRIGHT},dilate-9/v1", "no method 'knnn'"),
    ],
)
def test_what_does_not_fit_is_refused(name, message):
    with pytest.raises(ValueError, match=message):
        load_method(name)


def test_other_rules_and_first_stages_are_other_methods():
    from benchmark.methods.description import describe_method

    hashes = {
        describe_method(name_two_stage("trimap", maker), None, None).method_hash
        for maker in (BRIGHT, f"{BRIGHT}@dilate-9/v1", HALF)
    }
    assert len(hashes) == 3


def test_the_runner_ranks_them_in_a_track_of_their_own(dataset, tmp_path, start, capsys):
    out = tmp_path / "runs"
    maker = f"{BRIGHT}@rembg-150-60-1/v1"
    assert start(dataset, out, "--method", "distance", "constant", "--trimap-from", maker) == 0
    assert "with a trimap that another method made:" in capsys.readouterr().out
    (board,) = load_boards([out])
    tracks = {row.method: row.track for row in board.rows}
    assert tracks == {"constant": "trimap-free", "distance-from-bright": "two-stage"}
    assert board.row("distance-from-bright").cells["sad/unknown/v1"].value > 0


def test_an_image_that_the_second_cannot_do_is_counted(dataset, tmp_path, start):
    out = tmp_path / "runs"
    for _ in range(2):  # computed, then from the cache
        assert start(dataset, out, "--method", "closed-form", "--trimap-from", HALF) == 0
        (board,) = load_boards([out])
        (row,) = board.rows
        assert (row.not_applicable, row.images) == (3, 3)
        for path in out.glob("*/*/results.parquet"):
            path.unlink()


def test_without_a_method_that_takes_trimaps_it_is_refused(dataset, tmp_path, start, capsys):
    assert start(dataset, tmp_path, "--method", "constant", "--trimap-from", BRIGHT) == 2
    assert "is for methods that take a trimap" in capsys.readouterr().err
