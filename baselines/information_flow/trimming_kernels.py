"""The compiled loops of `trimming`: 3×3 patches compared by their colours' means, covariances."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

RIDGE = 1e-8  # on the diagonal of a covariance, colours on 0-1


@njit(cache=True, nogil=True)
def reflected(at: int, size: int) -> int:
    """Return a coordinate at most one step outside, mirrored at the border pixel."""
    if at < 0:
        return min(1, size - 1)
    if at >= size:
        return max(size - 2, 0)
    return at


@njit(cache=True, nogil=True, error_model="numpy")
def patch_moments(
    image: npt.NDArray[np.uint8], pixel: int, moments: npt.NDArray[np.float64]
) -> None:
    """Fill `moments` with mean r g b and covariance rr rg rb gg gb bb of a pixel's 3×3 patch."""
    height, width = image.shape[:2]
    row, column = pixel // width, pixel % width
    r = g = b = rr = rg = rb = gg = gb = bb = 0
    for down in range(-1, 2):
        y = reflected(row + down, height)
        for right in range(-1, 2):
            x = reflected(column + right, width)
            red, green, blue = int(image[y, x, 0]), int(image[y, x, 1]), int(image[y, x, 2])
            r, g, b = r + red, g + green, b + blue
            rr, rg, rb = rr + red * red, rg + red * green, rb + red * blue
            gg, gb, bb = gg + green * green, gb + green * blue, bb + blue * blue
    one, square = 1.0 / (9.0 * 255.0), 1.0 / (81.0 * 255.0 * 255.0)
    moments[0], moments[1], moments[2] = r * one, g * one, b * one
    moments[3], moments[6] = (9 * rr - r * r) * square + RIDGE, (9 * gg - g * g) * square + RIDGE
    moments[4], moments[5] = (9 * rg - r * g) * square, (9 * rb - r * b) * square
    moments[7], moments[8] = (9 * gb - g * b) * square, (9 * bb - b * b) * square + RIDGE


@njit(cache=True, nogil=True, error_model="numpy")
def determinant(moments: npt.NDArray[np.float64]) -> float:
    """Return the determinant of a covariance, by L D L'."""
    xx = moments[3]
    down, far = moments[4] / xx, moments[5] / xx
    second = moments[6] - down * moments[4]
    mixed = moments[7] - down * moments[5]
    return float(xx * second * (moments[8] - far * moments[5] - mixed * mixed / second))


@njit(cache=True, nogil=True, error_model="numpy")
def bhattacharyya(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Return the Bhattacharyya distance of two normal distributions of colour.

    d'S⁻¹d / 8 + log(|S| / √(|S₁| |S₂|)) / 2, with S = (S₁ + S₂) / 2 and d the means' difference.
    """
    between = 0.5 * (one + other)
    xx = between[3]
    down, far = between[4] / xx, between[5] / xx
    second = between[6] - down * between[4]
    mixed = between[7] - down * between[5]
    low = mixed / second
    third = between[8] - far * between[5] - low * mixed
    x = one[0] - other[0]
    y = one[1] - other[1] - down * x
    z = one[2] - other[2] - far * x - low * y
    mahalanobis = x * x / xx + y * y / second + z * z / third
    overlap = xx * second * third / np.sqrt(determinant(one) * determinant(other))
    return float(mahalanobis / 8 + np.log(overlap) / 2)


@njit(cache=True, nogil=True, error_model="numpy")
def least_patch_distance(
    image: npt.NDArray[np.uint8],
    own: npt.NDArray[np.int32],
    found: npt.NDArray[np.int32],
) -> npt.NDArray[np.float64]:
    """Return each own pixel's least Bhattacharyya distance to the pixels of its row of `found`."""
    least = np.full(own.size, np.inf)
    mine, theirs = np.empty(9), np.empty(9)
    for p in range(own.size):
        patch_moments(image, own[p], mine)
        for k in range(found.shape[1]):
            patch_moments(image, found[p, k], theirs)
            least[p] = min(least[p], bhattacharyya(mine, theirs))
    return least
