"""Trimming of a trimap, and the test for transparent objects, as information-flow has them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from baselines.neighbours.groups import nearest_points
from baselines.sampling.expansion import expand_known
from distinctions646.images.opencv import load_cv2

EDGE_ROUNDS = tuple((float(i), (9 - 8 * i / 9) * 255 / 256) for i in range(1, 10))
CLOSE, FAR = 0.25, 0.9  # Bhattacharyya distances that decide a patch
CANDIDATES = 5  # patches of each side that a patch is compared with
TRANSPARENT = 0.0099  # misfit of the histograms, per bin, beyond which the object is transparent
NEAR = 20  # pixels, side of the square that dilates the unknown region
BINS = 10  # of a histogram, per channel


def trim_by_edges(
    image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Return the trimap after Shahrian's nine rounds, with information-flow's colour limits."""
    # Only what is within the largest radius of an unknown pixel matters.
    reach = int(EDGE_ROUNDS[-1][0])
    x, y, width, height = load_cv2().boundingRect((trimap == 128).astype(np.uint8))
    rows = slice(max(y - reach, 0), y + height + reach)
    columns = slice(max(x - reach, 0), x + width + reach)
    around = np.ascontiguousarray(image[rows, columns])
    trimmed = trimap.copy()
    trimmed[rows, columns] = expand_known(around, trimap[rows, columns].copy(), EDGE_ROUNDS)
    return trimmed


def trim_by_patches(
    image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Return the trimap with patches decided that are like one known side and unlike the other.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    trimap
        uint8 H×W of 0, 128, 255 with both known sides; not changed.

    Returns
    -------
    ndarray
        uint8 H×W of 0, 128, 255.

    References
    ----------
    Aksoy, Aydin, Pollefeys, "Designing effective inter-pixel information flow for natural image
    matting", CVPR 2017, section 3.6.
    """
    from baselines.information_flow.trimming_kernels import least_patch_distance

    means = load_cv2().blur(image.astype(np.float32) / np.float32(255), (3, 3)).reshape(-1, 3)
    unknown = trimap == 128
    own = np.flatnonzero(unknown).astype(np.int32)
    found = [
        nearest_points(means, own, CANDIDATES, (trimap == value).ravel()) for value in (255, 0)
    ]
    to_foreground = least_patch_distance(image, own, found[0])
    # Between close and far of one side, a patch stays undecided whatever the other side is.
    other = np.flatnonzero((to_foreground < CLOSE) | (to_foreground > FAR))
    to_background = np.full(own.size, np.inf)
    to_background[other] = least_patch_distance(image, own[other], found[1][other])
    decided = np.full(own.size, 128, np.uint8)
    decided[(to_foreground < CLOSE) & (to_background > FAR)] = 255
    decided[(to_background < CLOSE) & (to_foreground > FAR)] = 0
    trimmed = trimap.copy()
    trimmed[unknown] = decided
    return trimmed


def is_highly_transparent(image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8]) -> bool:
    """Return whether the unknown colours are no mixture of the known colours around them.

    Histograms of ten bins a channel of the unknown region are fitted by those of the known
    foreground and background within ten pixels of it; a poor fit means a transparent object, whose
    unknown pixels look like neither side.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    trimap
        uint8 H×W of 0, 128, 255.

    Returns
    -------
    bool
        Also False where a known side is farther than ten pixels: there is nothing to fit.
    """
    cv2 = load_cv2()
    unknown = trimap == 128
    near = cv2.dilate(unknown.astype(np.uint8), np.ones((NEAR, NEAR), np.uint8)).astype(np.bool_)
    sides = [near & (trimap == value) for value in (255, 0)]
    if not all(side.any() for side in sides):
        return False
    foreground, background, mixed = (_histogram(image[mask]) for mask in (*sides, unknown))
    basis = np.stack([foreground, background], axis=1)
    shares = np.linalg.lstsq(basis, mixed, rcond=None)[0]
    return bool(np.linalg.norm(basis @ shares - mixed) / mixed.size > TRANSPARENT)


def _histogram(colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    counts = [np.histogram(channel, bins=BINS, range=(0, 255))[0] for channel in colours.T]
    return np.concatenate(counts) / len(colours)
