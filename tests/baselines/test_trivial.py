"""The trivial rows, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from baselines.trivial import Constant, Distance, Trimap
from distinctions646.trimap.values import NotApplicable

IMAGE = np.zeros((1, 5, 3), np.uint8)
TRIMAP = np.array([[0, 128, 128, 128, 255]], np.uint8)


def test_constant_knows_nothing() -> None:
    assert (Constant()(IMAGE) == 0.5).all()


def test_trimap_as_it_is() -> None:
    assert Trimap()(IMAGE, TRIMAP).tolist() == [[0, 0.5, 0.5, 0.5, 1]]


def test_distance_is_a_ramp_between_the_known_sides() -> None:
    assert np.allclose(Distance()(IMAGE, TRIMAP), [[0, 0.25, 0.5, 0.75, 1]])


def test_distance_without_unknown_is_the_trimap() -> None:
    known = np.array([[0, 0, 255, 255, 255]], np.uint8)
    assert Distance()(IMAGE, known).tolist() == [[0, 0, 1, 1, 1]]


@pytest.mark.parametrize(("side", "value"), [("foreground", 0), ("background", 255)])
def test_distance_needs_both_sides(side: str, value: int) -> None:
    with pytest.raises(NotApplicable, match=f"needs known {side}"):
        Distance()(IMAGE, np.where(TRIMAP == 128, 128, value).astype(np.uint8))


@pytest.mark.parametrize("method", [Trimap(), Distance()])
def test_bad_trimaps_are_refused(method: Trimap | Distance) -> None:
    with pytest.raises(ValueError, match="needs a trimap; got None"):
        method(IMAGE)
    with pytest.raises(ValueError, match="trimap has 127; expected 0, 128, 255"):
        method(IMAGE, np.where(TRIMAP == 128, 127, TRIMAP).astype(np.uint8))
    with pytest.raises(ValueError, match="trimap is 1×4 pixels; expected 1×5"):
        method(IMAGE, TRIMAP[:, :4])
