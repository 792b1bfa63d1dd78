"""Surroundings that light a scene: panoramas of soft boxes, windows, sky and ground."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from distinctions646.mini.drawing.draws import Draws
from renderer.shapes import Array, normalised

Panorama = NDArray[np.float32]

MOODS = ("studio", "overcast", "sun", "window", "evening")


def directions(height: int, width: int) -> Array:
    """Return where each pixel of an equirectangular panorama looks, first row on top."""
    longitude = -(((np.arange(width) + 0.5) / width) - 0.5) * 2 * np.pi
    latitude = (0.5 - (np.arange(height) + 0.5) / height) * np.pi
    x = np.cos(latitude)[:, None] * np.cos(longitude)
    y = np.cos(latitude)[:, None] * np.sin(longitude)
    return np.stack([x, y, np.broadcast_to(np.sin(latitude)[:, None], x.shape)], axis=-1)


def aim(azimuth: float, elevation: float) -> Array:
    """Return a direction: azimuth 0 is behind the camera at -y, positive to its right; degrees."""
    a, e = math.radians(azimuth - 90), math.radians(elevation)
    return np.array([math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)])


def _soft_box(
    view: Array, towards: Array, size: tuple[float, float], edge: float = 0.12
) -> NDArray[np.float64]:
    """Return how much of a rectangle of light (half sizes in tangents) each direction sees."""
    right = normalised(np.cross(towards, [0.0, 0.0, 1.0]))
    up = np.cross(right, towards)
    depth = view @ towards
    safe = np.maximum(depth, 1e-3)
    across, above = np.abs(view @ right) / safe, np.abs(view @ up) / safe
    inside = [
        np.clip((s - d) / (edge * s) + 0.5, 0, 1)
        for s, d in zip(size, (across, above), strict=True)
    ]
    return np.asarray(np.where(depth > 1e-3, inside[0] * inside[1], 0.0))


def panorama(draws: Draws, mood: str, height: int = 192) -> Panorama:
    """Return the linear light from all around.

    Parameters
    ----------
    draws
        Where lamps stand and how bright they are.
    mood
        One of `MOODS`.
    height
        Rows; there are twice as many columns.

    Returns
    -------
    ndarray
        float32 height x 2 height x 3, first row on top.
    """
    view = directions(height, 2 * height)
    side = draws.sign()
    sky, ground, key, colour = {
        "studio": ((0.32, 0.34, 0.37), (0.16, 0.15, 0.14), 9.0, (1.0, 0.96, 0.9)),
        "overcast": ((0.95, 1.0, 1.08), (0.22, 0.21, 0.18), 1.6, (1.0, 1.0, 1.0)),
        "sun": ((0.40, 0.55, 0.85), (0.25, 0.22, 0.17), 60.0, (1.0, 0.90, 0.74)),
        "window": ((0.26, 0.25, 0.24), (0.17, 0.14, 0.11), 8.0, (0.86, 0.95, 1.0)),
        "evening": ((0.40, 0.40, 0.55), (0.20, 0.15, 0.13), 22.0, (1.0, 0.70, 0.42)),
    }[mood]
    height_above = view[..., 2:]
    rise = np.clip(height_above * 4 + 0.5, 0, 1)
    light = rise * np.array(sky) + (1 - rise) * np.array(ground)
    light = light * (1 + 0.25 * np.sin(3 * view[..., :1] + draws.uniform(0, 6)) * height_above)
    main = aim(side * draws.uniform(25, 65), draws.uniform(25, 55))
    if mood in ("sun", "evening"):
        spread = math.radians(draws.uniform(7, 10))
        glow = np.exp(-((1 - view @ main) / (1 - math.cos(spread))))
        light = light + key * glow[..., None] * np.array(colour)
    else:
        size = (draws.uniform(0.35, 0.7), draws.uniform(0.45, 0.8))
        box = _soft_box(view, main, size)
        if mood == "window":
            right = normalised(np.cross(main, [0.0, 0.0, 1.0]))
            bar = np.abs(view @ right) / np.maximum(view @ main, 1e-3)
            box = box * (bar > 0.03)
        light = light + key * box[..., None] * np.array(colour)
    fill = aim(-side * draws.uniform(40, 80), draws.uniform(5, 35))
    weak = _soft_box(view, fill, (0.5, 0.9), 0.4)[..., None]
    light = light + weak * np.array(sky) * (2.0 if mood != "overcast" else 0.6)
    rim = aim(180 - side * draws.uniform(20, 50), draws.uniform(25, 50))
    back = _soft_box(view, rim, (0.3, 0.7))[..., None]
    return np.asarray(light + back * draws.uniform(2.0, 6.0), np.float32)
