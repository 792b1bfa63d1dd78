"""Groups of queries against brute force, and the compiled steps by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from baselines.neighbours.group_kernels import INFINITY, keep_least
from baselines.neighbours.groups import nearest_points
from baselines.neighbours.sorted_tree import build_sorted, five_axes, sort_keys, z_order
from baselines.neighbours.tree_kernels import LEAF


def distances(points: Any, own: Any, found: Any) -> Any:
    """Return the squared distances of what was found, float32, in ascending order."""
    points = points.astype(np.float32)
    return np.sort(((points[found] - points[own][:, None]) ** 2).sum(axis=2), axis=1)


@pytest.mark.parametrize("axes", [1, 3, 5])
@pytest.mark.parametrize("levels", [3, 10_000])
def test_groups_find_what_brute_force_finds(axes: int, levels: int) -> None:
    """Three levels a coordinate make many points equal, and many distances."""
    random = np.random.default_rng(axes)
    points = random.integers(0, levels, (700, axes)) / levels
    own = random.permutation(700)[:300]
    for among in (None, random.random(700) < 0.3):
        marked = np.ones(700, np.bool_) if among is None else among
        for count in (1, 20, 40):
            found = nearest_points(points, own, count, among)
            assert found.shape == (300, count)
            assert marked[found].all()
            assert (found != own[:, None]).all()
            assert all(len(set(row)) == count for row in found.tolist())
            others = np.where(marked & (np.arange(700) != own[:, None]), 0.0, np.inf)
            apart = (points.astype(np.float32) - points.astype(np.float32)[own][:, None]) ** 2
            expected = np.sort(apart.sum(axis=2) + others, axis=1)[:, :count]
            assert distances(points, own, found) == pytest.approx(expected, rel=1e-5, abs=1e-12)


def test_fewer_points_than_are_wanted() -> None:
    points = np.array([[0.0], [1.0], [5.0]])
    assert sorted(nearest_points(points, np.array([0]), 9)[0].tolist()) == [1, 2]
    only = np.array([True, False, False])
    assert nearest_points(points, np.array([1, 2]), 9, only).tolist() == [[0], [0]]
    assert nearest_points(points, np.array([0, 1]), 9, only).shape == (2, 0)
    assert nearest_points(points, np.array([], np.int64), 2).shape == (0, 2)


@pytest.mark.parametrize("size", [21, 48, 100])
def test_the_least_are_kept_with_their_numbers(size: int) -> None:
    for levels in (2, 40, 10**9):
        values = np.random.default_rng(size).integers(0, levels, size).astype(np.int32)
        bits, numbers = np.full(112, INFINITY), np.arange(112, dtype=np.int32)
        bits[:size] = values
        greatest = keep_least(bits, numbers, size, 20)
        assert sorted(bits[:20]) == sorted(values)[:20]
        assert greatest == sorted(values)[19]
        assert (values[numbers[:20]] == bits[:20]).all()
        assert len(set(numbers[:20].tolist())) == 20


def test_keys_are_sorted_and_equal_ones_stay_in_order() -> None:
    keys = np.array([7, 2**59, 7, 0, 2**13], np.uint64)
    ordered, order = sort_keys(keys)
    assert ordered.tolist() == [0, 7, 7, 2**13, 2**59]
    assert order.tolist() == [3, 0, 2, 4, 1]


def test_keys_take_a_bit_of_each_axis_in_turn() -> None:
    corners = five_axes(np.array([[0.0, 0, 0], [1, 0, 0], [0, 0, 1]]), np.arange(3))
    keys = z_order(corners)
    assert keys[0] == 0
    assert [bin(int(key)).count("1") for key in keys] == [0, 12, 12]
    assert keys[2] == keys[1] << np.uint64(2)


def test_the_tree_holds_every_point_once_in_tight_boxes() -> None:
    points = five_axes(np.random.default_rng(4).random((500, 3)), np.arange(500))
    order, nodes, boxes, by_leaf = build_sorted(points)
    assert sorted(order.tolist()) == list(range(500))
    assert np.array_equal(by_leaf[:, :500].T, points[order])
    leaves = nodes[nodes[:, 2] == 0]
    assert (leaves[:, 1] - leaves[:, 0]).max() <= LEAF
    assert (leaves[:, 1] - leaves[:, 0]).sum() == 500
    for (start, stop, *_), box in zip(nodes, boxes, strict=True):
        held = points[order[start:stop]]
        assert np.array_equal(box, [held.min(axis=0), held.max(axis=0)])
