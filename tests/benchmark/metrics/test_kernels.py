"""The plain steps give the numbers of the compiled ones, and a process chooses between them."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from benchmark.metrics import evaluate_regions
from benchmark.metrics.kernels import compiled, uncompiled
from benchmark.metrics.kernels.choosing import Choice
from benchmark.metrics.kernels.levels import THRESHOLDS


def mattes(kind, seed):
    """Draw a pair of mattes of odd sizes, and a trimap."""
    draw = np.random.default_rng(seed)
    shape = tuple(draw.integers(1, 140, 2))
    if kind == "noise":
        pair = draw.integers(0, 256, (2, *shape))
    elif kind == "smooth":
        truth = np.clip(gaussian_filter(draw.random(shape), 3) * 2000 - 880, 0, 255)
        pair = np.clip([truth + draw.normal(0, 5, shape), truth], 0, 255)
    else:  # few levels, so that components tie
        pair = draw.integers(0, 3, (2, *shape)) * 127
    trimap = np.array([0, 128, 255], np.uint8)[draw.integers(0, 3, shape)]
    return *pair.astype(np.uint8), trimap


@pytest.mark.parametrize("kind", ["noise", "smooth", "levels"])
@pytest.mark.parametrize("seed", range(8))
def test_plain_steps_equal_the_compiled_to_the_bit(kind, seed):
    alpha, alpha_gt, trimap = mattes(kind, seed)
    for unknown in (trimap, np.empty((0, 0), np.uint8)):
        for whole in (True, False):
            sums = [
                steps.gradient_error_sums(alpha, alpha_gt, unknown, whole)
                for steps in (compiled, uncompiled)
            ]
            assert sums[0] == sums[1]
        results = []
        for steps in (compiled, uncompiled):
            passed = steps.passed_thresholds(alpha, alpha_gt)
            survived = steps.survived_thresholds(passed, alpha.shape[1], THRESHOLDS)
            flat = [array.ravel() for array in (alpha, alpha_gt, survived, unknown)]
            sums = np.zeros((2, 3), np.int64)
            steps.difference_sums(flat[0], flat[1], flat[3], sums)
            results.append((passed, survived, sums, steps.connectivity_sums(*flat)))
        for one, other in zip(*results, strict=True):
            np.testing.assert_array_equal(one, other)
    for dtype, opaque in ((np.uint8, 255), (np.float64, 1)):
        alpha = alpha.astype(dtype)
        filled = [
            steps.filled(alpha.ravel(), trimap.ravel(), opaque) for steps in (compiled, uncompiled)
        ]
        np.testing.assert_array_equal(*filled)


def test_a_large_image_adds_up_in_the_same_order():
    alpha, alpha_gt = np.random.default_rng(5).integers(0, 256, (2, 700, 1100)).astype(np.uint8)
    arrays = alpha, alpha_gt, np.empty((0, 0), np.uint8), True
    assert compiled.gradient_error_sums(*arrays) == uncompiled.gradient_error_sums(*arrays)


def test_a_process_begins_with_plain_steps(monkeypatch):
    monkeypatch.setattr(compiled, "are_on_disk", lambda: False)
    choice = Choice()
    assert choice.steps(10_000) is uncompiled
    assert choice.steps(5_000_000) is uncompiled
    assert choice.steps(20_000_000) is compiled
    assert choice.steps(1) is compiled


def test_compiled_steps_on_the_disk_are_used_earlier(monkeypatch):
    monkeypatch.setattr(compiled, "are_on_disk", lambda: True)
    choice = Choice()
    assert choice.steps(10_000) is uncompiled
    assert choice.steps(5_000_000) is compiled


def test_a_service_may_compile_at_once():
    choice = Choice()
    choice.compile()
    assert choice.steps(1) is compiled


def test_they_are_found_on_the_disk():
    alpha = np.zeros((2, 2), np.uint8)
    evaluate_regions(alpha, alpha, np.full((2, 2), 128, np.uint8))
    compiled.gradient_error_sums(alpha, alpha, alpha, True)
    assert compiled.are_on_disk()
