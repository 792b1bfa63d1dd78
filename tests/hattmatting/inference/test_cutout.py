"""From a matte to a picture: the estimated colour is the object's, not the old background's."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from hattmatting.inference.cutout import cut_out, estimate_foreground, over_colour, parse_colour


def test_estimated_colour_is_free_of_the_background() -> None:
    """A red square with a soft edge on blue: half-way pixels are purple, its colour stays red."""
    alpha = np.tile(np.clip((np.arange(40) - 15) / 10, 0, 1), (40, 1)).astype(np.float32)
    red, blue = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
    image = np.rint(255 * (alpha[..., None] * red + (1 - alpha[..., None]) * blue))
    foreground = estimate_foreground(image.astype(np.uint8), alpha)
    half = np.abs(alpha - 0.5) < 0.15
    assert image[half][:, 2].min() > 80
    assert foreground[half][:, 2].max() < 0.2
    assert foreground[half][:, 0].min() > 0.8


def test_one_pixel() -> None:
    image = np.array([[[10, 20, 30]]], np.uint8)
    foreground = estimate_foreground(image, np.ones((1, 1), np.float32))
    assert cut_out(foreground, np.ones((1, 1), np.float32)).tolist() == [[[10, 20, 30, 255]]]


@pytest.mark.parametrize(
    ("alpha", "message"),
    [
        (np.ones((19, 24), np.float32), "alpha is 19×24 float32; expected 20×24 float"),
        (np.ones((20, 24), np.uint8), "alpha is 20×24 uint8; expected 20×24 float"),
        (np.full((20, 24), 255.0), "alpha has values from 255 to 255; expected 0 to 1"),
        (np.full((20, 24), np.nan), "alpha has values from nan to nan; expected 0 to 1"),
    ],
)
def test_no_matte_is_refused(alpha: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        estimate_foreground(np.zeros((20, 24, 3), np.uint8), alpha)


def test_no_image_is_refused() -> None:
    with pytest.raises(ValueError, match="image is 20×24×3 float64; expected H×W×3 uint8"):
        estimate_foreground(np.zeros((20, 24, 3)), np.zeros((20, 24)))  # type: ignore[arg-type]


def test_over_colour_by_hand() -> None:
    foreground = np.full((1, 2, 3), 0.8, np.float32)
    alpha = np.array([[0.0, 0.25]], np.float32)
    made = over_colour(foreground, alpha, (255, 0, 100))
    assert made.tolist() == [[[255, 0, 100], [242, 51, 126]]]


def test_colours() -> None:
    assert parse_colour("white") == (255, 255, 255)
    assert parse_colour("#0a0B0c") == (10, 11, 12)
    for text in ("#12345", "mauve", "#gggggg"):
        with pytest.raises(ValueError, match=r"expected #rrggbb or one of black, white"):
            parse_colour(text)


@pytest.mark.slow
def test_a_cut_out_compiles_nothing() -> None:
    """numba and pymatting, whose kernels take minutes to compile, are not even imported."""
    code = (
        "import sys, numpy, hattmatting\n"
        "hattmatting.cutout(numpy.zeros((48, 64, 3), numpy.uint8))\n"
        "assert not {'numba', 'pymatting'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
