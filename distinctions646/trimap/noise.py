"""Rules whose trimaps have the mistakes that people make; they are ours.

``noisy-N-S/v1`` has uneven boundaries, ``patchy-N-P/v1`` unknown regions where none is due; they
show how much a score depends on a trimap drawn with care. Both start from the known regions at a
fixed distance from the truth (``radius-N/v1``). The arithmetic is of integers, exact distances and
single operations in double precision, so that every machine gets the same pixels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from distinctions646.trimap.dilation import dilate
from distinctions646.trimap.rule import Draws, Rule, scale_of

NODE_SPACING = 75.0  # pixels of a full-size image between the nodes of the smooth noise
PATCH_RADIUS = 30.0  # pixels of a full-size image
MOST_FORGOTTEN = 50  # per cent; beyond it, discs would have to be drawn ever more often
_STEPS = 1000  # a node takes one of 2001 values from -1 to 1
_LEAST_SPACING, _LEAST_PATCH = 4.0, 2.0  # pixels of any image, however small


def noisy_trimap(
    alpha_u8: NDArray[np.uint8], radius: float, reach: float, *, scale: float, key: str
) -> NDArray[np.uint8]:
    """Make a trimap whose boundaries wander inwards and outwards.

    A pixel is known foreground where its signed distance into the region of alpha 255 exceeds
    ``radius + reach * n``, n a smooth noise from -1 to 1, and known background likewise with a
    second noise. With ``reach <= radius`` all that is known is true; beyond it, some is wrong.
    Where both claim a pixel it is unknown.

    Parameters
    ----------
    alpha_u8
        H×W, uint8, the ground truth.
    radius, reach
        In pixels of this image.
    scale
        From `rule.scale_of`; the noise shrinks with it.
    key
        Seeds the noise.

    Returns
    -------
    ndarray
        H×W, uint8, of 0, 128 and 255.
    """
    spacing = max(NODE_SPACING * scale, _LEAST_SPACING)
    known = []
    for name, region in (("foreground", alpha_u8 == 255), ("background", alpha_u8 == 0)):
        noise = smooth_noise(alpha_u8.shape, spacing, f"{key}\0{name}")
        known.append(_signed_distance(region) > radius + reach * noise)
    trimap = np.full(alpha_u8.shape, 128, np.uint8)
    trimap[known[0] & ~known[1]] = 255
    trimap[known[1] & ~known[0]] = 0
    return trimap


def patchy_trimap(
    trimap: NDArray[np.uint8], percent: int, *, scale: float, key: str
) -> NDArray[np.uint8]:
    """Forget known regions in discs until a share of the known pixels is unknown.

    Parameters
    ----------
    trimap
        H×W, uint8, of 0, 128 and 255.
    percent
        Share of the known pixels to make unknown, in percent, 1 to 50.
    scale
        From `rule.scale_of`; the discs shrink with it.
    key
        Seeds the centres of the discs.

    Returns
    -------
    ndarray
        A copy with more of 128.
    """
    height, width = trimap.shape
    patched = trimap.copy()
    places = np.flatnonzero(trimap != 128)
    wanted = -(-places.size * percent // 100)  # rounded up
    reach = max(PATCH_RADIUS * scale, _LEAST_PATCH)
    draws = np.random.RandomState(_seed(key))
    forgotten = 0
    while forgotten < wanted:
        y, x = divmod(int(places[draws.randint(places.size)]), width)
        rows = slice(max(y - int(reach), 0), min(y + int(reach) + 1, height))
        columns = slice(max(x - int(reach), 0), min(x + int(reach) + 1, width))
        off_y = np.arange(rows.start, rows.stop)[:, None] - y
        off_x = np.arange(columns.start, columns.stop) - x
        window = patched[rows, columns]
        hit = (off_y**2 + off_x**2 <= reach**2) & (window != 128)
        forgotten += int(hit.sum())
        window[hit] = 128
    return patched


def smooth_noise(shape: tuple[int, ...], spacing: float, key: str) -> NDArray[np.float64]:
    """Draw values from -1 to 1 at the nodes of a grid and join them smoothly.

    Parameters
    ----------
    shape
        Height and width.
    spacing
        Distance between neighbouring nodes in pixels.
    key
        Seeds the values.

    Returns
    -------
    ndarray
        H×W, float64: value noise with the fade 3t² - 2t³ between neighbouring nodes.

    References
    ----------
    Perlin, "An Image Synthesizer" (SIGGRAPH 1985), for the fade.
    """
    positions = [np.arange(side) / spacing for side in shape]
    nodes = [int(position[-1]) + 2 for position in positions]
    draws = np.random.RandomState(_seed(key)).randint(-_STEPS, _STEPS + 1, size=nodes)
    values = draws.astype(np.float64) / _STEPS
    (top, down), (left, right) = (_cells(position) for position in positions)
    # Bilinear between the four nodes a b / c d around a pixel, with faded weights u and v:
    # upper = a + (b - a) u, lower = c + (d - c) u, noise = upper + (lower - upper) v.
    upper = values[top][:, left] + (values[top][:, left + 1] - values[top][:, left]) * right
    lower = (
        values[top + 1][:, left] + (values[top + 1][:, left + 1] - values[top + 1][:, left]) * right
    )
    noise: NDArray[np.float64] = upper + (lower - upper) * down[:, None]
    return noise


def _cells(position: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the node before each pixel, and the faded share of the way to the next."""
    cell = position.astype(np.intp)
    part = position - cell
    return cell, part * part * (3.0 - 2.0 * part)


def _signed_distance(region: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the distance into a region, 1 for its outermost pixels, 0 and less outside."""
    from scipy.ndimage import distance_transform_edt

    if region.all() or not region.any():
        return np.full(region.shape, np.inf if region.any() else -np.inf)
    inside: NDArray[np.float64] = distance_transform_edt(region)
    outside: NDArray[np.float64] = distance_transform_edt(~region)
    return np.where(region, inside, 1.0 - outside)


def _seed(key: str) -> list[int]:
    """Return four 32-bit words for the frozen stream of `numpy.random.RandomState`."""
    digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
    return [int.from_bytes(digest[start : start + 4], "big") for start in range(0, 16, 4)]


def _noisy(alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws) -> NDArray[np.uint8]:
    scale = scale_of(alpha_u8.shape)
    radius, reach = (number * scale for number in numbers)
    return noisy_trimap(alpha_u8, radius, reach, scale=scale, key=draws.key())


def _patchy(alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws) -> NDArray[np.uint8]:
    radius, percent = numbers
    scale = scale_of(alpha_u8.shape)
    return patchy_trimap(dilate(alpha_u8, radius), percent, scale=scale, key=draws.key())


NOISY = Rule(
    "noisy-N-S/v1",
    "distance N from each known region, boundaries wandering by up to S pixels",
    _noisy,
)
PATCHY = Rule(
    "patchy-N-P/v1",
    "as radius-N, and P per cent (1 to 50) of the known pixels forgotten in discs",
    _patchy,
    accepts=lambda numbers: numbers[1] <= MOST_FORGOTTEN,
)
