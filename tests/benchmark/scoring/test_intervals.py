"""Means and clustered intervals on answers worked out by hand."""

import math

import numpy as np
import pytest
from scipy import stats

from benchmark.scoring.intervals import clustered_interval, clusters_of, mean_over_images


def test_independent_images_give_the_textbook_interval():
    values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0]
    low, high = clustered_interval(values, list("abcdef"))
    expected = stats.t.interval(0.95, 5, loc=np.mean(values), scale=stats.sem(values))
    assert (low, high) == pytest.approx(expected, rel=1e-12)


def test_repeating_each_image_adds_no_confidence():
    """Ten equal composites of one foreground carry what one carries."""
    once = clustered_interval([1.0, 2.0, 4.0], ["a", "b", "c"])
    tenfold = clustered_interval([1.0, 2.0, 4.0] * 10, ["a", "b", "c"] * 10)
    assert tenfold == pytest.approx(once, rel=1e-12)


def test_one_cluster_has_no_interval():
    assert clustered_interval([1.0, 2.0], ["a", "a"]) is None


def test_undefined_values_are_left_out():
    assert mean_over_images([1.0, math.nan, 3.0]) == 2
    assert math.isnan(mean_over_images([math.nan]))
    assert clustered_interval([1.0, math.nan, 3.0], list("abc")) == clustered_interval(
        [1.0, 3.0], list("ac")
    )


def test_clusters_go_by_the_last_number():
    assert clusters_of(["a_b_1", "a_b_12", "a", "x_y"]) == ["a_b", "a_b", "a", "x_y"]
    assert clusters_of(["7-a", "7-b"], r"(\d+)-.*") == ["7", "7"]
    with pytest.raises(ValueError, match="is not a regular expression"):
        clusters_of([], "(")
