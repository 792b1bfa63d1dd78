"""Means over images, and their confidence intervals.

Composites of one foreground are alike, so they are not independent: every interval here treats the
foreground as the unit drawn. Composition-1k has 50 of them and 1000 images. With a correlation of
0.8 within foregrounds an interval that ignores this is four times too narrow.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

DEFAULT_CLUSTERS = r"(.+)_\d+"
"""The default: a name up to its last ``_<number>``."""
DRAWS = 10_000
"""Bootstrap draws; the share outside a 95 % interval has a standard error of 0.2 points."""
FEW_CLUSTERS = 8
"""Below this many clusters a bootstrap has too few different draws."""
_BLOCK = 1_000  # draws computed at once
_STARTS = range(0, DRAWS, _BLOCK)
_KEPT = 4_000_000  # draws times clusters, at most, that stay in memory as floats
_ROWS = 32  # means whose draws are computed at once
_SEED = 646

Floats = npt.NDArray[np.float64]


def mean_over_images(values: Sequence[float]) -> float:
    """Average over images, leaving out NaN (MSE where no pixel is unknown); NaN if all are."""
    total = math.fsum(values)
    if math.isnan(total):
        values = [value for value in values if not math.isnan(value)]
        total = math.fsum(values)
    return total / len(values) if len(values) else math.nan


def clusters_of(names: Sequence[str], pattern: str = DEFAULT_CLUSTERS) -> list[str]:
    """Return the cluster of each image.

    Parameters
    ----------
    names
        Names of images.
    pattern
        A regular expression whose first group is the cluster of a name that it matches as a whole.
        A name that it does not match is a cluster of its own.

    Returns
    -------
    list of str
        The cluster of each name.

    Raises
    ------
    ValueError
        If the pattern is not a regular expression with a group.

    Examples
    --------
    >>> clusters_of(["cat_0", "cat_1", "dog"])
    ['cat', 'cat', 'dog']
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
    if compiled.groups < 1:
        raise ValueError(f"{pattern!r} has no group; expected the cluster's name in parentheses")
    matches = [compiled.fullmatch(name) for name in names]
    return [match.group(1) if match else name for match, name in zip(matches, names, strict=True)]


def cluster_sums(
    values: Sequence[float] | Floats, clusters: Sequence[str]
) -> tuple[Floats, Floats]:
    """Sum the values of each cluster.

    Parameters
    ----------
    values
        One number per image; NaN is left out.
    clusters
        The cluster of each image.

    Returns
    -------
    (ndarray, ndarray)
        Sum and number of images of each cluster, sorted by name; clusters without are left out.
    """
    numbers = np.asarray(values, np.float64)
    if len(numbers) != len(clusters):
        raise ValueError(f"{len(numbers)} values and {len(clusters)} clusters; expected as many")
    kept = ~np.isnan(numbers)
    if kept.all():
        index = _cluster_index(tuple(clusters))
    else:
        _, index = np.unique(np.asarray(clusters, np.str_)[kept], return_inverse=True)
    sums = np.bincount(index, weights=numbers[kept])
    return sums.astype(np.float64), np.bincount(index).astype(np.float64)


@lru_cache(maxsize=8)
def _cluster_index(clusters: tuple[str, ...]) -> npt.NDArray[np.intp]:
    """Return the place of each image's cluster among the sorted ones."""
    return np.unique(np.asarray(clusters, np.str_), return_inverse=True)[1]


