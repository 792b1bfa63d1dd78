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


class PointTree:
    """A k-d tree that finds the nearest other points of its own points.

    Parameters
    ----------
    points
        n×d; kept as float32.

    Examples
    --------
    >>> tree = PointTree(np.array([[0.0], [3.0], [5.0], [9.0]]))
    >>> tree.nearest_others(np.array([1, 3]), 2).tolist()
    [[2, 0], [2, 1]]
    >>> tree.nearest_others(np.array([1]), 5, among=np.array([True, True, False, False])).tolist()
    [[0]]
    """

    def __init__(self, points: npt.NDArray[np.floating[Any]]) -> None:
        from baselines.neighbours.tree_kernels import build

        self.order, self.nodes, self.boxes, self.by_leaf = build(points.astype(np.float32))

    def nearest_others(
        self,
        own: npt.NDArray[np.integer[Any]],
        count: int,
        among: npt.NDArray[np.bool_] | None = None,
    ) -> npt.NDArray[np.int32]:
        """Return the numbers of the nearest others of some of the points.

        Parameters
        ----------
        own
            Numbers of the m points that ask, each once.
        count
            Neighbours per point; all others where there are fewer.
        among
            n, which points may be found; None for all.

        Returns
        -------
        ndarray
            int32 m×count, nearest first.
        """
        from baselines.neighbours.tree_kernels import search

        marked = np.ones(self.order.size, np.bool_) if among is None else among
        asking = np.zeros(self.order.size, np.bool_)
        asking[own] = True
        others = int(marked.sum()) - bool(marked[own].any())
        if others == 0 or own.size == 0:
            return np.empty((own.size, min(count, others)), np.int32)
        asking = asking[self.order]
        found = search(
            self.nodes, self.boxes, self.by_leaf, asking, marked[self.order], min(count, others)
        )
        row = np.empty(self.order.size, np.int32)
        row[self.order[asking]] = np.arange(own.size, dtype=np.int32)
        result: npt.NDArray[np.int32] = self.order[found[row[own]]]
        return result


def neighbour_matrix(
    neighbours: npt.NDArray[np.int32], weights: npt.NDArray[np.floating[Any]], columns: int
) -> Any:
    """Return the scipy CSR m×columns with each row's neighbours' weights; duplicates add up."""
    from scipy.sparse import csr_matrix

    rows, count = neighbours.shape
    indptr = np.arange(0, rows * count + 1, count, dtype=np.int32)
    return csr_matrix((weights.ravel(), neighbours.ravel(), indptr), shape=(rows, columns))
