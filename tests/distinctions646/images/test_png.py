"""The PNG writer against two independent decoders, and whole files or none."""

from __future__ import annotations

import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from distinctions646.images.png import encode_png, write_png


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (1, 9, 3), (6, 1, 3), (33, 20, 3), (4, 5, 4)])
@pytest.mark.parametrize("deflate", ["isal", "zlib"])
def test_two_decoders_give_the_pixels_back(tmp_path, monkeypatch, shape, deflate):
    if deflate == "zlib":
        monkeypatch.setitem(sys.modules, "isal", None)
    array = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    write_png(tmp_path / "a.png", array)
    with Image.open(tmp_path / "a.png") as picture:
        picture.verify()
    with Image.open(tmp_path / "a.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), array)
    decoded = cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)
    if array.ndim == 3:
        order = [2, 1, 0, 3][: array.shape[2]]
        decoded = decoded[..., order]
    np.testing.assert_array_equal(decoded, array)


def test_a_view_with_gaps_is_written_as_seen(tmp_path):
    array = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    write_png(tmp_path / "a.png", array[::2, ::-1])
    with Image.open(tmp_path / "a.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), array[::2, ::-1])


@pytest.mark.parametrize(
    "array", [np.zeros((2, 2)), np.zeros((2, 2, 2), np.uint8), np.zeros((0, 4), np.uint8)]
)
def test_other_arrays_are_refused(array):
    with pytest.raises(ValueError, match=r"array is .*; expected H×W, H×W×3 or H×W×4 uint8"):
        encode_png(array)
