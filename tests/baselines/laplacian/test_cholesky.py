"""Cholesky over nested dissection against dense solves, on regions of odd shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix, diags

from baselines.laplacian.assembly import System, matting_system, unknown_index
from baselines.laplacian.cholesky import GridCholesky
from baselines.laplacian.solving import solve_system


def region(name: str, height: int = 31, width: int = 43) -> Any:
    """Return a boolean mask of unknown pixels."""
    rows, columns = np.mgrid[:height, :width]
    distance = np.hypot(rows - height / 2, columns - width / 2)
    return {
        "all": distance >= 0,
        "ring": (distance > 8) & (distance < 12),
        "row": rows == 5,
        "pixel": (rows == 3) & (columns == 4),
        "islands": (rows % 9 < 4) & (columns % 11 < 5),
        "scattered": np.random.default_rng(0).random((height, width)) < 0.3,
    }[name]


def random_system(mask: Any) -> Any:
    """Return a positive definite matrix that ties unknown pixels up to two pixels apart."""
    random = np.random.default_rng(1)
    places = np.argwhere(mask)
    apart = np.abs(places[:, None] - places[None]).max(axis=2)
    ties = np.where((apart <= 2) & (apart > 0), random.random(apart.shape), 0)
    ties = ties + ties.T
    return csr_matrix(np.diag(ties.sum(axis=1) + 0.1) - ties), places


@pytest.mark.parametrize("leaf", [3, 64])
@pytest.mark.parametrize("name", ["all", "ring", "row", "pixel", "islands", "scattered"])
def test_it_solves(name: str, leaf: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baselines.laplacian.cholesky.LEAF", leaf)
    matrix, places = random_system(region(name))
    right = np.random.default_rng(2).normal(size=len(places))
    solution = GridCholesky(matrix, places[:, 0], places[:, 1])(right)
    assert solution == pytest.approx(np.linalg.solve(matrix.toarray(), right), rel=1e-9, abs=1e-9)


def test_the_factor_is_sparse() -> None:
    """A region of 200 × 200 pixels fills less than half of what a band would."""
    matrix = matting_system(
        np.random.default_rng(3).integers(0, 256, (200, 200, 3)).astype(np.uint8),
        np.full((200, 200), 128, np.uint8),
    ).matrix
    rows, columns = np.mgrid[:200, :200]
    factor = GridCholesky(matrix, rows.ravel(), columns.ravel())
    assert sorted(factor.order) == list(range(40_000))
    assert factor.factor.size < 40_000 * 402 / 2


def test_an_indefinite_matrix_is_refused_and_solved_by_lu() -> None:
    index = unknown_index(np.full((1, 3), 128, np.uint8))
    matrix = csr_matrix(diags([1.0, -1.0, 2.0]))
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        GridCholesky(matrix, np.zeros(3, int), np.arange(3))
    system = System(matrix, np.array([1.0, 1.0, 1.0]), index)
    alpha, notes = solve_system(system, np.zeros((1, 3, 3), np.uint8))
    assert alpha == pytest.approx([1, -1, 0.5])
    assert notes == {"solver": "direct (SuperLU)"}
