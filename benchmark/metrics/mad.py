"""MAD, the mean of absolute differences.

Formula: the sum over the region of abs(alpha - alpha_gt), divided by the number of its pixels.
Papers print it times 1000; this number is not.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.metrics.differences import differences_of_pair
from benchmark.metrics.pairs import Pair, Region, prepare_pair


def mad(
    alpha: npt.NDArray[Any],
    alpha_gt: npt.NDArray[Any],
    trimap: npt.NDArray[np.uint8] | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
) -> float:
    """Average the absolute differences of two mattes.

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
    Reported with portrait and natural-image matting, where the code of AIM and P3M (Li et al.,
    2021) and of RobustVideoMatting (Lin et al., 2022) computes it.
    Differs from RobustVideoMatting in the factor 1000 that it prints.

    Examples
    --------
    >>> black, grey = np.zeros((2, 3), np.uint8), np.full((2, 3), 51, np.uint8)
    >>> mad(black, grey)
    0.2
    """
    return mad_of_pair(prepare_pair(alpha, alpha_gt, trimap, region=region, fill_known=fill_known))


def mad_of_pair(pair: Pair) -> float:
    """Compute MAD of a checked pair; NaN over no pixels."""
    sums = differences_of_pair(pair)
    return sums.absolute / (sums.pixels * sums.steps) if sums.pixels else math.nan
