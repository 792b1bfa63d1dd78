"""Direct and iterative solvers against each other and against hand-worked systems."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from baselines.laplacian.assembly import Kind, System, matting_system, unknown_index
from baselines.laplacian.basic_solvers import conjugate_gradients
from baselines.laplacian.solving import solve_system
from baselines.laplacian.two_level import TwoLevel, bilinear_hats, colour_functions


def waves_and_noise() -> tuple[Any, Any]:
    """Smooth colours with some noise; 5,040 unknown pixels."""
    y, x = np.mgrid[:70, :90]
    random = np.random.default_rng(1)
    waves = [np.sin(x / 9 + k) + np.cos(y / 11 - k) for k in range(3)]
    image = 128 + 50 * np.stack(waves, axis=2) + random.normal(0, 4, (70, 90, 3))
    trimap = np.full((70, 90), 128, np.uint8)
    trimap[:, :8], trimap[:, -10:] = 0, 255
    return image.clip(0, 255).astype(np.uint8), trimap


SCENE = waves_and_noise()


def large_system() -> System:
    """Return the scene's closed-form system."""
    return matting_system(*SCENE)


def test_hand_worked_system() -> None:
    system = System(
        csr_matrix(np.array([[2.0, -1.0], [-1.0, 2.0]])),
        np.array([0.0, 1.0]),
        np.array([[0, 1]], np.int32),
    )
    alpha, notes = solve_system(system, np.zeros((1, 2, 3), np.uint8))
    assert alpha == pytest.approx([1 / 3, 2 / 3])
    assert notes == {"solver": "direct (Cholesky)"}


@pytest.mark.parametrize("kind", ["closed-form", "learning-based"])
def test_iterations_agree_with_the_direct_solver(kind: Kind) -> None:
    system = matting_system(*SCENE, kind)
    exact, _ = solve_system(system, SCENE[0], "direct")
    alpha, notes = solve_system(system, SCENE[0], "two-level")
    assert np.abs(alpha - exact).max() < 1e-4
    assert notes["converged"]
    assert notes["iterations"] < 60


def test_grey_pictures_are_solved_too() -> None:
    """There the three colours are one, and the coarse functions depend on each other."""
    grey = np.repeat(SCENE[0][..., :1], 3, axis=2)
    system = matting_system(grey, SCENE[1])
    exact, _ = solve_system(system, grey, "direct")
    alpha, notes = solve_system(system, grey, "two-level")
    assert notes["converged"]
    assert np.abs(alpha - exact).max() < 1e-4


def test_the_preconditioner_is_symmetric() -> None:
    """Conjugate gradients demand it of a preconditioner."""
    system = large_system()
    cycle = TwoLevel(system.matrix, system.index, SCENE[0])
    random = np.random.default_rng(2)
    one, other = random.normal(size=(2, system.right.size))
    assert one @ cycle(other) == pytest.approx(other @ cycle(one), rel=1e-9)


def test_a_solver_that_does_not_converge_says_so() -> None:
    matrix = csr_matrix(np.diag([1.0, 10.0, 100.0]))
    _, notes = conjugate_gradients(matrix, np.ones(3), lambda residual: residual, most=2)
    assert notes == {"iterations": 2, "converged": False}


def test_nothing_on_the_right_side_is_solved_by_zero() -> None:
    alpha, notes = conjugate_gradients(csr_matrix(np.eye(2)), np.zeros(2), lambda x: x)
    assert alpha.tolist() == [0, 0]
    assert notes == {"iterations": 0, "converged": True}


def test_hats_share_each_pixel_out() -> None:
    index = unknown_index(np.where(np.random.default_rng(3).random((13, 17)) < 0.7, 128, 0))
    hats = bilinear_hats(index, 4)
    assert np.allclose(hats.sum(axis=1), 1)
    assert (np.asarray(hats.sum(axis=0)) > 0).all()


def test_coarse_functions_follow_a_matte_linear_in_colour() -> None:
    """Their span holds a·colour + b with one a and b everywhere, whatever the texture."""
    image, index = SCENE[0], large_system().index
    functions = colour_functions(index, image, 6)
    alpha = (image[index >= 0] / 255.0) @ [0.3, -0.2, 0.5] + 0.1
    fitted = functions @ np.linalg.lstsq(functions.toarray()[:400], alpha[:400], rcond=None)[0]
    assert np.allclose(fitted[:400], alpha[:400], atol=1e-8)


def test_unknown_solvers_are_refused() -> None:
    with pytest.raises(ValueError, match="solver is 'lu'; expected 'auto', 'direct' or 'two-"):
        solve_system(large_system(), SCENE[0], "lu")  # type: ignore[arg-type]
