"""Properties that really hold, and random small cases against the plain second implementation."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import ndimage

from benchmark.metrics import conn, evaluate, grad, mad, mse, sad

VALUES = st.sampled_from([0, 25, 26, 50, 51, 76, 77, 127, 128, 153, 204, 229, 230, 254, 255])


@st.composite
def mattes(draw, count=2, side=24):
    """Mattes of one shape, from smooth to noisy and rich in threshold values."""
    height, width = draw(st.integers(1, side)), draw(st.integers(1, side))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    arrays = []
    for _ in range(count):
        noise = rng.random((height, width))
        smooth = ndimage.gaussian_filter(noise, draw(st.sampled_from([0, 1, 3])))
        span = np.ptp(smooth) or 1
        alpha = np.floor((smooth - smooth.min()) / span * 255.999).astype(np.uint8)
        alpha[rng.random(alpha.shape) < draw(st.sampled_from([0, 0.2, 0.9]))] = draw(VALUES)
        arrays.append(alpha)
    return arrays


@st.composite
def cases(draw):
    alpha, alpha_gt, chance = draw(mattes(count=3))
    trimap = np.choose(chance % 4, [0, 128, 255, 127]).astype(np.uint8)
    return alpha, alpha_gt, trimap


def tied(alpha, alpha_gt):
    """Whether at some threshold two components share the largest size."""
    lower = np.minimum(alpha, alpha_gt)
    for threshold in (26, 51, 77, 102, 128, 153, 179, 204, 230):
        labels, count = ndimage.label(lower >= threshold)
        sizes = np.sort(np.bincount(labels.ravel())[1:])
        if count > 1 and sizes[-1] == sizes[-2]:
            return True
    return False


@settings(deadline=None, max_examples=150)
@given(case=cases())
def test_random_cases_equal_the_plain_implementation(reference, case):
    alpha, alpha_gt, trimap = case
    for region, mask in (("whole", trimap >= 0), ("unknown", trimap == 128)):
        values = evaluate(
            *case,
            region=region,
            metrics=["sad", "mse", "mad", "grad", "conn"],
            trimap_values="official",
        )
        for name, value in values.items():
            expected = getattr(reference, name)(alpha, alpha_gt, mask)
            assert value == pytest.approx(expected, rel=1e-9, abs=1e-13, nan_ok=True), name


@settings(deadline=None, max_examples=50)
@given(mattes(count=1))
def test_identical_mattes_score_zero(arrays):
    (alpha,) = arrays
    assert evaluate(alpha, alpha.copy()) == {"sad": 0, "mse": 0, "grad": 0, "conn": 0}


@settings(deadline=None, max_examples=50)
@given(cases(), st.integers(0, 255))
def test_sad_mse_and_mad_do_not_depend_on_the_known_region(case, value):
    alpha, alpha_gt, trimap = case
    other = np.where(trimap == 128, alpha, value).astype(np.uint8)
    for metric in (sad, mse, mad):
        one, two = (metric(a, alpha_gt, trimap, region="unknown") for a in (alpha, other))
        assert one == two or (math.isnan(one) and math.isnan(two))


@settings(deadline=None, max_examples=50)
@given(cases(), st.sampled_from(["fliplr", "flipud", "transpose"]))
def test_flips_and_transposition_change_nothing(case, name):
    turned = [np.ascontiguousarray(getattr(np, name)(array)) for array in case]
    for metric in (sad, mse, mad, grad):
        one, two = (metric(*arrays, region="unknown") for arrays in (case, turned))
        assert one == pytest.approx(two, rel=1e-9, abs=1e-13, nan_ok=True)


@settings(deadline=None, max_examples=50)
@given(cases(), st.sampled_from(["fliplr", "flipud", "transpose"]))
def test_conn_does_not_change_either_where_no_components_tie(case, name):
    assume(not tied(*case[:2]))
    turned = [np.ascontiguousarray(getattr(np, name)(array)) for array in case]
    assert conn(*case, region="unknown") == conn(*turned, region="unknown")


@settings(deadline=None, max_examples=50)
@given(mattes())
def test_added_error_never_lowers_sad_mse_or_mad(arrays):
    alpha, alpha_gt = arrays
    worse = np.where(alpha < alpha_gt, 0, np.where(alpha > alpha_gt, 255, alpha)).astype(np.uint8)
    for metric in (sad, mse, mad):
        assert metric(worse, alpha_gt) >= metric(alpha, alpha_gt)


@settings(deadline=None, max_examples=50)
@given(mattes())
def test_symmetric_metrics_are_symmetric(arrays):
    alpha, alpha_gt = arrays
    for metric in (sad, mse, mad, conn):
        assert metric(alpha, alpha_gt) == metric(alpha_gt, alpha)
    assert grad(alpha, alpha_gt) == pytest.approx(grad(alpha_gt, alpha), rel=1e-12)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2)])
def test_tiny_images_work(reference, shape):
    rng = np.random.default_rng(8)
    alpha, alpha_gt = rng.integers(0, 256, (2, *shape), dtype=np.uint8)
    values = evaluate(alpha, alpha_gt)
    for name, value in values.items():
        expected = getattr(reference, name)(alpha, alpha_gt, np.ones(shape, bool))
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("level", [0, 7, 255])
@pytest.mark.parametrize("level_gt", [0, 100, 255])
def test_constant_mattes_work(reference, level, level_gt):
    alpha, alpha_gt = np.full((5, 70), level, np.uint8), np.full((5, 70), level_gt, np.uint8)
    for name, value in evaluate(alpha, alpha_gt).items():
        expected = getattr(reference, name)(alpha, alpha_gt, np.ones((5, 70), bool))
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-13)


def test_an_empty_unknown_region():
    rng = np.random.default_rng(9)
    alpha, alpha_gt = rng.integers(0, 256, (2, 6, 7), dtype=np.uint8)
    values = evaluate(alpha, alpha_gt, np.zeros((6, 7), np.uint8), region="unknown")
    assert math.isnan(values.pop("mse"))
    assert values == {"sad": 0, "grad": 0, "conn": 0}
