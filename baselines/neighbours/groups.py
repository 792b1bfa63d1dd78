"""The nearest points of many queries, which groups of near queries look for together.

As exact as `tree.PointTree` and faster where there are many queries, but neighbours come in no
order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def nearest_points(
    points: npt.NDArray[np.floating[Any]],
    own: npt.NDArray[np.integer[Any]],
    count: int,
    among: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.int32]:
    """Return the numbers of the nearest others of some of the points.

    Parameters
    ----------
    points
        n×d, d at most 5; compared as float32.
    own
        Numbers of the m points that ask, each once.
    count
        Neighbours per point; all others where there are fewer.
    among
        n, which points may be found; None for all.

    Returns
    -------
    ndarray
        int32 m×count, in no order. Of equally distant points any may be returned, the same ones
        each time.

    Examples
    --------
    >>> nearest_points(np.array([[0.0], [3.0], [5.0], [9.0]]), np.array([1, 3]), 1).tolist()
    [[2], [2]]
    """
    from baselines.neighbours.group_kernels import arrange, search_groups
    from baselines.neighbours.sorted_tree import build_sorted, five_axes

    number = len(points)
    marked = np.ones(number, np.bool_) if among is None else among
    candidates = np.flatnonzero(marked).astype(np.int32)
    count = min(count, candidates.size - bool(marked[own].any()))
    if count == 0 or own.size == 0:
        return np.empty((own.size, count), np.int32)
    order, nodes, boxes, by_leaf = build_sorted(five_axes(points, candidates))
    candidates = candidates[order]
    place = np.full(number, -1, np.int32)  # in the tree
    place[candidates] = np.arange(candidates.size, dtype=np.int32)
    order, parts, _, queries = build_sorted(five_axes(points, own))
    groups = parts[parts[:, 2] == 0, :2]
    groups = groups[np.argsort(groups[:, 0])]
    own_places = place[own[order]]
    del place
    queries = np.ascontiguousarray(queries[:, : own.size].T)
    found = search_groups(nodes, boxes, by_leaf, groups, queries, own_places, count)
    arranged: npt.NDArray[np.int32] = arrange(found, order, candidates)
    return arranged
