"""Means over images, and how far they can be trusted.

Composites of one foreground are alike, so they are not independent: the interval treats the
foreground as the unit drawn (Cameron and Miller, A Practitioner's Guide to Cluster-Robust
Inference, 2015), which on Composition-1k means 50 and not 1000.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

DEFAULT_CLUSTERS = r"(.+)_\d+"


def mean_over_images(values: Sequence[float]) -> float:
    """Average over images, leaving out NaN (MSE where no pixel is unknown); NaN if all are."""
    defined = [value for value in values if not math.isnan(value)]
    return math.fsum(defined) / len(defined) if defined else math.nan


def clusters_of(names: Sequence[str], pattern: str = DEFAULT_CLUSTERS) -> list[str]:
    """Name the cluster of each image.

    Parameters
    ----------
    names
        Images.
    pattern
        A regular expression whose first group is the cluster of a name that it matches wholly.
        A name it does not match is a cluster of its own.

    Returns
    -------
    list of str
        One a name.

    Raises
    ------
    ValueError
        If the pattern is no regular expression with a group.

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


def clustered_interval(
    values: Sequence[float], clusters: Sequence[str], level: float = 0.95
) -> tuple[float, float] | None:
    """Return the confidence interval of a mean over clustered images.

    Parameters
    ----------
    values
        One number an image; NaN is left out.
    clusters
        The cluster of each image.
    level
        How often the interval should hold the mean of the population.

    Returns
    -------
    tuple of float, or None
        Lower and upper end: the mean plus and minus Student's t of clusters - 1 degrees of freedom
        times the cluster-robust standard error. None with fewer than two clusters.

    Examples
    --------
    >>> low, high = clustered_interval([1.0, 2.0, 3.0], ["a", "b", "c"])
    >>> round(low, 3), round(high, 3)
    (-0.484, 4.484)
    """
    from scipy.special import stdtrit

    kept = [(v, c) for v, c in zip(values, clusters, strict=True) if not math.isnan(v)]
    mean = mean_over_images([value for value, _ in kept])
    sums: dict[str, float] = {}
    for value, cluster in kept:
        sums[cluster] = sums.get(cluster, 0.0) + value - mean
    count = len(sums)
    if count < 2:
        return None
    squares = float(np.square(list(sums.values())).sum())
    error = math.sqrt(count / (count - 1) * squares) / len(kept)
    reach = float(stdtrit(count - 1, (1 + level) / 2)) * error
    return mean - reach, mean + reach
