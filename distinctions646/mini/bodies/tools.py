"""Tools of workshop and kitchen."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import (
    bent_path,
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
    grip_material,
    mix,
    rgb,
    steel,
)
from distinctions646.mini.drawing.sketch import Layer, Sketch, any_framing

DOWN = math.pi / 2


def hammer(draws: Draws) -> Sketch:
    """Sketch a hammer, an axe or a spade."""
    sketch = Sketch(draws)
    metal = steel(draws)
    sketch.tube(np.array([[0, -0.6], [0, 0.5]]), (0.06, 0.08), grip_material(draws))
    kind = draws.choice(("hammer", "axe", "spade"))
    if kind == "hammer":
        sketch.shape(rounded_box(-0.32, -0.75, 0.2, -0.53, 0.04), material=metal)
        sketch.tube(bent_path(point(0.2, -0.65), 0.0, 0.3, 0.7), (0.08, 0.02), metal)
    elif kind == "axe":
        blade = spline(
            [
                point(-0.07, -0.72),
                point(0.3, -0.85),
                point(0.42, -0.55),
                point(0.3, -0.25),
                point(-0.07, -0.45),
                point(-0.07, -0.72),
            ],
            40,
        )
        sketch.shape(blade, material=metal, relief=0.3)
    else:
        sketch.shape(leaf(point(0, -0.45), -DOWN, 0.75, 0.22), material=metal, relief=0.4)
        sketch.tube(np.array([[-0.14, 0.52], [0.14, 0.52]]), (0.04,), grip_material(draws))
    return sketch


def brush(draws: Draws) -> Sketch:
    """Sketch a broom or a paint brush, bristle by bristle."""
    sketch = Sketch(draws)
    wide = draws.uniform(0.1, 0.3)
    tone = mix(any_colour(draws), rgb(0.8, 0.7, 0.45), 0.6)
    count = 900
    start = np.stack(
        [draws.uniforms(-wide, wide, count), draws.uniforms(0.28, 0.36, count)], axis=1
    )
    angle = DOWN - start[:, 0] / wide * draws.uniform(0.0, 0.5) + draws.normals(0.07, count)
    length = draws.uniform(0.3, 0.5) * draws.uniforms(0.8, 1.05, count)
    t = np.linspace(0, 1, 6)[None, :, None]
    reach = np.stack([np.cos(angle), np.sin(angle)], axis=1) * length[:, None]
    colours = np.clip(tone * draws.uniforms(0.6, 1.3, (count, 1)), 0, 1)
    sketch.shape(box(-wide, 0.25, wide, 0.5), material=Material(tone * 0.6, grain=0.6))
    sketch.strands(start[:, None] + t * reach[:, None], colours, 0.008, 0.004)
    sketch.shape(rounded_box(-wide * 1.05, 0.12, wide * 1.05, 0.34, 0.03), material=steel(draws))
    sketch.tube(
        np.array([[0, draws.uniform(-0.9, -0.4)], [0, 0.15]]), (0.07, 0.06), grip_material(draws)
    )
    if draws.chance(0.5):
        paint = any_colour(draws)
        dipped = np.clip(paint * draws.uniforms(0.8, 1.2, (count, 1)), 0, 1)
        sketch.strands(start[:, None] + (0.6 + 0.4 * t) * reach[:, None], dipped, 0.008, 0.004)
    return sketch


def scissors(draws: Draws) -> Sketch:
    """Sketch a pair of scissors."""
    sketch = Sketch(draws)
    metal, grip = steel(draws), any_material(draws, gloss=0.5)
    opening = draws.uniform(0.1, 0.45)
    turn = np.linspace(0, 2 * math.pi, 30)
    for side in (-1, 1):
        angle = -DOWN + side * opening
        sketch.shape(leaf(point(0, 0.06), angle, 0.75, 0.09), material=metal, relief=0.4)
        back = bent_path(point(0, 0), angle + math.pi, 0.35, -side * 0.2)
        sketch.tube(back, (0.065, 0.06), grip)
        x, y = back[-1] + np.array([0, 0.13])
        ring = np.stack([x + 0.11 * np.cos(turn), y + 0.16 * np.sin(turn)], axis=1)
        sketch.tube(ring, (0.055,), grip)
    sketch.shape(ellipse(0, 0, 0.035, 0.035), material=metal)
    return sketch


def cutlery(draws: Draws) -> Sketch:
    """Sketch a fork, a spoon, a spanner or a key."""
    sketch = Sketch(draws)
    metal = steel(draws) if draws.chance(0.6) else any_material(draws, gloss=0.8)
    sketch.tube(np.array([[0, -0.2], [0, 0.7]]), (0.05, 0.045, 0.08), metal)
    kind = draws.choice(("fork", "spoon", "spanner", "key"))
    if kind == "fork":
        for x in (-0.12, -0.04, 0.04, 0.12):
            sketch.tube(np.array([[x, -0.75], [x, -0.35]]), (0.015, 0.025), metal)
        sketch.shape(rounded_box(-0.15, -0.4, 0.15, -0.15, 0.09), material=metal)
    elif kind == "spoon":
        sketch.shape(ellipse(0, -0.45, 0.2, 0.3), material=metal)
        sketch.shape(ellipse(0, -0.45, 0.15, 0.24), material=metal, brightness=0.75, relief=0.4)
    else:
        turn = np.linspace(
            0.6 if kind == "spanner" else 0, 5.7 if kind == "spanner" else 2 * math.pi, 40
        )
        ring = np.stack([0.2 * np.sin(turn), -0.42 - 0.2 * np.cos(turn)], axis=1)
        sketch.tube(ring, (0.07,), metal)
        if kind == "key":
            for y in (0.55, 0.7):
                sketch.shape(box(0.0, y, draws.uniform(0.12, 0.25), y + 0.07), material=metal)
    return sketch


TOOLS: tuple[Callable[[Draws], Sketch], ...] = (hammer, brush, brush, scissors, cutlery)


def tool(size: int, draws: Draws) -> Layer:
    """Paint a tool of workshop or kitchen at any angle."""
    sketch = draws.choice(TOOLS)(draws)
    sketch.turn(draws.choice((draws.normal(0.2), draws.uniform(-1.2, 1.2))))
    framing = replace(any_framing(draws), aspect=None)
    return sketch.paint(size, framing, samples=3, lens=draws.uniform(0.3, 0.6))
