"""What the demo computes: trimaps of strokes, composites, scores, and clear refusals."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from benchmark.demo import work
from benchmark.demo.__main__ import main
from distinctions646.images.png import write_png


def strokes(*painted: tuple[slice, int]) -> list[np.ndarray]:
    """Return one layer of 20×30 pixels with columns painted in a brightness."""
    layer = np.zeros((20, 30, 4), np.uint8)
    for columns, value in painted:
        layer[:, columns] = (value, value, value, 255)
    return [layer]


def test_strokes_become_a_trimap():
    trimap = work.trimap_of_strokes(strokes((slice(5), 0), (slice(25, 30), 255)))
    assert trimap[0, [0, 10, 29]].tolist() == [0, 128, 255]
    assert work.trimap_of_strokes(strokes()) is None
    assert work.trimap_of_strokes([]) is None


def test_a_method_runs_on_painted_strokes():
    image = np.tile(np.linspace(0, 255, 30).astype(np.uint8)[None, :, None], (20, 1, 3))
    trimap = work.trimap_of_strokes(strokes((slice(5), 0), (slice(25, 30), 255)))
    alpha = work.run_method("closed-form", image, trimap)
    assert alpha[0, 0] == 0
    assert alpha[0, -1] == 1
    rgba = work.cut_out(image, alpha)
    assert rgba.shape == (20, 30, 4)
    assert work.composite(rgba, "#00ff00")[0, 0].tolist() == [0, 255, 0]
    assert work.composite(rgba, np.full((5, 5, 3), 9, np.uint8))[0, 0].tolist() == [9, 9, 9]


def test_a_method_without_its_trimap_is_refused():
    with pytest.raises(ValueError, match="knn needs a trimap: paint"):
        work.run_method("knn", np.zeros((8, 8, 3), np.uint8), None)


def test_the_methods_to_choose_from_run_without_files():
    names = {choice.name: choice.needs_trimap for choice in work.choices()}
    assert names["hatt"] is False
    assert names["closed-form"] is True
    assert not {"trimap", "constant", "fba"} & set(names)


def test_a_matte_is_scored_with_a_picture_of_its_errors(tmp_path):
    for name, value in (("matte", 100), ("truth", 200)):
        write_png(tmp_path / f"{name}.png", np.full((40, 50), value, np.uint8))
    rows, picture = work.score(tmp_path / "matte.png", tmp_path / "truth.png", None)
    assert {(name, region) for name, region, _ in rows} >= {("sad", "whole"), ("conn", "whole")}
    assert picture.ndim == 3
    write_png(tmp_path / "small.png", np.full((4, 5), 3, np.uint8))
    with pytest.raises(ValueError, match="expected one size"):
        work.score(tmp_path / "small.png", tmp_path / "truth.png", None)


@pytest.mark.skipif(importlib.util.find_spec("gradio") is not None, reason="gradio is there")
def test_without_gradio_the_extra_is_named(capsys):
    assert main([]) == 2
    assert "pip install 'distinctions646[demo]'" in capsys.readouterr().err
