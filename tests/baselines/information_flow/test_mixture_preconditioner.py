"""The halved Laplacian and the preconditioner against dense matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from baselines.information_flow import mixture_preconditioner
from baselines.information_flow.coarse_kernels import between_points
from baselines.information_flow.information_flow import colour_mixture
from baselines.information_flow.local_flow import find_runs, local_flow
from baselines.information_flow.local_flow_kernels import LARGEST, STEPS, local_pull, smooth
from baselines.information_flow.mixture_preconditioner import MixturePreconditioner
from baselines.laplacian.assembly import matting_system
from baselines.laplacian.two_level import colour_functions


def holed(scene: Any) -> Any:
    """Return a scene's trimap with known pixels inside of the unknown region and at the border."""
    trimap = scene.trimap.copy()
    trimap[4, 5], trimap[0, 0:3], trimap[-1, -1] = 255, 128, 128
    return trimap


def test_the_halved_laplacian_is_the_matting_system(noise: Any) -> None:
    trimap = holed(noise)
    system = matting_system(noise.image, trimap)
    runs = find_runs(trimap)
    halves, right = local_flow(noise.image, trimap, runs, 1e-7)
    assert np.allclose(right[runs.places], system.right)
    product = np.stack([local_pull(halves, runs.table, runs.spread(row)) for row in
                        np.eye(runs.places.size)])  # fmt: skip
    assert np.allclose(product[:, runs.places], system.matrix.toarray(), atol=1e-6)
    product[:, runs.places] = 0
    assert not product.any()


def test_runs_number_the_pixels_around_them(noise: Any) -> None:
    runs = find_runs(holed(noise))
    for first, length, *beside, row, column in runs.table.tolist():
        assert runs.where[:, first].tolist() == [row, column]
        for down, number in zip((-2, -1, 1, 2), beside, strict=True):
            around = runs.where[:, number - 2 : number + length + 2]
            assert (around[0] == row + down).all()
            assert around[1].tolist() == list(range(column - 2, column + length + 2))


def test_smoothing_is_a_symmetric_inverse_within_chebyshevs_bound(noise: Any) -> None:
    trimap, shift = holed(noise), 0.4
    runs = find_runs(trimap)
    halves, _ = local_flow(noise.image, trimap, runs, 1e-7)
    size = runs.places.size
    inverse = np.stack([smooth(halves, runs.table, shift, runs.spread(row))[runs.places] for row in
                        np.eye(size)])  # fmt: skip
    assert np.allclose(inverse, inverse.T, atol=1e-6)
    matrix = matting_system(noise.image, trimap).matrix.toarray() + shift * np.eye(size)
    assert np.linalg.eigvalsh(matrix)[-1] < LARGEST + shift
    left = np.abs(np.linalg.eigvalsh(np.eye(size) - (inverse @ matrix + matrix @ inverse) / 2))
    bound = 1 / np.cosh(STEPS * np.arccosh((2 * shift + LARGEST) / LARGEST))
    assert left.max() < bound + 1e-5


def coarse_functions(scene: Any, trimap: Any, spacing: int) -> Any:
    """Return hats times 1 and the colours, n×4P."""
    runs = find_runs(trimap)
    colours = np.zeros((3, runs.size), np.float32)
    colours[:, runs.places] = scene.image[runs.index >= 0].T / np.float32(255)
    width = trimap.shape[1] // spacing + 2
    points = (trimap.shape[0] // spacing + 2) * width
    functions = []
    for row in np.eye(4 * points):
        pixels = np.zeros(runs.size)
        values = row.reshape(points, 4)
        between_points(runs.table, colours, spacing, width, values, pixels, False)
        functions.append(pixels[runs.places])
    sums, residual = np.zeros((points, 4)), np.linspace(-1, 1, runs.places.size)
    between_points(runs.table, colours, spacing, width, sums, runs.spread(residual), True)
    assert np.allclose(np.array(functions) @ residual, sums.ravel(), atol=1e-6)
    return np.stack(functions, axis=1)


@pytest.mark.parametrize("spacing", [3, 4, 16])
def test_coarse_functions_span_those_of_the_two_level_preconditioner(
    noise: Any, spacing: int
) -> None:
    trimap = holed(noise)
    expected = colour_functions(matting_system(noise.image, trimap).index, noise.image, spacing)
    functions = coarse_functions(noise, trimap, spacing)
    both = np.hstack([functions, expected.toarray()])
    ranks = [np.linalg.matrix_rank(m, tol=1e-4) for m in (functions, expected.toarray(), both)]
    assert ranks[0] == ranks[1] == ranks[2]


@pytest.mark.parametrize("spacing", [4, 6])
def test_the_coarse_matrix_is_the_dense_product(
    noise: Any, spacing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every row of the mixture; functions are of the colours less their means."""
    monkeypatch.setattr(mixture_preconditioner, "SPACING", spacing)
    monkeypatch.setattr(mixture_preconditioner, "EVERY", 1)
    trimap = holed(noise)
    runs = find_runs(trimap)
    halves, _ = local_flow(noise.image, trimap, runs, 1e-6)
    mixture = colour_mixture(noise.image, trimap, runs.index)
    precondition = MixturePreconditioner(
        halves, mixture.numbers, mixture.weights, runs, noise.image
    )
    functions = coarse_functions(noise, trimap, spacing)
    functions -= np.repeat(functions[:, ::4], 4, axis=1) * precondition.means.ravel()
    error = np.eye(runs.size)
    for row, (numbers, weights) in enumerate(zip(mixture.numbers, mixture.weights, strict=True)):
        np.subtract.at(error[runs.places[row]], numbers, weights)
    error = error[runs.places][:, runs.places]
    matrix = matting_system(noise.image, trimap, epsilon=1e-6).matrix.toarray() + error.T @ error
    expected = functions.T @ matrix @ functions
    product = precondition._coarse_matrix(mixture.numbers, mixture.weights, runs).toarray()
    assert np.allclose(product, expected, atol=1e-5)


def test_the_preconditioner_is_symmetric_and_definite(edge: Any) -> None:
    runs = find_runs(edge.trimap)
    halves, _ = local_flow(edge.image, edge.trimap, runs, 1e-7)
    mixture = colour_mixture(edge.image, edge.trimap, runs.index)
    precondition = MixturePreconditioner(halves, mixture.numbers, mixture.weights, runs, edge.image)
    rows = np.eye(runs.places.size)
    inverse = np.stack([precondition(runs.spread(row))[runs.places] for row in rows])
    assert np.allclose(inverse, inverse.T, atol=1e-4 * np.abs(inverse).max())
    assert np.linalg.eigvalsh((inverse + inverse.T) / 2)[0] > 0
