"""Distances to a mask, equal on every call whatever the alignment of arrays in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from distinctions646.images.opencv import load_cv2


def distance_to_zero(mask: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Return the Euclidean distance of each pixel to the nearest zero, exact and repeatable.

    OpenCV's own loops are used: those of Intel's IPP, its default where available, differ in the
    last bit with the alignment of the array in memory.

    Parameters
    ----------
    mask
        bool or uint8, H×W.

    Returns
    -------
    ndarray
        float32 H×W, in pixels; 0 where `mask` is 0, very large where there is no zero at all.

    Examples
    --------
    >>> distance_to_zero(np.array([[0, 1, 1]], np.uint8)).tolist()
    [[0.0, 1.0, 2.0]]
    """
    cv2 = load_cv2()
    uses_ipp = cv2.ipp.useIPP()
    cv2.ipp.setUseIPP(False)
    try:
        distance: npt.NDArray[np.float32] = cv2.distanceTransform(
            mask.astype(np.uint8, copy=False), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
        )
    finally:
        cv2.ipp.setUseIPP(uses_ipp)
    return distance
