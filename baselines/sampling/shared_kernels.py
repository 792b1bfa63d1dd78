"""The compiled steps of `shared`: gathering, refinement, smoothing. Colours on 0-1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from baselines.sampling.pair_kernels import projected_alpha, squared_distortion

RAYS = 4  # of each pixel, at right angles
STEEPNESS = 10.0  # confidence is exp(-STEEPNESS · distortion)
LEAST_CONFIDENCE = 1e-8  # so that no weights sum to 0


@njit(cache=True, nogil=True, error_model="numpy")
def walk(
    image: npt.NDArray[np.float64],
    trimap: npt.NDArray[np.uint8],
    row: int,
    column: int,
    angle: float,
    found: npt.NDArray[np.float64],
) -> None:
    """Walk a straight ray; fill `found` for foreground [0] and background [1].

    Each is (row, column, distance, squared colour change along the path), with distance -1 where
    the ray leaves the image before it meets that side.
    """
    height, width = trimap.shape
    found[0, 2] = found[1, 2] = -1.0
    step_row, step_column = np.sin(angle), np.cos(angle)
    stretch = 1.0 / max(abs(step_row), abs(step_column))  # one new pixel a step
    energy, last_r, last_c = 0.0, row, column
    for k in range(1, height + width):
        r = int(np.floor(row + k * stretch * step_row + 0.5))
        c = int(np.floor(column + k * stretch * step_column + 0.5))
        if r < 0 or r >= height or c < 0 or c >= width:
            return
        for channel in range(3):
            change = image[r, c, channel] - image[last_r, last_c, channel]
            energy += change * change / stretch
        last_r, last_c = r, c
        if trimap[r, c] == 128:
            continue
        side = 0 if trimap[r, c] == 255 else 1
        if found[side, 2] < 0:
            found[side, 0], found[side, 1], found[side, 2] = r, c, k * stretch
            found[side, 3] = energy
            if found[1 - side, 2] >= 0:
                return


@njit(cache=True, nogil=True, error_model="numpy")
def neighbourhood_distortion(
    image: npt.NDArray[np.float64],
    row: int,
    column: int,
    foreground: npt.NDArray[np.float64],
    background: npt.NDArray[np.float64],
) -> float:
    """Return the squared distortions by a pair, summed over a pixel's 3×3 neighbourhood."""
    total = 0.0
    for r in range(max(row - 1, 0), min(row + 2, image.shape[0])):
        for c in range(max(column - 1, 0), min(column + 2, image.shape[1])):
            alpha = projected_alpha(image[r, c], foreground, background)
            total += squared_distortion(image[r, c], foreground, background, alpha)
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def gather(
    image: npt.NDArray[np.float64],
    trimap: npt.NDArray[np.uint8],
    pixels: npt.NDArray[np.int32],
    tile: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Return each unknown pixel's best pair of samples, n×2×3, and where they lie, n×2×2.

    Places are -1 where the rays met no foreground or no background. The best pair has the least

        N³ · A² · d_F · d_B⁴                                   (Gastal and Oliveira 2010)

    with N the distortion summed over the 3×3 neighbourhood, A = P + (1 - 2P) α, P the probability
    that the pixel is foreground by the colour changes along the rays, and d_F, d_B the distances to
    the samples.
    """
    unknowns = pixels.shape[0]
    pairs = np.zeros((unknowns, 2, 3))
    places = np.full((unknowns, 2, 2), -1, np.int32)
    rays, least = np.empty((RAYS, 2, 4)), np.empty(2)
    for p in range(unknowns):
        row, column = pixels[p, 0], pixels[p, 1]
        turn = ((row % tile) * tile + column % tile) / (tile * tile)
        least[0] = least[1] = np.inf
        for k in range(RAYS):
            walk(image, trimap, row, column, 2 * np.pi / RAYS * (k + turn), rays[k])
            for side in range(2):
                if rays[k, side, 2] > 0:
                    least[side] = min(least[side], rays[k, side, 3])
        if not (np.isfinite(least[0]) and np.isfinite(least[1])):
            continue
        energies = least[0] + least[1]
        probability = least[1] / energies if energies > 0 else 0.5
        best = np.inf
        for i in range(RAYS):
            if rays[i, 0, 2] < 0:
                continue
            f_row, f_column = int(rays[i, 0, 0]), int(rays[i, 0, 1])
            foreground = image[f_row, f_column]
            for j in range(RAYS):
                if rays[j, 1, 2] < 0:
                    continue
                b_row, b_column = int(rays[j, 1, 0]), int(rays[j, 1, 1])
                background = image[b_row, b_column]
                alpha = projected_alpha(image[row, column], foreground, background)
                near = neighbourhood_distortion(image, row, column, foreground, background)
                crossing = probability + (1.0 - 2.0 * probability) * alpha
                cost = near**3 * crossing**2 * rays[i, 0, 2] * rays[j, 1, 2] ** 4
                if cost < best:
                    best = cost
                    for channel in range(3):
                        pairs[p, 0, channel] = foreground[channel]
                        pairs[p, 1, channel] = background[channel]
                    places[p, 0, 0], places[p, 0, 1] = f_row, f_column
                    places[p, 1, 0], places[p, 1, 1] = b_row, b_column
    return pairs, places


@njit(cache=True, nogil=True, error_model="numpy")
def colour_variance(
    image: npt.NDArray[np.float64], trimap: npt.NDArray[np.uint8], row: int, column: int
) -> float:
    """Return the mean squared distance from a known pixel of its own side's colours in 5×5."""
    total, count = 0.0, 0
    for r in range(max(row - 2, 0), min(row + 3, image.shape[0])):
        for c in range(max(column - 2, 0), min(column + 3, image.shape[1])):
            if trimap[r, c] != trimap[row, column]:
                continue
            count += 1
            for k in range(3):
                step = image[r, c, k] - image[row, column, k]
                total += step * step
    return total / count


@njit(cache=True, nogil=True, error_model="numpy")
def refine(
    image: npt.NDArray[np.float64],
    pixels: npt.NDArray[np.int32],
    index: npt.NDArray[np.int32],
    pairs: npt.NDArray[np.float64],
    found: npt.NDArray[np.bool_],
    variances: npt.NDArray[np.float64],
    offsets: npt.NDArray[np.int32],
    most: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return colours n×2×3, alphas and confidences from the pairs of near unknown pixels.

    Of the pairs of the `most` nearest pixels (itself included), the three of least distortion are
    averaged; a pixel whose colour is within a sample's own variance keeps its colour for that side.

    Parameters
    ----------
    pairs, found, variances
        n×2×3 colours and n from `gather`, n×2 from `colour_variances`.
    offsets
        n×2 (row, column), where to look, nearest first.
    """
    height, width = index.shape
    unknowns = pixels.shape[0]
    colours = np.zeros((unknowns, 2, 3))
    alphas, confidences = np.full(unknowns, 0.5), np.full(unknowns, LEAST_CONFIDENCE)
    best, which = np.empty(3), np.empty(3, np.int64)
    mean, variance = np.empty((2, 3)), np.empty(2)
    for p in range(unknowns):
        row, column = pixels[p, 0], pixels[p, 1]
        own = image[row, column]
        for k in range(3):
            best[k], which[k] = np.inf, -1
        # Keep the three pairs of least distortion, in order; offset -1 stands for the pixel itself.
        tried = 0
        for k in range(-1, offsets.shape[0]):
            r = row + (offsets[k, 0] if k >= 0 else 0)
            c = column + (offsets[k, 1] if k >= 0 else 0)
            if r < 0 or r >= height or c < 0 or c >= width or index[r, c] < 0:
                continue
            q = index[r, c]
            if not found[q]:
                continue
            alpha = projected_alpha(own, pairs[q, 0], pairs[q, 1])
            distortion = squared_distortion(own, pairs[q, 0], pairs[q, 1], alpha)
            if distortion < best[2]:
                at = 2
                while at > 0 and distortion < best[at - 1]:
                    best[at], which[at] = best[at - 1], which[at - 1]
                    at -= 1
                best[at], which[at] = distortion, q
            tried += 1
            if tried == most:
                break
        if which[0] < 0:
            continue
        # Average them, colours and variances, side by side.
        count = 1 + int(which[1] >= 0) + int(which[2] >= 0)
        for side in range(2):
            variance[side] = 0.0
            for k in range(count):
                variance[side] += variances[which[k], side] / count
            for channel in range(3):
                mean[side, channel] = 0.0
                for k in range(count):
                    mean[side, channel] += pairs[which[k], side, channel] / count
        alpha = projected_alpha(own, mean[0], mean[1])
        distortion = squared_distortion(own, mean[0], mean[1], alpha)
        for side in range(2):
            away = 0.0
            for k in range(3):
                away += (own[k] - mean[side, k]) ** 2
            for k in range(3):
                colours[p, side, k] = own[k] if away <= variance[side] else mean[side, k]
        alphas[p] = projected_alpha(own, colours[p, 0], colours[p, 1])
        confidences[p] = max(np.exp(-STEEPNESS * np.sqrt(distortion)), LEAST_CONFIDENCE)
    return colours, alphas, confidences


@njit(cache=True, nogil=True, error_model="numpy")
def smooth(
    image: npt.NDArray[np.float64],
    trimap: npt.NDArray[np.uint8],
    pixels: npt.NDArray[np.int32],
    index: npt.NDArray[np.int32],
    colours: npt.NDArray[np.float64],
    alphas: npt.NDArray[np.float64],
    confidences: npt.NDArray[np.float64],
    offsets: npt.NDArray[np.int32],
    variance: float,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return smoothed alphas and confidences.

    Known pixels take part with alpha 0 or 1, confidence 1 and their own colour on both sides. Both
    sides' colours become means weighted by distance, confidence and difference in alpha. The new
    alpha is that of the mean colours, mixed with the mean alpha (`low`) where it explains the
    pixel's colour badly. Where the mean colours are closer than is typical nearby, confidence is
    lower.
    """
    height, width = index.shape
    unknowns = pixels.shape[0]
    smoothed, sure = np.empty(unknowns), np.empty(unknowns)
    sums, weights = np.empty((2, 3)), np.empty(2)
    for p in range(unknowns):
        row, column = pixels[p, 0], pixels[p, 1]
        own = image[row, column]
        sums[0, 0] = sums[0, 1] = sums[0, 2] = sums[1, 0] = sums[1, 1] = sums[1, 2] = 0.0
        weights[0] = weights[1] = 0.0
        apart, apart_weight, low, low_weight = 0.0, 0.0, 0.0, 0.0
        for k in range(-1, offsets.shape[0]):
            down = offsets[k, 0] if k >= 0 else 0
            right = offsets[k, 1] if k >= 0 else 0
            r, c = row + down, column + right
            if r < 0 or r >= height or c < 0 or c >= width:
                continue
            q = index[r, c]
            alpha = alphas[q] if q >= 0 else (1.0 if trimap[r, c] == 255 else 0.0)
            confidence = confidences[q] if q >= 0 else 1.0
            near = np.exp(-(down * down + right * right) / (2.0 * variance))
            weight = near * confidence
            low += weight * alpha
            low_weight += weight
            if k >= 0:
                weight *= abs(alphas[p] - alpha)
            for side in range(2):
                share = weight * (alpha if side == 0 else 1.0 - alpha)
                weights[side] += share
                for channel in range(3):
                    colour = colours[q, side, channel] if q >= 0 else image[r, c, channel]
                    sums[side, channel] += share * colour
            if q >= 0:
                between = confidence * alpha * (1.0 - alpha)
                length = 0.0
                for channel in range(3):
                    length += (colours[q, 0, channel] - colours[q, 1, channel]) ** 2
                apart += between * np.sqrt(length)
                apart_weight += between
        for side in range(2):
            for channel in range(3):
                if weights[side] > 0:
                    sums[side, channel] /= weights[side]
                else:
                    sums[side, channel] = colours[p, side, channel]
        length = 0.0
        for channel in range(3):
            length += (sums[0, channel] - sums[1, channel]) ** 2
        alpha = projected_alpha(own, sums[0], sums[1])
        distortion = np.sqrt(squared_distortion(own, sums[0], sums[1], alpha))
        typical = apart / apart_weight if apart_weight > 0 else 0.0
        clear = min(1.0, np.sqrt(length) / typical) if typical > 0 else 1.0
        sure[p] = clear * np.exp(-STEEPNESS * distortion)
        smoothed[p] = sure[p] * alpha + (1.0 - sure[p]) * low / low_weight
    return smoothed, sure


@njit(cache=True, nogil=True)
def colour_variances(
    image: npt.NDArray[np.float64],
    trimap: npt.NDArray[np.uint8],
    places: npt.NDArray[np.int32],
) -> npt.NDArray[np.float64]:
    """Return `colour_variance` of each pair's two samples, n×2; 0 where there is no pair."""
    variances = np.zeros(places.shape[:2])
    for p in range(places.shape[0]):
        for side in range(2):
            if places[p, side, 0] >= 0:
                variances[p, side] = colour_variance(
                    image, trimap, places[p, side, 0], places[p, side, 1]
                )
    return variances
