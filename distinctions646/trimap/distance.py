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
    from scipy.ndimage import distance_transform_edt

    known = (alpha_u8 == 0) | (alpha_u8 == 255)
    trimap = np.where(known, alpha_u8, np.uint8(128))
    if not known.all():  # without a soft pixel there is nothing to be near to
        trimap[distance_transform_edt(known) <= numbers[0]] = 128
    return trimap


DISTANCE = Rule("distance-N/v1", "soft pixels and all within Euclidean distance N of one", _make)
