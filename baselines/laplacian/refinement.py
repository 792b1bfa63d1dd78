"""Last steps of sampled mattes: the matting Laplacian, or a guided filter."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.laplacian.assembly import matting_system, spread, with_data_term
from baselines.laplacian.solving import solve_system
from distinctions646.images.opencv import load_cv2

DATA_WEIGHT = 0.1  # Gastal and Oliveira, eq. 18: a sampled alpha of confidence 1, against L


def refine_by_laplacian(
    image: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8],
    alpha: npt.NDArray[np.floating[Any]],
    confidence: npt.NDArray[np.floating[Any]],
) -> tuple[npt.NDArray[np.float64], dict[str, Any]]:
    """Return the α that minimises α'Lα + 0.1 Σ confidence·(α - α̂)², fixed where known.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    trimap
        uint8 H×W of 0, 128, 255, as given (what a method decided itself stays unknown here).
    alpha, confidence
        H×W in [0, 1]; only unknown pixels count.

    Returns
    -------
    tuple
        alpha float64 H×W, 0 where known, and the solver's notes.

    References
    ----------
    Gastal, Oliveira, "Shared sampling for real-time alpha matting", CGF 2010, eq. 18; He et al.
    CVPR 2011, section 5, use it too. Differs in its constraints, which are hard.
    """
    system = matting_system(image, trimap)
    unknown = trimap == 128
    system = with_data_term(
        system, alpha[unknown].astype(np.float64), DATA_WEIGHT * confidence[unknown]
    )
    solution, notes = solve_system(system, image)
    return spread(solution, system.index), notes


def guided_filter(
    image: npt.NDArray[np.uint8],
    plane: npt.NDArray[Any],
    radius: int = 10,
    epsilon: float = 1e-5,
) -> npt.NDArray[np.float64]:
    """Return a plane filtered so that it is locally linear in the image's colours.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB, the guide; scaled to [0, 1] here.
    plane
        H×W, the values to filter.
    radius
        Of the square windows, in pixels: their side is 2·radius + 1.
    epsilon
        Added to the diagonal of a window's colour covariance.

    Returns
    -------
    ndarray
        float64 H×W.

    References
    ----------
    He, Sun, Tang, "Guided image filtering", ECCV 2010, eq. 14-16.
    """
    # In each window with guide mean m and covariance C, and p the plane:
    #     a = (C + ε)⁻¹ (mean(I p) - m mean(p)),   b = mean(p) - a'm
    # and a pixel's value is mean(a)'I + mean(b) over the windows that hold it.
    guide = image / 255.0
    plane = plane.astype(np.float64)
    mean_guide, mean_plane = _box(guide, radius), _box(plane, radius)
    covariance = np.empty((*plane.shape, 3, 3))
    for j in range(3):
        for k in range(j, 3):
            product = _box(guide[..., j] * guide[..., k], radius)
            product -= mean_guide[..., j] * mean_guide[..., k]
            covariance[..., j, k] = covariance[..., k, j] = product
    covariance += epsilon * np.eye(3)
    joint = _box(guide * plane[..., None], radius) - mean_guide * mean_plane[..., None]
    slope = np.linalg.solve(covariance, joint[..., None])[..., 0]
    offset = mean_plane - (slope * mean_guide).sum(axis=-1)
    filtered: npt.NDArray[np.float64] = (_box(slope, radius) * guide).sum(axis=-1)
    return filtered + _box(offset, radius)


def _box(picture: npt.NDArray[Any], radius: int) -> npt.NDArray[np.float64]:
    """Return means over square windows cut off at the border."""
    cv2 = load_cv2()
    side = (2 * radius + 1, 2 * radius + 1)
    sums: npt.NDArray[np.float64] = cv2.boxFilter(
        picture, -1, side, normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    ones = np.ones(picture.shape[:2])
    counts = cv2.boxFilter(ones, -1, side, normalize=False, borderType=cv2.BORDER_CONSTANT)
    means: npt.NDArray[np.float64] = sums / (counts if picture.ndim == 2 else counts[..., None])
    return means
