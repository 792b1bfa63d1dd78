"""Real photographs with measured mattes: alphamatting.com's training images, Trimap1.

Expected SADs are of the unknown region. Those of closed-form and learning-based were measured with
pymatting 1.1.16; the others are this suite's own, measured by ``perf/baselines/measure.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baselines.information_flow.information_flow import InformationFlow
from baselines.laplacian.closed_form import ClosedForm
from baselines.laplacian.learning_based import LearningBased
from baselines.libraries.pymatting import (
    ClosedFormPymatting,
    KnnPymatting,
    LargeKernel,
    LearningBasedPymatting,
    RandomWalk,
)
from baselines.neighbours.knn import Knn, KnnHsv
from baselines.policy import TrimapMethod
from baselines.sampling.global_matting import Global, GlobalGuided, GlobalRaw
from baselines.sampling.shared import Shared, SharedRealtime
from benchmark.metrics import sad
from distinctions646.images.reading import read_alpha, read_image, read_trimap

pytestmark = pytest.mark.oracle
Photograph = Callable[[str], Any]
PHOTOGRAPHS = ("GT19", "GT01", "GT05")
EXPECTED = {
    ClosedForm: (0.71, 1.13, 1.26),
    LearningBased: (0.70, 1.14, 1.21),
    Knn: (0.639, 0.772, 1.144),
    KnnHsv: (0.743, 0.825, 1.490),
    Shared: (0.715, 1.058, 0.727),
    SharedRealtime: (0.800, 1.113, 0.771),
    Global: (0.669, 0.727, 0.589),
    GlobalGuided: (0.963, 0.729, 0.697),
    GlobalRaw: (1.369, 0.825, 0.817),
    InformationFlow: (0.537, 0.770, 0.790),
}
PYMATTING = {
    ClosedFormPymatting: (0.71, 1.13, 1.26),
    LearningBasedPymatting: (0.70, 1.14, 1.21),
    KnnPymatting: (0.64, 0.78, 1.15),
    LargeKernel: (1.52, 1.78, 1.79),
    RandomWalk: (2.04, 1.49, 1.83),
}


def error(method: TrimapMethod, photograph: Photograph, stem: str) -> float:
    """Return the SAD in the unknown region."""
    image, trimap, alpha_gt = photograph(stem)
    return sad(method(image, trimap)[0], alpha_gt, trimap, region="unknown")


@pytest.mark.parametrize("method", EXPECTED, ids=lambda method: method.name)
def test_gt19(method: type[TrimapMethod], photograph: Photograph) -> None:
    assert error(method(), photograph, "GT19") == pytest.approx(
        EXPECTED[method][0], rel=0.02, abs=0.006
    )


@pytest.mark.slow
@pytest.mark.parametrize("stem", PHOTOGRAPHS)
@pytest.mark.parametrize("method", {**EXPECTED, **PYMATTING}, ids=lambda method: method.name)
def test_every_method(method: type[TrimapMethod], stem: str, photograph: Photograph) -> None:
    expected = {**EXPECTED, **PYMATTING}[method][PHOTOGRAPHS.index(stem)]
    assert error(method(), photograph, stem) == pytest.approx(expected, rel=0.02, abs=0.006)


@pytest.mark.parametrize("stem", PHOTOGRAPHS)
def test_closed_form_equals_pymatting(stem: str, photograph: Photograph) -> None:
    """On the 200×200 crop of a photograph that has the most unknown pixels."""
    image, trimap, _ = crop_of_most_unknown(photograph(stem))
    ours, theirs = (method(image, trimap)[0] for method in (ClosedForm(), ClosedFormPymatting()))
    assert (trimap == 128).sum() > 5000
    assert np.abs(ours - theirs).max() <= 1e-3


def crop_of_most_unknown(scene: Any, side: int = 200) -> tuple[Any, Any, Any]:
    """Return the window on a grid of 100 pixels with the most unknown pixels and both sides."""
    best = max(
        (int((window == 128).sum()), row, column)
        for row in range(0, scene.trimap.shape[0] - side + 1, 100)
        for column in range(0, scene.trimap.shape[1] - side + 1, 100)
        for window in [scene.trimap[row : row + side, column : column + side]]
        if {0, 255} <= set(np.unique(window).tolist())
    )
    _, row, column = best
    where = np.s_[row : row + side, column : column + side]
    image, trimap, alpha_gt = (np.ascontiguousarray(plane[where]) for plane in scene)
    return image, trimap, alpha_gt


def test_solvers_agree_on_a_photograph(photograph: Photograph) -> None:
    image, trimap, _ = photograph("GT19")
    direct, notes = ClosedForm("direct")(image, trimap)
    iterated, other_notes = ClosedForm("two-level")(image, trimap)
    assert np.abs(direct - iterated).max() < 1e-3
    assert notes["solver"].startswith("direct")
    assert other_notes["converged"]
    assert other_notes["iterations"] < 80


def test_levin_parity(oracle: Path) -> None:
    """Against the 8-bit matte of Levin's own MATLAB program."""
    folder = oracle / "alphamatting" / "levin_matlab_parity"
    trimap = read_trimap(folder / "trimap.png")
    alpha, _ = ClosedForm()(read_image(folder / "source.png"), trimap)
    apart = np.abs(alpha - read_alpha(folder / "matlab_alpha.png") / np.float32(255))
    assert apart.mean() <= 0.001
    assert apart.max() <= 0.003
