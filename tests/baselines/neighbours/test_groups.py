"""Groups of queries against brute force, and the compiled steps by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from baselines.neighbours.features import pixel_features
from baselines.neighbours.group_kernels import INFINITY, keep_least
from baselines.neighbours.groups import PointTree, nearest_points
from baselines.neighbours.sorted_tree import (
    fill_leaves,
    sort_keys,
    split_runs,
    widen,
    z_order,
)
from baselines.neighbours.vector_intrinsics import AXES, WIDTH


def squared(points: Any, own: Any, others: Any) -> Any:
    """Return squared distances, float32 m×k, with the axes added in the search's order."""
    gaps = np.zeros((*others.shape, AXES), np.float32)
    for k in range(points.shape[1]):
        axis = points[:, k].astype(np.float32)
        gaps[..., k] = axis[others] - axis[own][:, None]
    a, b, c, d, e, f = np.moveaxis(gaps * gaps, -1, 0)
    return ((a + b) + (c + d)) + (e + f)


def padded(points: Any) -> Any:
    """Return points as float32 with zeros for the axes that they lack."""
    return np.pad(points.astype(np.float32), ((0, 0), (0, AXES - points.shape[1])))


@pytest.mark.parametrize("axes", [1, 3, 5, 6])
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
            everyone = np.broadcast_to(np.arange(700), (300, 700))
            apart = squared(points, own, everyone)
            apart[~marked[everyone] | (everyone == own[:, None])] = np.inf
            expected = np.sort(apart, axis=1)[:, :count]
            assert np.array_equal(np.sort(squared(points, own, found), axis=1), expected)


@pytest.mark.parametrize("value", [np.nan, np.inf, -1e19])
def test_coordinates_without_a_distance_are_refused(value: float) -> None:
    points = np.zeros((40, 3))
    points[7, 1] = value
    with pytest.raises(ValueError, match=r"points reach .*; expected at most 1e\+18"):
        PointTree(points)


@pytest.mark.parametrize("scale", [1e-42, 1e-33, 1e17])
def test_tiny_and_large_ranges(scale: float) -> None:
    """So tiny that a cell of the grid has no size, and that squares vanish."""
    points = np.random.default_rng(3).random((300, 3)) * scale
    found = nearest_points(points, np.arange(300), 5)
    assert (found != np.arange(300)[:, None]).all()
    assert all(len(set(row)) == 5 for row in found.tolist())


def test_flat_pictures_have_many_equal_colours_and_distances() -> None:
    """Most distances on a grid of pixels are shared by several; those of a clump are all 0."""
    colour = np.zeros((40, 50, 3))
    colour[10:20] = 1
    features = pixel_features(colour, 2.0)
    own = np.arange(300, 900, dtype=np.int32)
    everyone = np.broadcast_to(np.arange(2000), (600, 2000))
    for points in (features, features[:, :3]):
        apart = squared(points, own, everyone)
        apart[everyone == own[:, None]] = np.inf
        for count in (10, 50):
            found = PointTree(points).nearest_others(own, count)
            expected = np.sort(apart, axis=1)[:, :count]
            assert np.array_equal(np.sort(squared(points, own, found), axis=1), expected)
            assert all(len(set(row)) == count for row in found.tolist())
            assert np.array_equal(found, PointTree(points).nearest_others(own, count))


def test_rows_keep_the_order_of_those_who_ask() -> None:
    tree = PointTree(np.array([[0.0], [10.0], [11.0], [1.0]]))
    assert tree.nearest_others(np.array([3, 1]), 1).tolist() == [[0], [2]]


def test_fewer_points_than_are_wanted() -> None:
    points = np.array([[0.0], [1.0], [5.0]])
    assert sorted(nearest_points(points, np.array([0]), 9)[0].tolist()) == [1, 2]
    only = np.array([True, False, False])
    assert nearest_points(points, np.array([1, 2]), 9, only).tolist() == [[0], [0]]
    assert nearest_points(points, np.array([0, 1]), 9, only).shape == (2, 0)
    assert nearest_points(points, np.array([], np.int64), 2).shape == (0, 2)
    assert nearest_points(points, np.array([1]), 2, np.zeros(3, np.bool_)).shape == (1, 0)
    assert nearest_points(np.zeros((1, 2)), np.array([0]), 3).shape == (1, 0)


