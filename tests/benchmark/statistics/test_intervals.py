"""Means and clustered intervals: answers worked out by hand, scipy's, and a simulation's."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.intervals import (
    FEW_CLUSTERS,
    clusters_of,
    difference_interval,
    mean_interval,
    mean_over_images,
)


def test_few_independent_differences_give_the_textbook_interval():
    values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0]
    expected = stats.t.interval(0.95, 5, loc=np.mean(values), scale=stats.sem(values))
    assert difference_interval(values, list("abcdef")) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("count", range(1, 2 * FEW_CLUSTERS))
def test_an_interval_of_errors_never_reaches_below_zero(count):
    """One hard foreground among easy ones: Student's t would give the mean minus more than it."""
    values = [100.0] + [0.0] * (count - 1)
    ends = mean_interval(values, [str(place) for place in range(count)])
    if count < FEW_CLUSTERS:
        assert ends is None
    else:
        assert 0 <= ends[0] < 100 / count < ends[1] <= 100


def test_many_differences_have_the_interval_of_a_mean():
    values = np.random.default_rng(0).normal(0, 1, 20)
    names = [f"{place:02d}" for place in range(20)]
    assert difference_interval(values, names) == mean_interval(values, names)


@pytest.mark.parametrize("count", [3, 12])
def test_repeating_each_image_adds_no_confidence(count):
    """Ten equal composites of one foreground carry what one carries."""
    values = (np.arange(count) ** 2).tolist()
    names = [f"{place:02d}" for place in range(count)]
    once = difference_interval(values, names)
    assert difference_interval(values * 10, names * 10) == pytest.approx(once, rel=1e-9)


def test_one_cluster_has_no_interval():
    assert mean_interval([1.0] * 20, ["a"] * 20) is None
    assert difference_interval([1.0, 2.0], ["a", "a"]) is None
    assert difference_interval([math.nan, 2.0], ["a", "b"]) is None


def test_undefined_values_are_left_out():
    assert mean_over_images([1.0, math.nan, 3.0]) == 2
    assert math.isnan(mean_over_images([math.nan]))
    ends = difference_interval([1.0, 3.0], list("ac"))
    assert difference_interval([1.0, math.nan, 3.0], list("abc")) == ends
    assert mean_interval([1.0, math.nan] + [3.0] * 6, list("abcdefgh")) is None


def test_the_bootstrap_agrees_with_scipys_bca():
    """The same quantiles from scipy's own draws, at the level that ours widens to."""
    rng = np.random.default_rng(5)
    sizes = rng.integers(1, 6, 30)
    names = [f"{place:02d}" for place in range(30) for _ in range(sizes[place])]
    values = np.concatenate([rng.gamma(2, size=1) + rng.normal(0, 0.2, n) for n in sizes])
    ends = [0, *np.cumsum(sizes)]
    sums = np.array([values[a:b].sum() for a, b in itertools.pairwise(ends)])
    reach = math.sqrt(30 / 29) * stats.t.ppf(0.975, 29)
    theirs = stats.bootstrap(
        (sums, sizes),
        lambda s, n, axis: s.sum(axis) / n.sum(axis),
        n_resamples=10_000,
        paired=True,
        vectorized=True,
        confidence_level=2 * stats.norm.cdf(reach) - 1,
        method="BCa",
        random_state=np.random.default_rng(6),
    ).confidence_interval
    low, high = mean_interval(values, names)
    width = theirs.high - theirs.low
    assert low == pytest.approx(theirs.low, abs=0.05 * width)
    assert high == pytest.approx(theirs.high, abs=0.05 * width)


def test_the_interval_is_wider_upwards_where_values_are_skewed():
    values = [1.0] * 18 + [8.0, 12.0]
    low, high = mean_interval(values, [str(place) for place in range(20)])
    mean = sum(values) / 20
    assert high - mean > 1.5 * (mean - low)


def test_equal_values_have_an_interval_of_no_width():
    assert mean_interval([2.0] * 20, [str(place) for place in range(20)]) == (2.0, 2.0)


def test_forgetting_the_foregrounds_makes_intervals_four_times_too_narrow():
    """20 images of each of 50 foregrounds, correlated by 0.8: a design effect of 1 + 19 · 0.8."""
    values, clusters = simulate(np.random.default_rng(0), 50, 20, 0.8)
    low, high = mean_interval(values, clusters)
    naive_low, naive_high = mean_interval(values, [str(place) for place in range(1000)])
    assert (high - low) / (naive_high - naive_low) == pytest.approx(math.sqrt(16.2), rel=0.2)


def test_arguments_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="2 values and 1 clusters"):
        mean_interval([1.0, 2.0], ["a"])
    for interval in (mean_interval, difference_interval):
        with pytest.raises(ValueError, match=r"level is 95; expected more than 0"):
            interval([1.0, 2.0], ["a", "b"], 95)


def simulate(rng, count, images, correlation):
    """Return values of mean 0 with a known correlation within clusters, and their clusters."""
    common = rng.standard_normal((count, 1))
    own = rng.standard_normal((count, images))
    values = math.sqrt(correlation) * common + math.sqrt(1 - correlation) * own
    return values.ravel(), [f"{place:03d}" for place in range(count) for _ in range(images)]


def coverage(count, images, correlation, repeats, seed):
    rng = np.random.default_rng(seed)
    held = 0
    for _ in range(repeats):
        values, clusters = simulate(rng, count, images, correlation)
        low, high = difference_interval(values, clusters)
        held += low <= 0 <= high
    return held / repeats


def test_the_interval_holds_the_mean_as_often_as_it_says():
    assert 0.92 < coverage(50, 4, 0.8, 400, seed=3) < 0.98  # ± 2 standard errors of 400 repeats


@pytest.mark.slow
@pytest.mark.parametrize("count", [6, 10, 25, 50])
@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_coverage_at_a_known_correlation(count, correlation):
    assert 0.93 < coverage(count, 4, correlation, 3000, seed=3) < 0.97


def test_clusters_go_by_the_last_number():
    assert clusters_of(["a_b_1", "a_b_12", "a", "x_y"]) == ["a_b", "a_b", "a", "x_y"]
    assert clusters_of(["7-a", "7-b"], r"(\d+)-.*") == ["7", "7"]
    with pytest.raises(ValueError, match="is not a regular expression"):
        clusters_of([], "(")
