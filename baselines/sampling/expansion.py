"""Expansion of the known regions into unknown pixels that look like a known one nearby."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from distinctions646.images.distance import distance_to_zero

# Shahrian's rounds on a scale of 0-255: radius i goes with a colour limit of 10 - i.
NINE_ROUNDS = tuple((float(i), 10.0 - i) for i in range(1, 10))


def expand_known(
    image: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8],
    rounds: Sequence[tuple[float, float]] = NINE_ROUNDS,
) -> npt.NDArray[np.uint8]:
    """Return the trimap with unknown pixels labelled as the nearest known pixel of like colour.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    trimap
        uint8 H×W of 0, 128, 255; not changed.
    rounds
        Pairs of radius in pixels and largest Euclidean colour distance on a scale of 0-255. A round
        sees the labels that the rounds before it gave.

    Returns
    -------
    ndarray
        uint8 H×W of 0, 128, 255.

    References
    ----------
    Shahrian, Rajan, Price, Cohen, "Improving image matting using comprehensive sampling sets",
    CVPR 2013, section 3.1; He et al., "A global sampling method for alpha matting", CVPR 2011.
    """
    from baselines.sampling.expansion_kernels import expand_once

    expanded = trimap.copy()
    for radius, limit in rounds:
        unknown = expanded == 128
        if not unknown.any():
            break
        away = distance_to_zero(unknown)
        expanded = expand_once(image, expanded, away, disc(radius), radius, limit * limit)
    return expanded


def disc(radius: float) -> npt.NDArray[np.int32]:
    """Return the offsets (row, column) within a radius, nearest first, without the centre.

    Examples
    --------
    >>> disc(1).tolist()
    [[-1, 0], [0, -1], [0, 1], [1, 0]]
    """
    reach = int(radius)
    grid = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1).T
    squared = (grid**2).sum(axis=1)
    order = np.argsort(squared, kind="stable")
    kept = order[(squared[order] <= radius * radius) & (squared[order] > 0)]
    offsets: npt.NDArray[np.int32] = grid[kept].astype(np.int32)
    return offsets
