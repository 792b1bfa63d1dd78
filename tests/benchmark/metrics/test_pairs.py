"""What every metric accepts, refuses and leaves alone."""

import re

import numpy as np
import pytest

from benchmark.metrics import conn, evaluate, grad, mad, mse, sad, sad_by_region
from benchmark.metrics.pairs import prepare_pair

FUNCTIONS = [sad, mse, mad, grad, conn, evaluate]


def zeros(height=4, width=5):
    return np.zeros((height, width), np.uint8)


BAD_ARGUMENTS = [
    (
        (zeros().astype(bool), zeros()),
        {},
        "alpha has dtype bool; expected uint8 or float",
    ),
    (
        (zeros(), zeros().astype(np.int64)),
        {},
        "alpha_gt has dtype int64; expected uint8 or float",
    ),
    (
        (zeros().astype(np.uint16), zeros()),
        {},
        "alpha has dtype uint16; expected uint8 or float",
    ),
    (
        ([[0, 1]], zeros()),
        {},
        "alpha has type list; expected a numpy array or a PIL picture of mode L",
    ),
    (
        (np.zeros((4, 5, 3), np.uint8), zeros()),
        {},
        "alpha has shape (4, 5, 3); expected (height, width)",
    ),
    ((zeros(0, 5), zeros(0, 5)), {}, "alpha has shape (0, 5); expected (height, width)"),
    (
        (zeros(), zeros(5, 4)),
        {},
        "alpha_gt has shape (5, 4); expected (4, 5), as alpha has",
    ),
    (
        (zeros(), zeros(), zeros(5, 4)),
        {},
        "trimap has shape (5, 4); expected (4, 5), as alpha has",
    ),
    ((zeros(), zeros(), zeros() / 1), {}, "trimap has dtype float64; expected uint8"),
    (
        (zeros(), zeros(), [[128]]),
        {},
        "trimap has type list; expected a numpy array or a PIL picture of mode L",
    ),
    (
        (zeros() + 1.5, zeros()),
        {},
        "alpha has values from 1.5 to 1.5; expected 0 to 1",
    ),
    (
        (zeros(), zeros() - 0.25),
        {},
        "alpha_gt has values from -0.25 to -0.25; expected 0 to 1",
    ),
    (
        (zeros() * np.nan, zeros()),
        {},
        "alpha has values that are not finite; expected 0 to 1",
    ),
    (
        (zeros(), np.where(np.eye(4, 5), np.inf, 0.0)),
        {},
        "alpha_gt has values that are not finite; expected 0 to 1",
    ),
    (
        (zeros(), zeros()),
        {"region": "unknown"},
        'region "unknown" needs a trimap, none was given',
    ),
    ((zeros(), zeros()), {"fill_known": True}, "fill_known needs a trimap, none was given"),
    (
        (zeros(), zeros()),
        {"region": "hole"},
        'region is \'hole\'; expected "whole" or "unknown"',
    ),
]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(("arrays", "options", "message"), BAD_ARGUMENTS)
def test_bad_arguments_are_refused_by_name(function, arrays, options, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        function(*arrays, **options)


def test_a_bad_rounding_or_metric_is_refused():
    with pytest.raises(ValueError, match=r"rounding is '7-bit'; expected \"8-bit\" or \"none\""):
        evaluate(zeros(), zeros(), rounding="7-bit")
    with pytest.raises(ValueError, match="there is no metric 'ssim'; expected one of sad, mse"):
        evaluate(zeros(), zeros(), metrics=["ssim"])


def test_floats_are_rounded_to_the_nearest_stored_value():
    alpha = np.array([[0.0, 0.49 / 255, 0.5 / 255, 1.49 / 255, 254.49 / 255, 254.5 / 255, 1.0]])
    pair = prepare_pair(alpha, alpha)
    assert pair.alpha.dtype == np.uint8
    assert pair.alpha.tolist() == [[0, 0, 1, 1, 254, 255, 255]]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4"])
def test_every_stored_value_survives_the_way_through_floats(dtype):
    alpha_u8 = np.arange(256, dtype=np.uint8).reshape(8, 32)
    pair = prepare_pair((alpha_u8 / 255).astype(dtype), alpha_u8)
    assert (pair.alpha == alpha_u8).all()


@pytest.mark.parametrize("function", [*FUNCTIONS, sad_by_region])
def test_inputs_are_never_changed(function):
    rng = np.random.default_rng(3)
    for dtype in (np.uint8, np.float32, np.float64):
        alpha = rng.integers(0, 256, (9, 11)).astype(np.uint8)
        alpha_gt, trimap = alpha[::-1].copy(), rng.choice([0, 128, 255], (9, 11)).astype(np.uint8)
        if dtype != np.uint8:
            alpha, alpha_gt = (alpha / 255).astype(dtype), (alpha_gt / 255).astype(dtype)
        arrays = alpha, alpha_gt, trimap
        before = [array.copy() for array in arrays]
        options = {} if function is sad_by_region else {"region": "unknown", "fill_known": True}
        function(*arrays, **options)
        for array, copy in zip(arrays, before, strict=True):
            assert (array == copy).all()


def test_read_only_and_strided_arrays_score_the_same():
    rng = np.random.default_rng(5)
    alpha, alpha_gt, trimap = rng.integers(0, 256, (3, 20, 30), dtype=np.uint8)
    trimap = trimap // 128 * 128
    trimap[::2] = 128
    expected = evaluate(alpha, alpha_gt, trimap, region="unknown", fill_known=True)
    strided = [np.repeat(array, 2, axis=1)[:, ::2] for array in (alpha, alpha_gt, trimap)]
    assert evaluate(*strided, region="unknown", fill_known=True) == expected
    read_only = [np.asfortranarray(array) for array in (alpha, alpha_gt, trimap)]
    for array in read_only:
        array.setflags(write=False)
    assert evaluate(*read_only, region="unknown", fill_known=True) == expected


def test_only_128_is_unknown():
    alpha, alpha_gt = zeros(1, 5), np.full((1, 5), 255, np.uint8)
    trimap = np.array([[0, 127, 128, 129, 255]], np.uint8)
    assert sad(alpha, alpha_gt, trimap, region="unknown") == 0.001
    assert mse(alpha, alpha_gt, trimap, region="unknown") == 1.0


def test_fill_known_sets_what_the_trimap_knows_and_nothing_else():
    alpha = np.full((1, 5), 100, np.uint8)
    trimap = np.array([[0, 127, 128, 254, 255]], np.uint8)
    assert prepare_pair(alpha, alpha, trimap, fill_known=True).alpha.tolist() == [
        [0, 100, 100, 100, 255]
    ]
    unrounded = prepare_pair(alpha / 200, alpha, trimap, fill_known=True, rounding="none")
    assert unrounded.alpha.tolist() == [[0.0, 0.5, 0.5, 0.5, 1.0]]


def test_a_trimap_is_ignored_over_the_whole_image():
    rng = np.random.default_rng(6)
    alpha, alpha_gt, trimap = rng.integers(0, 256, (3, 12, 13), dtype=np.uint8)
    trimap = trimap // 128 * 128
    assert evaluate(alpha, alpha_gt, trimap) == evaluate(alpha, alpha_gt)
