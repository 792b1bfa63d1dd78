"""Opaque everyday things: clothes, toys, instruments, and those of the household."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from distinctions646.mini.bodies.household import chair, fruit, lamp, mug, parcel
from distinctions646.mini.bodies.toys import bag, cake, clock, mushroom, robot, shirt, snowman
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import (
    bent_path,
    blob,
    box,
    ellipse,
    point,
    rotate,
    rounded_box,
    spline,
)
from distinctions646.mini.drawing.material import Material, any_colour, any_material, rgb, wood
from distinctions646.mini.drawing.sketch import Layer, Sketch, any_framing

UP = -math.pi / 2


def hat(draws: Draws) -> Sketch:
    """Sketch a brimmed hat, a cap or a boot."""
    sketch = Sketch(draws)
    felt, band = any_material(draws), any_material(draws)
    if draws.chance(0.4):
        side = draws.sign()
        shaft = draws.uniform(0.4, 0.8)
        upper = rounded_box(-0.2, -shaft, 0.2, 0.3, 0.06)
        sole = rounded_box(-0.22, 0.3, 0.6, 0.4, 0.03) * np.array([side, 1])
        toe = blob(0.2, 0.2, 0.38, 0.18, draws, 0.03) * np.array([side, 1])
        sketch.shape(upper, toe, material=felt, relief=0.8)
        sketch.shape(sole, material=band)
        sketch.shape(box(-0.21, -shaft, 0.21, -shaft + 0.12), material=band)
        for number in range(4):
            y = -shaft * 0.6 + number * 0.14
            sketch.tube(np.array([[side * 0.05, y], [side * 0.2, y + 0.05]]), (0.018,), band)
        return sketch
    brim, tall = draws.uniform(0.5, 0.8), draws.uniform(0.25, 0.6)
    sketch.shape(
        ellipse(0, 0.1, brim, draws.uniform(0.1, 0.2)), material=felt, relief=0.5, brightness=0.8
    )
    crown = spline(
        [
            point(-0.38, 0.1),
            point(-0.34, -tall * 0.8),
            point(-0.15, -tall),
            point(0.0, -tall * 0.9),
            point(0.15, -tall),
            point(0.34, -tall * 0.8),
            point(0.38, 0.1),
        ],
        50,
    )
    sketch.shape(crown, material=felt, relief=0.8)
    sketch.shape(box(-0.375, -0.06, 0.375, 0.09), material=band, relief=0.5)
    return sketch


def umbrella(draws: Draws) -> Sketch:
    """Sketch an open umbrella with panels in two colours."""
    sketch = Sketch(draws)
    cloths = (any_material(draws), any_material(draws))
    handle = bent_path(point(0, 0.75), math.pi / 2, 0.4, 3.4, 18)
    timber = wood(draws)
    sketch.tube(np.array([[0, -0.55], [0, 0.78]]), (0.02,), timber)
    sketch.tube(handle, (0.035,), timber)
    panels = draws.integer(5, 8)
    edges = np.cos(np.linspace(math.pi, 0, panels + 1)) * 0.8
    for number in range(panels):
        left, right = edges[number], edges[number + 1]
        arch = spline([point(left, 0.1), point((left + right) / 2, 0.02), point(right, 0.1)], 8)
        rib_left = spline([point(0, -0.5), point(left * 0.7, -0.33), point(left, 0.1)], 10)
        rib_right = spline([point(right, 0.1), point(right * 0.7, -0.33), point(0, -0.5)], 10)
        panel = np.concatenate([rib_left, arch, rib_right])
        bright = 0.75 + 0.35 * math.sin(math.pi * (number + 0.3) / panels)
        sketch.shape(panel, material=cloths[number % 2], relief=0.25, brightness=bright)
    sketch.turn(draws.normal(0.4))
    return sketch


def ball(draws: Draws) -> Sketch:
    """Sketch a ball or a balloon with a string."""
    sketch = Sketch(draws)
    skin = any_material(draws, gloss=0.9)
    if draws.chance(0.5):
        string = bent_path(point(0, 0.55), math.pi / 2, 0.7, draws.normal(0.6))
        sketch.tube(string, (0.008,), Material(rgb(0.9, 0.9, 0.9)))
        sketch.shape(np.array([[0, 0.45], [0.06, 0.58], [-0.06, 0.58]]), material=skin)
        sketch.shape(ellipse(0, 0, 0.42, draws.uniform(0.45, 0.55)), material=skin)
        return sketch
    sketch.shape(ellipse(0, 0, 0.5, 0.5), material=skin)
    seam = Material(any_colour(draws) * 0.4)
    for turn in (0.3, 1.4, 2.5):
        curve = spline([point(-0.48, 0), point(0, draws.uniform(-0.35, 0.35)), point(0.48, 0)])
        sketch.tube(rotate(curve, turn), (0.012,), seam, relief=0)
    return sketch


def guitar(draws: Draws) -> Sketch:
    """Sketch a guitar or a violin."""
    sketch = Sketch(draws)
    timber, dark = wood(draws), Material(rgb(0.12, 0.08, 0.06), grain=0.2, gloss=0.4)
    waist = draws.uniform(0.15, 0.24)
    body = spline(
        [
            point(0, -0.1),
            point(0.24, -0.06),
            point(waist, 0.22),
            point(0.36, 0.55),
            point(0.15, 0.78),
            point(0, 0.8),
            point(-0.15, 0.78),
            point(-0.36, 0.55),
            point(-waist, 0.22),
            point(-0.24, -0.06),
            point(0, -0.1),
        ],
        80,
    )
    sketch.shape(body, material=timber, relief=0.3)
    sketch.shape(ellipse(0, 0.25, 0.11, 0.11), material=dark, relief=0)
    sketch.shape(box(-0.045, -0.95, 0.045, 0.2), material=dark, relief=0.5)
    sketch.shape(rounded_box(-0.08, -1.2, 0.08, -0.93, 0.03), material=timber)
    for side in (-1, 1):
        for y in (-1.14, -1.07, -1.0):
            sketch.shape(ellipse(side * 0.11, y, 0.035, 0.02), material=dark)
    sketch.shape(box(-0.12, 0.52, 0.12, 0.57), material=dark)
    for x in np.linspace(-0.03, 0.03, 4):
        sketch.tube(
            np.array([[x, -1.0], [x, 0.54]]), (0.004,), Material(rgb(0.9, 0.88, 0.8)), relief=0
        )
    sketch.turn(draws.normal(0.6))
    return sketch


THINGS: tuple[Callable[[Draws], Sketch], ...] = (
    fruit,
    mug,
    chair,
    parcel,
    hat,
    umbrella,
    lamp,
    ball,
    guitar,
    bag,
    cake,
    clock,
    mushroom,
    robot,
    robot,
    shirt,
    snowman,
)


def sketch_solid(draws: Draws) -> Sketch:
    """Sketch one of the things, slightly turned."""
    sketch = draws.choice(THINGS)(draws)
    sketch.turn(draws.normal(0.1))
    return sketch


def solid(size: int, draws: Draws) -> Layer:
    """Paint a thing of the house; now and then three sides fill the frame."""
    sketch = sketch_solid(draws)
    crop = draws.uniform(0.1, 0.4) if draws.chance(0.15) else 0.0
    return sketch.paint(size, any_framing(draws, crop), lens=draws.uniform(0.3, 0.6))
