"""Near-duplicate foregrounds: candidates by hash and local features, then a geometric check.

A pair counts when one can be laid over the other: by a similarity or affine map that many local
features agree on (crops, consecutive frames), or by its bounding box where features are few (glass,
smoke); and when mattes and brightness then agree where both are visible.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from distinctions646.audit.features import Features
from distinctions646.images.opencv import load_cv2

_VOTERS = 120  # strongest features of each side that look for candidates
_ALIKE = 0.90  # cosine of two descriptors
_MOST_CANDIDATES = 12
_FEWEST_VOTES = 5
_ALPHA_BITS, _GREY_BITS = 12, 20  # of 63 may differ
_RATIO = 0.85  # of the nearest to the second nearest descriptor
_TOLERANCE = 8.0  # pixels of 400, so that frames in which something moved still agree
_FEWEST_INLIERS = 12
_LARGEST_SCALE = 6.0
_MATTES, _BRIGHTNESS = 0.65, 0.5  # least agreement of a pair laid by features
_BOX_MATTES, _BOX_BRIGHTNESS = 0.9, 0.85  # and by boxes, which is weaker evidence
_BOX_SIDE = 128  # pixels
_SEEN = 64  # alpha from which an object's brightness counts


@dataclass(frozen=True)
class Pair:
    """Two foregrounds that show the same.

    Attributes
    ----------
    first, second
        Their numbers, `first` the smaller.
    mirrored
        Whether one is the mirror image of the other.
    by
        ``"features"`` or ``"box"``: how one was laid over the other.
    inliers
        Features that agree; 0 for ``"box"``.
    mattes
        Agreement of the mattes where both are visible: sum of minima over sum of maxima.
    brightness
        Correlation of the brightness there, without its sign.
    """

    first: int
    second: int
    mirrored: bool
    by: str
    inliers: int
    mattes: float
    brightness: float


def find_pairs(features: Sequence[Features]) -> list[Pair]:
    """Find all near-duplicates among foregrounds.

    Parameters
    ----------
    features
        One per foreground.

    Returns
    -------
    list of Pair
        Sorted by their numbers; of a pair found both ways the one with more inliers.
    """
    pairs: dict[tuple[int, int], Pair] = {}
    for first, second, mirrored in _candidates(features):
        pair = check_pair(features, first, second, mirrored)
        if pair is None:
            continue
        known = pairs.get((pair.first, pair.second))
        if known is None or pair.inliers > known.inliers:
            pairs[pair.first, pair.second] = pair
    return [pairs[key] for key in sorted(pairs)]


def clusters_of(count: int, pairs: Sequence[Pair]) -> list[int]:
    """Return the connected components of pairs.

    Parameters
    ----------
    count
        Number of foregrounds.
    pairs
        Pairs of their numbers.

    Returns
    -------
    list of int
        For each foreground the number of its cluster: the smallest number in it.
    """
    parents = list(range(count))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    for pair in pairs:
        low, high = sorted((root(pair.first), root(pair.second)))
        parents[high] = low
    return [root(number) for number in range(count)]


def check_pair(
    features: Sequence[Features], first: int, second: int, mirrored: bool
) -> Pair | None:
    """Lay one foreground over another and check whether they agree.

    Parameters
    ----------
    features
        One per foreground.
    first, second
        Numbers of the two.
    mirrored
        Whether the first is mirrored.

    Returns
    -------
    Pair or None
        None where they do not agree.
    """
    one, other = features[first], features[second]
    low, high = sorted((first, second))
    laid = _lay_by_features(one, other, mirrored)
    if laid is not None:
        inliers, mattes, brightness = laid
        if mattes >= _MATTES and brightness >= _BRIGHTNESS:
            return Pair(low, high, mirrored, "features", inliers, mattes, brightness)
    mattes, brightness = _lay_box_on_box(one, other, mirrored)
    if mattes >= _BOX_MATTES and brightness >= _BOX_BRIGHTNESS:
        return Pair(low, high, mirrored, "box", 0, mattes, brightness)
    return None


def _candidates(features: Sequence[Features]) -> Iterator[tuple[int, int, bool]]:
    """Yield pairs worth checking, with the first mirrored or not."""
    for mirrored in (False, True):
        yielded = set()
        pairs = [*_alike_by_hash(features, mirrored), *_alike_by_features(features, mirrored)]
        for first, second in pairs:
            key = (min(first, second), max(first, second))
            if key not in yielded:
                yielded.add(key)
                yield first, second, mirrored


def _alike_by_hash(features: Sequence[Features], mirrored: bool) -> Iterator[tuple[int, int]]:
    own = np.array([np.concatenate([one.alpha_hash, one.grey_hash]) for one in features])
    turned = own
    if mirrored:
        turned = np.array(
            [np.concatenate([one.mirrored_alpha_hash, one.mirrored_grey_hash]) for one in features]
        )
    half = own.shape[1] // 2
    for first in range(len(features)):
        differs = own[first + 1 :] != turned[first]
        alpha_bits = differs[:, :half].sum(axis=1)
        grey_bits = differs[:, half:].sum(axis=1)
        for near in np.flatnonzero((alpha_bits <= _ALPHA_BITS) & (grey_bits <= _GREY_BITS)):
            yield first, first + 1 + int(near)


def _alike_by_features(features: Sequence[Features], mirrored: bool) -> Iterator[tuple[int, int]]:
    """Yield pairs whose strongest features are alike, the most alike first."""
    owned = [(i, one.descriptors[:_VOTERS]) for i, one in enumerate(features)]
    owned = [(i, descriptors) for i, descriptors in owned if len(descriptors)]
    if len(owned) < 2:
        return
    all_descriptors = np.concatenate([descriptors for _, descriptors in owned])
    starts = np.cumsum([0] + [len(descriptors) for _, descriptors in owned[:-1]])
    numbers = np.array([i for i, _ in owned])
    for first, one in enumerate(features):
        voters = (one.mirrored_descriptors if mirrored else one.descriptors)[:_VOTERS]
        if not len(voters):
            continue
        best = np.maximum.reduceat(voters @ all_descriptors.T, starts, axis=1)
        votes = (best >= _ALIKE).sum(axis=0)
        votes[numbers == first] = 0
        order = np.argsort(-votes, kind="stable")[:_MOST_CANDIDATES]
        for index in order:
            if votes[index] >= _FEWEST_VOTES:
                yield first, int(numbers[index])


def _lay_by_features(
    one: Features, other: Features, mirrored: bool
) -> tuple[int, float, float] | None:
    cv2 = load_cv2()
    points = one.mirrored_points if mirrored else one.points
    descriptors = one.mirrored_descriptors if mirrored else one.descriptors
    matches = _mutual_matches(descriptors, other.descriptors)
    if len(matches) < _FEWEST_INLIERS:
        return None
    source, target = points[matches[:, 0]], other.points[matches[:, 1]]
    cv2.setRNGSeed(646)
    matrix, inside = cv2.estimateAffine2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=_TOLERANCE, maxIters=2000
    )
    if matrix is None:
        return None
    inliers = int(inside.sum())
    if inliers < _FEWEST_INLIERS or not _is_plausible(matrix):
        return None
    grey, alpha_u8 = _seen(one, mirrored)
    size = other.grey.shape[::-1]
    warped = [cv2.warpAffine(plane, matrix, size) for plane in (grey, alpha_u8)]
    covered = cv2.warpAffine(np.full_like(grey, 255), matrix, size) == 255
    mattes, brightness = _agreement(warped[0], warped[1], other.grey, other.alpha_u8, covered)
    return inliers, mattes, brightness


def _is_plausible(matrix: NDArray[np.float64]) -> bool:
    """Return False for maps that squeeze, shear or turn inside out, as no copy does."""
    if np.linalg.det(matrix[:, :2]) <= 0:
        return False
    longest, shortest = np.linalg.svd(matrix[:, :2], compute_uv=False)
    within = 1 / _LARGEST_SCALE <= longest <= _LARGEST_SCALE
    return bool(within and longest / shortest <= 1.6)


def _mutual_matches(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return pairs of descriptors that are each other's nearest, clearly before the second."""
    if min(len(one), len(other)) < 2:
        return np.zeros((0, 2), np.int64)
    distance = np.sqrt(np.maximum(2 - 2 * (one @ other.T), 0))
    nearest = distance.argmin(axis=1)
    two = np.partition(distance, 1, axis=1)
    rows = np.arange(len(one))
    mutual = distance.argmin(axis=0)[nearest] == rows
    chosen = rows[mutual & (two[:, 0] <= _RATIO * two[:, 1])]
    return np.column_stack([chosen, nearest[chosen]])


