"""The nearest points of many queries, which groups of near queries look for together.

Tried without gain: groups of 8 to 64, lists of neighbours cut sooner or later, prefetching the
leaves, each query's own leaf first, a branch that skips leaves without a near point (with AVX-512
or without). Among millions of points the tree takes as long to make as the search.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

GROUP = 24  # most queries of a group: fewer walk more often, more compare with more leaves
LARGEST = 1e18  # of coordinates, whose squares are added in float32


class PointTree:
    """A k-d tree that finds the nearest other points of its points.

    Parameters
    ----------
    points
        n×d, d at most 6; compared as float32.
    among
        n, which points may be found; None for all.

    Raises
    ------
    ValueError
        If a coordinate is not finite, or beyond `LARGEST`.

    Examples
    --------
    >>> tree = PointTree(np.array([[0.0], [3.0], [5.0], [9.0]]))
    >>> tree.nearest_others(np.array([1, 3]), 1).tolist()
    [[2], [2]]
    >>> tree.nearest_others(np.array([0]), 9).shape
    (1, 3)
    """

    def __init__(
        self, points: npt.NDArray[np.floating[Any]], among: npt.NDArray[np.bool_] | None = None
    ) -> None:
        from baselines.neighbours.sorted_tree import fill_leaves, split_runs, widen
        from baselines.neighbours.vector_intrinsics import AXES, WIDTH

        number, self.axes = points.shape
        self.points = np.zeros((number, AXES), np.float32)
        self.points[:, : self.axes] = points
        largest = float(np.abs(self.points).max(initial=0.0))  # NaN where there is one
        if not largest <= LARGEST:
            raise ValueError(f"points reach {largest:g}; expected at most {LARGEST:g} from 0")
        numbers = np.arange(number) if among is None else np.flatnonzero(among)
        self.candidates = numbers.size
        self.place = np.full(number, -1, np.int32)  # of a point among the leaves'
        if numbers.size == 0:
            return
        found = self.points if among is None else self.points[numbers]
        order, nodes = split_runs(found, self.axes, WIDTH)
        self.leaves, self.members, place, below, boxes = fill_leaves(found, order, nodes)
        self.children, self.corners = widen(nodes, below, boxes)
        if among is None:
            self.place = place
        else:
            self.place[numbers] = place
            self.members = numbers.astype(np.int32)[self.members]

    def nearest_others(
        self, own: npt.NDArray[np.integer[Any]], count: int
    ) -> npt.NDArray[np.int32]:
        """Return the numbers of the nearest others of some of the points.

        Parameters
        ----------
        own
            Numbers of the m points that ask, each once.
        count
            Neighbours per point; all others where there are fewer.

        Returns
        -------
        ndarray
            int32 m×count, in no order. Of equally distant points any may be returned, the same ones
            each time.
        """
        from baselines.neighbours.group_kernels import search_groups
        from baselines.neighbours.sorted_tree import split_runs

        place = self.place[own]
        count = min(count, self.candidates - bool((place >= 0).any()))
        if count == 0 or own.size == 0:
            return np.empty((own.size, count), np.int32)
        queries = self.points[own]
        order, nodes = split_runs(queries, self.axes, GROUP)
        runs = nodes[nodes[:, 2] == 0, :2]
        runs = runs[np.argsort(runs[:, 0])]
        tree = self.children, self.corners, self.leaves, self.members
        found: npt.NDArray[np.int32] = search_groups(*tree, runs, order, queries, place, count)
        return found


def nearest_points(
    points: npt.NDArray[np.floating[Any]],
    own: npt.NDArray[np.integer[Any]],
    count: int,
    among: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.int32]:
    """Return the numbers of the nearest others of some of the points, from a tree for this once.

    Parameters
    ----------
    points, among
        As for `PointTree`.
    own, count
        As for `PointTree.nearest_others`.

    Returns
    -------
    ndarray
        int32 m×count, in no order.
    """
    return PointTree(points, among).nearest_others(own, count)
