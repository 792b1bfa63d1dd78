"""Differences, ranks and detectable differences, by hand and by simulation."""

import itertools
import math

import numpy as np
import pytest

from benchmark.statistics import comparison
from benchmark.statistics.comparison import (
    FEWEST_TOLD,
    compare,
    compare_all,
    fewest_told,
    holm,
    permutation_p,
    ranks,
    smallest_difference,
)


def test_a_permutation_test_by_hand():
    """Of the 8 patterns of ±1, ±2, ±4 only +++ and --- reach 7; ++- has 1, +-+ 3, -++ 5."""
    assert permutation_p(np.array([1.0, 2.0, 4.0])) == 2 / 8
    assert permutation_p(np.array([1.0, 2.0, -4.0])) == 1  # no pattern is nearer to zero
    assert permutation_p(np.array([-1.0, 2.0, 4.0])) == 4 / 8  # 5 is reached by ±5 and ±7


def test_equal_methods_cannot_be_told_apart():
    assert permutation_p(np.zeros(20)) == 1


def test_drawn_patterns_come_near_to_all_of_them():
    sums = np.random.default_rng(2).normal(0.35, 1, 14)
    exact = permutation_p(sums)
    assert permutation_p(np.append(sums, [0.0, 0.0])) == pytest.approx(exact, abs=0.02)
    assert 0.02 < exact < 0.98


def test_p_is_small_for_a_plain_difference_and_never_zero():
    assert 0 < permutation_p(np.ones(40)) < 1e-4


def test_holm_stops_at_the_first_that_fails():
    assert holm([0.001, 0.04, 0.02]) == [True, True, True]
    assert holm([0.001, 0.04, 0.03]) == [True, False, False]
    assert holm([]) == []


def test_compare_pairs_by_image_and_clusters_by_foreground():
    first = np.array([1.0, 2.0, 3.0, math.nan])
    second = np.array([0.0, 2.0, 1.0, 5.0])
    difference = compare(first, second, ["a", "a", "b", "c"])
    assert difference.mean == 1
    assert (difference.images, difference.clusters) == (3, 2)
    assert difference.p == 0.5
    assert difference.low < 1 < difference.high
    with pytest.raises(ValueError, match="no image in common"):
        compare(np.array([math.nan]), np.array([1.0]), ["a"])


def names(count):
    return [f"{place:02d}" for place in range(count)]


def test_methods_that_cannot_be_told_apart_share_a_rank():
    rng = np.random.default_rng(1)
    hard = rng.gamma(2, 10, 40)
    values = {
        "best": hard,
        "as good": hard + rng.normal(0, 1, 40),
        "worse": hard + 5 + rng.normal(0, 1, 40),
    }
    places = ranks(values, names(40))
    assert {places["best"], places["as good"]} == {(1, True)}
    assert places["worse"] == (3, False)


def test_pairing_tells_apart_what_the_means_alone_would_not():
    hard = np.random.default_rng(1).gamma(2, 50, 40)
    assert ranks({"a": hard, "b": hard + 1}, names(40)) == {"a": (1, False), "b": (2, False)}


def test_two_foregrounds_rank_nobody():
    values = {"a": np.array([1.0, 1.0]), "b": np.array([50.0, 60.0])}
    assert ranks(values, ["x", "y"]) == {"a": (1, True), "b": (1, True)}


def test_composites_of_one_foreground_are_not_many():
    """100 images of 3 foregrounds rank no better than 3 images do."""
    values = {"a": np.ones(300), "b": np.full(300, 2.0)}
    clusters = ["x", "y", "z"] * 100
    assert ranks(values, clusters)["b"] == (1, True)
    assert ranks(values, [str(place) for place in range(300)])["b"] == (2, False)


def test_a_method_without_numbers_has_no_rank():
    assert ranks({"a": np.full(3, math.nan)}, names(3)) == {}
    assert ranks({}, names(3)) == {}


def test_equal_methods_are_seldom_ranked_apart():
    """Of 100 boards of five equal methods at most a few may draw any distinction."""
    rng = np.random.default_rng(7)
    wrong = 0
    for _ in range(100):
        hard = rng.gamma(2, 10, 20)
        values = {str(method): hard + rng.normal(0, 3, 20) for method in range(5)}
        wrong += any(place != 1 for place, _ in ranks(values, names(20)).values())
    assert wrong <= 10


