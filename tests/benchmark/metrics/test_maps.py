"""The error maps add up to the metrics, and the diagnostic variants to those they stand for."""

import numpy as np
import pytest

from benchmark.metrics import conn, grad
from benchmark.metrics.conn import conn_map
from benchmark.metrics.diagnose import diagnose_conn, diagnose_grad
from benchmark.metrics.grad import grad_map


def small(golden_cases):
    return [case for case in golden_cases.values() if case.alpha.size < 100_000]


def test_maps_add_up(golden_cases):
    for case in small(golden_cases):
        total = grad_map(case.alpha, case.alpha_gt).sum() / 1000
        assert total == pytest.approx(grad(case.alpha, case.alpha_gt), rel=1e-9, abs=1e-12)
        total = conn_map(case.alpha, case.alpha_gt).sum() / 1000
        assert total == pytest.approx(conn(case.alpha, case.alpha_gt), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("mode", ["masked", "whole", "filled"])
def test_without_a_switch_the_diagnosis_is_the_metric(golden_cases, mode):
    for case in small(golden_cases):
        arrays, options = case.arguments(mode)
        for diagnosis, name in ((diagnose_conn, "conn"), (diagnose_grad, "grad")):
            expected = case.value(mode, name)
            assert diagnosis(*arrays, **options) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("mode", ["masked", "whole", "filled"])
def test_skip_empty_prints_what_the_copy_of_indexnet_prints(golden_cases, mode):
    """`conn_skip_empty` was printed by that copy (single-precision sums)."""
    differing = 0
    for case in small(golden_cases):
        arrays, options = case.arguments(mode)
        printed = case.modes[mode]["conn_skip_empty"]
        value = diagnose_conn(*arrays, **options, skip_empty=True)
        assert value == pytest.approx(printed, rel=1e-5, abs=1e-9), case.id
        differing += printed != pytest.approx(case.value(mode, "conn"), rel=1e-3, abs=1e-9)
    assert differing > 0


def test_background_as_component_by_hand():
    """Where more pixels fail a threshold than pass it, that program takes them for the body."""
    alpha, alpha_gt = np.array([[0.9, 0.9, 0, 0, 0]]), np.array([[0.8, 0.8, 0, 0, 0]])
    # connected up to 0.8, a difference of 0.1 does not count; settled at 0, it does
    assert diagnose_conn(alpha, alpha_gt) == 0
    wrong = diagnose_conn(alpha, alpha_gt, background_as_component=True)
    assert wrong == pytest.approx(2 * 26 / 255 / 1000)


def test_double_thresholds_lose_153():
    """153 / 255 is 0.6 in single precision and below arange's 0.6000000000000001 in double."""
    alpha = np.full((1, 4), 153, np.uint8)
    alpha_gt = np.array([[255, 255, 255, 153]], np.uint8)
    assert diagnose_conn(alpha, alpha_gt) == pytest.approx(3 * 0.4 / 1000, rel=1e-12)
    lost = diagnose_conn(alpha, alpha_gt, double_thresholds=True)
    assert lost == pytest.approx(3 * 0.5 / 1000, rel=1e-12)


def test_row_major_ties_choose_the_other_component():
    alpha = np.zeros((3, 4), np.uint8)
    alpha[0, 2:], alpha[2, :2] = 255, 255
    alpha_gt = alpha.copy()
    alpha_gt[0, 2:] = 230
    assert diagnose_conn(alpha, alpha_gt) == pytest.approx(2 * 25 / 255 / 1000)
    assert diagnose_conn(alpha, alpha_gt, row_major_ties=True) == 0
