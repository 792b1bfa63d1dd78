import numpy as np
import pytest

from distinctions646.mini.drawing.canvas import Canvas, extend_colours, straight_rgba
from distinctions646.mini.drawing.geometry import box, ellipse

RED = np.array([1.0, 0.0, 0.0])


def painted_box(left: float, right: float) -> Canvas:
    canvas = Canvas((0, 0, 8, 8), size=8, samples=4)
    coverage, rectangle = canvas.coverage((box(left, 2, right, 6),))
    canvas.blend(np.broadcast_to(RED, (*coverage.shape, 3)), coverage, rectangle)
    return canvas


def test_coverage_is_whole_inside_and_none_outside() -> None:
    _, alpha = painted_box(2, 6).develop(lens=0)
    assert np.all(alpha[3:5, 3:5] == 1)
    assert np.all(alpha[:, [0, 7]] == 0)
    assert np.all(alpha[[0, 7]] == 0)


def test_coverage_of_half_a_pixel_is_about_half() -> None:
    """A sample is a quarter of a pixel here; outlines count half a sample outwards."""
    _, alpha = painted_box(2.5, 5.5).develop(lens=0)
    assert alpha[4, 5] == pytest.approx(0.5 + 0.125, abs=0.1)
    assert alpha[4, 2] == pytest.approx(alpha[4, 5], abs=0.06)


def test_colours_stay_premultiplied_through_the_lens() -> None:
    premultiplied, alpha = painted_box(2, 6).develop(lens=0.8)
    assert np.allclose(premultiplied[..., 0], alpha, atol=1e-5)
    assert np.all(premultiplied[..., 1:] == 0)


def test_window_sets_the_aspect_and_the_long_side() -> None:
    canvas = Canvas((0, 0, 2, 1), size=64, samples=1)
    assert (canvas.height, canvas.width) == (32, 64)


def test_shapes_outside_the_window_have_no_coverage() -> None:
    canvas = Canvas((0, 0, 8, 8), size=8, samples=2)
    coverage, _ = canvas.coverage((ellipse(100, 100, 2, 2),))
    assert coverage.size == 0


def test_extension_carries_colour_under_clear_pixels() -> None:
    alpha = np.zeros((16, 16), np.float32)
    alpha[6:10, 6:10] = 1
    colour = extend_colours(alpha[..., None] * np.array([0.25, 0.5, 1], np.float32), alpha)
    assert np.allclose(colour, [0.25, 0.5, 1], atol=1e-3)


def test_straight_rgba_divides_by_alpha_and_snaps_the_ends() -> None:
    alpha = np.array([[0.0, 0.007, 0.5, 0.993, 1.0]], np.float32)
    pixels = straight_rgba(alpha[..., None] * np.array([0.8, 0.4, 0.0], np.float32), alpha)
    assert pixels[0, :, 3].tolist() == [0, 0, 128, 255, 255]
    assert np.all(pixels[0, 2:, :3] == [204, 102, 0])


def test_soft_edge_has_no_dark_fringe_on_white() -> None:
    """A pure red shape over white can only give colours between the two: red stays at 255."""
    pixels = straight_rgba(*painted_box(2, 6).develop(lens=0.7)).astype(float)
    alpha = pixels[..., 3:] / 255
    composite = pixels[..., :3] * alpha + 255 * (1 - alpha)
    assert 0 < ((alpha > 0) & (alpha < 1)).mean()
    assert composite[..., 0].min() >= 254
    assert np.allclose(composite[..., 1], composite[..., 2])
