"""Vessels of glass: alpha from reflection and absorption, not from coverage."""

from __future__ import annotations

import math

import cv2
import numpy as np

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field, grid, smoothstep
from distinctions646.mini.drawing.geometry import bent_path, box, ellipse, point, rounded_box
from distinctions646.mini.drawing.layers import over, tinted
from distinctions646.mini.drawing.material import Material, any_colour, any_material, mix, rgb
from distinctions646.mini.drawing.noise import fractal_noise
from distinctions646.mini.drawing.sketch import Layer, Sketch
from distinctions646.mini.fine.plants import blossom

# Radius of a vessel at heights from its rim (-1) to its foot (1), as (height, radius) pairs.
PROFILES = {
    "wine": (
        (-0.9, 0.34),
        (-0.55, 0.42),
        (-0.1, 0.36),
        (0.12, 0.16),
        (0.2, 0.045),
        (0.78, 0.045),
        (0.84, 0.12),
        (0.9, 0.34),
    ),
    "bottle": (
        (-0.93, 0.1),
        (-0.8, 0.11),
        (-0.5, 0.1),
        (-0.32, 0.16),
        (-0.15, 0.29),
        (0.85, 0.3),
        (0.93, 0.25),
    ),
    "tumbler": ((-0.75, 0.45), (0.7, 0.36), (0.78, 0.33)),
    "vase": ((-0.35, 0.28), (-0.25, 0.2), (0.0, 0.2), (0.4, 0.46), (0.7, 0.4), (0.9, 0.24)),
    "jar": ((-0.7, 0.36), (-0.6, 0.38), (-0.5, 0.46), (0.65, 0.46), (0.78, 0.4)),
    "flask": ((-0.9, 0.12), (-0.3, 0.12), (0.6, 0.55), (0.8, 0.58), (0.88, 0.5)),
}


# How far a slice of lemon, flowers or a foot reach to the side.
BESIDE = {"tumbler": 0.53, "vase": 0.62, "wine": 0.37}


def _radius(y: Field, profile: tuple[tuple[float, float], ...]) -> Field:
    heights, radii = np.array(profile).T
    line = np.linspace(-1, 1, 512)
    inside = (line >= heights[0]) & (line <= heights[-1])
    kernel = np.hanning(41)
    padded = np.interp(line, heights, radii)
    smooth = np.convolve(np.pad(padded, 20, mode="edge"), kernel / kernel.sum(), mode="valid")
    radius = np.where(inside, smooth, 0)
    return np.interp(y[:, 0], line, radius)[:, None].astype(np.float32)


def _label(sketch: Sketch, draws: Draws, reach: float, middle: float) -> None:
    paper = any_material(draws, mix(any_colour(draws), rgb(1, 1, 0.95), 0.5))
    ink = Material(any_colour(draws) * 0.5)
    tall = draws.uniform(0.14, 0.25)
    wide = reach * 0.93
    sketch.shape(
        rounded_box(-wide, middle - tall, wide, middle + tall, 0.03), material=paper, relief=0.15
    )
    sketch.shape(
        box(-wide * 0.7, middle - tall * 0.5, wide * 0.7, middle - tall * 0.2),
        material=ink,
        relief=0,
    )
    for line in range(3):
        top = middle + tall * (0.1 + 0.25 * line)
        sketch.shape(
            box(-wide * 0.6, top, wide * draws.uniform(0, 0.6), top + 0.012), material=ink, relief=0
        )


def _opaque_part(draws: Draws, kind: str, profile: tuple[tuple[float, float], ...]) -> Sketch:
    sketch = Sketch(draws)
    rim, neck = profile[0]
    if kind in ("bottle", "jar", "vase"):
        middle = 0.1 if kind == "jar" else 0.4
        reach = float(np.interp(middle, *np.array(profile).T))
        _label(sketch, draws, reach, middle)
    if kind in ("bottle", "flask", "jar"):
        cap = any_material(draws, gloss=0.4)
        top = rounded_box(-neck * 1.1, rim - 0.06, neck * 1.1, rim + 0.1, 0.03)
        sketch.shape(top, material=cap, relief=0.6)
    if kind == "wine":
        stand = any_material(draws, gloss=0.3)
        sketch.shape(ellipse(0, 0.9, 0.36, 0.05), material=stand)
    if kind == "tumbler":
        if draws.chance(0.7):
            fruit = Material(rgb(0.95, 0.75, 0.2), grain=0.2)
            sketch.shape(ellipse(0.36, -0.78, 0.17, 0.17), material=fruit, relief=0.3)
            sketch.shape(
                ellipse(0.36, -0.78, 0.13, 0.13), material=Material(rgb(1, 0.93, 0.6)), relief=0.2
            )
        straw = any_material(draws)
        sketch.tube(bent_path(point(-0.1, 0.5), -math.pi / 2 + 0.2, 1.5, 0.1), (0.03,), straw)
        sketch.shape(rounded_box(-0.4, 0.66, 0.4, 0.82, 0.03), material=any_material(draws))
    if kind == "vase":
        stem = Material(rgb(0.2, 0.45, 0.15), grain=0.4)
        for lean in (-0.35, 0.0, 0.3):
            path = bent_path(point(lean * 0.2, 0.3), -math.pi / 2 + lean, 0.95, 0.4 * lean)
            sketch.tube(path, (0.014,), stem)
            blossom(sketch, draws, path[-1], draws.uniform(0.16, 0.24))
    return sketch


