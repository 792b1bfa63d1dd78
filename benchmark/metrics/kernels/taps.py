"""The filter of Grad: a Gaussian and its derivative, cut and scaled as the official code does.

With it, how Grad's sum is divided, which its compiled and its plain steps share.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

SIGMA = 1.4
EPSILON = 0.01
"""Both as in the official code: the kernel is cut where the Gaussian falls to epsilon."""
RADIUS = math.ceil(SIGMA * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * SIGMA * EPSILON)))
"""Half the kernel, 4: where the Gaussian falls to epsilon."""

BAND, BLOCK = 8, 32
"""Rows and columns of the blocks by which errors are added up; they set the order of the sum."""


def _taps() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    x = np.arange(-RADIUS, RADIUS + 1, dtype=np.float64)
    smooth = np.exp(-(x**2) / (2 * SIGMA**2)) / (SIGMA * math.sqrt(2 * math.pi))
    derivative = -x * smooth / SIGMA**2
    return smooth, derivative / np.sqrt((smooth**2).sum() * (derivative**2).sum())


SMOOTH, DERIVATIVE = _taps()
"""Their outer product is the official 9 x 9 kernel, whose L2 norm is 1."""
