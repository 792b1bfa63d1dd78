"""All metrics against the numbers of the official evaluation code (see tests/golden/metrics)."""

import math

import pytest

from benchmark.metrics import conn, evaluate, grad, mse, sad

MODES = ("masked", "whole", "filled")
FUNCTIONS = {"sad": sad, "mse": mse, "grad": grad, "conn": conn}


def test_all_twenty_cases_are_there(golden_cases):
    assert len(golden_cases) == 20
    assert len({case.alpha.shape for case in golden_cases.values()}) > 10


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("metric", FUNCTIONS)
def test_metric_equals_the_official_code(golden_cases, metric, mode):
    for case in golden_cases.values():
        arrays, options = case.arguments(mode)
        value = FUNCTIONS[metric](*arrays, **options)
        expected = case.value(mode, metric)
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True), case.id


@pytest.mark.parametrize("mode", MODES)
def test_sums_are_exact_to_the_integer(golden_cases, mode):
    for case in golden_cases.values():
        arrays, options = case.arguments(mode)
        for function, metric, steps in ((sad, "sad", 255_000), (conn, "conn", 510_000)):
            expected = case.value(mode, metric) * steps
            assert abs(expected - round(expected)) < 1e-6
            assert function(*arrays, **options) == round(expected) / steps, (case.id, metric)


@pytest.mark.parametrize("mode", MODES)
def test_mse_is_exact(golden_cases, mode):
    for case in golden_cases.values():
        arrays, options = case.arguments(mode)
        pixels = (case.trimap == 128).sum() if options["region"] == "unknown" else case.trimap.size
        expected = case.value(mode, "mse")
        if pixels == 0:
            assert math.isnan(expected)
            continue
        value = mse(*arrays, **options)
        assert value == round(expected * 65025 * pixels) / (65025 * pixels), case.id


@pytest.mark.parametrize("mode", MODES)
def test_evaluate_agrees_with_the_single_functions(golden_cases, mode):
    for case in golden_cases.values():
        arrays, options = case.arguments(mode)
        values = evaluate(*arrays, **options, trimap_values="official")
        assert list(values) == ["sad", "mse", "grad", "conn"]
        for metric, function in FUNCTIONS.items():
            assert values[metric] == pytest.approx(function(*arrays, **options), rel=0, nan_ok=True)


@pytest.mark.parametrize("mode", MODES)
def test_the_second_implementation_agrees_too(golden_cases, reference, mode):
    """Guards the plain implementation that the random cases are compared with."""
    for case in golden_cases.values():
        if case.alpha.size > 100_000:
            continue
        (alpha, alpha_gt, trimap), options = case.arguments(mode)
        if options["fill_known"]:
            alpha = alpha.copy()
            alpha[trimap == 0], alpha[trimap == 255] = 0, 255
        mask = trimap == 128 if options["region"] == "unknown" else trimap >= 0
        for metric in FUNCTIONS:
            value = getattr(reference, metric)(alpha, alpha_gt, mask)
            expected = case.value(mode, metric)
            assert value == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True), case.id
