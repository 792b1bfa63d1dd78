"""Features of pixels and matrices of neighbours, by hand."""

from __future__ import annotations

import numpy as np

from baselines.neighbours.features import neighbour_matrix, pixel_features
from baselines.neighbours.groups import nearest_points


def test_position_counts_as_much_as_its_weight_says() -> None:
    features = pixel_features(np.zeros((1, 4, 3)), 1.0)
    found = nearest_points(features, np.array([0, 3]), 2)
    assert np.sort(found, axis=1).tolist() == [[1, 2], [1, 2]]


def test_a_matrix_of_neighbours_adds_duplicates_up() -> None:
    matrix = neighbour_matrix(np.array([[1, 1], [0, 2]], np.int32), np.ones((2, 2)), 3)
    assert matrix.toarray().tolist() == [[0, 2, 0], [1, 0, 1]]
