"""The rows that keep everyone honest: what a matte scores that looked at no colour."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from distinctions646.opencv import load_cv2
from distinctions646.trimap import NotApplicable, check_trimap, trimap_as_alpha

_CARD = {
    "paper": "none",
    "implementation": "ours",
    "licence": "MIT",
    "weights": "none",
    "trained_on": "nothing",
}


class Constant:
    """Alpha 0.5 everywhere: the score of knowing nothing."""

    name = "constant"
    needs_trimap = False
    memory_gb_per_megapixel = 0.1
    card = _CARD

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> npt.NDArray[np.float32]:
        """Return float32 H×W of 0.5."""
        return np.full(image.shape[:2], 0.5, np.float32)


class Trimap:
    """The trimap as it is: 0, 0.5 in the unknown region, 1."""

    name = "trimap"
    needs_trimap = True
    memory_gb_per_megapixel = 0.1
    card = _CARD

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> npt.NDArray[np.float32]:
        """Return float32 H×W; a missing or odd trimap is a `ValueError`."""
        return trimap_as_alpha(_checked(self.name, image, trimap))


class Distance:
    """In the unknown region, the distance to the background over that to both sides.

    Wherever trimaps are dilated from the truth this is a strong free baseline.
    """

    name = "distance"
    needs_trimap = True
    memory_gb_per_megapixel = 0.1
    card = _CARD

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> npt.NDArray[np.float32]:
        """Return float32 H×W; `NotApplicable` where the trimap lacks a known side."""
        known = _checked(self.name, image, trimap)
        if not (known == 128).any():
            return trimap_as_alpha(known)
        for value, what in ((255, "foreground"), (0, "background")):
            if not (known == value).any():
                raise NotApplicable(f"{self.name} needs known {what}; the trimap has none")
        to_foreground, to_background = (_distance_to(known == value) for value in (255, 0))
        alpha: npt.NDArray[np.float32] = to_background / (to_background + to_foreground)
        return alpha


def _distance_to(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    cv2 = load_cv2()
    outside = np.where(mask, 0, 1).astype(np.uint8)
    distance: npt.NDArray[np.float32] = cv2.distanceTransform(
        outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    return distance


def _checked(
    name: str, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None
) -> npt.NDArray[np.uint8]:
    if trimap is None:
        raise ValueError(f"{name} needs a trimap; got None")
    check_trimap(trimap, image.shape[:2])
    return trimap
