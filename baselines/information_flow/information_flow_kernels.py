"""The compiled loops of `information_flow`: mixture weights, and the gradients of the flows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

RIDGE = 1e-10  # on the squared colour differences, colours on 0-1
NO_WEIGHT = 1e-6  # a side with less of the weight has no colour of its own


@njit(cache=True, nogil=True, error_model="numpy")
def mixture_weights(
    colours: npt.NDArray[np.uint8],
    own: npt.NDArray[np.int32],
    neighbours: npt.NDArray[np.int32],
) -> npt.NDArray[np.float64]:
    """Return locally linear weights, m×K, that sum to 1 in each row.

    For each own pixel, of colour p, they minimise |p - Nw|² + 1e-10 |w|², N the 3×K colours of its
    neighbours; `colours` are of all pixels. With D = N - p1', w is proportional to
    (D'D + 1e-10)⁻¹ 1 ~ 1 - D'(DD' + 1e-10)⁻¹ D1: three unknowns instead of K.

    References
    ----------
    Roweis, Saul, "Nonlinear dimensionality reduction by locally linear embedding", Science 2000.
    """
    rows, count = neighbours.shape
    weights = np.empty((rows, count))
    step = np.empty((count, 3))
    for p in range(rows):
        xx = yy = zz = RIDGE
        xy = xz = yz = sx = sy = sz = 0.0
        for k in range(count):
            for channel in range(3):
                theirs, mine = colours[neighbours[p, k], channel], colours[own[p], channel]
                step[k, channel] = (np.int64(theirs) - np.int64(mine)) / 255.0
            x, y, z = step[k, 0], step[k, 1], step[k, 2]
            xx += x * x
            xy += x * y
            xz += x * z
            yy += y * y
            yz += y * z
            zz += z * z
            sx += x
            sy += y
            sz += z
        # DD' + RIDGE = [[xx xy xz] [xy yy yz] [xz yz zz]], D1 = (sx, sy, sz). Solved for (u, v, w)
        # by L D L': neighbours of nearly one colour are too ill-conditioned for a determinant.
        down, far = xy / xx, xz / xx
        second = yy - down * xy
        mixed = yz - down * xz
        low = mixed / second
        third = zz - far * xz - low * mixed
        y = sy - down * sx
        w = (sz - far * sx - low * y) / third
        v = y / second - low * w
        u = sx / xx - down * v - far * w
        total = 0.0
        for k in range(count):
            weights[p, k] = 1.0 - (u * step[k, 0] + v * step[k, 1] + w * step[k, 2])
            total += weights[p, k]
        for k in range(count):
            weights[p, k] /= total
    return weights


@njit(cache=True, nogil=True)
def split_mixture(
    neighbours: npt.NDArray[np.int32],
    weights: npt.NDArray[np.float64],
    index: npt.NDArray[np.int32],
    alpha: npt.NDArray[Any],
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Return the unknown neighbours' numbers and weights, n×K, and what known ones contribute, n.

    Parameters
    ----------
    neighbours, weights
        n×K, pixels and their weights.
    index
        Each pixel's number among the unknown ones, -1 where known.
    alpha
        Each pixel's alpha, read where it is known.
    """
    numbers = np.zeros(neighbours.shape, np.uint32)
    inside = np.zeros(neighbours.shape, np.float32)
    outside = np.zeros(neighbours.shape[0])
    for p in range(neighbours.shape[0]):
        for k in range(neighbours.shape[1]):
            pixel = neighbours[p, k]
            if index[pixel] >= 0:
                numbers[p, k], inside[p, k] = index[pixel], weights[p, k]
            else:
                outside[p] += weights[p, k] * alpha[pixel]
    return numbers, inside, outside


@njit(cache=True, nogil=True, error_model="numpy")
def shares_and_contrasts(
    weights: npt.NDArray[np.float64],
    colours: npt.NDArray[np.uint8],
    neighbours: npt.NDArray[np.int32],
    foreground: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the first `foreground` neighbours' share of the weight, and how the sides differ.

    The contrast is the squared distance, over 3, of the colours that either side contributes. A
    side without weight has no colour of its own and counts as black; it is no evidence.

    Parameters
    ----------
    weights, neighbours
        m×K, foreground first.
    colours
        Of the pixels that neighbours number, n×3.
    """
    rows, count = weights.shape
    share, contrast = np.zeros(rows), np.zeros(rows)
    for p in range(rows):
        for k in range(foreground):
            share[p] += weights[p, k]
        for channel in range(3):
            front = back = 0.0
            for k in range(count):
                part = weights[p, k] * (colours[neighbours[p, k], channel] / 255.0)
                if k < foreground:
                    front += part
                else:
                    back += part
            front = front / share[p] if abs(share[p]) > NO_WEIGHT else 0.0
            back = back / (1 - share[p]) if abs(1 - share[p]) > NO_WEIGHT else 0.0
            contrast[p] += (front - back) ** 2 / 3
    return share, contrast


@njit(cache=True, nogil=True)
def likeness(
    features: npt.NDArray[np.float32], neighbours: npt.NDArray[np.int32]
) -> npt.NDArray[np.float32]:
    """Return 1 - |f_p - f_q|₁ / d, at least 0, for each point p and its neighbours q, n×K."""
    rows, axes = features.shape
    weights = np.empty(neighbours.shape, np.float32)
    for p in range(rows):
        for k in range(neighbours.shape[1]):
            apart = 0.0
            for axis in range(axes):
                apart += abs(features[p, axis] - features[neighbours[p, k], axis])
            weights[p, k] = max(0.0, 1.0 - apart / axes)
    return weights


@njit(cache=True, nogil=True)
def add_graph_pull(
    places: npt.NDArray[np.uint32],
    numbers: npt.NDArray[np.uint32],
    weights: npt.NDArray[np.float32],
    alpha: npt.NDArray[np.float64],
    pull: npt.NDArray[np.float64],
) -> None:
    """Add half the gradient of Σ w_pq (α_p - α_q)² to `pull`, over p and its row's neighbours q.

    `places` are the numbers of the rows' pixels p. Numbers are unsigned throughout: a signed index
    might count from the end, and looking at its sign takes as long as the sum.
    """
    for p in range(places.size):
        own, total = alpha[places[p]], 0.0
        for k in range(numbers.shape[1]):
            step = weights[p, k] * (own - alpha[numbers[p, k]])
            total += step
            pull[numbers[p, k]] -= step
        pull[places[p]] += total


@njit(cache=True, nogil=True)
def add_mixture_pull(
    places: npt.NDArray[np.uint32],
    numbers: npt.NDArray[np.uint32],
    weights: npt.NDArray[np.float32],
    outside: npt.NDArray[np.float64],
    alpha: npt.NDArray[np.float64],
    pull: npt.NDArray[np.float64],
) -> None:
    """Add (I - W)'((I - W)·alpha - outside) to `pull`, with W's rows as numbers and weights.

    That is half the gradient of |α - Wα - outside|², in one pass over W. `places` are the numbers
    of the rows' pixels.
    """
    for p in range(places.size):
        error = alpha[places[p]] - outside[p]
        for k in range(numbers.shape[1]):
            error -= weights[p, k] * alpha[numbers[p, k]]
        pull[places[p]] += error
        for k in range(numbers.shape[1]):
            pull[numbers[p, k]] -= weights[p, k] * error
