"""Backgrounds without things in them: colour fields, bokeh, and surfaces seen from close by."""

from __future__ import annotations

import math

import cv2
import numpy as np

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field, blur, clip, grid, smoothstep
from distinctions646.mini.drawing.geometry import leaf, point
from distinctions646.mini.drawing.layers import lay
from distinctions646.mini.drawing.material import (
    Colour,
    Material,
    any_colour,
    any_material,
    hsv,
    leaf_colour,
    mix,
    realise,
    rgb,
)
from distinctions646.mini.drawing.noise import fractal_noise
from distinctions646.mini.drawing.sketch import Sketch


def blend(first: Colour, second: Colour, share: Field) -> Field:
    """Return a picture that goes from one colour to another where `share` rises to 1."""
    weight = share[..., None]
    return np.asarray(first * (1 - weight) + second * weight, np.float32)


def _clouds(height: int, width: int, draws: Draws) -> Field:
    gain = draws.uniform(0.4, 0.7)
    clouds = fractal_noise(height, width, draws, draws.uniform(1.5, 6), 7, gain)
    return smoothstep(0.25, 0.75, clouds)


def colour_field(height: int, width: int, draws: Draws) -> Field:
    """Render a soft field of two to four colours, noise with a spectrum near 1/f."""
    image = blend(any_colour(draws), any_colour(draws), _clouds(height, width, draws))
    for _ in range(draws.integer(0, 2)):
        share = _clouds(height, width, draws)[..., None]
        image = image * (1 - share) + any_colour(draws).astype(np.float32) * share
    grain = fractal_noise(height, width, draws, 16, 6, 0.8) - np.float32(0.5)
    return image * (1 + np.float32(draws.uniform(0, 0.5)) * grain[..., None])


def bokeh(height: int, width: int, draws: Draws) -> Field:
    """Render discs of unfocused light over a dim blurred field."""
    long = max(height, width)
    dim = np.float32(draws.uniform(0.2, 0.7))
    image = blur(colour_field(height, width, draws) * dim, 0.03 * long)
    discs = np.zeros_like(image)
    hues = [any_colour(draws) for _ in range(draws.integer(2, 5))]
    radius = draws.uniform(0.012, 0.05) * long
    for _ in range(draws.integer(25, 110)):
        centre = (round(draws.uniform(0, width) * 16), round(draws.uniform(0, height) * 16))
        tone = draws.choice(hues) * draws.uniform(0.2, 0.8)
        size = round(radius * draws.uniform(0.5, 1.4) * 16)
        disc = np.zeros(image.shape, np.float32)
        cv2.circle(disc, centre, size, tuple(tone.tolist()), -1, cv2.LINE_AA, 4)
        # Lights add up as on a screen, without running over 1.
        discs = discs + disc - discs * disc
    discs = blur(discs, draws.uniform(0.1, 0.3) * radius)
    return image + discs - image * discs


def _tiles(height: int, width: int, draws: Draws, ratio: float) -> tuple[Field, Field]:
    """Return a shade for each brick or plank, and how far a pixel lies from its joint."""
    x, y = grid(height, width)
    courses = draws.uniform(4, 11)
    row = np.floor((y + 3) * courses)
    along = (x + 3) * courses / ratio + 0.5 * (row % 2)
    column = np.floor(along)
    side_x, side_y = along - column, (y + 3) * courses - row
    joint = np.minimum(np.minimum(side_x, 1 - side_x) * ratio, np.minimum(side_y, 1 - side_y))
    shade = draws.unit(4096)[((row * 61 + column * 17) % 4096).astype(int)]
    return np.asarray(shade, np.float32), np.asarray(joint, np.float32)


def _masonry(height: int, width: int, draws: Draws, grain: Field, planks: bool) -> Field:
    warm = hsv(draws.uniform(0.01, 0.1), draws.uniform(0.3, 0.7), draws.uniform(0.3, 0.8))
    shade, joint = _tiles(height, width, draws, 9 if planks else 2.5)
    image = blend(warm * 0.6, warm * 1.2, clip(shade * 0.7 + grain * 0.4))
    seam = 1 - smoothstep(0.03, 0.09, joint)[..., None]
    mortar = rgb(0.1, 0.08, 0.07) if planks else rgb(0.7, 0.68, 0.65)
    return image * (1 - seam) + mortar.astype(np.float32) * seam


def _weave(height: int, width: int, draws: Draws, grain: Field) -> Field:
    x, y = grid(height, width)
    shift = (grain - np.float32(0.5)) * np.float32(0.05)
    pitch = draws.uniform(40, 130)
    threads = np.sin((x + shift) * pitch) * np.sin((y + shift) * pitch)
    tone = any_colour(draws)
    image = blend(tone, mix(tone, any_colour(draws), 0.5), smoothstep(-0.6, 0.6, threads))
    folds = fractal_noise(height, width, draws, 2, 3)
    return image * (np.float32(0.4) + np.float32(1.1) * folds)[..., None]


def texture(height: int, width: int, draws: Draws) -> Field:
    """Render a surface: brick, planks, woven cloth, veined stone or a pattern."""
    kind = draws.choice(("brick", "planks", "weave", "stone", "pattern"))
    if kind == "pattern":
        return realise(any_material(draws), height, width)
    grain = fractal_noise(height, width, draws, 12, 7, 0.75)
    if kind in ("brick", "planks"):
        return _masonry(height, width, draws, grain, kind == "planks")
    if kind == "weave":
        return _weave(height, width, draws, grain)
    veins = np.abs(fractal_noise(height, width, draws, 4, 7) - np.float32(0.5))
    tone = any_colour(draws)
    image = blend(tone, mix(tone, rgb(0.5, 0.5, 0.5), 0.7), grain)
    return image * (np.float32(0.55) + np.float32(0.5) * smoothstep(0, 0.06, veins))[..., None]


def foliage(height: int, width: int, draws: Draws) -> Field:
    """Render layers of leaves, blurred to a random depth."""
    sketch = Sketch(draws)
    aspect, long = width / height, max(height, width)
    tone = leaf_colour(draws)
    greens = [Material(mix(tone, leaf_colour(draws), 0.4), grain=0.4) for _ in range(3)]
    for depth in np.linspace(0.25, 1.1, 220):
        start = point(draws.uniform(-0.1, aspect + 0.1), draws.uniform(-0.1, 1.1))
        length = draws.uniform(0.08, 0.22)
        angle = draws.uniform(0, 2 * math.pi)
        outline = leaf(start, angle, length, length * 0.25, draws.normal(0.2))
        bright = float(depth) * draws.uniform(0.8, 1.1)
        sketch.shape(outline, material=draws.choice(greens), relief=0.4, brightness=bright)
    image = np.broadcast_to((tone * 0.15).astype(np.float32), (height, width, 3)).copy()
    lay(image, sketch.paint_window(long, (0, 0, aspect, 1), samples=1), 0, 0)
    return blur(image, draws.choice((0.3, 0.005 * long, 0.015 * long, 0.03 * long)))
