"""Where an error comes from: Grad and Conn pixel by pixel, in plain numpy and scipy.

Each map is what the metric sums (before it divides by 1000), so these are also a second, slower
way to the same number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.metrics.conn import connectivity_difference, survived_of_pair
from benchmark.metrics.grad import gradient_magnitude
from benchmark.metrics.pairs import prepare_pair

FloatMap = npt.NDArray[np.float64]


def grad_map(alpha: npt.NDArray[Any], alpha_gt: npt.NDArray[Any]) -> FloatMap:
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
    squared: FloatMap = difference**2
    return squared


def conn_map(alpha: npt.NDArray[Any], alpha_gt: npt.NDArray[Any]) -> FloatMap:
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
