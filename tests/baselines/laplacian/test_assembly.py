"""The unknown-only systems against dense ones written down from their papers."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from baselines.laplacian.assembly import Kind, matting_system, spread, unknown_index, with_data_term


def dense_laplacian(image: npt.NDArray[np.uint8], kind: Kind, epsilon: float) -> Any:
    """Sum 9×9 windows over a whole tiny image, as the papers' equations have them."""
    height, width = image.shape[:2]
    colour = (image / 255.0).reshape(-1, 3)
    number = np.arange(height * width).reshape(height, width)
    total = np.zeros((height * width, height * width))
    for row, column in product(range(1, height - 1), range(1, width - 1)):
        window = number[row - 1 : row + 2, column - 1 : column + 2].ravel()
        inside = colour[window]
        if kind == "closed-form":
            away = inside - inside.mean(axis=0)
            covariance = away.T @ away / 9 + epsilon / 9 * np.eye(3)
            part = np.eye(9) - (1 + away @ np.linalg.inv(covariance) @ away.T) / 9
        else:
            with_constant = np.column_stack([inside, np.ones(9)])
            kernel = with_constant @ with_constant.T
            slack = np.eye(9) - np.linalg.solve(kernel + epsilon * np.eye(9), kernel)
            part = slack @ slack.T
        total[np.ix_(window, window)] += part
    return total


@pytest.mark.parametrize("kind", ["closed-form", "learning-based"])
@pytest.mark.parametrize("epsilon", [1e-7, 1e-2])
def test_equals_the_dense_system(kind: Kind, epsilon: float, noise: Any) -> None:
    system = matting_system(noise.image, noise.trimap, kind, epsilon)
    dense = dense_laplacian(noise.image, kind, epsilon)
    unknown = (noise.trimap == 128).ravel()
    alpha = (noise.trimap == 255).ravel().astype(np.float64)
    assert np.allclose(system.matrix.toarray(), dense[np.ix_(unknown, unknown)], atol=2e-6)
    assert np.allclose(system.right, -dense[np.ix_(unknown, ~unknown)] @ alpha[~unknown], atol=2e-6)


@pytest.mark.parametrize("kind", ["closed-form", "learning-based"])
def test_a_constant_matte_costs_nothing(kind: Kind, noise: Any) -> None:
    """With all known pixels at 1, a matte of 1 solves the system."""
    trimap = np.where(noise.trimap == 0, 255, noise.trimap).astype(np.uint8)
    system = matting_system(noise.image, trimap, kind)
    assert np.allclose(system.matrix @ np.ones(system.right.size), system.right, atol=1e-6)


def test_indices_are_small_and_sorted(noise: Any) -> None:
    matrix = matting_system(noise.image, noise.trimap).matrix
    assert matrix.indices.dtype == np.int32
    assert matrix.indptr.dtype == np.int32
    assert matrix.has_sorted_indices
    assert abs(matrix - matrix.T).max() < 1e-12


def test_data_term_draws_to_its_alpha(noise: Any) -> None:
    system = matting_system(noise.image, noise.trimap)
    wanted = np.linspace(0, 1, system.right.size)
    drawn = with_data_term(system, wanted, np.full(wanted.size, 1e9))
    assert np.allclose(np.linalg.solve(drawn.matrix.toarray(), drawn.right), wanted, atol=1e-6)


def test_spread_undoes_the_numbering() -> None:
    index = unknown_index(np.array([[128, 0], [255, 128]], np.uint8))
    assert spread(np.array([0.25, 0.75]), index).tolist() == [[0.25, 0], [0, 0.75]]
