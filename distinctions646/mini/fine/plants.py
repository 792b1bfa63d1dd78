"""Plants: in pots, as trees, and as flowers."""

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
    heading,
    leaf,
    point,
)
from distinctions646.mini.drawing.material import (
    Material,
    any_colour,
    any_material,
    hsv,
    leaf_colour,
    mix,
    rgb,
)
from distinctions646.mini.drawing.sketch import Layer, Sketch, any_framing

UP = -math.pi / 2


def _pot(sketch: Sketch, draws: Draws) -> None:
    clay = any_material(draws, rgb(0.72, 0.4, 0.27) if draws.chance(0.4) else None)
    wide, tall = draws.uniform(0.2, 0.32), draws.uniform(0.25, 0.45)
    foot = draws.uniform(0.6, 0.95)
    body = np.array([[-wide, 0], [wide, 0], [wide * foot, tall], [-wide * foot, tall]])
    sketch.shape(body, material=clay, relief=0.6)
    sketch.shape(
        box(-wide * 1.1, -0.02, wide * 1.1, 0.07), material=clay, relief=0.5, brightness=1.1
    )


def _frond(sketch: Sketch, draws: Draws, path: Points, green: Material, dark: Material) -> None:
    """Add a feathered leaf: pairs of leaflets along a stem."""
    sketch.tube(path, (0.01, 0.004), dark)
    steps = np.diff(path, axis=0)
    shine = draws.uniform(0.65, 1.2)
    for index in range(3, len(path) - 1):
        along = math.atan2(steps[index][1], steps[index][0])
        length = 0.2 * math.sin(math.pi * (0.12 + 0.86 * index / len(path))) + 0.02
        for side in (-1, 1):
            outline = leaf(path[index], along + side * 1.05, length, 0.018, -side * 0.15)
            bright = shine * draws.uniform(0.8, 1.15)
            sketch.shape(outline, material=green, relief=0.4, brightness=bright)


def _broad_leaf(
    sketch: Sketch, draws: Draws, path: Points, green: Material, dark: Material
) -> None:
    """Add one large leaf on a stem."""
    sketch.tube(path, (0.014, 0.01), dark)
    end = path[-1] - path[-2]
    angle, length = math.atan2(end[1], end[0]) + draws.normal(0.3), draws.uniform(0.25, 0.45)
    outline = leaf(path[-1], angle, length, length * draws.uniform(0.2, 0.42), draws.normal(0.2))
    sketch.shape(outline, material=green, relief=0.35, brightness=draws.uniform(0.7, 1.2))
    rib = np.stack([path[-1], path[-1] + heading(angle) * length * 0.85])
    sketch.tube(rib, (0.005, 0.002), dark, relief=0.0)


def _blades(sketch: Sketch, draws: Draws, green: Material) -> None:
    """Add long narrow leaves, as of grass or a spider plant."""
    for _ in range(draws.integer(25, 60)):
        lean = draws.normal(0.5)
        path = bent_path(
            point(draws.normal(0.05), 0.02), UP + lean, draws.uniform(0.4, 1.0), lean * 1.6
        )
        bright = draws.uniform(0.6, 1.25)
        sketch.tube(path, (0.016, 0.014, 0.003), green, relief=0.5, brightness=bright)


