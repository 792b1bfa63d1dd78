"""Nearest neighbours against brute force."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from baselines.neighbours.tree import PointTree, neighbour_matrix, pixel_features


def brute_force(
    points: npt.NDArray[np.float64], own: npt.NDArray[np.int64], among: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Return the sorted distances of own points to the others among which one looks."""
    apart = np.linalg.norm(points[own][:, None] - points[None], axis=2)
    apart[:, ~among] = np.inf
    apart[np.arange(own.size), own] = np.inf
    return np.sort(apart, axis=1)


@pytest.mark.parametrize("axes", [1, 3, 5])
@pytest.mark.parametrize("share", [0.05, 1.0])
def test_equals_brute_force(axes: int, share: float) -> None:
    random = np.random.default_rng(axes)
    points = random.random((700, axes)).astype(np.float32).astype(np.float64)
    among = random.random(700) < share
    own = np.sort(random.permutation(700)[:250])
    found = PointTree(points).nearest_others(own, 9, among)
    apart = np.linalg.norm(points[found] - points[own][:, None], axis=2)
    assert np.allclose(apart, brute_force(points, own, among)[:, :9], atol=1e-6)
    assert among[found].all()
    assert (found != own[:, None]).all()
    assert (np.diff(np.sort(found, axis=1)) > 0).all()


def test_equal_points_find_each_other() -> None:
    """A hundred points in one place cannot be parted by their coordinates."""
    found = PointTree(np.zeros((100, 3))).nearest_others(np.arange(100), 4)
    assert (found != np.arange(100)[:, None]).all()
    assert (np.diff(np.sort(found, axis=1)) > 0).all()


def test_rows_keep_the_order_of_those_who_ask() -> None:
    tree = PointTree(np.array([[0.0], [10.0], [11.0], [1.0]]))
    assert tree.nearest_others(np.array([3, 1]), 1).tolist() == [[0], [2]]


def test_nobody_to_find() -> None:
    tree = PointTree(np.array([[0.0], [1.0]]))
    assert tree.nearest_others(np.array([0]), 3, np.array([True, False])).shape == (1, 0)
    assert tree.nearest_others(np.empty(0, np.int64), 3).shape == (0, 2)
    assert PointTree(np.zeros((1, 2))).nearest_others(np.array([0]), 3).shape == (1, 0)


def test_position_counts_as_much_as_its_weight_says() -> None:
    features = pixel_features(np.zeros((1, 4, 3)), 1.0)
    assert PointTree(features).nearest_others(np.array([0, 3]), 2).tolist() == [[1, 2], [2, 1]]


def test_a_matrix_of_neighbours_adds_duplicates_up() -> None:
    matrix = neighbour_matrix(np.array([[1, 1], [0, 2]], np.int32), np.ones((2, 2)), 3)
    assert matrix.toarray().tolist() == [[0, 2, 0], [1, 0, 1]]