def glass(size: int, draws: Draws) -> Layer:
    """Paint a vessel of glass, often with a drink in it, nearly always with an opaque part.

    Opacity rises towards grazing view as in Fresnel reflection (Schlick's approximation, 1994).
    """
    kind = draws.choice(tuple(PROFILES))
    profile = PROFILES[kind]
    stretch = np.float32(draws.uniform(0.85, 1.05))
    # What stands out of the vessel must fit in as well.
    widest = max(*(reach for _, reach in profile), BESIDE.get(kind, 0.0)) * float(stretch)
    width = max(16, round(size * min(1.0, widest + draws.uniform(0.03, 0.12) + 0.05)))
    x, y = grid(size, width)
    radius = _radius(y, profile) * stretch
    across = np.clip(x / np.maximum(radius, np.float32(1e-4)), -4, 4)
    inside = np.clip((radius - np.abs(x)) * size / 2 + 0.5, 0, 1)
    clear, power = draws.uniform(0.06, 0.22), draws.uniform(3, 6)
    rise = np.minimum(np.abs(across), 1) ** power
    alpha = clear + (0.92 - clear) * rise
    tint = mix(any_colour(draws), rgb(0.9, 0.95, 0.95), draws.uniform(0.3, 0.9))
    colour = tint.astype(np.float32) * (0.35 + 0.5 * (1 - rise))[..., None]
    alpha, colour = _drink(draws, kind, across, y, alpha, colour)
    for place, spread, strength in ((-0.55, 0.1, 0.9), (0.62, 0.05, 0.65), (-0.25, 0.03, 0.4)):
        gleam = strength * np.exp(-(((across - place) / spread) ** 2))
        gleam = gleam * (0.6 + 0.4 * np.sin(y * 6 + place * 9)) * smoothstep(0, 0.1, radius)
        alpha = alpha + gleam * (1 - alpha)
        colour = colour * (1 - gleam[..., None]) + gleam[..., None]
    ripple = fractal_noise(size, width, draws, 6, 3) - np.float32(0.5)
    alpha = np.clip(alpha + 0.08 * ripple, 0, 1) * inside
    vessel = tinted(colour, cv2.GaussianBlur(alpha.astype(np.float32), (0, 0), 0.6))
    if draws.chance(0.12):
        return vessel
    part = _opaque_part(draws, kind, profile)
    if not part.items:
        return vessel
    front = part.paint_window(size, (-width / size, -1, 2 * width / size, 2))
    return over(vessel, front) if kind == "vase" else over(front, vessel)


def _drink(
    draws: Draws, kind: str, across: Field, y: Field, alpha: Field, colour: Field
) -> tuple[Field, Field]:
    """Fill the vessel up to a level with a tinted, absorbing liquid."""
    if draws.chance(0.35):
        return alpha, colour
    level = draws.uniform(-0.5, 0.3)
    bottom = 0.1 if kind == "wine" else 0.74
    filled = (
        smoothstep(level - 0.01, level + 0.01, y) * (y < bottom) * (np.abs(across) < 0.94)
    ).astype(np.float32)
    depth = np.sqrt(np.maximum(1 - across**2, 0))
    absorbed = filled * (1 - np.exp(-draws.uniform(0.6, 3.0) * depth))
    tone = any_colour(draws).astype(np.float32) * (0.6 + 0.5 * depth)[..., None]
    share = absorbed[..., None]
    return 1 - (1 - alpha) * (1 - absorbed), colour * (1 - share) + tone * share
