"""The sums that SAD, MSE and MAD share, computed in one pass over two mattes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from benchmark.metrics.pairs import Pair
from benchmark.metrics.registry import UNKNOWN


class Differences(NamedTuple):
    """Sums over a region, counted in steps of 1 / `steps` so that 8-bit mattes stay exact.

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


def differences_of_pair(pair: Pair) -> Differences:
    """Return the sums over a pair's region."""
    return pair.of_region(pair.once("differences", lambda: _sum_differences(pair)))


def _sum_differences(pair: Pair) -> tuple[Differences, Differences]:
    if pair.alpha.dtype != np.uint8:
        difference = pair.alpha - pair.alpha_gt
        absolute, square = pair.both(np.abs(difference)), pair.both(difference**2)
        pixels = difference.size, int((pair.trimap == UNKNOWN).sum())
        both = zip(absolute, square, pixels, strict=True)
        whole, unknown = (Differences(a, s, n, steps=1) for a, s, n in both)
        return whole, unknown
    sums = np.zeros((2, 3), dtype=np.int64)
    arrays = (array.ravel() for array in (pair.alpha, pair.alpha_gt, pair.trimap))
    pair.steps().difference_sums(*arrays, sums)
    whole, unknown = (Differences(int(a), int(s), int(n), steps=255) for a, s, n in sums)
    return whole, unknown
