"""The border of an enlarged matte, taken from the photograph."""

from __future__ import annotations

import cv2
import numpy as np

from hattmatting.inference.refining import refine_border


def strands(scale: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Thin dark strands before a bright wall, and the matte as a small network sees it."""
    height, width = 60 * scale, 80 * scale
    alpha = np.zeros((height, width), np.float32)
    alpha[:, : width // 2] = 1
    for row in range(0, height, 2 * scale):
        cv2.line(alpha, (width // 2, row), (width * 3 // 4, row + scale), 1.0, max(scale // 2, 1))
    front, back = np.array([40, 30, 60]), np.array([210, 200, 180])
    image = alpha[..., None] * front + (1 - alpha[..., None]) * back
    small = cv2.resize(alpha, (80, 60), interpolation=cv2.INTER_AREA)
    enlarged = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.rint(image).astype(np.uint8), alpha, enlarged


def test_strands_come_back() -> None:
    image, truth, enlarged = strands(8)
    refined = refine_border(image, enlarged, 80)
    assert np.abs(refined - truth).mean() < 0.55 * np.abs(enlarged - truth).mean()
    assert refined.dtype == np.float32
    assert refined.min() >= 0
    assert refined.max() <= 1


def test_what_is_sure_stays_as_it_was() -> None:
    image, _, enlarged = strands(8)
    refined = refine_border(image, enlarged, 80)
    assert np.array_equal(refined[:, :200], enlarged[:, :200])
    assert np.array_equal(refined[:, -100:], enlarged[:, -100:])
    sure = np.ones_like(enlarged)
    assert refine_border(image, sure, 80) is sure


def test_a_matte_that_was_not_enlarged_is_returned() -> None:
    image, _, enlarged = strands(1)
    assert refine_border(image, enlarged, 80) is enlarged


def test_narrow_pictures() -> None:
    image = np.zeros((1, 50, 3), np.uint8)
    alpha = np.full((1, 50), 0.5, np.float32)
    assert refine_border(image, alpha, 10).shape == (1, 50)
