"""Things on and around a table: fruit, crockery, lamps, parcels, chairs."""

from __future__ import annotations

import math

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import (
    Points,
    bent_path,
    blob,
    box,
    ellipse,
    leaf,
    point,
    rounded_box,
    spline,
)
from distinctions646.mini.drawing.material import (
    Material,
    any_colour,
    any_material,
    hsv,
    leaf_colour,
    mix,
    rgb,
    wood,
)
from distinctions646.mini.drawing.sketch import Sketch

UP = -math.pi / 2


def _pear_outline() -> Points:
    half = [(0.16, -0.3), (0.2, 0.0), (0.4, 0.35), (0.25, 0.62)]
    return _symmetric((0.0, -0.4), half, (0.0, 0.65))


def _apple_outline() -> Points:
    half = [(0.25, -0.4), (0.47, -0.15), (0.38, 0.3), (0.15, 0.48)]
    return _symmetric((0.0, -0.3), half, (0.0, 0.43))


def _symmetric(
    top: tuple[float, float], half: list[tuple[float, float]], bottom: tuple[float, float]
) -> Points:
    """Return the smooth outline through points of the right half and their mirror images."""
    left = [(-x, y) for x, y in reversed(half)]
    return spline(np.array([top, *half, bottom, *left, top]), 80)


def _grapes(sketch: Sketch, draws: Draws, peel: Material) -> None:
    for row in range(6):
        for number in range(6 - row):
            x = (number - (5 - row) / 2) * 0.17 + draws.normal(0.015)
            radius = draws.uniform(0.1, 0.12)
            sketch.shape(ellipse(x, row * 0.15 - 0.25, radius, radius), material=peel)


def fruit(draws: Draws) -> Sketch:
    """Sketch an apple, pear, orange, lemon or a bunch of grapes."""
    sketch = Sketch(draws)
    tone = hsv(draws.choice((0.0, 0.02, 0.09, 0.14, 0.25, 0.8)) + draws.normal(0.01), 0.8, 0.8)
    peel = Material(tone, tone * 0.7, "mottle", 8, 0.5, 0.25, 0.5, draws.child("peel"))
    stalk = Material(rgb(0.35, 0.25, 0.12), grain=0.5)
    sketch.tube(bent_path(point(0, -0.3), UP, 0.3, draws.normal(0.6)), (0.03, 0.02), stalk)
    if draws.chance(0.7):
        blade = leaf(point(0, -0.45), draws.uniform(-0.9, 0.1), 0.35, 0.09, 0.2)
        sketch.shape(blade, material=Material(leaf_colour(draws), grain=0.3))
    kind = draws.choice(("apple", "pear", "ball", "grapes"))
    if kind == "grapes":
        _grapes(sketch, draws, peel)
    elif kind == "ball":
        sketch.shape(blob(0, 0, 0.45, draws.uniform(0.33, 0.45), draws, 0.03), material=peel)
    else:
        outline = _pear_outline() if kind == "pear" else _apple_outline()
        sketch.shape(outline, material=peel)
    sketch.turn(draws.normal(0.3))
    return sketch


def mug(draws: Draws) -> Sketch:
    """Sketch a mug or a teapot, painted, with a handle."""
    sketch = Sketch(draws)
    china = any_material(draws, gloss=0.6)
    side, wide, tall = draws.sign(), draws.uniform(0.26, 0.42), draws.uniform(0.3, 0.5)
    turn = np.linspace(-1.5, 1.5, 24)
    ring = np.stack([side * (wide * 0.9 + 0.2 * np.cos(turn)), 0.62 * tall * np.sin(turn)], axis=1)
    sketch.tube(ring, (0.05,), china, brightness=0.85)
    if draws.chance(0.45):
        spout = spline(
            [
                point(-side * wide * 0.7, tall * 0.4),
                point(-side * (wide + 0.15), 0.0),
                point(-side * (wide + 0.3), -tall * 0.8),
            ]
        )
        sketch.tube(spout, (0.11, 0.06, 0.045), china)
        sketch.shape(blob(0, 0.05, wide * 1.15, tall, draws, 0.02), material=china)
        sketch.shape(ellipse(0, -tall * 0.85, wide * 0.6, 0.08), material=china, brightness=1.1)
        sketch.shape(ellipse(0, -tall * 0.85 - 0.1, 0.06, 0.06), material=china, brightness=0.8)
    else:
        foot = draws.uniform(0.7, 1.0)
        body = np.array([[-wide, -tall], [wide, -tall], [wide * foot, tall], [-wide * foot, tall]])
        sketch.shape(body, material=china, relief=0.7)
        sketch.shape(ellipse(0, tall, wide * foot, 0.06), material=china, brightness=0.7)
        sketch.shape(ellipse(0, -tall, wide, 0.08), material=china, brightness=0.9)
        tea = Material(rgb(0.3, 0.17, 0.08), grain=0.1, gloss=0.4)
        sketch.shape(ellipse(0, -tall + 0.01, wide * 0.88, 0.06), material=tea, relief=0)
    return sketch


