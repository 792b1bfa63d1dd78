"""The compiled weights that mix neighbours' colours into a pixel's own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

RIDGE = 1e-10


@njit(cache=True, nogil=True, error_model="numpy")
def mixture_weights(
    colours: npt.NDArray[np.float64],
    candidates: npt.NDArray[np.float64],
    neighbours: npt.NDArray[np.int32],
) -> npt.NDArray[np.float64]:
    """Return locally linear weights, m×K, that sum to 1 in each row.

    For a pixel of colour p they minimise |p - Nw|² + 1e-10 |w|², N the 3×K colours of its
    neighbours among `candidates`. With D = N - p1', w is proportional to
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
                step[k, channel] = candidates[neighbours[p, k], channel] - colours[p, channel]
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
        # By L D L': neighbours of nearly one colour are too ill-conditioned for a determinant.
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
