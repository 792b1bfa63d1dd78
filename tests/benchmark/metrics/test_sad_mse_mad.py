"""SAD, MSE and MAD on answers worked out by hand."""

import math

import numpy as np
import pytest

from benchmark.metrics import mad, mse, sad, sad_by_region

ALPHA = np.array([[0, 51], [102, 255]], np.uint8)
ALPHA_GT = np.array([[0, 102], [0, 0]], np.uint8)
TRIMAP = np.array([[128, 128], [0, 255]], np.uint8)


def test_whole_image():
    # differences 0, 0.2, 0.4, 1
    assert sad(ALPHA, ALPHA_GT) == 0.0016
    assert mse(ALPHA, ALPHA_GT) == 0.3
    assert mad(ALPHA, ALPHA_GT) == 0.4


def test_unknown_region():
    assert sad(ALPHA, ALPHA_GT, TRIMAP, region="unknown") == 0.0002
    assert mse(ALPHA, ALPHA_GT, TRIMAP, region="unknown") == 0.02
    assert mad(ALPHA, ALPHA_GT, TRIMAP, region="unknown") == 0.1


def test_fill_known():
    assert sad(ALPHA, ALPHA_GT, TRIMAP, fill_known=True) == 0.0012  # 0, 0.2, 0, 1


def test_an_empty_region_has_no_mean():
    trimap = np.zeros((2, 2), np.uint8)
    assert sad(ALPHA, ALPHA_GT, trimap, region="unknown") == 0
    assert math.isnan(mse(ALPHA, ALPHA_GT, trimap, region="unknown"))
    assert math.isnan(mad(ALPHA, ALPHA_GT, trimap, region="unknown"))


def test_regions_add_up():
    regions = sad_by_region(ALPHA, ALPHA_GT, TRIMAP)
    assert regions == {"foreground": 0.001, "background": 0.0004, "unknown": 0.0002}
    assert sum(regions.values()) == pytest.approx(sad(ALPHA, ALPHA_GT), rel=1e-15)


def test_sums_do_not_overflow():
    """More than 2^31 squared steps, over several partial sums."""
    white, black = np.full((300, 301), 255, np.uint8), np.zeros((300, 301), np.uint8)
    assert sad(white, black) == 90.3
    assert mse(white, black) == 1.0
    assert sad(white, black, black + 128, region="unknown") == 90.3
