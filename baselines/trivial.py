"""Mattes that look at no colour: what no method should score below."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from baselines.policy import check_both_sides, check_image, check_input, make_card
from distinctions646.images.distance import distance_to_zero
from distinctions646.trimap.values import trimap_as_alpha


class Constant:
    """Alpha 0.5 everywhere."""

    name = "constant"
    needs_trimap = False
    memory_gb_per_megapixel = 0.1
    card = make_card("none", fidelity="ours")

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> npt.NDArray[np.float32]:
        """Return float32 H×W of 0.5."""
        check_image(image)
        return np.full(image.shape[:2], 0.5, np.float32)


class Trimap:
    """The trimap as it is: 0, 0.5 in the unknown region, 1."""

    name = "trimap"
    needs_trimap = True
    memory_gb_per_megapixel = 0.1
    card = make_card("none", fidelity="ours")

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> npt.NDArray[np.float32]:
        """Return float32 H×W; a missing or odd trimap is a `ValueError`."""
        return trimap_as_alpha(check_input(self.name, image, trimap))


class Distance:
    """In the unknown region, the distance to the background over the sum of both distances.

    A strong baseline wherever trimaps are dilated from the truth.
    """

    name = "distance"
    needs_trimap = True
    memory_gb_per_megapixel = 0.1
    card = make_card("none", fidelity="ours")

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> npt.NDArray[np.float32]:
        """Return float32 H×W; `NotApplicable` where the trimap lacks a known side."""
        known = check_input(self.name, image, trimap)
        if not (known == 128).any():
            return trimap_as_alpha(known)
        check_both_sides(self.name, known)
        to_foreground, to_background = (distance_to_zero(known != value) for value in (255, 0))
        alpha: npt.NDArray[np.float32] = to_background / (to_background + to_foreground)
        return alpha
