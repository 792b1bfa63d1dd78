"""Rules for coarse mattes and masks, by two thresholds: how others turn a network's matte into one.

``rembg-F-B-E/v1`` is what rembg makes before it refines an edge (``alpha_matting_cutout`` of its
``bg.py``, whose defaults are 240, 10 and 10): foreground above F and background below B, each
eroded by an E×E square. Outside the image nothing is foreground and everything background, so
a subject that touches the border has an unknown rim there.

``photomatte-N/v1`` is what Lin et al., "Real-Time High-Resolution Background Matting" (CVPR
2021), say in their supplement of the trimaps for PhotoMatte85, whose code is not kept
(BackgroundMattingV2, issue 143): alpha from 0.06 to 0.96 is unknown, dilated N = 10 times and then
eroded as often by a 3×3 circle. As in OpenCV, the border of the image does not limit what is
grown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from distinctions646.images.opencv import load_cv2
from distinctions646.trimap.rule import Draws, Rule

_PHOTOMATTE_LOW, _PHOTOMATTE_HIGH = 0.06 * 255, 0.96 * 255


def _rembg(alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws) -> NDArray[np.uint8]:
    from scipy.ndimage import binary_erosion

    above, below, size = numbers
    square = np.ones((size, size), bool)
    trimap = np.full(alpha_u8.shape, 128, np.uint8)
    trimap[binary_erosion(alpha_u8 > above, square)] = 255
    trimap[binary_erosion(alpha_u8 < below, square, border_value=1)] = 0
    return trimap


def _photomatte(
    alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws
) -> NDArray[np.uint8]:
    cv2 = load_cv2()
    circle = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    soft = (alpha_u8 >= _PHOTOMATTE_LOW) & (alpha_u8 <= _PHOTOMATTE_HIGH)
    grown = cv2.dilate(soft.view(np.uint8), circle, iterations=numbers[0])
    unknown: NDArray[np.uint8] = cv2.erode(grown, circle, iterations=numbers[0])
    known = np.where(alpha_u8 > _PHOTOMATTE_HIGH, np.uint8(255), np.uint8(0))
    return np.where(unknown.view(np.bool_) | soft, np.uint8(128), known)


REMBG = Rule(
    "rembg-F-B-E/v1",
    "above F and below B, each eroded by an E×E square; rembg's own is rembg-240-10-10/v1",
    _rembg,
    accepts=lambda numbers: numbers[1] <= numbers[0] + 1,
    largest=255,
)
PHOTOMATTE = Rule(
    "photomatte-N/v1", "alpha from 0.06 to 0.96, dilated, then eroded N times", _photomatte
)
