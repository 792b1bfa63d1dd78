"""Grad, the difference of the two gradients' magnitudes.

Formula: each matte is scaled by its own minimum and maximum over the whole image and filtered
with first-order Gaussian derivatives; the sum over the region of the squared difference of the
two gradient magnitudes is divided by 1000. Constants: sigma 1.4, a 9 x 9 kernel cut where the
Gaussian falls to 0.01, its L2 norm 1 (so a ramp of 1 a pixel has magnitude 9.68, and Grad is not
in units of alpha), border pixels repeated, double precision. The region only limits the sum: the
filter sees the whole image.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.metrics.kernels.taps import DERIVATIVE, SMOOTH
from benchmark.metrics.pairs import Pair, Region, prepare_pair


def grad(
    alpha: npt.NDArray[Any],
    alpha_gt: npt.NDArray[Any],
    trimap: npt.NDArray[np.uint8] | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
) -> float:
    """Sum the squared differences of gradient magnitude of two mattes, in thousands.

    Parameters
    ----------
    alpha, alpha_gt
        Predicted and true matte, H x W: uint8, or float in [0, 1], which is rounded to 8 bits.
    trimap
        Uint8, H x W; unknown is 128 exactly.
    region
        ``"whole"`` or ``"unknown"``.
    fill_known
        Set alpha to 0 where the trimap is 0 and to 1 where it is 255 first. This changes the
        gradients near the border of the unknown region.

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
    `compute_gradient_loss.m` and `gaussgradient.m` of the Deep Image Matting evaluation code
    (Ning Xu, 2018; the caller there divides by 1000).
    Differs from Rhemann et al. (CVPR 2009) in comparing magnitudes instead of gradients; from
    GCA-Matting's Python in the min-max scaling, which that leaves out; from P3M, AIM and GFM in
    kernel, border and scaling.

    Examples
    --------
    >>> line = np.zeros((9, 9))
    >>> line[:, 4] = 1
    >>> grad(line, line), round(grad(np.zeros((9, 9)), line), 6)
    (0.0, 0.044574)
    """
    return grad_of_pair(prepare_pair(alpha, alpha_gt, trimap, region=region, fill_known=fill_known))


def grad_of_pair(pair: Pair) -> float:
    """Compute Grad of a checked pair."""
    return pair.of_region(pair.once("grad", lambda: _gradient_error_sums(pair))) / 1000


def _gradient_error_sums(pair: Pair) -> tuple[float, float]:
    if pair.alpha.dtype != np.uint8:
        difference = gradient_magnitude(pair.alpha) - gradient_magnitude(pair.alpha_gt)
        return pair.both(difference**2)
    whole, unknown = pair.steps().gradient_error_sums(
        pair.alpha, pair.alpha_gt, pair.trimap, pair.whole
    )
    return float(whole), float(unknown)


def gradient_magnitude(matte: npt.NDArray[Any], *, stretch: bool = True) -> npt.NDArray[np.float64]:
    """Filter a matte as Grad does, in plain scipy.

    Parameters
    ----------
    matte
        H x W, uint8 or float.
    stretch
        Scale it by its own minimum and maximum first, as the official code does; else by 255.

    Returns
    -------
    numpy.ndarray
        Gradient magnitude, float64, H x W.
    """
    from scipy.ndimage import convolve1d

    low, span = (float(matte.min()), float(np.ptp(matte))) if stretch else (0.0, 255.0)
    scaled = (matte - low) / (span or 1.0)
    smoothed = convolve1d(scaled, SMOOTH, axis=0, mode="nearest")
    across = convolve1d(smoothed, DERIVATIVE, axis=1, mode="nearest")
    derived = convolve1d(scaled, DERIVATIVE, axis=0, mode="nearest")
    down = convolve1d(derived, SMOOTH, axis=1, mode="nearest")
    magnitude: npt.NDArray[np.float64] = np.hypot(across, down)
    return magnitude


def grad_map(alpha: npt.NDArray[Any], alpha_gt: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the squared difference of gradient magnitude at each pixel.

    Parameters
    ----------
    alpha, alpha_gt
        Predicted and true matte, H x W: uint8, or float in [0, 1], which is rounded to 8 bits.

    Returns
    -------
    numpy.ndarray
        Float64, H x W; its sum / 1000 is Grad over the whole image.

    Raises
    ------
    ValueError
        For arrays of another dtype, range or shape.

    Examples
    --------
    >>> alpha = np.eye(5)
    >>> float(grad_map(alpha, alpha).sum())
    0.0
    """
    pair = prepare_pair(alpha, alpha_gt)
    difference = gradient_magnitude(pair.alpha) - gradient_magnitude(pair.alpha_gt)
    squared: npt.NDArray[np.float64] = difference**2
    return squared
