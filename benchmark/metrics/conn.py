"""Conn, how differently two mattes stay connected to their largest common region.

Formula: at each threshold t = 0.1, 0.2, ... take Omega, the largest 4-connected component of the
pixels where both mattes reach t (single precision, inclusive), over the whole image. A pixel's
level l is the last threshold before the first Omega it is not in. With d = alpha - l, a matte's
connectivity is phi = 1 - d where d >= 0.15, and 1 elsewhere; the sum over the region of
abs(phi - phi_gt) is divided by 1000. Of components of one size, the one whose first pixel comes
first column by column is Omega. At a threshold that no pixel reaches, Omega is empty. On 8-bit
mattes the sum is an exact integer count of 1/510 steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.metrics.kernels.levels import PADDING, THRESHOLDS
from benchmark.metrics.pairs import Pair, Region, prepare_pair


def conn(
    alpha: npt.NDArray[Any],
    alpha_gt: npt.NDArray[Any],
    trimap: npt.NDArray[np.uint8] | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
) -> float:
    """Sum the differences in connectivity of two mattes, in thousands.

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
    `compute_connectivity_error.m` of the Deep Image Matting evaluation code (Ning Xu, 2018), as
    GCA-Matting carries it, step 0.1.
    Differs from Rhemann et al. (CVPR 2009) in leaving out the weight lambda; from IndexNet's copy
    in an empty threshold, which that leaves out, so that an all-0 matte scores 0; from
    GCA-Matting's Python in not taking the background for a component; from mmagic in thresholds
    of single precision; from mmediting in the order of ties.

    Examples
    --------
    >>> black, white = np.zeros((2, 3), np.uint8), np.full((2, 3), 255, np.uint8)
    >>> conn(black, white)
    0.006
    """
    return conn_of_pair(prepare_pair(alpha, alpha_gt, trimap, region=region, fill_known=fill_known))


def conn_of_pair(pair: Pair) -> float:
    """Compute Conn of a checked pair."""
    return pair.of_region(pair.once("conn", lambda: _connectivity_sums(pair)))


def _connectivity_sums(pair: Pair) -> tuple[float, float]:
    """Return Conn over the whole image and over the unknown region."""
    survived = survived_of_pair(pair)
    if pair.alpha.dtype != np.uint8:
        sums = pair.both(connectivity_difference(pair.alpha, pair.alpha_gt, survived / 10))
        return sums[0] / 1000, sums[1] / 1000
    arrays = pair.alpha, pair.alpha_gt, survived, pair.trimap
    whole, unknown = pair.steps().connectivity_sums(*(array.ravel() for array in arrays))
    return int(whole) / 510_000, int(unknown) / 510_000


def survived_of_pair(pair: Pair) -> npt.NDArray[np.uint8]:
    """Count the thresholds each pixel survives; its level l is a tenth of that (H x W)."""
    steps = pair.steps()
    rounded = pair.alpha.dtype == np.uint8
    passed = steps.passed_thresholds if rounded else _passed_thresholds_of_floats
    survived: npt.NDArray[np.uint8] = steps.survived_thresholds(
        passed(pair.alpha, pair.alpha_gt), pair.alpha.shape[1], THRESHOLDS
    )
    return survived


def _passed_thresholds_of_floats(
    alpha: npt.NDArray[np.float64], alpha_gt: npt.NDArray[np.float64]
) -> npt.NDArray[np.uint8]:
    """Count the thresholds that both mattes pass, compared in single precision, in padded rows."""
    lower = np.minimum(alpha, alpha_gt).astype(np.float32)
    passed = np.zeros((lower.shape[0], -(-lower.shape[1] // PADDING) * PADDING), dtype=np.uint8)
    for threshold in range(1, THRESHOLDS + 1):
        passed[:, : lower.shape[1]] += lower >= np.float32(threshold / 10)
    return passed


def connectivity_difference(
    alpha: npt.NDArray[np.float64],
    alpha_gt: npt.NDArray[np.float64],
    level: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return abs(phi - phi_gt) of mattes in [0, 1] for the level up to which pixels connect."""
    phi, phi_gt = (1 - (matte - level) * (matte - level >= 0.15) for matte in (alpha, alpha_gt))
    difference: npt.NDArray[np.float64] = np.abs(phi - phi_gt)
    return difference


def conn_map(alpha: npt.NDArray[Any], alpha_gt: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the difference in connectivity at each pixel.

    Parameters
    ----------
    alpha, alpha_gt
        Predicted and true matte, H x W: uint8, or float in [0, 1], which is rounded to 8 bits.

    Returns
    -------
    numpy.ndarray
        Float64, H x W; its sum / 1000 is Conn over the whole image.

    Raises
    ------
    ValueError
        For arrays of another dtype, range or shape.

    Examples
    --------
    >>> conn_map(np.array([[1.0, 1.0, 0.0, 1.0]]), np.array([[1.0, 1.0, 0.0, 0.4]])).tolist()
    [[0.0, 0.0, 0.0, 0.6]]
    """
    pair = prepare_pair(alpha, alpha_gt)
    level = survived_of_pair(pair) / 10
    return connectivity_difference(pair.alpha / 255, pair.alpha_gt / 255, level)
