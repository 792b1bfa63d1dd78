"""Look at a trimap as information-flow does: trim it, and test for transparent objects."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from baselines.expansion import expand_known
from baselines.neighbours import nearest, neighbour_tree
from distinctions646.opencv import load_cv2

EDGE_ROUNDS = tuple((float(i), (9 - 8 * i / 9) * 255 / 256) for i in range(1, 10))
CLOSE, FAR = 0.25, 0.9  # Bhattacharyya distances that decide a patch
CANDIDATES = 5
TRANSPARENT = 0.0099


def trim_by_edges(
    image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Expand known regions by Shahrian's nine rounds with information-flow's colour limits."""
    return expand_known(image, trimap, EDGE_ROUNDS)


def trim_by_patches(
    image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Decide unknown pixels whose 3×3 patch is like one of a known side and unlike the other's.

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
    means, covariances = _patch_moments(image)
    unknown = trimap == 128
    distances = []
    for value in (255, 0):
        side = np.flatnonzero((trimap == value).ravel())
        found = side[nearest(neighbour_tree(means[side]), means[unknown.ravel()], CANDIDATES)]
        own = np.flatnonzero(unknown.ravel())[:, None]
        distances.append(
            bhattacharyya(means[own], covariances[own], means[found], covariances[found]).min(
                axis=1
            )
        )
    to_foreground, to_background = distances
    decided = np.full(int(unknown.sum()), 128, np.uint8)
    decided[(to_foreground < CLOSE) & (to_background > FAR)] = 255
    decided[(to_background < CLOSE) & (to_foreground > FAR)] = 0
    trimmed = trimap.copy()
    trimmed[unknown] = decided
    return trimmed


def bhattacharyya(
    mean: npt.NDArray[np.float64],
    covariance: npt.NDArray[np.float64],
    other_mean: npt.NDArray[np.float64],
    other_covariance: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return the Bhattacharyya distances of normal distributions, broadcast over leading axes.

    Examples
    --------
    >>> one = np.eye(2)
    >>> float(bhattacharyya(np.zeros(2), one, np.array([4.0, 0.0]), one))
    2.0
    """
    between = (covariance + other_covariance) / 2
    step = mean - other_mean
    spread = np.linalg.solve(between, step[..., None])[..., 0]
    determinants = np.linalg.det(covariance) * np.linalg.det(other_covariance)
    overlap = np.log(np.linalg.det(between) / np.sqrt(determinants))
    distance: npt.NDArray[np.float64] = (step * spread).sum(axis=-1) / 8 + overlap / 2
    return distance


def is_highly_transparent(image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8]) -> bool:
    """Say whether the unknown colours are no mixture of the known colours around them.

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
        False too where a known side is farther than ten pixels: there is nothing to fit.
    """
    cv2 = load_cv2()
    unknown = trimap == 128
    near = cv2.dilate(unknown.astype(np.uint8), np.ones((20, 20), np.uint8)).astype(np.bool_)
    sides = [near & (trimap == value) for value in (255, 0)]
    if not all(side.any() for side in sides):
        return False
    foreground, background, mixed = (_histogram(image[mask]) for mask in (*sides, unknown))
    basis = np.stack([foreground, background], axis=1)
    shares = np.linalg.lstsq(basis, mixed, rcond=None)[0]
    return bool(np.linalg.norm(basis @ shares - mixed) / mixed.size > TRANSPARENT)


def _histogram(colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    counts = [np.histogram(channel, bins=10, range=(0, 255))[0] for channel in colours.T]
    return np.concatenate(counts) / len(colours)


def _patch_moments(
    image: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return means (HW×3) and covariances + 1e-8 (HW×3×3) of colours on 0-1 in 3×3 patches."""
    cv2 = load_cv2()
    colour = image / 255.0
    pixels = image.shape[0] * image.shape[1]
    means = cv2.blur(colour, (3, 3))
    covariances = np.empty((pixels, 3, 3))
    for j in range(3):
        for k in range(j, 3):
            product = cv2.blur(colour[..., j] * colour[..., k], (3, 3))
            product -= means[..., j] * means[..., k]
            covariances[:, j, k] = covariances[:, k, j] = product.ravel()
    return means.reshape(pixels, 3), covariances + 1e-8 * np.eye(3)
