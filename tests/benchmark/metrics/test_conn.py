"""Conn on answers worked out by hand, and the rules that ports get wrong."""

import numpy as np
import pytest

from benchmark.metrics import conn
from benchmark.metrics.conn import survived_of_pair
from benchmark.metrics.pairs import prepare_pair


def survived(alpha, alpha_gt):
    return survived_of_pair(prepare_pair(alpha, alpha_gt))


def test_a_pixel_passes_on_the_threshold():
    thresholds = [26, 51, 77, 102, 128, 153, 179, 204, 230]
    for count, value in enumerate(thresholds, start=1):
        alpha = np.array([[value, value - 1]], np.uint8)
        assert survived(alpha, alpha).tolist() == [[count, count - 1]]


def test_only_the_largest_component_survives():
    alpha = np.array([[255, 255, 0, 255, 0]], np.uint8)
    assert survived(alpha, alpha).tolist() == [[9, 9, 0, 0, 0]]


def test_by_hand():
    # The single pixel on the right is cut off at 0.1, so l = 0 there: phi = 1 - 1 against
    # phi_gt = 1 - 0.4. On the left all is alike.
    alpha = np.array([[255, 255, 0, 255]], np.uint8)
    alpha_gt = np.array([[255, 255, 0, 102]], np.uint8)
    assert conn(alpha, alpha_gt) == 0.0006


def test_small_differences_from_the_level_do_not_count():
    # 0.1 < 0.15 <= 0.2 above the level 0, since nothing connects at 0.1
    alpha_gt = np.array([[38, 39]], np.uint8)
    assert conn(np.zeros((1, 2), np.uint8), alpha_gt) == pytest.approx(39 / 255 / 1000)


def test_corners_do_not_connect():
    alpha = np.array([[255, 0, 0], [255, 0, 0], [0, 255, 255]], np.uint8)
    assert survived(alpha, alpha).tolist() == [[9, 0, 0], [9, 0, 0], [0, 0, 0]]


def test_ties_go_to_the_first_column():
    """By rows the pair at the top would come first; column by column it is the one on the left."""
    alpha = np.array([[0, 0, 255, 255], [0, 0, 0, 0], [255, 255, 0, 0]], np.uint8)
    assert survived(alpha, alpha)[2, 0] == 9
    assert survived(alpha, alpha)[0, 2] == 0


def test_ties_in_one_column_go_to_the_upper():
    alpha = np.array([[255], [0], [255]], np.uint8)
    assert survived(alpha, alpha).tolist() == [[9], [0], [0]]


def test_a_component_is_not_kept_when_it_was_cut_off_before():
    """At 0.1 the faint body wins; from 0.5 on a small bright one is largest, but out of play."""
    alpha = np.array([[100, 100, 100, 100, 0, 255, 255]], np.uint8)
    assert survived(alpha, alpha).tolist() == [[3, 3, 3, 3, 0, 0, 0]]


def test_nothing_in_common_leaves_everything_unconnected():
    """GCA-Matting's rule; IndexNet's copy leaves the threshold out and would score 0."""
    black, white = np.zeros((2, 3), np.uint8), np.full((2, 3), 255, np.uint8)
    assert conn(black, white) == conn(white, black) == 0.006


def test_the_region_limits_the_sum_and_not_the_search():
    alpha = np.array([[255, 255, 0, 255]], np.uint8)
    alpha_gt = np.array([[255, 255, 0, 102]], np.uint8)
    trimap = np.array([[0, 0, 0, 128]], np.uint8)
    assert conn(alpha, alpha_gt, trimap, region="unknown") == 0.0006
    assert conn(alpha, alpha_gt, 128 - trimap, region="unknown") == 0


@pytest.mark.parametrize("shape", [(1, 64), (1, 63), (1, 65), (64, 1), (3, 128), (70, 200)])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_words_of_64_pixels_meet_without_a_seam(reference, shape, share):
    rng = np.random.default_rng(21)
    for _ in range(5):
        alpha, alpha_gt = rng.integers(0, 256, (2, *shape), dtype=np.uint8)
        alpha[rng.random(shape) < share], alpha_gt[rng.random(shape) < share] = 255, 255
        everywhere = np.ones(shape, bool)
        assert conn(alpha, alpha_gt) == pytest.approx(
            reference.conn(alpha, alpha_gt, everywhere), rel=1e-11, abs=1e-14
        )