def mean_interval(
    values: Sequence[float] | Floats, clusters: Sequence[str], level: float = 0.95
) -> tuple[float, float] | None:
    """Return a confidence interval of the mean over images of clustered images.

    The bootstrap draws whole clusters; its quantiles are bias-corrected and accelerated (BCa), at
    a level widened to that of Student's t with as many clusters; otherwise a bootstrap of 25
    clusters would hold the mean 93 times of 100. It never leaves the range of the values. Below
    `FEW_CLUSTERS` there is no interval: Student's t would reach below 0, which no error can.
    The draws are fixed, so the same numbers give the same interval.

    Parameters
    ----------
    values
        One number per image; NaN is left out.
    clusters
        The cluster of each image, usually its foreground.
    level
        How often the interval should hold the mean of the population.

    Returns
    -------
    tuple of float, or None
        Lower and upper end; None with fewer than `FEW_CLUSTERS` clusters.

    References
    ----------
    Efron, Better bootstrap confidence intervals, JASA 1987 (BCa). Hesterberg, What teachers should
    know about the bootstrap, The American Statistician 2015 (the widened level). Cameron and
    Miller, A practitioner's guide to cluster-robust inference, 2015.

    Examples
    --------
    >>> low, high = mean_interval([0, 0, 0, 0, 0, 0, 0, 0, 9], list("abcdefghi"))
    >>> round(low, 3), round(high, 3)
    (0.0, 6.0)
    """
    _check_level(level)
    sums, sizes = cluster_sums(values, clusters)
    return None if len(sums) < FEW_CLUSTERS else _bootstrap(sums, sizes, level)


def difference_interval(
    values: Sequence[float] | Floats, clusters: Sequence[str], level: float = 0.95
) -> tuple[float, float] | None:
    """Return a confidence interval of the mean of differences, which may have either sign.

    It is `mean_interval`, and below `FEW_CLUSTERS` Student's t over clusters.

    Parameters
    ----------
    values
        The difference of two methods on each image; NaN is left out.
    clusters, level
        As `mean_interval` takes them.

    Returns
    -------
    tuple of float, or None
        Lower and upper end; None with fewer than two clusters.

    Examples
    --------
    >>> low, high = difference_interval([1.0, 2.0, 3.0], ["a", "b", "c"])
    >>> round(low, 3), round(high, 3)
    (-0.484, 4.484)
    """
    _check_level(level)
    sums, sizes = cluster_sums(values, clusters)
    if len(sums) < FEW_CLUSTERS:
        return student_interval(sums, sizes, level)
    return _bootstrap(sums, sizes, level)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; expected more than 0 and less than 1")


def standard_error(sums: Floats, sizes: Floats) -> float:
    """Return the cluster-robust standard error of the mean over images; NaN below two clusters."""
    count = len(sums)
    if count < 2:
        return math.nan
    residuals = sums - sizes * (sums.sum() / sizes.sum())
    variance = count / (count - 1) * float(np.square(residuals).sum())
    return math.sqrt(variance) / float(sizes.sum())


def student_interval(
    sums: Floats, sizes: Floats, level: float = 0.95
) -> tuple[float, float] | None:
    """Return Student's interval of a mean from sums and sizes of clusters; None below two."""
    from scipy.special import stdtrit

    if len(sums) < 2:
        return None
    mean = float(sums.sum() / sizes.sum())
    reach = float(stdtrit(len(sums) - 1, (1 + level) / 2)) * standard_error(sums, sizes)
    return mean - reach, mean + reach


def _bootstrap(sums: Floats, sizes: Floats, level: float) -> tuple[float, float]:
    low, high = _bca(_drawn_means(sums, sizes)[None], sums[None], sizes, level)
    return float(low[0]), float(high[0])