def plant(size: int, draws: Draws) -> Layer:
    """Paint a pot plant: fern, broad leaves, blades or a cactus."""
    sketch = Sketch(draws)
    tone = leaf_colour(draws)
    green = Material(tone, tone * 0.75, "mottle", grain=0.4, draws=draws.child("leaf"))
    dark = Material(tone * 0.6, grain=0.3)
    kind = draws.choice(("fern", "broad", "broad", "blades", "cactus"))
    if kind == "blades":
        _blades(sketch, draws, green)
    elif kind == "cactus":
        _cactus(sketch, draws, green)
    else:
        count = draws.integer(7, 11) if kind == "fern" else draws.integer(9, 16)
        for number in range(count):
            lean = (number / (count - 1) - 0.5) * 2.4 + draws.normal(0.15)
            length = draws.uniform(0.6, 1.0) * (1 if kind == "fern" else 0.7)
            path = bent_path(
                point(0, 0.02), UP + lean * 0.6, length, lean * draws.uniform(0.5, 1.3), 26
            )
            (_frond if kind == "fern" else _broad_leaf)(sketch, draws, path, green, dark)
    _pot(sketch, draws)
    samples = 3 if size < 400 else 2
    return sketch.paint(size, any_framing(draws), samples=samples, lens=draws.uniform(0.35, 0.6))


def _cactus(sketch: Sketch, draws: Draws, green: Material) -> None:
    tall, wide = draws.uniform(0.5, 0.9), draws.uniform(0.12, 0.2)
    trunk = bent_path(point(0, 0.05), UP, tall, draws.normal(0.1))
    sketch.tube(trunk, (wide, wide, wide * 0.8), green)
    for side in (-1, 1):
        if draws.chance(0.75):
            root = trunk[draws.integer(4, 9)]
            arm = bent_path(root, UP + side * 1.4, tall * 0.6, -side * 1.5)
            sketch.tube(arm, (wide * 0.6, wide * 0.5), green)
    needles = 260
    spread = draws.uniforms(-1, 1, needles)
    root = np.stack([spread * wide * 1.0, -draws.unit(needles) * tall], axis=1)
    angle = spread * 1.4 + UP + draws.normals(0.3, needles)
    t = np.linspace(0, 0.07, 5)[None, :, None]
    paths = root[:, None] + t * np.stack([np.cos(angle), np.sin(angle)], axis=1)[:, None]
    sketch.strands(paths, np.tile(rgb(0.93, 0.9, 0.75), (needles, 1)), 0.004, 0.002)
    if draws.chance(0.5):
        petals = Material(any_colour(draws), grain=0.2)
        for turn in np.linspace(UP - 1.2, UP + 1.2, 7):
            sketch.shape(
                leaf(trunk[-1] + point(0, -wide * 0.6), float(turn), 0.16, 0.04), material=petals
            )


def tree(size: int, draws: Draws) -> Layer:
    """Paint a tree with a trunk, bare, or with leaves in clumps."""
    sketch = Sketch(draws)
    bark = Material(mix(rgb(0.3, 0.2, 0.13), rgb(0.75, 0.72, 0.68), draws.uniform(0, 1)), grain=0.8)
    tips: list[tuple[Points, float, float]] = []

    def grow(start: Points, angle: float, length: float, width: float, depth: int) -> None:
        path = bent_path(start, angle, length, draws.normal(0.3), 6)
        sketch.tube(path, (width, width * 0.72), bark, relief=0.7)
        if depth == 0:
            tips.append((path[-1], angle, length))
            return
        if depth < 3:
            tips.append((path[-1], angle, length))
        for number in range(draws.integer(2, 3)):
            side = 0.4 if number % 2 else -0.4
            turned = angle + side + draws.normal(0.3)
            grow(path[-1], turned, length * draws.uniform(0.66, 0.85), width * 0.66, depth - 1)

    grow(
        point(0, 1), UP + draws.normal(0.08), 0.42, draws.uniform(0.05, 0.1), 5 if size < 500 else 6
    )
    if draws.chance(0.8):
        _foliage(sketch, draws, tips)
    sketch.shape(
        blob(0, 1.02, 0.25, 0.05, draws, 0.15), material=Material(rgb(0.3, 0.4, 0.18), grain=0.8)
    )
    return sketch.paint(size, any_framing(draws), samples=3, lens=draws.uniform(0.4, 0.6))


