"""SAD, the sum of absolute differences.

Formula: the sum over the region of abs(alpha - alpha_gt), divided by 1000. On 8-bit mattes the
sum is an exact integer count of 1/255 steps, whatever the order of summation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.metrics.differences import differences
from benchmark.metrics.pairs import Region, prepare_pair


def sad(
    alpha: npt.NDArray[Any],
    alpha_gt: npt.NDArray[Any],
    trimap: npt.NDArray[np.uint8] | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
) -> float:
    """Sum the absolute differences of two mattes, in thousands.

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
        The sum / 1000; 0 over an empty region.

    Raises
    ------
    ValueError
        For arrays of another dtype, range or shape, or a missing trimap.

    References
    ----------
    `compute_sad_loss.m` of the Deep Image Matting evaluation code (Ning Xu, 2018).
    Differs from mmediting and foamliu's port in region ``"unknown"``: both sum over the whole
    image there.

    Examples
    --------
    >>> black, white = np.zeros((2, 3), np.uint8), np.full((2, 3), 255, np.uint8)
    >>> sad(black, white)
    0.006
    """
    pair = prepare_pair(alpha, alpha_gt, trimap, region=region, fill_known=fill_known)
    return differences(pair).sad
