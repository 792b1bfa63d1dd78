"""The foreground estimator against the truth, and against the authors' program."""

from __future__ import annotations

import numpy as np
import pytest

from distinctions646.compose import foreground
from distinctions646.compose.foreground import estimate_colours


def scene(height: int, width: int) -> tuple[np.ndarray, ...]:
    """A disc with a soft rim, in colours that change smoothly, over others."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    distance = np.hypot(y - height / 2, x - width / 2)
    alpha = np.clip((0.35 * height - distance) / (0.12 * height) + 0.5, 0, 1)
    alpha = (np.rint(255 * alpha) / 255).astype(np.float32)
    front = np.dstack([0.8 + 0 * x, 0.3 + 0.3 * x / width, 0.2 + 0.2 * y / height])
    back = np.dstack([0.1 + 0.2 * y / height, 0.3 + 0 * x, 0.9 - 0.3 * x / width])
    mixed = alpha[..., None] * front + (1 - alpha[..., None]) * back
    return np.rint(255 * mixed).astype(np.uint8), alpha, front, back


def test_both_colours_come_near_the_truth() -> None:
    image, alpha, front, back = scene(96, 128)
    found_front, found_back = estimate_colours(image, alpha)
    seen = alpha > 0.05
    assert np.abs(found_front - front)[seen].mean() < 0.02
    assert np.abs(found_back - back)[alpha < 0.95].mean() < 0.02
    blended = alpha[..., None] * found_front + (1 - alpha[..., None]) * found_back
    assert np.abs(blended - image / 255).max() < 0.02


def test_large_levels_are_solved_around_soft_alpha_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left to the coarser levels makes no difference that is seen."""
    image, alpha, _, _ = scene(160, 200)
    whole, _ = estimate_colours(image, alpha)
    monkeypatch.setattr(foreground, "SOLVED_WHOLE", 1000)
    banded, _ = estimate_colours(image, alpha)
    assert np.abs(alpha[..., None] * (banded - whole)).max() < 0.02
    assert np.array_equal(banded[alpha == 1], (image[alpha == 1] / np.float32(255)))


def test_large_pictures_are_solved_reduced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enlarged colours are as near to the truth, and still blend to the image."""
    image, alpha, front, _ = scene(160, 200)
    monkeypatch.setattr(foreground, "SOLVED_AT_ALL", 4000)
    found_front, found_back = estimate_colours(image, alpha)
    assert np.abs(found_front - front)[alpha > 0.05].mean() < 0.02
    blended = alpha[..., None] * found_front + (1 - alpha[..., None]) * found_back
    assert np.abs(blended - image / 255).max() < 0.02
    assert np.allclose(found_front[alpha == 1], image[alpha == 1] / 255, atol=1e-6)


def test_agrees_with_the_authors_program() -> None:
    """pymatting's estimate_foreground_ml at its defaults, in what a viewer sees: α·F."""
    pymatting = pytest.importorskip("pymatting")
    image, alpha, front, _ = scene(96, 128)
    ours, _ = estimate_colours(image, alpha)
    theirs = pymatting.estimate_foreground_ml(image / 255, alpha.astype(np.float64))
    shown = alpha[..., None]
    assert np.abs(shown * (ours - theirs)).mean() < 0.005
    assert np.abs(shown * (ours - front)).mean() < 1.1 * np.abs(shown * (theirs - front)).mean()


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 2)])
def test_small_pictures(size: tuple[int, int]) -> None:
    image = np.full((*size, 3), 100, np.uint8)
    for value in (0.0, 0.4, 1.0):
        found, _ = estimate_colours(image, np.full(size, value, np.float32))
        assert found.shape == (*size, 3)
        assert np.allclose(found, 100 / 255, atol=0.01)