def _lay_box_on_box(one: Features, other: Features, mirrored: bool) -> tuple[float, float]:
    cv2 = load_cv2()
    heights = one.grey.shape[0] / one.grey.shape[1], other.grey.shape[0] / other.grey.shape[1]
    if max(heights) > 1.15 * min(heights):
        return 0.0, 0.0
    square = (_BOX_SIDE, _BOX_SIDE)
    planes = [
        cv2.resize(plane, square, interpolation=cv2.INTER_AREA)
        for plane in (*_seen(one, mirrored), other.grey, other.alpha_u8)
    ]
    everywhere = np.ones((_BOX_SIDE, _BOX_SIDE), np.bool_)
    return _agreement(planes[0], planes[1], planes[2], planes[3], everywhere)


def _seen(one: Features, mirrored: bool) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    if not mirrored:
        return one.grey, one.alpha_u8
    return np.ascontiguousarray(one.grey[:, ::-1]), np.ascontiguousarray(one.alpha_u8[:, ::-1])


def _agreement(
    grey: NDArray[np.uint8],
    alpha_u8: NDArray[np.uint8],
    other_grey: NDArray[np.uint8],
    other_alpha: NDArray[np.uint8],
    covered: NDArray[np.bool_],
) -> tuple[float, float]:
    low = np.minimum(alpha_u8, other_alpha)[covered].sum(dtype=np.int64)
    high = np.maximum(alpha_u8, other_alpha)[covered].sum(dtype=np.int64)
    both = covered & (alpha_u8 >= _SEEN) & (other_alpha >= _SEEN)
    if both.sum() < 100:  # too few for a correlation
        both = covered
    if high == 0 or not both.any():
        return 0.0, 0.0
    values, others = grey[both].astype(np.float64), other_grey[both].astype(np.float64)
    spread = values.std() * others.std()
    if spread < 1e-9:
        return float(low / high), 0.0
    product = np.mean((values - values.mean()) * (others - others.mean()))
    return float(low / high), float(abs(product / spread))
