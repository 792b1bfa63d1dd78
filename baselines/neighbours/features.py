"""Features of pixels in colour and position, and the matrix of their neighbours' weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def pixel_features(
    colour: npt.NDArray[np.float64], position_weight: float
) -> npt.NDArray[np.float64]:
    """Return each pixel's colour and weighted position.

    Parameters
    ----------
    colour
        float64 H×W×C.
    position_weight
        Factor of x / W and y / H.

    Returns
    -------
    ndarray
        float64 HW×(C + 2), pixels in reading order.

    Examples
    --------
    >>> pixel_features(np.zeros((1, 2, 1)), 1.0).tolist()
    [[0.0, 0.0, 0.0], [0.0, 0.5, 0.0]]
    """
    height, width, channels = colour.shape
    features = np.empty((height, width, channels + 2))
    features[..., :channels] = colour
    features[..., channels] = position_weight * np.arange(width) / width
    features[..., channels + 1] = position_weight * np.arange(height)[:, None] / height
    return features.reshape(height * width, channels + 2)


def neighbour_matrix(
    neighbours: npt.NDArray[np.int32], weights: npt.NDArray[np.floating[Any]], columns: int
) -> Any:
    """Return the scipy CSR m×columns with each row's neighbours' weights; duplicates add up."""
    from scipy.sparse import csr_matrix

    rows, count = neighbours.shape
    indptr = np.arange(0, rows * count + 1, count, dtype=np.int32)
    return csr_matrix((weights.ravel(), neighbours.ravel(), indptr), shape=(rows, columns))
