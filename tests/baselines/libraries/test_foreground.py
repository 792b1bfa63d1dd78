"""Foreground estimation as a step after any method."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from baselines.foreground import estimate_foreground


def test_the_edge_gives_its_foreground_back(edge: Any) -> None:
    foreground = estimate_foreground(edge.image, edge.alpha_gt)
    solid = edge.alpha_gt > 0.3
    assert foreground.dtype == np.uint8
    assert np.abs(foreground[solid].astype(int) - [220, 30, 40]).max() <= 12


def test_bad_input_is_refused(edge: Any) -> None:
    alpha = edge.alpha_gt
    with pytest.raises(ValueError, match="image is 20×24×3 float64; expected H×W×3 uint8"):
        estimate_foreground(edge.image / 255.0, alpha)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="alpha is 19×24 float32; expected 20×24 float"):
        estimate_foreground(edge.image, alpha[1:])
    with pytest.raises(ValueError, match="alpha is 20×24 uint8"):
        estimate_foreground(edge.image, edge.trimap)
    with pytest.raises(ValueError, match="alpha has values from 0 to 255; expected 0 to 1"):
        estimate_foreground(edge.image, 255 * alpha)
    with pytest.raises(ValueError, match="alpha has values from nan to nan"):
        estimate_foreground(edge.image, np.full_like(alpha, np.nan))