def lamp(draws: Draws) -> Sketch:
    """Sketch a table lamp or a candlestick."""
    sketch = Sketch(draws)
    metal = any_material(draws, gloss=0.8)
    sketch.shape(ellipse(0, 0.7, 0.3, 0.08), material=metal, brightness=0.8)
    bulge = draws.uniform(0.04, 0.25)
    path = np.stack([np.zeros(12), np.linspace(0.68, -0.2, 12)], axis=1)
    sketch.tube(path, (0.06, bulge, 0.08, bulge * 0.6, 0.04), metal)
    cloth = any_material(draws, mix(any_colour(draws), rgb(1, 0.9, 0.7), 0.4))
    narrow, wide = draws.uniform(0.15, 0.3), draws.uniform(0.35, 0.55)
    shade = np.array([[-narrow, -0.75], [narrow, -0.75], [wide, -0.15], [-wide, -0.15]])
    sketch.shape(shade, material=cloth, relief=0.5, brightness=1.2)
    return sketch


def parcel(draws: Draws) -> Sketch:
    """Sketch a box with a ribbon, or a pile of books."""
    sketch = Sketch(draws)
    if draws.chance(0.5):
        bottom = 0.5
        for _ in range(draws.integer(2, 6)):
            cover, thick = any_material(draws), draws.uniform(0.09, 0.2)
            half, shift = draws.uniform(0.35, 0.55), draws.normal(0.05)
            sketch.shape(
                box(shift - half, bottom - thick, shift + half, bottom), material=cover, relief=0.25
            )
            pages = box(
                shift + half * 0.55,
                bottom - thick * 0.85,
                shift + half * 0.98,
                bottom - thick * 0.15,
            )
            sketch.shape(pages, material=Material(rgb(0.93, 0.9, 0.8), grain=0.5), relief=0.1)
            bottom -= thick
        return sketch
    card, ribbon = any_material(draws), any_material(draws, gloss=0.5)
    wide, tall, deep = draws.uniform(0.35, 0.6), draws.uniform(0.25, 0.5), draws.uniform(0.1, 0.25)
    top = np.array(
        [[-wide, -tall], [wide, -tall], [wide + deep, -tall - deep], [deep - wide, -tall - deep]]
    )
    flank = np.array(
        [[wide, -tall], [wide + deep, -tall - deep], [wide + deep, tall - deep], [wide, tall]]
    )
    sketch.shape(box(-wide, -tall, wide, tall), material=card, relief=0.1)
    sketch.shape(flank, material=card, relief=0.1, brightness=0.6)
    sketch.shape(top, material=card, relief=0.1, brightness=1.2)
    sketch.shape(box(-0.07, -tall, 0.07, tall), material=ribbon, relief=0.2)
    for side in (-1, 1):
        loop = leaf(point(deep / 2, -tall - deep / 2), UP + side * 0.8, 0.4, 0.12, side * 0.2)
        sketch.shape(loop, material=ribbon, relief=0.8)
    return sketch


def chair(draws: Draws) -> Sketch:
    """Sketch a chair or an armchair."""
    sketch = Sketch(draws)
    if draws.chance(0.45):
        cloth = any_material(draws)
        sketch.shape(rounded_box(-0.4, -0.6, 0.4, 0.3, 0.12), material=cloth, relief=0.5)
        sketch.shape(
            rounded_box(-0.42, 0.1, 0.42, 0.4, 0.06), material=cloth, relief=0.7, brightness=1.1
        )
        for side in (-1, 1):
            left = side * 0.5 - 0.1
            arm = rounded_box(left, -0.15, left + 0.2, 0.5, 0.09)
            sketch.shape(arm, material=cloth, brightness=0.9)
            foot = box(side * 0.45 - 0.04, 0.48, side * 0.45 + 0.04, 0.62)
            sketch.shape(foot, material=wood(draws))
        return sketch
    timber = wood(draws)
    seat = any_material(draws) if draws.chance(0.5) else timber
    lean = draws.uniform(0.0, 0.1)
    for x in (-0.28, 0.3):
        sketch.tube(np.array([[x, 0.0], [x * 1.05, 0.62]]), (0.035, 0.028), timber, brightness=0.65)
    for x in (-0.34, 0.34):
        sketch.tube(np.array([[x - lean, -0.75], [x, 0.05]]), (0.035,), timber)
    for number in range(draws.integer(2, 5)):
        y = -0.7 + number * 0.14
        sketch.tube(
            np.array([[-0.34 - lean, y], [0.34 - lean, y]]), (0.032,), timber, brightness=0.95
        )
    cushion = np.array([[-0.36, 0.0], [0.36, 0.0], [0.46, 0.18], [-0.46, 0.18]])
    sketch.shape(cushion, material=seat, relief=0.3, brightness=1.1)
    for x in (-0.42, 0.42):
        sketch.tube(np.array([[x, 0.15], [x * 1.06, 0.85]]), (0.04, 0.03), timber)
    return sketch
