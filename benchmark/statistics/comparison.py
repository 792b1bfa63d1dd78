"""Methods compared on the same images: differences, ranks, the smallest difference to detect.

Everything is paired by image and clustered by foreground: the same foregrounds are hard for all
methods, so a difference is known far better than either mean.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from benchmark.statistics.intervals import (
    FEW_CLUSTERS,
    Floats,
    bootstrap_rows,
    cluster_sums,
    difference_interval,
    mean_over_images,
    standard_error,
    student_interval,
)

LEVEL = 0.05
POWER = 0.8
FLIPS = 20_000
"""Sign patterns drawn; a p of 0.05 has a standard error of 0.0015."""
EXACT_CLUSTERS = 14
"""Up to this many clusters all sign patterns are tried: 2**14 are fewer than FLIPS."""
FEWEST_TOLD = 6
"""Foregrounds by which two methods can be told apart: of fewer even 2 of all 2**n patterns are more
than 5 %."""
_BLOCK = 64  # comparisons tested at once
_NUMBERS = 1 << 20  # differences in memory at once
_PATTERNS = 1024  # of signs, so that their sums stay in the processor's cache
_SEED = 646


@dataclass(frozen=True)
class Difference:
    """One method minus another, on the images both have.

    Attributes
    ----------
    mean
        Mean over images; negative where the first is better.
    low, high
        95 % interval of the mean; None with fewer than two clusters.
    p
        p of the permutation test; see `permutation_p`.
    images, clusters
        Number of images compared, and of their foregrounds.
    """

    mean: float
    low: float | None
    high: float | None
    p: float
    images: int
    clusters: int


def compare(first: Floats, second: Floats, clusters: Sequence[str]) -> Difference:
    """Compare two methods on the same images.

    Parameters
    ----------
    first, second
        One number per image, in the same order; an image where either is NaN is left out.
    clusters
        The foreground of each image.

    Raises
    ------
    ValueError
        If no image is left.
    """
    differences = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    sums, sizes = cluster_sums(differences, clusters)
    if len(sums) == 0:
        raise ValueError("the two methods have no image in common")
    low, high = difference_interval(differences, clusters) or (None, None)
    mean = mean_over_images(differences.tolist())
    return Difference(mean, low, high, permutation_p(sums), int(sizes.sum()), len(sums))


def compare_all(columns: Sequence[Floats], clusters: Sequence[str]) -> Floats:
    """Compare each two of several methods on the same images; much faster than one by one.

    Parameters
    ----------
    columns
        One number per image for each method, NaN where it is missing.
    clusters
        The foreground of each image.

    Returns
    -------
    ndarray
        float64, one row for each pair (0, 1), (0, 2), …, (1, 2), …: the fields of `Difference` in
        their order, equal to those of `compare` but for rounding; NaN where there is none.
    """
    table = np.stack([np.asarray(column, np.float64) for column in columns])
    pairs = np.array(list(itertools.combinations(range(len(table)), 2))).reshape(-1, 2)
    missing = np.isnan(table)
    found = np.full((len(pairs), 6), np.nan)
    by_mask: dict[bytes, list[int]] = {}
    for place, (first, second) in enumerate(pairs):
        by_mask.setdefault((missing[first] | missing[second]).tobytes(), []).append(place)
    for mask, places in by_mask.items():
        kept = ~np.frombuffer(mask, bool)
        if not kept.any():
            continue
        names, index = np.unique(np.asarray(clusters, np.str_)[kept], return_inverse=True)
        sizes = np.bincount(index).astype(np.float64)
        by_method = np.stack(
            [np.bincount(index, np.nan_to_num(row[kept]), len(names)) for row in table]
        )
        sums = by_method[pairs[places, 0]] - by_method[pairs[places, 1]]
        found[places] = _compare_rows(sums, sizes)
    return found


def _compare_rows(sums: Floats, sizes: Floats) -> Floats:
    """Return the fields of `Difference` for rows of sums by cluster."""
    few = len(sizes) < FEW_CLUSTERS
    low, high = (
        np.array([student_interval(row, sizes) or (np.nan, np.nan) for row in sums]).T
        if few
        else bootstrap_rows(sums, sizes)
    )
    rows = np.empty((len(sums), 6))
    rows[:, 0], rows[:, 1], rows[:, 2] = sums.sum(axis=1) / sizes.sum(), low, high
    rows[:, 3], rows[:, 4], rows[:, 5] = _permutation_ps(sums.T), sizes.sum(), len(sizes)
    return rows


def permutation_p(sums: Floats) -> float:
    """Return the probability that chance alone makes a mean difference at least this large.

    Were the two methods alike, each foreground's difference could as well have the other sign. All
    patterns of signs are tried up to `EXACT_CLUSTERS` foregrounds, `FLIPS` drawn ones beyond, which
    count themselves once, so that p is never 0.

    Parameters
    ----------
    sums
        Sum of the differences within each foreground.

    References
    ----------
    Fisher, The design of experiments, 1935; Phipson and Smyth, Permutation p-values should never be
    zero, 2010.

    Examples
    --------
    >>> permutation_p(np.array([1.0, 2.0, 3.0]))
    0.25
    """
    return float(_permutation_ps(np.asarray(sums, np.float64)[:, None])[0])


def _permutation_ps(sums: Floats) -> Floats:
    """Test each column of foregrounds × comparisons; a foreground of sum 0 changes nothing."""
    signs, exact = _signs(len(sums))
    # Sums in another order may differ in the last bit; such ties count as ties.
    wanted = np.abs(sums.sum(axis=0)) * (1 - 1e-12)
    counts = np.zeros(sums.shape[1], np.int64)
    for start in range(0, sums.shape[1], _BLOCK):
        columns = slice(start, start + _BLOCK)
        for first in range(0, len(signs), _PATTERNS):
            reached = signs[first : first + _PATTERNS] @ sums[:, columns]
            counts[columns] += (np.abs(reached, out=reached) >= wanted[columns]).sum(axis=0)
    return counts / len(signs) if exact else (counts + 1) / (len(signs) + 1)


@lru_cache(maxsize=2)
def _signs(count: int) -> tuple[Floats, bool]:
    """Return patterns of +1 and -1, patterns × `count`, and whether they are all there are."""
    if count <= EXACT_CLUSTERS:
        patterns = np.arange(2**count)[:, None] >> np.arange(count) & 1
        return np.where(patterns, 1.0, -1.0), True
    raw = np.random.PCG64(_SEED).random_raw(FLIPS * ((count + 63) // 64))
    bits = np.unpackbits(raw.astype("<u8").view(np.uint8), bitorder="little")
    return np.where(bits.reshape(FLIPS, -1)[:, :count], 1.0, -1.0), False


def least_p(clusters: int) -> float:
    """Return the least p that the test behind `ranks` can have with so many foregrounds.

    It is that of two methods of which one is better by the same on each foreground.

    Examples
    --------
    >>> least_p(6), round(1 / least_p(20)), f"{least_p(30):.1e}"
    (0.03125, 20001, '6.1e-07')
    """
    return float(_bounded_ps(np.ones((clusters, 1)))[0])


def can_tell(methods: int, clusters: int) -> bool:
    """Return whether any two of several methods can be told apart on so many foregrounds.

    Where not, `ranks` gives all of them the same rank, whatever their numbers are: no p is as low
    as the first test of Holm's correction for all pairs asks for.
    """
    return least_p(clusters) <= LEVEL / math.comb(methods, 2)


def fewest_told(methods: int) -> int:
    """Return on how many foregrounds two of so many methods can be told apart (`can_tell`).

    Examples
    --------
    >>> fewest_told(2), fewest_told(10), fewest_told(60)
    (6, 11, 23)
    """
    return next(count for count in itertools.count(2) if can_tell(methods, count))


def holm(p_values: Sequence[float], level: float = LEVEL) -> list[bool]:
    """Return which of several tests hold, so that any is wrong in at most `level` of cases.

    References
    ----------
    Holm, A simple sequentially rejective multiple test procedure, 1979.

    Examples
    --------
    >>> holm([0.04, 0.01, 0.5])
    [False, True, False]
    """
    holds = [False] * len(p_values)
    for step, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if p_values[index] > level / (len(p_values) - step):
            break
        holds[index] = True
    return holds


def ranks(values: Mapping[str, Floats], clusters: Sequence[str]) -> dict[str, tuple[int, bool]]:
    """Rank methods by their means; methods that cannot be told apart share a rank.

    In order of the means, the best method leads; each that follows shares its rank as long as the
    two cannot be told apart, and the first that can leads the next rank, which counts all before
    it (1, 1, 3). Two methods are told apart where the permutation test of their difference holds
    after Holm's correction for all pairs, so that a wrong distinction anywhere is drawn in 5 % of
    cases at most.

    Parameters
    ----------
    values
        For each method one number per image, lower is better; all on the same images.
    clusters
        The foreground of each image.

    Returns
    -------
    dict
        By method, its rank and whether another method shares it.
    """
    means = {name: mean_over_images(column.tolist()) for name, column in values.items()}
    order = sorted((name for name in means if not math.isnan(means[name])), key=lambda n: means[n])
    pairs = list(itertools.combinations(order, 2))
    apart = dict(zip(pairs, holm(_test_pairs(pairs, values, clusters)), strict=True))
    rank_of: dict[str, int] = {}
    leader = ""
    for position, name in enumerate(order, start=1):
        if not leader or apart[(leader, name)]:
            leader = name
            rank_of[name] = position
        else:
            rank_of[name] = rank_of[leader]
    shared = list(rank_of.values())
    return {name: (rank, shared.count(rank) > 1) for name, rank in rank_of.items()}


def _test_pairs(
    pairs: Sequence[tuple[str, str]], values: Mapping[str, Floats], clusters: Sequence[str]
) -> list[float]:
    if not pairs:
        return []
    order = np.argsort(np.asarray(clusters, np.str_), kind="stable")
    _, first = np.unique(np.asarray(clusters, np.str_)[order], return_index=True)
    columns = {name: values[name][order] for name in {name for pair in pairs for name in pair}}
    found: list[float] = []
    together = max(1, _NUMBERS // len(clusters))
    for start in range(0, len(pairs), together):
        here = pairs[start : start + together]
        differences = np.stack([columns[one] - columns[other] for one, other in here])
        sums = np.add.reduceat(np.nan_to_num(differences, copy=False), first, axis=1)
        found += _bounded_ps(sums.T).tolist()
    return found


def _bounded_ps(sums: Floats) -> Floats:
    """Return `_permutation_ps`, or an upper bound of p where that is below what draws can show.

    The patterns that reach |sum| are at most 2 exp(-sum² / 2 sum of squares) of all. Among a
    hundred methods Holm's first test is stricter than the least p of `FLIPS` draws.

    References
    ----------
    Hoeffding, Probability inequalities for sums of bounded random variables, JASA 1963.
    """
    squares = np.square(sums).sum(axis=0)
    ratio = np.square(sums.sum(axis=0)) / np.where(squares > 0, squares, 1)
    ps = 2 * np.exp(-ratio / 2)
    drawn = ps >= 1 / (FLIPS + 1)
    if drawn.any():
        ps[drawn] = _permutation_ps(np.ascontiguousarray(sums[:, drawn]))
    return np.asarray(ps, np.float64)


def smallest_difference(values: Mapping[str, Floats], clusters: Sequence[str]) -> float | None:
    """Return the difference of two methods that this test set would detect four times of five.

    For methods that are neighbours in the order of means it is (t(0.975) + t(0.8)) times the
    clustered standard error of their difference: the true difference that a test at 5 % finds
    with a power of 80 %. The median over neighbours is returned.

    Parameters
    ----------
    values, clusters
        As `ranks` takes them.

    Returns
    -------
    float or None
        In the metric's unit; None with fewer than two methods that differ, or fewer than
        `FEWEST_TOLD` foregrounds.

    References
    ----------
    Bloom, Minimum detectable effects, Evaluation Review 1995.
    """
    from scipy.special import stdtrit

    means = {name: mean_over_images(column.tolist()) for name, column in values.items()}
    order = sorted((name for name in means if not math.isnan(means[name])), key=lambda n: means[n])
    detectable = []
    for first, second in itertools.pairwise(order):
        sums, sizes = cluster_sums(values[first] - values[second], clusters)
        if len(sums) >= FEWEST_TOLD and np.any(sums):
            degrees = len(sums) - 1
            reach = stdtrit(degrees, 1 - LEVEL / 2) + stdtrit(degrees, POWER)
            detectable.append(float(reach) * standard_error(sums, sizes))
    return float(np.median(detectable)) if detectable else None
