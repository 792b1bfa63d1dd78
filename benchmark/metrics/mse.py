"""MSE, the mean of squared differences.

Formula: the sum over the region of (alpha - alpha_gt)^2, divided by the number of its pixels.
Papers print it times 1000; this number is not.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.metrics.differences import differences_of_pair
from benchmark.metrics.pairs import Pair, Region, prepare_pair


def mse(
    alpha: npt.NDArray[Any],
    alpha_gt: npt.NDArray[Any],
    trimap: npt.NDArray[np.uint8] | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
) -> float:
    """Average the squared differences of two mattes.

    Parameters
    ----------
    alpha, alpha_gt
        Predicted and true matte, H x W: uint8, or float in [0, 1], which is rounded to 8 bits.
    trimap
        Uint8, H x W; unknown is 128 exactly.
    region
        ``"whole"`` or ``"unknown"``.
    fill_known
        Set alpha to 0 where the trimap is 0 and to 1 where it is 255 first.

    Returns
    -------
    float
        The mean, in [0, 1]; NaN over an empty region.

    Raises
    ------
    ValueError
        For arrays of another dtype, range or shape, or a missing trimap.

    References
    ----------
    `compute_mse_loss.m` of the Deep Image Matting evaluation code (Ning Xu, 2018).
    Differs from mmediting, mmagic and GCA-Matting in an empty region, which they call 0, and
    from P3M and AIM, whose code gives infinity there.

    Examples
    --------
    >>> black, grey = np.zeros((2, 3), np.uint8), np.full((2, 3), 51, np.uint8)
    >>> mse(black, grey)
    0.04
    """
    return mse_of_pair(prepare_pair(alpha, alpha_gt, trimap, region=region, fill_known=fill_known))


def mse_of_pair(pair: Pair) -> float:
    """Compute MSE of a checked pair; NaN over no pixels."""
    sums = differences_of_pair(pair)
    return sums.square / (sums.pixels * sums.steps**2) if sums.pixels else math.nan
