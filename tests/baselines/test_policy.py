"""What every trimap method does with input that users trip over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from baselines.closed_form import ClosedForm
from baselines.global_matting import Global, GlobalGuided, GlobalRaw
from baselines.information_flow import InformationFlow
from baselines.knn import Knn, KnnHsv
from baselines.learning_based import LearningBased
from baselines.policy import TrimapMethod
from baselines.pymatting_methods import (
    ClosedFormPymatting,
    KnnPymatting,
    LargeKernel,
    LearningBasedPymatting,
    RandomWalk,
)
from baselines.shared import Shared, SharedRealtime
from distinctions646.trimap import NotApplicable

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
def test_no_unknown_pixel_gives_the_trimap(method: TrimapMethod, edge: Any) -> None:
    known = np.where(edge.trimap == 128, 0, edge.trimap).astype(np.uint8)
    alpha, notes = method(edge.image, known)
    assert np.array_equal(alpha, known / np.float32(255))
    assert notes == {"solver": "none: no unknown pixel"}


@every
@pytest.mark.parametrize(("side", "value"), [("foreground", 255), ("background", 0)])
def test_a_missing_side_is_not_applicable(
    method: TrimapMethod, side: str, value: int, edge: Any
) -> None:
    trimap = np.where(edge.trimap == value, 128, edge.trimap).astype(np.uint8)
    with pytest.raises(NotApplicable, match=f"{method.name} needs known {side}; the trimap has"):
        method(edge.image, trimap)


@every
def test_all_unknown_is_not_applicable(method: TrimapMethod, edge: Any) -> None:
    with pytest.raises(NotApplicable, match="needs known foreground"):
        method(edge.image, np.full_like(edge.trimap, 128))


@every
def test_bad_trimaps_are_refused(method: TrimapMethod, edge: Any) -> None:
    image, trimap = edge.image, edge.trimap
    with pytest.raises(ValueError, match="trimap has 127; expected 0, 128, 255"):
        method(image, np.where(trimap == 128, 127, trimap).astype(np.uint8))
    many = (np.arange(trimap.size) % 102).reshape(trimap.shape).astype(np.uint8)
    with pytest.raises(ValueError, match="trimap has 1, 2, 3, 4, 5…; expected 0, 128, 255"):
        method(image, many)
    with pytest.raises(ValueError, match="needs a trimap; got None"):
        method(image)
    with pytest.raises(ValueError, match="trimap is 20×23 pixels; expected 20×24"):
        method(image, trimap[:, :23])
    with pytest.raises(ValueError, match="trimap is 20×24 float64; expected H×W uint8"):
        method(image, trimap / 255)


@every
def test_bad_images_are_refused(method: TrimapMethod, edge: Any) -> None:
    transparent = np.dstack([edge.image, edge.trimap])
    with pytest.raises(ValueError, match="image is 20×24×4 uint8; expected H×W×3 uint8"):
        method(transparent, edge.trimap)
    with pytest.raises(ValueError, match="image is 20×24×3 float64; expected H×W×3 uint8"):
        method(np.full((20, 24, 3), np.nan), edge.trimap)
    with pytest.raises(ValueError, match="image is 20×24 uint8"):
        method(edge.image[..., 0], edge.trimap)


@every
def test_one_pixel(method: TrimapMethod) -> None:
    pixel = np.array([[[9, 8, 7]]], np.uint8)
    assert method(pixel, np.array([[255]], np.uint8))[0].tolist() == [[1.0]]
    with pytest.raises(NotApplicable, match="needs known foreground"):
        method(pixel, np.array([[128]], np.uint8))


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
    assert set(method.card) == {"paper", "implementation", "licence", "weights", "trained_on"}
    assert 0 < method.memory_gb_per_megapixel < 4
