"""The trimap maker: masks, mattes and photographs, named rules, and clear refusals."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from benchmark.trimap import main, make_trimaps
from distinctions646.images.png import write_png
from distinctions646.images.reading import read_trimap
from distinctions646.trimap.making import make_trimap


@pytest.fixture
def mask(tmp_path):
    """A mask of 40×60 pixels: a square of foreground, 20 pixels wide."""
    picture = np.zeros((40, 60), np.uint8)
    picture[10:30, 20:40] = 255
    (tmp_path / "masks").mkdir()
    write_png(tmp_path / "masks" / "a.png", picture)
    return tmp_path / "masks" / "a.png"


def test_a_mask_becomes_a_trimap_by_the_rule_of_rembg(mask, tmp_path, capsys):
    assert main([str(mask.parent), "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{tmp_path / 'out' / 'a.png'}\n"
    assert "next: python -m hattmatting.predict" in shown.err
    trimap = read_trimap(tmp_path / "out" / "a.png")
    # 20 pixels less a 10×10 square leave 11, shifted as scipy places even structures.
    assert (trimap == 255).sum() == 11 * 11
    assert trimap[0, 0] == 0
    assert trimap[10, 20] == 128


def test_the_rule_of_rembg_keeps_the_border_background_and_not_foreground():
    full = np.full((20, 20), 255, np.uint8)
    trimap = make_trimap(full, "rembg-240-10-10/v1", image_id="")
    assert trimap[0, 0] == 128
    assert trimap[10, 10] == 255
    empty = make_trimap(np.zeros((20, 20), np.uint8), "rembg-240-10-10/v1", image_id="")
    assert not empty.any()


def test_the_rule_of_photomatte_closes_the_soft_region():
    alpha_u8 = np.zeros((30, 60), np.uint8)
    alpha_u8[:, 30:] = 255
    alpha_u8[:, [20, 30]] = 128  # two soft columns; what lies between is closed
    trimap = make_trimap(alpha_u8, "photomatte-10/v1", image_id="")
    row = trimap[15]
    assert set(np.flatnonzero(row == 128)) == set(range(20, 31))
    assert row[5] == 0
    assert row[50] == 255
    # 0.06 and 0.96 of 255 are 15.3 and 244.8.
    limits = np.repeat(np.array([[15, 16, 15, 245, 244, 245]], np.uint8), 9, axis=1)
    limited = make_trimap(np.repeat(limits, 20, axis=0), "photomatte-1/v1", image_id="")[10]
    assert limited[[4, 13, 22, 31, 40, 49]].tolist() == [0, 128, 0, 255, 128, 255]


def test_python_gets_the_files_and_how_much_is_unknown(mask, tmp_path):
    (made,) = make_trimaps(mask, tmp_path / "out", rule="dilate-200/v1")
    assert made.path == tmp_path / "out" / "a.png"
    assert made.picture == mask
    assert made.unknown == (read_trimap(made.path) == 128).mean() > 0


def test_a_photograph_goes_through_a_method(tmp_path):
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(tmp_path / "photo.jpg")
    (made,) = make_trimaps(tmp_path / "photo.jpg", tmp_path / "out", method="constant")
    assert made.unknown == 1.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rule", "rembg/v1"], "trimap rule is 'rembg/v1'; expected one of"),
        (["--method", "closed-form"], "method closed-form needs a trimap"),
        (["--weights", "x"], "--weights and --device are for --method"),
    ],
)
def test_wrong_options_are_one_clear_error(mask, tmp_path, capsys, options, message):
    assert main([str(mask), "--out", str(tmp_path / "out"), *options]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_no_picture_is_overwritten_or_shares_a_name(mask, tmp_path, capsys):
    assert main([str(mask), "--out", str(mask.parent)]) == 2
    assert "is one of the pictures; give another --out" in capsys.readouterr().err
    other = tmp_path / "other"
    other.mkdir()
    write_png(other / "a.png", np.zeros((4, 4), np.uint8))
    assert main([str(mask), str(other), "--out", str(tmp_path / "out")]) == 2
    assert "both would be written to" in capsys.readouterr().err


def test_a_photograph_without_a_method_is_told_of_it(tmp_path, capsys):
    """Its first channel would be a matte of nothing."""
    noise = np.random.RandomState(0).randint(0, 256, (8, 8, 3)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    assert main([str(tmp_path / "photo.png"), "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert "for a photograph give --method hatt" in error
    assert "--matte-channel" not in error
