import numpy as np

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import (
    enlarge,
    grid,
    shrink,
    slope_x,
    slope_y,
    smoothstep,
    warp,
)
from distinctions646.mini.drawing.noise import fractal_noise


def test_grid_spans_the_longer_side() -> None:
    x, y = grid(2, 4)
    np.testing.assert_allclose(x[0], [-0.75, -0.25, 0.25, 0.75])
    np.testing.assert_allclose(y[:, 0], [-0.25, 0.25])


def test_smoothstep_is_exact_outside_and_half_in_the_middle() -> None:
    steps = smoothstep(1.0, 3.0, np.array([0.0, 1.0, 2.0, 3.0, 9.0]))
    assert steps.tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert smoothstep(3.0, 1.0, np.array([0.0, 2.0, 9.0])).tolist() == [1.0, 0.5, 0.0]


def test_shrink_takes_the_mean_of_an_area() -> None:
    field = np.array([[0, 4, 1, 1], [0, 4, 1, 5]], np.float32)
    assert shrink(field, 1, 2).tolist() == [[2.0, 2.0]]
    assert enlarge(np.full((1, 1), 3, np.float32), 2, 2).tolist() == [[3, 3], [3, 3]]


def test_slopes_of_a_ramp_are_its_steps() -> None:
    x, y = np.meshgrid(np.arange(5.0), np.arange(5.0))
    ramp = (2 * x - 3 * y).astype(np.float32)
    assert np.all(slope_x(ramp)[1:-1, 1:-1] == 2)
    assert np.all(slope_y(ramp)[1:-1, 1:-1] == -3)


def test_warp_reads_at_the_displaced_place() -> None:
    field = np.arange(12, dtype=np.float32).reshape(3, 4)
    moved = warp(field, np.ones((3, 4)), np.zeros((3, 4)))
    assert moved[:, :3].tolist() == field[:, 1:].tolist()


def test_noise_is_centred_and_follows_its_key() -> None:
    noise = fractal_noise(40, 60, Draws("noise", 1), 4, 5)
    assert noise.shape == (40, 60)
    assert noise.dtype == np.float32
    assert 0.35 < noise.mean() < 0.65
    assert np.array_equal(noise, fractal_noise(40, 60, Draws("noise", 1), 4, 5))
    assert not np.array_equal(noise, fractal_noise(40, 60, Draws("noise", 2), 4, 5))
