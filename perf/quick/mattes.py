"""A made-up matte with its truth and trimap, for the cases of the quick suite."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

ImageU8 = npt.NDArray[np.uint8]


def pair_of_mattes() -> tuple[ImageU8, ImageU8, ImageU8]:
    """Return a matte of 1080 × 1920 pixels, the truth beside it, and a trimap."""
    distance = radius(1080, 1920)
    alpha_gt = np.clip((0.6 - distance) * 8, 0, 1)
    noise = np.random.default_rng(0).normal(0, 0.02, distance.shape)
    edge = (alpha_gt > 0) & (alpha_gt < 1)
    alpha = np.clip(alpha_gt + noise * edge, 0, 1)
    trimap = np.where(distance < 0.4, 255, np.where(distance > 0.7, 0, 128)).astype(np.uint8)
    alpha_u8, truth_u8 = ((255 * each + 0.5).astype(np.uint8) for each in (alpha, alpha_gt))
    return alpha_u8, truth_u8, trimap


def radius(height: int, width: int) -> npt.NDArray[np.float64]:
    """Return each pixel's distance from the middle; 1 at the middle of a side."""
    rows, columns = np.mgrid[:height, :width]
    return np.asarray(np.hypot(2 * rows / height - 1, 2 * columns / width - 1), np.float64)
