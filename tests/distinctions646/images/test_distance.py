"""Distances to a mask: exact, and the same whatever the alignment of the array."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import ndimage

from distinctions646.images.distance import distance_to_zero


def test_it_is_exact_at_every_alignment():
    """Golden: scipy's exact Euclidean distance transform, rounded to single precision."""
    generator = np.random.default_rng(646)
    height, width = 60, 83
    mask = generator.random((height, width)) > 0.01
    expected = ndimage.distance_transform_edt(mask).astype(np.float32)
    for offset in range(0, 64, 7):
        buffer = np.zeros(height * width + 64, np.uint8)
        placed = buffer[offset : offset + height * width].reshape(height, width)
        placed[:] = mask
        assert np.array_equal(distance_to_zero(placed), expected)


def test_it_leaves_opencv_as_it_was():
    before = cv2.ipp.useIPP()
    distance_to_zero(np.ones((3, 3), np.uint8))
    assert cv2.ipp.useIPP() == before


def test_a_mask_without_zero_is_far_from_one():
    assert distance_to_zero(np.ones((2, 2), bool)).min() > 1e3