def _foliage(sketch: Sketch, draws: Draws, tips: list[tuple[Points, float, float]]) -> None:
    tone = leaf_colour(draws)
    green = Material(tone, grain=0.4, draws=draws.child("foliage"))
    for place, _, length in tips[:: max(1, len(tips) // 60)]:
        radius = length * draws.uniform(0.4, 0.9)
        outline = blob(place[0], place[1], radius, radius * 0.8, draws, 0.2)
        sketch.shape(outline, material=green, relief=0.5, brightness=draws.uniform(0.5, 0.85))
    count = 3500
    picked = (draws.unit(count) * len(tips)).astype(int)
    centre = np.array([place for place, _, _ in tips])[picked]
    reach = np.array([length for _, _, length in tips])[picked]
    root = centre + draws.normals(0.55, (count, 2)) * reach[:, None]
    angle = draws.uniforms(0, 2 * math.pi, count)
    t = np.linspace(0, 0.035, 4)[None, :, None]
    paths = root[:, None] + t * np.stack([np.cos(angle), np.sin(angle)], axis=1)[:, None]
    light = np.clip(1.15 - 0.5 * (root[:, 1:] - root[:, 1].min()) / np.ptp(root[:, 1]), 0.5, 1.3)
    colours = np.clip(tone * light * draws.uniforms(0.6, 1.35, (count, 1)), 0, 1)
    sketch.strands(paths, colours, 0.012, 0.006)


def flower(size: int, draws: Draws) -> Layer:
    """Paint one flower or a small bunch, large in the picture, with stem and leaves."""
    sketch = Sketch(draws)
    stem = Material(leaf_colour(draws) * 0.8, grain=0.3)
    for _ in range(draws.choice((1, 1, 2, 3))):
        lean = draws.normal(0.3)
        path = bent_path(
            point(draws.normal(0.05), 1.0), UP + lean * 0.5, draws.uniform(0.5, 0.95), lean
        )
        sketch.tube(path, (0.035, 0.028), stem)
        for side in (-1, 1):
            at = path[draws.integer(2, 8)]
            outline = leaf(
                at, UP + side * draws.uniform(0.4, 1.1), draws.uniform(0.25, 0.45), 0.07, 0.2
            )
            sketch.shape(outline, material=stem, relief=0.4, brightness=draws.uniform(0.9, 1.3))
        blossom(sketch, draws, path[-1], draws.uniform(0.32, 0.58))
    return sketch.paint(size, any_framing(draws), samples=2, lens=draws.uniform(0.35, 0.6))


def blossom(sketch: Sketch, draws: Draws, place: Points, radius: float) -> None:
    """Add a flower head seen from above or aslant: rings of petals about a heart."""
    tone = hsv(draws.uniform(0.75, 1.2), draws.uniform(0.1, 0.85), draws.uniform(0.7, 1.0))
    petal = Material(
        tone, mix(tone, rgb(1, 1, 1), 0.6), "gradient", grain=0.25, draws=draws.child("petal")
    )
    heart = Material(
        rgb(0.85, 0.65, 0.1) if draws.chance(0.7) else any_colour(draws) * 0.5, grain=0.8
    )
    count, plump = draws.integer(5, 18), draws.uniform(0.9, 1.6)
    squash = draws.uniform(0.55, 1.0)
    for ring in (1.0, 0.72, 0.48)[: draws.integer(1, 3)]:
        for number in range(count):
            angle = 2 * math.pi * number / count + ring * 2 + draws.normal(0.05)
            width = radius * ring * plump * 2.2 / count
            outline = leaf(point(0, 0), angle, radius * ring, width, draws.normal(0.1))
            outline = outline * np.array([1, squash]) + place
            bright = draws.uniform(0.75, 1.05) * (1.1 - 0.2 * ring)
            sketch.shape(outline, material=petal, relief=0.3, brightness=bright)
    core = radius * draws.uniform(0.15, 0.35)
    sketch.shape(ellipse(place[0], place[1], core, core * squash), material=heart)
