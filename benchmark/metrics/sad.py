"""SAD, the sum of absolute differences.

Formula: the sum over the region of abs(alpha - alpha_gt), divided by 1000. On 8-bit mattes the
sum is an exact integer count of 1/255 steps, whatever the order of summation. `sad_by_region`
sums apart over foreground, background and unknown region, as AIM and P3M report it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.metrics.differences import differences_of_pair
from benchmark.metrics.pairs import Pair, Region, prepare_pair
from benchmark.metrics.registry import UNKNOWN

REGION_VALUES = {"foreground": 255, "background": 0, "unknown": UNKNOWN}
"""The trimap value of each region; pixels of any other value belong to none."""


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
    return sad_of_pair(prepare_pair(alpha, alpha_gt, trimap, region=region, fill_known=fill_known))


def sad_of_pair(pair: Pair) -> float:
    """Compute SAD of a checked pair; 0 over no pixels."""
    sums = differences_of_pair(pair)
    return sums.absolute / (1000 * sums.steps)


def sad_by_region(
    alpha: npt.NDArray[Any], alpha_gt: npt.NDArray[Any], trimap: npt.NDArray[np.uint8]
) -> dict[str, float]:
    """Sum the absolute differences of two mattes over each region of a trimap, in thousands.

    Parameters
    ----------
    alpha, alpha_gt
        Predicted and true matte, H x W: uint8, or float in [0, 1], which is rounded to 8 bits.
    trimap
        Uint8, H x W: foreground 255, background 0, unknown 128.

    Returns
    -------
    dict
        ``foreground``, ``background`` and ``unknown``, whose ids are ``sad/foreground/v1`` and
        so on. With no other values in the trimap they add up to SAD over the whole image.

    Raises
    ------
    ValueError
        For arrays of another dtype, range or shape.

    References
    ----------
    `calculate_sad_fgbg` of the evaluation code of AIM (Li, Zhang and Tao, IJCAI 2021).

    Examples
    --------
    >>> trimap = np.array([[0, 128, 255]], dtype=np.uint8)
    >>> sad_by_region(np.array([[0.2, 1.0, 1.0]]), np.array([[0.0, 1.0, 0.0]]), trimap)
    {'foreground': 0.001, 'background': 0.0002, 'unknown': 0.0}
    """
    pair = prepare_pair(alpha, alpha_gt, trimap, region="unknown")
    sums = {}
    for region, value in REGION_VALUES.items():
        selected = np.where(pair.trimap == value, UNKNOWN, 0).astype(np.uint8)
        apart = Pair(pair.alpha, pair.alpha_gt, selected, "unknown", whole=False)
        sums[region] = sad_of_pair(apart)
    return sums
