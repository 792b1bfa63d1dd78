"""The metrics of one pair together, with what they have in common done once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.metrics.conn import conn_of_pair
from benchmark.metrics.differences import differences
from benchmark.metrics.grad import grad_of_pair
from benchmark.metrics.pairs import Pair, Region, Rounding, prepare_pair

STANDARD = ("sad", "mse", "grad", "conn")
"""The four numbers that matting papers report."""
NAMES = (*STANDARD, "mad")


def evaluate(
    alpha: npt.NDArray[Any],
    alpha_gt: npt.NDArray[Any],
    trimap: npt.NDArray[np.uint8] | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
    rounding: Rounding = "8-bit",
    metrics: Sequence[str] = STANDARD,
) -> dict[str, float]:
    """Compute several metrics of a matte at once.

    Parameters
    ----------
    alpha, alpha_gt
        Predicted and true matte, H x W: uint8, or float in [0, 1].
    trimap
        Uint8, H x W; unknown is 128 exactly.
    region
        ``"whole"`` or ``"unknown"``.
    fill_known
        Set alpha to 0 where the trimap is 0 and to 1 where it is 255 first.
    rounding
        ``"8-bit"`` scores floats as they would be stored, which is what leaderboards compare.
        ``"none"`` scores them as they are, under ids of its own (``sad/whole/float/v1``): sums in
        double precision, Conn's thresholds in single precision.
    metrics
        Which of ``sad``, ``mse``, ``grad``, ``conn``, ``mad``.

    Returns
    -------
    dict
        The number of each metric by its name, in the official units: SAD, Grad and Conn in
        thousands; MSE and MAD plain means, NaN over an empty region.

    Raises
    ------
    ValueError
        For arrays of another dtype, range or shape, a missing trimap or an unknown metric.

    Examples
    --------
    >>> alpha_gt = np.zeros((4, 4))
    >>> evaluate(np.full((4, 4), 0.2), alpha_gt, metrics=["sad", "mse"])
    {'sad': 0.0032, 'mse': 0.04}
    """
    pair = prepare_pair(
        alpha, alpha_gt, trimap, region=region, fill_known=fill_known, rounding=rounding
    )
    return evaluate_pair(pair, metrics)


def evaluate_pair(pair: Pair, metrics: Sequence[str] = STANDARD) -> dict[str, float]:
    """Compute several metrics of a checked pair."""
    for name in metrics:
        if name not in NAMES:
            raise ValueError(f"there is no metric {name!r}; expected one of {', '.join(NAMES)}")
    values: dict[str, float] = {}
    if not {"sad", "mse", "mad"}.isdisjoint(metrics):
        sums = differences(pair)
        values.update(sad=sums.sad, mse=sums.mse, mad=sums.mad)
    if "grad" in metrics:
        values["grad"] = grad_of_pair(pair)
    if "conn" in metrics:
        values["conn"] = conn_of_pair(pair)
    return {name: values[name] for name in metrics}
