"""The sums that SAD, MSE and MAD share, computed in one pass over two mattes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmark.metrics.registry import UNKNOWN


class Differences(NamedTuple):
    """Sums over the region, counted in steps of 1 / `steps` so that 8-bit mattes stay exact.

    Attributes
    ----------
    absolute, square
        Sum of abs(alpha - alpha_gt) in steps, and of its square in squared steps.
    pixels
        Number of pixels in the region.
    steps
        255 for 8-bit mattes, 1 for unrounded ones.
    """

    absolute: float
    square: float
    pixels: int
    steps: int


def sum_differences(
    alpha: npt.NDArray[Any], alpha_gt: npt.NDArray[Any], trimap: npt.NDArray[np.uint8]
) -> Differences:
    """Sum the differences of two mattes of equal shape, uint8 or float64 in [0, 1].

    Only pixels whose trimap is 128 count; a 0 x 0 trimap stands for the whole image.
    """
    if alpha.dtype != np.uint8:
        difference = alpha - alpha_gt
        difference = difference[trimap == UNKNOWN] if trimap.size else difference.ravel()
        absolute, square = float(np.abs(difference).sum()), float((difference**2).sum())
        return Differences(absolute, square, difference.size, steps=1)
    from benchmark.metrics.kernels.differences import difference_sums

    sums = difference_sums(alpha.ravel(), alpha_gt.ravel(), trimap.ravel())
    return Differences(*sums, steps=255)