@pytest.mark.parametrize("size", [26, 48, 100])
@pytest.mark.parametrize("most", [20, 25])
def test_the_least_are_kept_with_their_numbers(size: int, most: int) -> None:
    for levels in (2, 40, 10**9):
        values = np.random.default_rng(size).integers(0, levels, size).astype(np.int32)
        bits, numbers = np.full(128, INFINITY), np.arange(128, dtype=np.int32) - 5
        bits[5 : 5 + size] = values
        kept, limit = keep_least(bits, numbers, 5, size, 20, most)
        assert 20 <= kept <= most
        held, names = bits[5 : 5 + kept], numbers[5 : 5 + kept]
        assert sorted(held)[:20] == sorted(values)[:20]
        assert (values[names] == held).all()
        assert len(set(names.tolist())) == kept
        assert sorted(values)[19] <= limit  # what is not less than it cannot be one of the least
        assert (held <= limit).all()


def test_keys_are_sorted_and_equal_ones_stay_in_order() -> None:
    keys = np.array([7, 2**59, 7, 0, 2**13], np.uint64)
    ordered, order = sort_keys(keys)
    assert ordered.tolist() == [0, 7, 7, 2**13, 2**59]
    assert order.tolist() == [3, 0, 2, 4, 1]


@pytest.mark.parametrize(("axes", "bits"), [(3, 12), (5, 12), (6, 10)])
def test_keys_take_a_bit_of_each_axis_in_turn(axes: int, bits: int) -> None:
    corners = padded(np.array([[0.0, 0, 0], [1, 0, 0], [0, 0, 1]]))
    keys = z_order(corners, axes)
    assert keys[0] == 0
    assert [bin(int(key)).count("1") for key in keys] == [0, bits, bits]
    assert keys[2] == keys[1] << np.uint64(2)


def test_leaves_hold_every_point_once_in_tight_boxes() -> None:
    points = padded(np.random.default_rng(4).random((500, 3)))
    order, nodes = split_runs(points, 3, WIDTH)
    leaves, members, place, below, boxes = fill_leaves(points, order, nodes)
    assert sorted(order.tolist()) == list(range(500))
    assert np.array_equal(members.ravel()[place], np.arange(500))
    assert np.array_equal(leaves.swapaxes(1, 2).reshape(-1, AXES)[place], points)
    assert np.isinf(leaves).sum() == leaves.size - points.size
    last = nodes[:, 2] == 0
    assert (nodes[last, 1] - nodes[last, 0]).max() <= WIDTH
    assert below[0].tolist() == [last.sum(), 0]
    for (start, stop, _), box in zip(nodes, boxes, strict=True):
        held = points[order[start:stop]]
        assert np.array_equal(box, [held.min(axis=0), held.max(axis=0)])


@pytest.mark.parametrize("number", [1, 10, 200, 5000])
def test_wide_nodes_reach_every_leaf_once(number: int) -> None:
    points = padded(np.random.default_rng(number).random((number, 2)))
    order, nodes = split_runs(points, 2, WIDTH)
    leaves, _, _, below, boxes = fill_leaves(points, order, nodes)
    children, corners = widen(nodes, below, boxes)
    used = np.isfinite(corners[:, 0])
    reached = children[used]
    assert sorted((-reached[reached < 0] - 1).tolist()) == list(range(len(leaves)))
    assert sorted(reached[reached >= 0].tolist()) == list(range(1, len(children)))
    for node, child in zip(*np.nonzero(used & (children < 0)), strict=True):
        held = leaves[-children[node, child] - 1]
        held = held[:, np.isfinite(held[0])]
        box = corners[node, :, child].reshape(2, AXES)
        assert np.array_equal(box, [held.min(axis=1), held.max(axis=1)])
