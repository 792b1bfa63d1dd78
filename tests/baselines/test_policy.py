"""What every trimap method promises; bad input is in test_bad_input.py."""

from __future__ import annotations

import os
import subprocess
import sys
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
from distinctions646.trimap.values import NotApplicable

OURS = (
    ClosedForm(),
    LearningBased(),
    Knn(),
    KnnHsv(),
    Global(),
    GlobalGuided(),
    GlobalRaw(),
    Shared(),
    SharedRealtime(),
    InformationFlow(),
)
PYMATTING = (
    ClosedFormPymatting(),
    LearningBasedPymatting(),
    KnnPymatting(),
    LargeKernel(),
    RandomWalk(),
)
every = pytest.mark.parametrize("method", OURS + PYMATTING, ids=lambda method: method.name)
ours = pytest.mark.parametrize("method", OURS, ids=lambda method: method.name)


@ours
def test_a_plain_edge_is_found_and_known_pixels_are_kept(method: TrimapMethod, edge: Any) -> None:
    alpha, notes = method(edge.image, edge.trimap)
    known = edge.trimap != 128
    assert alpha.dtype == np.float32
    assert np.array_equal(alpha[known], edge.trimap[known] / np.float32(255))
    # Knowing nothing scores 0.22 here. Neighbours alone do little better; with hue as a feature a
    # blend is like one side or the other, and a hard cut in the middle scores 0.278.
    limit = {"knn": 0.2, "knn-hsv": 0.28}.get(method.name, 0.02)
    assert np.abs(alpha - edge.alpha_gt)[~known].mean() < limit
    assert notes["solver"]


@ours
def test_two_runs_agree_and_leave_their_input_alone(method: TrimapMethod, edge: Any) -> None:
    image, trimap = edge.image.copy(), edge.trimap.copy()
    assert np.array_equal(method(image, trimap)[0], method(image, trimap)[0])
    assert np.array_equal(image, edge.image)
    assert np.array_equal(trimap, edge.trimap)


@every
def test_a_row_of_pixels(method: TrimapMethod) -> None:
    """Windows of 3×3 do not fit; who needs none must still give a matte."""
    image = np.array([[[200, 0, 0], [100, 0, 100], [0, 0, 200]]], np.uint8)
    trimap = np.array([[255, 128, 0]], np.uint8)
    if method.smallest_side == 3:
        with pytest.raises(NotApplicable, match="at least 3×3 pixels; got 1×3"):
            method(image, trimap)
    else:
        assert method(image, trimap)[0][0, 1] == pytest.approx(0.5, abs=0.02)


@ours
def test_one_colour_everywhere_stays_in_range(method: TrimapMethod, edge: Any) -> None:
    """Nothing tells the sides apart: no division by zero, no NaN."""
    alpha, _ = method(np.full_like(edge.image, 77), edge.trimap)
    assert np.isfinite(alpha).all()
    assert alpha.min() >= 0
    assert alpha.max() <= 1


@every
def test_every_method_tells_what_it_is(method: TrimapMethod) -> None:
    assert set(method.card) == {
        *("paper", "year", "fidelity", "implementation", "parameters", "gmac_512"),
        *("licence", "weights", "trained_on"),
    }
    assert 0 < method.memory_gb_per_megapixel < 4


THREADS_OF_TORCH = """
import numba, torch
from baselines.policy import one_thread

torch.set_num_threads(1)
@numba.njit(parallel=True)
def total(n):
    s = 0
    for i in numba.prange(n):
        s += i
    return s
with one_thread():
    total(10)
    print(torch.get_num_threads(), end=" ")
print(torch.get_num_threads())
"""


def test_a_solver_leaves_torch_the_threads_that_it_had() -> None:
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", THREADS_OF_TORCH],
        capture_output=True,
        text=True,
        check=True,
        env={**environment, "NUMBA_NUM_THREADS": "4", "NUMBA_THREADING_LAYER": "omp"},
    )
    assert done.stdout.split() == ["1", "1"]
