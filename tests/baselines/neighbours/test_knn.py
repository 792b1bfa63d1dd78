"""KNN matting against a graph built by brute force."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from baselines.neighbours.features import pixel_features
from baselines.neighbours.knn import KnnHsv, knn_system


def test_system_equals_brute_force(noise: Any) -> None:
    """Every unknown pixel and every known one it finds asks; alike pixels are tied."""
    colour, count = noise.image / 255.0, 5
    features = pixel_features(colour, 0.5)
    unknown = (noise.trimap == 128).ravel()
    apart = ((features[:, None] - features[None]) ** 2).sum(axis=2)
    lists = np.argsort(apart, axis=1)[:, 1 : count + 1]
    asking = set(np.flatnonzero(unknown)) | set(lists[unknown].ravel())
    graph = np.zeros((unknown.size, unknown.size))
    for p in asking:
        for q in lists[p]:
            weight = 1 - np.abs(features[p] - features[q]).sum() / 4
            graph[p, q] += weight
            graph[q, p] += weight
    laplacian = np.diag(graph.sum(axis=1)) - graph
    alpha = (noise.trimap == 255).ravel().astype(np.float64)
    system = knn_system(colour, noise.trimap, ((count, 0.5),), 4.0)
    assert np.allclose(system.matrix.toarray(), laplacian[np.ix_(unknown, unknown)])
    assert np.allclose(system.right, -laplacian[np.ix_(unknown, ~unknown)] @ alpha[~unknown])


def test_hue_is_a_point_on_a_circle() -> None:
    image = np.array([[[255, 0, 0], [0, 255, 0], [128, 128, 128]]], np.uint8)
    colour = KnnHsv().colour(image)
    assert colour[0, 0] == pytest.approx([1, 0, 1, 1])
    assert colour[0, 1] == pytest.approx([-0.5, 3**0.5 / 2, 1, 1], abs=1e-6)
    assert colour[0, 2, 2:] == pytest.approx([0, 128 / 255])
