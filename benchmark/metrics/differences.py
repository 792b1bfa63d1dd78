"""The sums that SAD, MSE and MAD share."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from benchmark.metrics.pairs import Pair, in_region


class Differences(NamedTuple):
    """Sums over the region, counted in steps of 1 / `steps` so that 8-bit mattes stay exact.

    Attributes
    ----------
    absolute, square
        Sum of abs(alpha - alpha_gt) in steps, and of its square in squared steps.
    pixels
        Pixels of the region.
    steps
        255 for 8-bit mattes, 1 for unrounded ones.
    """

    absolute: float
    square: float
    pixels: int
    steps: int

    @property
    def sad(self) -> float:
        """The sum of absolute differences, in thousands."""
        return self.absolute / (1000 * self.steps)

    @property
    def mse(self) -> float:
        """The mean of squared differences; NaN over no pixels."""
        return self.square / (self.pixels * self.steps**2) if self.pixels else math.nan

    @property
    def mad(self) -> float:
        """The mean of absolute differences; NaN over no pixels."""
        return self.absolute / (self.pixels * self.steps) if self.pixels else math.nan


def differences(pair: Pair) -> Differences:
    """Sum the differences of a checked pair."""
    if pair.alpha.dtype != np.uint8:
        difference = in_region(pair.alpha - pair.alpha_gt, pair)
        absolute, square = float(np.abs(difference).sum()), float((difference**2).sum())
        return Differences(absolute, square, difference.size, steps=1)
    from benchmark.metrics.kernels.differences import difference_sums

    sums = difference_sums(pair.alpha.ravel(), pair.alpha_gt.ravel(), pair.trimap.ravel())
    return Differences(*sums, steps=255)
