"""Spectral soft segmentation as a method: segments, merged by a rule, at full size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from baselines.policy import Alpha, Image, Notes, check_image, one_thread
from baselines.sss.deep_features import BackboneFeatures, shipped_checkpoint
from baselines.sss.soft_segments import group_segments, relax_segments, sparse_segments
from baselines.sss.spectral_graph import smooth_functions
from distinctions646.images.opencv import load_cv2
from distinctions646.trimap.values import NotApplicable

Features: TypeAlias = Callable[[Image], npt.NDArray[np.float64]]

LONGEST = 256  # pixels of the longer side at which segments are computed
SMALLEST = 16  # pixels of a side: fewer have no room for the eigenvectors
EIGENVECTORS = 50
SEGMENTS = 20  # to begin with
GROUPS = 5  # in the end, at most
POSITION_WEIGHT = 0.3  # beside features and colours on 0-1: separates objects that look alike
BORDER = 1.0  # boundary connectivity from which a segment counts as background
RULE = (
    "foreground = segments of boundary connectivity below 1 (border length over root of area), "
    "or the least connected one"
)


class Sss:
    """Spectral soft segmentation, merged into one matte by a rule that looks at no trimap.

    Segments are computed at 256 pixels of the longer side and brought to full size by a guided
    filter. Not comparable with methods that are given a trimap.

    Parameters
    ----------
    features
        A function from the image, uint8 H×W×3, to float64 H×W×3 in [0, 1], equal where the picture
        means the same; None stands for the shipped network's backbone.

    References
    ----------
    Aksoy, Oh, Paris, Pollefeys, Matusik, "Semantic soft segmentation", SIGGRAPH 2018. Differs in
    its features (theirs are of a network trained for it), its working size, 50 eigenvectors and 20
    first segments (100 and 40 there), and its final step, where the sum to one is kept by sharing
    out what is missing. The rule that merges segments is Zhu et al.'s boundary connectivity,
    "Saliency optimization from robust background detection", CVPR 2014.
    """

    name = "sss"
    needs_trimap = False
    memory_gb_per_megapixel = 0.7
    memory_needs = (290, 0)  # bytes of a pixel, and more of an unknown one

    def __init__(self, features: Features | None = None) -> None:
        weights, trained_on = "not stated", "not stated"
        if features is None:
            folder, digest = shipped_checkpoint()
            weights, trained_on = f"{folder.name} sha256:{digest}", "generated foregrounds only"
        self.features = features or BackboneFeatures()
        self.card = {
            "paper": "Aksoy et al. 2018, doi:10.1145/3197517.3201275",
            "year": "2018",
            "fidelity": "inferred",
            "implementation": f"ours, trimap-free, not comparable; {RULE}",
            "parameters": "0, and those of the features' network",
            "gmac_512": "of the features' network alone",
            "licence": "MIT",
            "weights": weights,
            "trained_on": trained_on,
        }

    def __call__(
        self, image: Image, trimap: npt.NDArray[np.uint8] | None = None
    ) -> tuple[npt.NDArray[np.float32], Notes]:
        """Return alpha float32 H×W in [0, 1], and notes; the trimap is ignored.

        Raises
        ------
        NotApplicable
            If a side has fewer than 16 pixels.
        ValueError
            If the image is not uint8 H×W×3.
        """
        check_image(image)
        height, width = image.shape[:2]
        if min(height, width) < SMALLEST:
            raise NotApplicable(
                f"{self.name} needs an image of at least {SMALLEST}×{SMALLEST} pixels; "
                f"got {height}×{width}"
            )
        with one_thread():
            small = shrink(np.ascontiguousarray(image), LONGEST)
            segments, notes = soft_segments(small, self.features(small))
            alpha, chosen = merge_foreground(segments)
            alpha = enlarge(alpha, image)
        notes = {
            **notes,
            "rule": RULE,
            "foreground_segments": chosen,
            "working_size": f"{small.shape[0]}×{small.shape[1]}",
            "comparable": "no: trimap-free",
        }
        return np.clip(alpha, 0, 1).astype(np.float32), notes


def soft_segments(
    image: Image, planes: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], dict[str, Any]]:
    """Return at most five soft segments of a small picture, H×W×K, each pixel summing to 1.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    planes
        float64 H×W×3 in [0, 1]: the features.

    Returns
    -------
    tuple
        The segments, and notes: solver, iterations, converged, segments.
    """
    height, width = image.shape[:2]
    vectors, laplacian, found = smooth_functions(image, planes, EIGENVECTORS)
    rows, columns = POSITION_WEIGHT * np.mgrid[:height, :width] / max(height, width)
    everything = [planes, image / 255.0, rows[..., None], columns[..., None]]
    features = np.concatenate(everything, axis=2).reshape(height * width, -1)
    segments = sparse_segments(vectors, features, SEGMENTS)
    groups = group_segments(segments, features, GROUPS)
    relaxed, notes = relax_segments(groups, laplacian)
    notes = {
        "solver": "Lanczos, direct (SuperLU); conjugate gradients, Jacobi",
        "iterations": notes["iterations"],
        "converged": found and notes["converged"],
        "segments": relaxed.shape[1],
    }
    return relaxed.reshape(height, width, -1), notes


def merge_foreground(segments: npt.NDArray[np.float64]) -> tuple[Alpha, int]:
    """Return the sum of the segments that hardly touch the picture's border.

    Parameters
    ----------
    segments
        float64 H×W×K.

    Returns
    -------
    tuple
        alpha H×W, and the number of its segments: at least one, and never all of several.

    Examples
    --------
    >>> square = np.zeros((8, 8, 2))
    >>> square[2:6, 2:6, 0] = 1
    >>> square[..., 1] = 1 - square[..., 0]
    >>> alpha, chosen = merge_foreground(square)
    >>> float(alpha.sum()), chosen
    (16.0, 1)
    """
    # Boundary connectivity of a soft segment: its length on the border over the root of its area.
    border = np.ones(segments.shape[:2], np.bool_)
    border[1:-1, 1:-1] = False
    area = segments.sum(axis=(0, 1))
    connected = segments[border].sum(axis=0) / np.sqrt(np.maximum(area, 1e-9))
    foreground = connected < BORDER
    foreground[np.argmin(connected)] = True
    if foreground.size > 1:
        foreground[np.argmax(connected)] = False
    return segments[..., foreground].sum(axis=2), int(foreground.sum())


def shrink(image: Image, longest: int) -> Image:
    """Return the picture with a longer side of at most so many pixels, averaged by area."""
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return image
    cv2 = load_cv2()
    size = (max(SMALLEST, round(width * scale)), max(SMALLEST, round(height * scale)))
    small: Image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return small


def enlarge(alpha: Alpha, image: Image) -> Alpha:
    """Return a small matte at the picture's size, filtered along its edges."""
    from baselines.laplacian.refinement import guided_filter

    height, width = image.shape[:2]
    if alpha.shape == (height, width):
        return alpha
    cv2 = load_cv2()
    plane = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_LINEAR)
    radius = max(1, round(2 * max(height, width) / LONGEST))
    return guided_filter(image, plane, radius, 1e-4)
