"""The metrics of one pair together, with shared steps done once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.metrics.pairs import (
    Pair,
    Region,
    Rounding,
    TrimapValues,
    prepare_pair,
    prepare_pairs,
)
from benchmark.metrics.registry import BY_NAME, STANDARD, check_names


def evaluate(
    alpha: npt.NDArray[Any],
    alpha_gt: npt.NDArray[Any],
    trimap: npt.NDArray[np.uint8] | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
    rounding: Rounding = "8-bit",
    metrics: Sequence[str] = STANDARD,
    trimap_values: TrimapValues = "strict",
) -> dict[str, float]:
    """Compute several metrics of a matte at once.

    Parameters
    ----------
    alpha, alpha_gt
        Predicted and true matte, H x W: uint8, or float in [0, 1]. A PIL picture of mode L counts
        as its array.
    trimap
        Uint8, H x W, or a PIL picture of mode L, of 0, 128 (unknown) and 255.
    region
        ``"whole"`` or ``"unknown"``.
    fill_known
        Set alpha to 0 where the trimap is 0 and to 1 where it is 255 first.
    rounding
        ``"8-bit"`` scores floats as they would be stored, which is what leaderboards compare.
        ``"none"`` scores them as they are, under ids of its own (``sad/whole/float/v1``): sums in
        double precision, Conn's thresholds in single precision.
    metrics
        Names from the table of metrics: ``sad``, ``mse``, ``grad``, ``conn``, ``mad``.
    trimap_values
        ``"strict"`` refuses a trimap with other values than 0, 128 and 255; ``"official"`` counts
        them as known, as the official code does.

    Returns
    -------
    dict
        The number of each metric by its name, in the official units: SAD, Grad and Conn in
        thousands, 0 over an empty region; MSE and MAD plain means, NaN over an empty region.

    Raises
    ------
    ValueError
        For arrays of another dtype, range or shape, a missing trimap or one of other values, or an
        unknown metric.

    Examples
    --------
    >>> alpha_gt = np.zeros((4, 4))
    >>> evaluate(np.full((4, 4), 0.2), alpha_gt, metrics=["sad", "mse"])
    {'sad': 0.0032, 'mse': 0.04}
    """
    pair = prepare_pair(
        alpha,
        alpha_gt,
        trimap,
        region=region,
        fill_known=fill_known,
        rounding=rounding,
        trimap_values=trimap_values,
    )
    return evaluate_pair(pair, metrics)


def evaluate_regions(
    alpha: npt.NDArray[Any],
    alpha_gt: npt.NDArray[Any],
    trimap: npt.NDArray[np.uint8] | None,
    *,
    regions: Sequence[Region] = ("whole", "unknown"),
    fill_known: bool = False,
    rounding: Rounding = "8-bit",
    metrics: Sequence[str] = STANDARD,
    trimap_values: TrimapValues = "strict",
) -> dict[Region, dict[str, float]]:
    """Compute several metrics over several regions at once.

    What does not hang on the region, such as the components of Conn and the filter of Grad, is
    done once; every number is the one that `evaluate` gives for its region, to the bit.

    Parameters
    ----------
    alpha, alpha_gt, trimap, fill_known, rounding, metrics, trimap_values
        As `evaluate` takes them.
    regions
        ``"whole"``, ``"unknown"`` or both.

    Returns
    -------
    dict
        What `evaluate` returns, for each region.

    Raises
    ------
    ValueError
        As `evaluate` does.

    Examples
    --------
    >>> alpha, trimap = np.full((1, 2), 0.2), np.array([[128, 0]], dtype=np.uint8)
    >>> evaluate_regions(alpha, np.zeros((1, 2)), trimap, metrics=["sad"])
    {'whole': {'sad': 0.0004}, 'unknown': {'sad': 0.0002}}
    """
    pairs = prepare_pairs(
        alpha,
        alpha_gt,
        trimap,
        regions=regions,
        fill_known=fill_known,
        rounding=rounding,
        trimap_values=trimap_values,
    )
    return {pair.region: evaluate_pair(pair, metrics) for pair in pairs}


def evaluate_pair(pair: Pair, metrics: Sequence[str] = STANDARD) -> dict[str, float]:
    """Compute several metrics of a checked pair."""
    check_names(metrics)
    return {name: BY_NAME[name].load()(pair) for name in metrics}
