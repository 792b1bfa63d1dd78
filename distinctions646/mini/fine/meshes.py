"""Nets, wire and webs: thin threads with holes, and what they hold."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from distinctions646.mini.bodies.critters import bird
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import (
    Points,
    bent_path,
    box,
    ellipse,
    leaf,
    point,
    spline,
)
from distinctions646.mini.drawing.material import (
    Colour,
    Material,
    any_colour,
    any_material,
    hsv,
    leaf_colour,
    mix,
    rgb,
)
from distinctions646.mini.drawing.sketch import Layer, Shape, Sketch, any_framing

DOWN = math.pi / 2


def _threads(sketch: Sketch, paths: NDArray[np.float64], tone: Colour, width: float) -> None:
    draws = sketch.draws
    shades = draws.uniforms(0.75, 1.15, (len(paths), 1))
    sketch.strands(paths, np.clip(tone * shades, 0, 1), width, width)


def _ring(x: float, y: float, radius_x: float, radius_y: float) -> Points:
    turn = np.linspace(0, 2 * math.pi, 60)
    return np.stack([x + radius_x * np.cos(turn), y + radius_y * np.sin(turn)], axis=1)


def _racket(draws: Draws) -> Sketch:
    sketch = Sketch(draws)
    wide, tall = draws.uniform(0.32, 0.42), draws.uniform(0.42, 0.52)
    frame, tone = any_material(draws, gloss=0.6), mix(any_colour(draws), rgb(1, 1, 0.9), 0.6)
    lines, step = [], draws.uniform(0.045, 0.075)
    for offset in np.arange(-tall, tall, step):
        if abs(offset) < wide:
            reach = tall * math.sqrt(1 - (offset / wide) ** 2)
            lines.append(np.linspace(point(offset, -reach), point(offset, reach), 6))
        reach = wide * math.sqrt(max(0.0, 1 - (offset / tall) ** 2))
        lines.append(np.linspace(point(-reach, offset), point(reach, offset), 6))
    _threads(sketch, np.array(lines), tone, draws.uniform(0.006, 0.011))
    sketch.tube(_ring(0, 0, wide, tall), (0.035,), frame)
    for side in (-1, 1):
        sketch.tube(np.array([[side * 0.13, tall * 0.92], [0, tall + 0.3]]), (0.03,), frame)
    sketch.tube(np.array([[0, tall + 0.28], [0, tall + 0.75]]), (0.05,), any_material(draws))
    if draws.chance(0.6):
        felt = Material(hsv(0.19, 0.7, 0.9), grain=0.6)
        sketch.shape(ellipse(draws.normal(0.15), draws.normal(0.2), 0.12, 0.12), material=felt)
    sketch.turn(draws.normal(0.6))
    return sketch


def _string_bag(draws: Draws) -> Sketch:
    sketch = Sketch(draws)
    wide, tall = draws.uniform(0.38, 0.5), draws.uniform(0.45, 0.6)
    if draws.chance(0.85):
        tone = hsv(draws.choice((0.0, 0.07, 0.15, 0.28)), 0.8, 0.85)
        peel = Material(tone, tone * 0.8, "mottle", 10, grain=0.3, gloss=0.4)
        for _ in range(draws.integer(5, 11)):
            turn, reach = draws.uniform(0, 6.28), 0.62 * math.sqrt(draws.uniform(0, 1))
            x, y = wide * reach * math.cos(turn), tall * (0.15 + reach * math.sin(turn) * 0.85)
            sketch.shape(ellipse(x, y, 0.17, 0.17), material=peel)
    count, t = draws.integer(9, 14), np.linspace(0, 1, 28)
    swell = np.sin(math.pi * (0.12 + 0.88 * t)) ** 0.6
    lines = []
    for turn in (-1, 1):
        for number in range(count):
            phase = math.pi * (number / count) + turn * t * 2.2
            across = wide * swell * np.cos(phase) * 1.02
            lines.append(np.stack([across, tall * (2 * t - 1) + 0.03 * np.sin(3 * phase)], axis=1))
    tone = any_colour(draws)
    _threads(sketch, np.array(lines), tone, draws.uniform(0.01, 0.02))
    handle = spline([point(-wide * 0.4, -tall), point(0, -tall - 0.35), point(wide * 0.4, -tall)])
    sketch.tube(handle, (0.03,), Material(tone, grain=0.5))
    sketch.tube(_ring(0, -tall, wide * 0.42, 0.05), (0.025,), Material(tone, grain=0.5))
    return sketch


def _hanging_net(draws: Draws) -> Sketch:
    sketch = Sketch(draws)
    count, sag = draws.integer(9, 15), draws.uniform(0.05, 0.25)
    s = np.linspace(0, 1, 24)
    wave = draws.uniform(0, 6)

    def cloth(u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        x = (u - 0.5) * (1.2 - 0.25 * v * np.sin(math.pi * u)) + 0.05 * np.sin(5 * v + wave)
        y = v * 1.1 + sag * np.sin(math.pi * u) + 0.03 * np.sin(9 * u + wave)
        return np.stack([x, y], axis=1)

    lines = []
    for offset in np.linspace(-1, 1, 2 * count):
        for turn in (1, -1):
            u = s if turn > 0 else 1 - s
            inside = np.clip(s + offset, 0, 1)
            lines.append(cloth(np.clip(u, 0, 1), inside))
    tone = any_colour(draws)
    _threads(sketch, np.array(lines), tone, draws.uniform(0.008, 0.02))
    if draws.chance(0.75):
        rope, cork = Material(tone * 0.7, grain=0.6), any_material(draws)
        edge = cloth(s, np.zeros_like(s))
        sketch.tube(edge, (0.03,), rope)
        for index in range(1, 24, 4):
            sketch.shape(ellipse(edge[index, 0], edge[index, 1], 0.065, 0.05), material=cork)
        for end in (0.0, 1.0):
            pole = cloth(np.full(2, end), np.array([0.0, 1.0])) + np.array([0.0, -0.03])
            sketch.tube(pole, (0.04,), any_material(draws))
    return sketch


def net(size: int, draws: Draws) -> Layer:
    """Paint a racket, a string bag of fruit, or a fishing net with floats."""
    plan = draws.choice((_racket, _string_bag, _string_bag, _hanging_net))
    return plan(draws).paint(size, any_framing(draws), samples=3, lens=0.45)


def _bird_cage(draws: Draws) -> Sketch:
    sketch = Sketch(draws)
    wide, tall = draws.uniform(0.35, 0.5), draws.uniform(0.5, 0.7)
    if draws.chance(0.9):
        _seat(sketch, bird(draws), point(0, 0.12), min(wide, tall) * draws.uniform(0.7, 0.95))
    wire, metal = any_colour(draws), any_material(draws, gloss=0.7)
    t = np.linspace(0, 1, 20)
    dome = np.sqrt(np.clip(1 - ((0.35 - t) / 0.35).clip(0) ** 2, 0, 1))
    lines = [
        np.stack([wide * share * dome, -tall + t * (tall + 0.6)], axis=1)
        for share in np.sin(np.linspace(-DOWN, DOWN, draws.integer(9, 15)))
    ]
    _threads(sketch, np.array(lines), wire, draws.uniform(0.012, 0.02))
    for y in (0.0, 0.35):
        sketch.tube(spline([point(-wide, y), point(0, y + 0.04), point(wide, y)]), (0.018,), metal)
    sketch.shape(box(-wide * 1.08, 0.58, wide * 1.08, 0.72), material=metal, relief=0.5)
    sketch.tube(_ring(0, -tall - 0.08, 0.07, 0.08), (0.018,), metal)
    return sketch


def _seat(sketch: Sketch, guest: Sketch, place: Points, reach: float) -> None:
    """Put the shapes of another sketch into a square about a place."""
    left, top, width, height = guest.bounds()
    middle = point(left + width / 2, top + height / 2)
    unit = 2 * reach / max(width, height)
    for item in guest.items:
        if isinstance(item, Shape):
            pieces = tuple((piece - middle) * unit + place for piece in item.pieces)
            sketch.shape(
                *pieces, material=item.material, relief=item.relief, brightness=item.brightness
            )


def _fence(draws: Draws) -> Sketch:
    sketch = Sketch(draws)
    post, wire = any_material(draws), rgb(0.6, 0.62, 0.64) * draws.uniform(0.5, 1.2)
    aspect, step = draws.uniform(0.5, 0.9), draws.uniform(0.09, 0.16)
    lines = []
    for offset in np.arange(-2 * aspect - 1, 2 * aspect + 1, step):
        for turn in (-1, 1):
            y = np.linspace(-0.5, 0.5, 30)
            x = offset + turn * y + 0.01 * np.sin(y * 40)
            inside = np.abs(x) <= aspect
            if inside.sum() > 2:
                y0, y1 = y[inside].min(), y[inside].max()
                y = np.linspace(y0, y1, 30)
                lines.append(np.stack([offset + turn * y + 0.006 * np.sin(y * 40), y], axis=1))
    _threads(sketch, np.array(lines), wire, draws.uniform(0.009, 0.016))
    for rail in (-0.5, 0.5):
        sketch.tube(np.array([[-aspect, rail], [aspect, rail]]), (0.025,), post)
    for place in (-aspect, 0.0, aspect)[:: draws.choice((1, 2))]:
        sketch.tube(np.array([[place, -0.62], [place, 0.72]]), (draws.uniform(0.035, 0.07),), post)
    return sketch


def cage(size: int, draws: Draws) -> Layer:
    """Paint a cage with a bird in it, or a wire fence between posts."""
    plan = draws.choice((_bird_cage, _bird_cage, _fence))
    return plan(draws).paint(size, any_framing(draws), samples=3, lens=draws.uniform(0.35, 0.55))


def _spider(sketch: Sketch, draws: Draws, place: Points, size: float) -> None:
    shell = any_material(draws, gloss=0.6)
    for number in range(4):
        for side in (-1, 1):
            angle = (0.3 if side > 0 else math.pi - 0.3) - side * (number - 1.5) * 0.6
            leg = bent_path(place, angle, size * 2.3, side * (0.9 if number > 1 else -0.9))
            sketch.tube(leg, (size * 0.12, size * 0.05), shell, brightness=0.7)
    for y, radius in ((-0.55, 0.5), (0.35, 0.9)):
        body = ellipse(place[0], place[1] + y * size, radius * size * 0.9, radius * size)
        sketch.shape(body, material=shell)


def web(size: int, draws: Draws) -> Layer:
    """Paint a spider's orb web with dew, mostly with the spider and a twig frame."""
    sketch = Sketch(draws)
    spokes = draws.integer(13, 22)
    angle = np.arange(spokes) * 2 * math.pi / spokes + draws.normals(0.06, spokes)
    reach = draws.uniforms(0.72, 1.0, spokes)
    way = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    t = np.linspace(0, 1, 8)[:, None]
    silk, width = rgb(0.93, 0.94, 0.95) * draws.uniform(0.7, 1.05), draws.uniform(0.006, 0.012)
    _threads(sketch, np.stack([t * r * w for r, w in zip(reach, way, strict=True)]), silk, width)
    turns, lines = draws.integer(11, 20), []
    for ring in range(turns):
        for index in range(spokes):
            after = (index + 1) % spokes
            radius = 0.08 + 0.85 * (ring + index / spokes) / turns
            if radius > 0.93 * min(reach[index], reach[after]) or draws.chance(0.04):
                continue
            start, end = radius * way[index], radius * way[after]
            sag = (4 * t * (1 - t)) * np.array([0.0, 0.05 * radius])
            lines.append((start * (1 - t) + end * t) * (1 - 0.07 * 4 * t * (1 - t)) + sag)
    _threads(sketch, np.array(lines), silk, width * 0.85)
    dew = Material(rgb(0.95, 0.97, 1.0), grain=0.0, gloss=0.8)
    for _ in range(draws.integer(0, 70)):
        x, y = draws.choice(lines)[draws.integer(0, 7)]
        radius = draws.uniform(0.006, 0.016)
        sketch.shape(ellipse(float(x), float(y), radius, radius, count=12), material=dew)
    _twigs(sketch, draws)
    if draws.chance(0.85):
        _spider(sketch, draws, point(0, 0), draws.uniform(0.12, 0.28))
    return sketch.paint(size, any_framing(draws), samples=3, lens=0.45)


def _twigs(sketch: Sketch, draws: Draws) -> None:
    if draws.chance(0.12):
        return
    bark = Material(rgb(0.35, 0.25, 0.16) * draws.uniform(0.6, 1.4), grain=0.8)
    start = draws.uniform(0, 2 * math.pi)
    for number in range(draws.integer(2, 4)):
        turn = start + number * 1.55
        middle = 1.0 * np.array([math.cos(turn), math.sin(turn)])
        along = np.array([-math.sin(turn), math.cos(turn)])
        ends = [middle - along * 1.0, middle + draws.normal(0.05), middle + along * 1.0]
        thick = draws.uniform(0.04, 0.1)
        twig = spline(ends, 16)
        sketch.tube(twig, (thick, thick * 0.7), bark)
        green = Material(leaf_colour(draws), grain=0.4)
        for _ in range(draws.choice((0, 0, 3, 7))):
            root, away = twig[draws.integer(0, 15)], turn + draws.normal(1.0)
            blade = leaf(root, away, draws.uniform(0.15, 0.35), draws.uniform(0.05, 0.1))
            sketch.shape(blade, material=green, relief=0.4, brightness=draws.uniform(0.8, 1.1))
