"""A rule by distance: unknown is what is soft and what is near to a soft pixel.

GenerateTrimapWithDistTransform of mmagic and generate_trimap of IndexNet (Lu et al., ICCV 2019)
agree on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from distinctions646.trimap.rule import Draws, Rule


def _make(alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws) -> NDArray[np.uint8]:
    return near_soft(alpha_u8, numbers[0])


def _drawn(alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws) -> NDArray[np.uint8]:
    return near_soft(alpha_u8, draws.integer(numbers[0], numbers[1]))


def near_soft(alpha_u8: NDArray[np.uint8], distance: int) -> NDArray[np.uint8]:
    """Make a trimap that is unknown within a distance in pixels of a soft pixel.

    Parameters
    ----------
    alpha_u8
        H×W, uint8, the ground truth.
    distance
        Euclidean, in pixels of this image.

    Returns
    -------
    ndarray
        H×W, uint8, of 0, 128 and 255.
    """
    from scipy.ndimage import distance_transform_edt

    known = (alpha_u8 == 0) | (alpha_u8 == 255)
    trimap = np.where(known, alpha_u8, np.uint8(128))
    if not known.all():  # without a soft pixel there is nothing to be near to
        trimap[distance_transform_edt(known) <= distance] = 128
    return trimap


DISTANCE = Rule("distance-N/v1", "soft pixels and all within Euclidean distance N of one", _make)
DRAWN_DISTANCE = Rule(
    "distance-A-B/v1",
    "as distance, by a distance drawn from A to B for each image",
    _drawn,
    accepts=lambda numbers: numbers[0] <= numbers[1],
)
