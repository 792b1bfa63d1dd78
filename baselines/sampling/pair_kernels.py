"""How well a pair of colours, a foreground's and a background's, mixes into a third; compiled.

`shared_kernels` and `global_matting_kernels` judge their samples by these. Colours are of any
scale, as long as all three are of the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def projected_alpha(
    colour: npt.NDArray[Any], foreground: npt.NDArray[Any], background: npt.NDArray[Any]
) -> float:
    """Return the alpha in [0, 1] whose mixture is nearest to a colour; 0.5 for equal samples."""
    along, length = 0.0, 0.0
    for k in range(3):
        step = foreground[k] - background[k]
        along += (colour[k] - background[k]) * step
        length += step * step
    if length == 0.0:
        return 0.5
    return min(1.0, max(0.0, along / length))


@njit(cache=True, nogil=True, error_model="numpy")
def squared_distortion(
    colour: npt.NDArray[Any],
    foreground: npt.NDArray[Any],
    background: npt.NDArray[Any],
    alpha: float,
) -> float:
    """Return the squared distance of a colour from the mixture of two samples."""
    total = 0.0
    for k in range(3):
        step = colour[k] - (alpha * foreground[k] + (1.0 - alpha) * background[k])
        total += step * step
    return total


@njit(cache=True, nogil=True)
def projected_alphas(
    colours: npt.NDArray[np.float64],
    foregrounds: npt.NDArray[np.float64],
    backgrounds: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return `projected_alpha` of each row."""
    alphas = np.empty(colours.shape[0])
    for p in range(alphas.size):
        alphas[p] = projected_alpha(colours[p], foregrounds[p], backgrounds[p])
    return alphas
