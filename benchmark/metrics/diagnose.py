"""Grad and Conn with the known mistakes of other programs, to explain their numbers.

Never a score: use `benchmark.metrics` for those. Plain numpy and scipy, slow and short.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.metrics.conn import connectivity_difference
from benchmark.metrics.grad import gradient_magnitude
from benchmark.metrics.pairs import Region, prepare_pair


def diagnose_grad(
    alpha: npt.NDArray[Any],
    alpha_gt: npt.NDArray[Any],
    trimap: npt.NDArray[np.uint8] | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
    no_stretch: bool = False,
) -> float:
    """Compute Grad, deviating where asked to.

    Parameters
    ----------
    alpha, alpha_gt, trimap, region, fill_known
        As `benchmark.metrics.grad` takes them.
    no_stretch
        Leave the mattes' own minimum and maximum alone (GCA-Matting's Python and its copies).

    Returns
    -------
    float
        What such a program prints.

    Examples
    --------
    >>> faint, line = np.zeros((2, 9, 9))
    >>> faint[:, 4], line[:, 4] = 0.2, 1
    >>> round(diagnose_grad(faint, line), 4), round(diagnose_grad(faint, line, no_stretch=True), 4)
    (0.0, 0.0285)
    """
    pair = prepare_pair(alpha, alpha_gt, trimap, region=region, fill_known=fill_known)
    magnitudes = [
        gradient_magnitude(matte, stretch=not no_stretch) for matte in (pair.alpha, pair.alpha_gt)
    ]
    return pair.of_region(pair.both((magnitudes[0] - magnitudes[1]) ** 2)) / 1000


def diagnose_conn(
    alpha: npt.NDArray[Any],
    alpha_gt: npt.NDArray[Any],
    trimap: npt.NDArray[np.uint8] | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
    background_as_component: bool = False,
    double_thresholds: bool = False,
    row_major_ties: bool = False,
    skip_empty: bool = False,
) -> float:
    """Compute Conn, deviating where asked to.

    Parameters
    ----------
    alpha, alpha_gt, trimap, region, fill_known
        As `benchmark.metrics.conn` takes them.
    background_as_component
        Let the pixels below a threshold count as one more component (GCA-Matting's Python).
    double_thresholds
        Compare in double precision with thresholds made by ``numpy.arange``, among them
        0.6000000000000001, which 153 / 255 does not reach (mmagic, P3M, AIM).
    row_major_ties
        Of components of one size take the first row by row (all that call OpenCV or scikit-image).
    skip_empty
        Leave out a threshold that no pixel reaches (IndexNet, P3M, AIM).

    Returns
    -------
    float
        What such a program prints.

    Examples
    --------
    >>> black, white = np.zeros((2, 3)), np.ones((2, 3))
    >>> diagnose_conn(black, white), diagnose_conn(black, white, skip_empty=True)
    (0.006, 0.0)
    """
    pair = prepare_pair(alpha, alpha_gt, trimap, region=region, fill_known=fill_known)
    precision: type[np.floating[Any]] = np.float64 if double_thresholds else np.float32
    lower = np.minimum(pair.alpha, pair.alpha_gt).astype(precision) / precision(255)
    thresholds = np.arange(0, 1.1, 0.1)
    level = np.full(lower.shape, -1.0)
    for previous, threshold in itertools.pairwise(thresholds):
        passed = lower >= precision(threshold)
        if skip_empty and not passed.any():
            continue
        omega = _omega(passed, background_as_component, row_major_ties)
        level[(level == -1) & ~omega] = previous
    level[level == -1] = 1
    difference = connectivity_difference(pair.alpha / 255, pair.alpha_gt / 255, level)
    return pair.of_region(pair.both(difference)) / 1000


def _omega(
    passed: npt.NDArray[np.bool_], background_as_component: bool, row_major_ties: bool
) -> npt.NDArray[np.bool_]:
    """Return the largest 4-connected component under the rules asked for."""
    from scipy.ndimage import label

    labels, count = label(passed) if row_major_ties else label(passed.T)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    if not background_as_component:
        sizes[0] = 0
    largest = int(np.argmax(sizes))
    chosen: npt.NDArray[np.bool_] = (labels == largest) & (sizes[largest] > 0)
    return chosen if row_major_ties else chosen.T