def bootstrap_rows(sums: Floats, sizes: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return both ends of the intervals of many means over the same images.

    Parameters
    ----------
    sums
        One row per mean: the sum of each cluster.
    sizes
        Number of images of each cluster, at least `FEW_CLUSTERS` of them.
    level
        As `mean_interval` takes it.

    Returns
    -------
    (ndarray, ndarray)
        Lower and upper ends, those of `mean_interval` but for rounding.
    """
    counts = _draw_counts(len(sizes)).astype(float)
    weights = counts @ sizes
    ends = [
        _bca((sums[start : start + _ROWS] @ counts.T) / weights, part, sizes, level)
        for start in range(0, len(sums), _ROWS)
        for part in [sums[start : start + _ROWS]]
    ]
    return np.concatenate([low for low, _ in ends]), np.concatenate([high for _, high in ends])


def _bca(means: Floats, sums: Floats, sizes: Floats, level: float) -> tuple[Floats, Floats]:
    """Return both ends of each row's interval from its drawn means, rows × `DRAWS`, which it sorts.

    An end is the quantile of the draws at Phi(b + (b + z) / (1 - a (b + z))), with the bias b, the
    acceleration a and the normal quantile z, here Student's t times sqrt(n / (n - 1)).
    """
    from scipy.special import ndtr, ndtri, stdtrit

    count = len(sizes)
    mean = sums.sum(axis=1) / sizes.sum()
    below = (means < mean[:, None]).mean(axis=1) + (means == mean[:, None]).mean(axis=1) / 2
    bias = ndtri(np.clip(below, 0.5 / DRAWS, 1 - 0.5 / DRAWS))
    acceleration = _acceleration(sums, sizes)
    reach = math.sqrt(count / (count - 1)) * float(stdtrit(count - 1, (1 + level) / 2))
    means.sort(axis=1)
    constant = means[:, 0] == means[:, -1]  # all clusters have the same mean
    ends = []
    for side in (-reach, reach):
        shift = bias + side
        scale = 1 - acceleration * shift
        # Beyond the pole of the formula the end lies outside what was drawn.
        share = np.where(scale > 0, ndtr(bias + shift / np.where(scale > 0, scale, 1)), side > 0)
        ends.append(np.where(constant, mean, _quantiles(means, share)))
    return ends[0], ends[1]


def _quantiles(rows: Floats, shares: Floats) -> Floats:
    """Return each sorted row's quantile, between two values in proportion, as `numpy.quantile`."""
    place = shares * (rows.shape[1] - 1)
    before = np.floor(place).astype(int)
    at = np.arange(len(rows))
    low, high = rows[at, before], rows[at, np.minimum(before + 1, rows.shape[1] - 1)]
    part = place - before
    values = np.where(part < 0.5, low + (high - low) * part, high - (high - low) * (1 - part))
    return np.asarray(values, np.float64)


def _acceleration(sums: Floats, sizes: Floats) -> Floats:
    """Return a sixth of the jackknife means' skewness by row, which sets how the error grows."""
    without = (sums.sum(axis=1, keepdims=True) - sums) / (sizes.sum() - sizes)
    away = without.mean(axis=1, keepdims=True) - without
    spread = np.square(away).sum(axis=1)
    skewness = (away**3).sum(axis=1) / (6 * np.where(spread > 0, spread, 1) ** 1.5)
    return np.asarray(np.where(spread > 0, skewness, 0.0), np.float64)


def _drawn_means(sums: Floats, sizes: Floats) -> Floats:
    count = len(sums)
    counts = _as_floats(count) if count * DRAWS <= _KEPT else _draw_counts(count)
    weights = _drawn_images(sizes.tobytes())
    blocks = (counts[start : start + _BLOCK].astype(float, copy=False) for start in _STARTS)
    return np.concatenate([block @ sums for block in blocks]) / weights


@lru_cache(maxsize=2)
def _as_floats(count: int) -> Floats:
    """Return what `_draw_counts` does, as one matrix to multiply with for every metric."""
    return _draw_counts(count).astype(float)


@lru_cache(maxsize=8)
def _drawn_images(sizes: bytes) -> Floats:
    """Return how many images each draw has, of the numbers of images of clusters."""
    images = np.frombuffer(sizes)
    counts = _draw_counts(len(images))
    blocks = (counts[start : start + _BLOCK].astype(float) for start in _STARTS)
    return np.concatenate([block @ images for block in blocks])


@lru_cache(maxsize=4)
def _draw_counts(count: int) -> npt.NDArray[np.uint16]:
    """Return how often each draw holds each cluster: `DRAWS` × `count`.

    Only the raw stream of a bit generator is promised to stay the same in later versions of NumPy
    (its enhancement proposal 19), and published intervals should not move with them.
    """
    stream = np.random.PCG64(_SEED)
    counts = np.empty((DRAWS, count), np.uint16)
    rows = np.arange(_BLOCK)[:, None] * count
    for start in _STARTS:
        drawn = stream.random_raw(_BLOCK * count)
        drawn >>= np.uint64(32)  # in place: most of the time went into fetching new memory
        drawn *= np.uint64(count)
        drawn >>= np.uint64(32)
        flat = drawn.view(np.int64).reshape(_BLOCK, count)
        flat += rows
        counts[start : start + _BLOCK] = np.bincount(
            flat.ravel(), minlength=_BLOCK * count
        ).reshape(_BLOCK, count)
    return counts
