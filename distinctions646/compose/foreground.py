"""The foreground's own colours under a matte, level by level, without compiling anything.

At the coarse levels every pixel is solved; at the fine ones only those around soft alpha, since an
opaque pixel's colour is the image's and a transparent one's is never seen. Above a megapixel the
colours are enlarged ones, moved by the least that makes them blend to the image. A 12-megapixel
picture takes two or three seconds, and the first call no longer than the next.

References
----------
Germer, Uelwer, Conrad and Harmeling, "Fast multi-level foreground estimation", ICPR 2020.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

ImageF32 = npt.NDArray[np.float32]

# The paper's: ε and ω of the neighbours' weight ε + ω·|αᵢ − αⱼ|, and the sweeps of a level.
REGULARISATION = 1e-5
GRADIENT_WEIGHT = 1.0
SMALL_SWEEPS, LARGE_SWEEPS = 10, 2
SMALL_SIDE = 32

SOLVED_WHOLE = 1 << 16  # pixels; a larger level is solved around soft alpha only
SOLVED_AT_ALL = 1 << 20  # pixels; a larger picture is solved reduced to it
BLENDED = 1 << 14  # pixels at a time, which stay in the processor's cache
CHUNK = 1 << 18  # pixels at a time, which bounds the memory


def estimate_colours(image: npt.NDArray[np.uint8], alpha: ImageF32) -> tuple[ImageF32, ImageF32]:
    """Estimate the colours that an image was blended from.

    Each level minimises, for every pixel, the error of the compositing equation and the weighted
    differences to its four neighbours' colours, from the next coarser level's solution on.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    alpha
        float32 H×W in [0, 1].

    Returns
    -------
    foreground, background : numpy.ndarray
        float32 H×W×3 in [0, 1]. Where `alpha` is 1 the foreground is the image, where it is 0 the
        background is; the other of the two is carried over from the surroundings.

    Notes
    -----
    Differs from the authors' program (pymatting's `estimate_foreground_ml`) in the order of a
    sweep (a chessboard's two colours instead of row by row) and in leaving the interior of opaque
    and transparent regions to the coarser levels.
    """
    scale = math.sqrt(SOLVED_AT_ALL / alpha.size)
    if scale >= 1:
        return _solve(image, alpha)
    size = round(alpha.shape[1] * scale), round(alpha.shape[0] * scale)
    size = max(size[0], 1), max(size[1], 1)
    small, small_alpha = (
        cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (image, alpha)
    )
    solved = _solve(small.astype(np.uint8), small_alpha.astype(np.float32))
    full = alpha.shape[1], alpha.shape[0]
    foreground, background = (
        cv2.resize(one, full, interpolation=cv2.INTER_LINEAR).astype(np.float32, copy=False)
        for one in solved
    )
    _blend_to_image(image, alpha, foreground, background)
    return foreground, background


def _solve(image: npt.NDArray[np.uint8], alpha: ImageF32) -> tuple[ImageF32, ImageF32]:
    colour = image.astype(np.float32) / np.float32(255)
    height, width = alpha.shape
    levels = max(math.ceil(math.log2(max(height, width))), 1)
    mean = colour.reshape(-1, 3).mean(axis=0)
    foreground = background = np.broadcast_to(mean, (1, 1, 3))
    for level in range(levels + 1):
        size = round(width ** (level / levels)), round(height ** (level / levels))
        small = _shrink(colour, size), _shrink(alpha, size)
        foreground, background = _shrink(foreground, size), _shrink(background, size)
        sweeps = SMALL_SWEEPS if max(size) <= SMALL_SIDE else LARGE_SWEEPS
        _solve_level(*small, foreground, background, sweeps)
    foreground[alpha == 1] = colour[alpha == 1]
    background[alpha == 0] = colour[alpha == 0]
    return foreground, background


def _blend_to_image(
    image: npt.NDArray[np.uint8], alpha: ImageF32, foreground: ImageF32, background: ImageF32
) -> None:
    """Move both colours, in place, by the least that makes them blend to the image.

    That is the solution of a level where the neighbours' weights go to 0, as they do between pixels
    whose alpha is nearly equal: with r = I − αF − (1 − α)B, F moves by αr and B by (1 − α)r, both
    over α² + (1 − α)².
    """
    rows = max(BLENDED // alpha.shape[1], 1)
    for top in range(0, alpha.shape[0], rows):
        part = slice(top, top + rows)
        a: ImageF32 = np.array(cv2.merge([alpha[part]] * 3), np.float32)
        a = a.reshape(*alpha[part].shape, 3)
        b: ImageF32 = np.float32(1) - a
        front, back = foreground[part], background[part]
        rest = image[part] * np.float32(1 / 255)
        rest -= a * front
        rest -= b * back
        rest /= a * a + b * b
        a *= rest
        b *= rest
        front += a
        back += b
        np.clip(front, 0, 1, out=front)
        np.clip(back, 0, 1, out=back)


def _shrink(values: ImageF32, size: tuple[int, int]) -> ImageF32:
    """Resample to the nearest pixel, as the paper does, in both directions; return a copy."""
    resized = cv2.resize(values, size, interpolation=cv2.INTER_NEAREST)
    return np.array(resized, np.float32)


def _solve_level(
    colour: ImageF32, alpha: ImageF32, foreground: ImageF32, background: ImageF32, sweeps: int
) -> None:
    """Solve one level in place."""
    solved = _pixels_to_solve(alpha)
    if alpha.size > SOLVED_WHOLE:
        foreground[alpha == 1] = colour[alpha == 1]
        background[alpha == 0] = colour[alpha == 0]
    rows, columns = np.nonzero(solved)
    black = (rows + columns) % 2 == 1
    for _ in range(sweeps):
        for half in (~black, black):
            ys, xs = rows[half], columns[half]
            for start in range(0, len(ys), CHUNK):
                part = slice(start, start + CHUNK)
                _solve_pixels(colour, alpha, foreground, background, ys[part], xs[part])


def _pixels_to_solve(alpha: ImageF32) -> npt.NDArray[np.bool_]:
    if alpha.size <= SOLVED_WHOLE:
        return np.ones(alpha.shape, np.bool_)
    soft = ((alpha > 0) & (alpha < 1)).astype(np.uint8)
    around: npt.NDArray[np.bool_] = cv2.dilate(soft, np.ones((3, 3), np.uint8)).astype(np.bool_)
    return around


def _solve_pixels(
    colour: ImageF32,
    alpha: ImageF32,
    foreground: ImageF32,
    background: ImageF32,
    ys: npt.NDArray[np.intp],
    xs: npt.NDArray[np.intp],
) -> None:
    """Solve pixels that are no neighbours of each other, in place.

    With S the sum of the neighbours' weights w, each pixel's F and B solve

        | α² + S     α(1 − α)     | |F|   | α·I + Σ w·Fⱼ       |
        | α(1 − α)   (1 − α)² + S | |B| = | (1 − α)·I + Σ w·Bⱼ |
    """
    height, width = alpha.shape
    a = alpha[ys, xs]
    total = np.zeros_like(a)
    right_f = a[:, None] * colour[ys, xs]
    right_b = colour[ys, xs] - right_f
    for down, across in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        near_y, near_x = np.clip(ys + down, 0, height - 1), np.clip(xs + across, 0, width - 1)
        weight = REGULARISATION + GRADIENT_WEIGHT * np.abs(a - alpha[near_y, near_x])
        weight = weight.astype(np.float32)
        total += weight
        right_f += weight[:, None] * foreground[near_y, near_x]
        right_b += weight[:, None] * background[near_y, near_x]
    b = 1 - a
    top_left, off, bottom_right = a * a + total, a * b, b * b + total
    scale = 1 / (top_left * bottom_right - off * off)
    solved_f = (bottom_right[:, None] * right_f - off[:, None] * right_b) * scale[:, None]
    solved_b = (top_left[:, None] * right_b - off[:, None] * right_f) * scale[:, None]
    foreground[ys, xs] = np.clip(solved_f, 0, 1)
    background[ys, xs] = np.clip(solved_b, 0, 1)
