"""Grad on answers worked out by hand, and its two easily missed rules: scaling and border."""

import numpy as np
import pytest

from benchmark.metrics import grad
from benchmark.metrics.kernels.taps import DERIVATIVE, RADIUS, SMOOTH


def test_the_kernel_is_the_official_one():
    """Centre row as the official `gaussgradient.m` makes it."""
    kernel = np.outer(SMOOTH, DERIVATIVE)
    assert RADIUS == 4
    assert (kernel**2).sum() == pytest.approx(1, rel=1e-14)
    expected = [0.02748698, 0.12294591, 0.29347417, 0.31543372, 0]
    assert kernel[4, :5] == pytest.approx(expected, abs=5e-9)
    assert kernel.sum() == pytest.approx(0, abs=1e-15)


def test_a_ramp_has_the_magnitude_of_the_kernel():
    """Far from its border a ramp of 1 / 20 a pixel has magnitude 9.6838 / 20."""
    ramp = np.tile(np.arange(21) / 20, (21, 1))
    trimap = np.zeros((21, 21), np.uint8)
    trimap[10, 10] = 128
    # 8-bit steps of the ramp: 13 and 12 in turn, so compare unrounded
    from benchmark.metrics import evaluate

    value = evaluate(
        np.zeros((21, 21)), ramp, trimap, region="unknown", rounding="none", metrics=["grad"]
    )["grad"]
    assert value == pytest.approx((9.6838 / 20) ** 2 / 1000, rel=1e-4)


def test_each_matte_is_scaled_by_its_own_range():
    faint, full = np.zeros((2, 9, 9), np.uint8)
    faint[:, 4], full[:, 4] = 100, 255
    assert grad(faint + 50, full) == pytest.approx(0, abs=1e-30)


def test_a_constant_matte_has_no_gradient():
    full = np.zeros((9, 9), np.uint8)
    full[4, 4] = 255
    assert grad(np.full((9, 9), 7, np.uint8), full) == grad(np.zeros((9, 9), np.uint8), full) > 0


def test_single_pixels_repeat_at_the_border():
    """A single row is constant along its columns, so only the filter across counts."""
    row = np.array([[0, 255, 0, 0, 0, 0]], np.uint8)
    tall = np.repeat(row, 5, axis=0)
    assert grad(tall, np.zeros_like(tall)) == pytest.approx(5 * grad(row, np.zeros_like(row)))


def test_the_magnitudes_are_compared_and_not_the_gradients():
    step = np.zeros((12, 12), np.uint8)
    step[:, 6:] = 255
    assert grad(step, 255 - step) == 0


@pytest.mark.parametrize("shape", [(7, 300), (300, 7), (65, 257), (8, 256), (9, 33)])
def test_tiles_meet_without_a_seam(reference, shape):
    rng = np.random.default_rng(11)
    alpha, alpha_gt = rng.integers(0, 256, (2, *shape), dtype=np.uint8)
    everywhere = np.ones(shape, bool)
    assert grad(alpha, alpha_gt) == pytest.approx(
        reference.grad(alpha, alpha_gt, everywhere), rel=1e-12
    )


def test_constant_stretches_are_left_out_rightly(reference):
    """A few spots on a flat ground: most tiles are skipped, those around the spots are not."""
    rng = np.random.default_rng(12)
    alpha, alpha_gt = np.zeros((2, 90, 200), np.uint8)
    alpha[rng.integers(0, 90, 6), rng.integers(0, 200, 6)] = 200
    alpha_gt[rng.integers(0, 90, 6), rng.integers(0, 200, 6)] = 255
    trimap = np.where(rng.random((90, 200)) < 0.05, 128, 0).astype(np.uint8)
    everywhere = np.ones(alpha.shape, bool)
    assert grad(alpha, alpha_gt) == pytest.approx(
        reference.grad(alpha, alpha_gt, everywhere), rel=1e-12
    )
    assert grad(alpha, alpha_gt, trimap, region="unknown") == pytest.approx(
        reference.grad(alpha, alpha_gt, trimap == 128), rel=1e-12
    )