def test_the_smallest_difference_is_seen_four_times_of_five():
    rng = np.random.default_rng(4)
    hard = rng.gamma(2, 10, 50)
    values = {"a": hard, "b": hard + rng.normal(0, 2, 50)}
    small = smallest_difference(values, names(50))
    assert small == pytest.approx((2.0096 + 0.8493) * 2 / math.sqrt(50), rel=0.25)
    found = sum(
        permutation_p(rng.normal((2.0096 + 0.8493) * 2 / math.sqrt(50), 2, 50)) < 0.05
        for _ in range(300)
    )
    assert 0.74 < found / 300 < 0.86


def test_one_method_or_one_foreground_shows_no_difference():
    assert smallest_difference({"a": np.ones(5)}, names(5)) is None
    assert smallest_difference({"a": np.ones(2), "b": np.zeros(2)}, ["x", "x"]) is None


def test_five_foregrounds_tell_no_difference_and_six_do():
    """Of 2**n patterns two are as far as the one in which a method is always better."""
    for count in range(2, 9):
        apart = permutation_p(np.ones(count)) < 0.05
        assert apart == (count >= FEWEST_TOLD)
        values = {"a": np.arange(count) / 7, "b": np.zeros(count)}
        assert (smallest_difference(values, names(count)) is not None) == apart
    same = {"a": np.ones(9), "b": np.ones(9)}
    assert smallest_difference(same, names(9)) is None


@pytest.mark.parametrize("methods", [2, 3, 10, 25])
def test_fewer_foregrounds_than_stated_tell_no_methods_apart(methods: int) -> None:
    """Each method is better than the next by the same on every foreground: no p is lower."""
    fewest = fewest_told(methods)
    for count in (fewest - 1, fewest):
        values = {f"{place:02}": np.full(count, float(place)) for place in range(methods)}
        told = {rank for rank, _ in ranks(values, names(count)).values()}
        assert (len(told) > 1) == (count == fewest)


@pytest.mark.parametrize(("clusters", "images"), [(1, 5), (5, 20), (20, 45)])
def test_all_pairs_at_once_are_the_pairs_one_by_one(clusters: int, images: int) -> None:
    random = np.random.default_rng(0)
    names = [f"object{i % clusters:02}" for i in range(images)]
    columns = [random.lognormal(0, 1, images) for _ in range(4)]
    columns[1][3] = np.nan
    columns.append(columns[0].copy())  # no difference at all
    columns.append(np.full(images, np.nan))
    pairs = iter(compare_all(columns, names))
    for first, second in itertools.combinations(columns, 2):
        found = next(pairs)
        if np.isnan(second).all():
            assert np.isnan(found).all()
            continue
        one = compare(first, second, names)
        ends = [np.nan if end is None else end for end in (one.low, one.high)]
        expected = [one.mean, *ends, one.p, one.images, one.clusters]
        assert found.tolist() == pytest.approx(expected, rel=1e-11, abs=1e-14, nan_ok=True)


def test_the_bound_on_p_holds_for_all_patterns() -> None:
    generator = np.random.default_rng(3)
    sums = generator.normal(generator.uniform(0, 2, 300), 1, (12, 300))
    exact = comparison._permutation_ps(sums)  # of 12 foregrounds all patterns are tried
    ratio = np.square(sums.sum(axis=0)) / np.square(sums).sum(axis=0)
    assert (2 * np.exp(-ratio / 2) >= exact).all()


def test_a_hundred_methods_are_told_apart() -> None:
    """Holm's first test of 4950 is stricter than the least p of the drawn patterns."""
    generator = np.random.default_rng(4)
    clusters = [f"{number // 2}" for number in range(100)]
    difficulty = generator.lognormal(size=100)
    values = {
        f"m{number:03}": difficulty + number * 0.2 + generator.normal(0, 0.1, 100)
        for number in range(100)
    }
    found = ranks(values, clusters)
    assert found["m000"] == (1, False)
    assert len({rank for rank, _ in found.values()}) > 50
    assert ranks({name: values[name] for name in ("m000", "m001")}, clusters)["m001"] == (2, False)
