"""Features by which a foreground is recognised: thumbnail, perceptual hashes, SIFT keypoints.

All are taken from the object alone, cut out by its alpha's bounding box and laid over grey, so
that empty margins do not count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from distinctions646.images.opencv import load_cv2

LIKENESS_SIDE = 400  # pixels of the longer side
HASH_SIDE = 32  # pixels of the square that is transformed
_HASH_FREQUENCIES = 8  # lowest ones on each axis
_KEYPOINTS = 500
_THUMBNAIL_SIDE = 96
_GREY = 128
_VISIBLE = 5  # alpha above which a pixel belongs to the object


@dataclass(frozen=True)
class Features:
    """The features of one foreground.

    Attributes
    ----------
    grey, alpha_u8
        The object over grey, and its alpha: h×w, uint8, the longer side `LIKENESS_SIDE`.
    grey_hash, alpha_hash
        Perceptual hashes: 63 signs of the lowest frequencies of each, the constant left out.
    mirrored_grey_hash, mirrored_alpha_hash
        Those of the mirror image.
    points, descriptors
        SIFT keypoints, n×2 (x, y), strongest first, and RootSIFT descriptors, n×128 float32.
    mirrored_points, mirrored_descriptors
        Those of the mirror image.
    thumbnail
        h×w×3, uint8, over grey.
    """

    grey: NDArray[np.uint8]
    alpha_u8: NDArray[np.uint8]
    grey_hash: NDArray[np.bool_]
    alpha_hash: NDArray[np.bool_]
    mirrored_grey_hash: NDArray[np.bool_]
    mirrored_alpha_hash: NDArray[np.bool_]
    points: NDArray[np.float32]
    descriptors: NDArray[np.float32]
    mirrored_points: NDArray[np.float32]
    mirrored_descriptors: NDArray[np.float32]
    thumbnail: NDArray[np.uint8]


def extract_features(foreground: NDArray[np.uint8], alpha_u8: NDArray[np.uint8]) -> Features:
    """Extract the features of a foreground.

    Parameters
    ----------
    foreground
        H×W×3, uint8.
    alpha_u8
        H×W, uint8; where it is empty the whole picture is taken as the object.

    Returns
    -------
    Features
        Features of the object inside its bounding box.

    References
    ----------
    Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", IJCV 2004; Arandjelović and
    Zisserman, "Three things everyone should know to improve object retrieval", CVPR 2012
    (RootSIFT). The hash is the well-known one by the signs of a discrete cosine transform.
    """
    top, left, bottom, right = _bounding_box(alpha_u8)
    colour, alpha_u8 = foreground[top:bottom, left:right], alpha_u8[top:bottom, left:right]
    cv2 = load_cv2()
    scale = LIKENESS_SIDE / max(alpha_u8.shape)
    size = [max(round(side * scale), 1) for side in alpha_u8.shape[::-1]]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    weight = alpha_u8[..., None].astype(np.float32) / 255
    over_grey = _GREY + weight * (colour.astype(np.float32) - _GREY)
    small = np.rint(cv2.resize(over_grey, size, interpolation=method)).astype(np.uint8)
    alpha_small = cv2.resize(alpha_u8, size, interpolation=method)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    points, descriptors = _keypoints(grey)
    mirrored_points, mirrored_descriptors = _keypoints(np.ascontiguousarray(grey[:, ::-1]))
    shrink = _THUMBNAIL_SIDE / LIKENESS_SIDE
    thumbnail = cv2.resize(small, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return Features(
        grey=grey,
        alpha_u8=alpha_small,
        grey_hash=perceptual_hash(grey),
        alpha_hash=perceptual_hash(alpha_small),
        mirrored_grey_hash=perceptual_hash(grey[:, ::-1]),
        mirrored_alpha_hash=perceptual_hash(alpha_small[:, ::-1]),
        points=points,
        descriptors=descriptors,
        mirrored_points=mirrored_points,
        mirrored_descriptors=mirrored_descriptors,
        thumbnail=thumbnail,
    )


def perceptual_hash(plane: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Hash a picture so that similar pictures have similar hashes.

    Parameters
    ----------
    plane
        h×w, uint8.

    Returns
    -------
    ndarray
        63 booleans: the signs of its lowest frequencies about their median.
    """
    cv2 = load_cv2()
    square = (HASH_SIDE, HASH_SIDE)
    small = cv2.resize(plane, square, interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:_HASH_FREQUENCIES, :_HASH_FREQUENCIES].reshape(-1)[1:]
    signs: NDArray[np.bool_] = low > np.median(low)
    return signs


def _keypoints(grey: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    cv2 = load_cv2()
    keypoints, descriptors = cv2.SIFT_create(nfeatures=_KEYPOINTS).detectAndCompute(grey, None)
    if descriptors is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
    order = sorted(range(len(keypoints)), key=lambda i: (-keypoints[i].response, *keypoints[i].pt))
    points = np.array([keypoints[i].pt for i in order], np.float32)
    descriptors = descriptors[order]
    descriptors /= np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-12)
    return points, np.sqrt(descriptors)


def _bounding_box(alpha_u8: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    rows = np.flatnonzero((alpha_u8 > _VISIBLE).any(axis=1))
    columns = np.flatnonzero((alpha_u8 > _VISIBLE).any(axis=0))
    if rows.size == 0:
        return 0, 0, *alpha_u8.shape
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
