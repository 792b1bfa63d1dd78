"""Neighbours in colour and position, and the weights that mix them into a pixel."""

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
        Of x / W and y / H.

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


def neighbour_tree(points: npt.NDArray[np.float64]) -> Any:
    """Return scipy's k-d tree of n×d points, split at midpoints: quick to build and to ask."""
    from scipy.spatial import cKDTree

    return cKDTree(points, leafsize=32, balanced_tree=False)


def nearest(tree: Any, queries: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.int32]:
    """Return the numbers of the nearest points of a tree, nearest first.

    Parameters
    ----------
    tree
        As `neighbour_tree` gives it, of n points.
    queries
        float64 m×d.
    count
        How many; all points where there are fewer.

    Returns
    -------
    ndarray
        int32 m×min(count, n).

    Examples
    --------
    >>> nearest(neighbour_tree(np.array([[0.0], [3.0], [5.0]])), np.array([[4.5]]), 2).tolist()
    [[2, 1]]
    """
    numbers = tree.query(queries, k=np.arange(1, min(count, tree.n) + 1))[1]
    result: npt.NDArray[np.int32] = numbers.astype(np.int32)
    return result


def nearest_others(
    tree: Any, own: npt.NDArray[np.integer[Any]], count: int
) -> npt.NDArray[np.int32]:
    """Return, for some of a tree's points, the numbers of their nearest other points.

    Parameters
    ----------
    tree
        As `neighbour_tree` gives it, of n points, no two equal (positions make them differ).
    own
        The m numbers of the points that ask.
    count
        How many; all others where there are fewer.

    Returns
    -------
    ndarray
        int32 m×min(count, n - 1).
    """
    numbers = nearest(tree, tree.data[own], count + 1)
    return numbers[:, 1:]  # nearest is the point itself, at distance 0


def neighbour_matrix(
    neighbours: npt.NDArray[np.int32], weights: npt.NDArray[np.float64], columns: int
) -> Any:
    """Return the scipy CSR m×columns with each row's neighbours' weights; duplicates add up."""
    from scipy.sparse import csr_matrix

    rows, count = neighbours.shape
    indptr = np.arange(0, rows * count + 1, count, dtype=np.int32)
    return csr_matrix((weights.ravel(), neighbours.ravel(), indptr), shape=(rows, columns))
