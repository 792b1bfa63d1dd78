"""The solvers: an easy matte they must find, their trimap's policy, and real photographs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from baselines.closed_form import ClosedForm
from baselines.knn import Knn
from benchmark.metrics import sad
from distinctions646.images import read_alpha, read_image, read_trimap
from distinctions646.trimap import NotApplicable

SOLVERS = (ClosedForm(), Knn())


def blended_edge() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A red square on blue with a soft left edge: image, trimap, true alpha."""
    ramp = np.clip((np.arange(24) - 6) / 9, 0, 1)
    alpha = np.tile(ramp, (20, 1)).astype(np.float32)
    red, blue = np.array([220, 30, 40]), np.array([20, 40, 200])
    image = alpha[..., None] * red + (1 - alpha[..., None]) * blue
    trimap = np.where(alpha == 1, 255, np.where(alpha == 0, 0, 128)).astype(np.uint8)
    return image.astype(np.uint8), trimap, alpha


def test_closed_form_finds_a_colour_line() -> None:
    """Two constant colours satisfy the colour-line model, so the solution is nearly exact."""
    image, trimap, alpha_gt = blended_edge()
    alpha, notes = ClosedForm()(image, trimap)
    assert np.abs(alpha - alpha_gt).max() < 0.02
    assert notes["iterations"] >= 1


def test_knn_orders_the_edge() -> None:
    image, trimap, alpha_gt = blended_edge()
    alpha, _ = Knn()(image, trimap)
    assert np.abs(alpha - alpha_gt).mean() < np.abs(0.5 - alpha_gt[trimap == 128]).mean()
    assert np.array_equal(alpha[trimap != 128], trimap[trimap != 128] / np.float32(255))


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.name)
def test_no_unknown_pixel_gives_the_trimap(solver: ClosedForm | Knn) -> None:
    image, trimap, _ = blended_edge()
    known = np.where(trimap == 128, 0, trimap).astype(np.uint8)
    alpha, notes = solver(image, known)
    assert np.array_equal(alpha, known / np.float32(255))
    assert notes["solver"].startswith("none")


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.name)
@pytest.mark.parametrize(("side", "value"), [("foreground", 255), ("background", 0)])
def test_a_missing_side_is_not_applicable(solver: ClosedForm | Knn, side: str, value: int) -> None:
    image, trimap, _ = blended_edge()
    with pytest.raises(NotApplicable, match=f"{solver.name} needs known {side}"):
        solver(image, np.where(trimap == value, 128, trimap).astype(np.uint8))


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.name)
def test_odd_trimaps_are_refused(solver: ClosedForm | Knn) -> None:
    image, trimap, _ = blended_edge()
    with pytest.raises(ValueError, match="trimap has 127; expected 0, 128, 255"):
        solver(image, np.where(trimap == 128, 127, trimap).astype(np.uint8))
    with pytest.raises(ValueError, match="needs a trimap; got None"):
        solver(image)


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("solver", "expected"), [(ClosedForm(), 0.71), (Knn(), 0.64)], ids=["closed-form", "knn"]
)
def test_real_photograph(oracle: Path, solver: ClosedForm | Knn, expected: float) -> None:
    """SAD in the unknown region of GT19, Trimap1, as measured with pymatting 1.1.16."""
    folder = oracle / "alphamatting"
    trimap = read_trimap(folder / "trimap_training_lowres" / "Trimap1" / "GT19.png")
    alpha, _ = solver(read_image(folder / "input_training_lowres" / "GT19.png"), trimap)
    alpha_gt = read_alpha(folder / "gt_training_lowres" / "GT19.png")
    assert sad(alpha, alpha_gt, trimap, region="unknown") == pytest.approx(expected, abs=0.01)
