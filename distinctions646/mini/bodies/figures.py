"""People from head to foot, dressed and posed."""

from __future__ import annotations

import math

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import Points, blob, box, ellipse, leaf, point, spline
from distinctions646.mini.drawing.material import (
    Colour,
    Material,
    any_material,
    hair_colour,
    mix,
    rgb,
    skin_colour,
)
from distinctions646.mini.drawing.sketch import Layer, Sketch, any_framing

DOWN = math.pi / 2


def _limb(start: Points, angle: float, length: float, bend: float) -> Points:
    """Return a limb of two straight halves with a soft joint."""
    joint = start + length / 2 * np.array([math.cos(angle), math.sin(angle)])
    end = joint + length / 2 * np.array([math.cos(angle + bend), math.sin(angle + bend)])
    return spline([start, joint, end], 14)


def _legs(sketch: Sketch, draws: Draws, skin: Material, hip: float, leg: float) -> None:
    trousers = any_material(draws)
    shoes = any_material(draws, gloss=0.4)
    thick = draws.uniform(0.06, 0.09)
    stride, bare = draws.uniform(0.03, 0.4), draws.chance(0.3)
    for side in (-1, 1):
        angle = DOWN - side * stride * draws.uniform(0.6, 1.1)
        path = _limb(point(side * 0.07, hip), angle, leg, side * draws.uniform(-0.1, 0.4))
        bright = 0.8 if side < 0 else 1.0
        sketch.tube(path, (thick, thick * 0.6), skin, brightness=bright)
        cut = 7 if bare else 14
        sketch.tube(path[:cut], (thick * 1.25, thick), trousers, brightness=bright)
        foot = path[-1] + point(draws.uniform(-0.03, 0.07), 0.02)
        sketch.shape(ellipse(foot[0], foot[1], 0.1, 0.05), material=shoes, brightness=bright)


def _arm(sketch: Sketch, draws: Draws, skin: Material, cloth: Material, side: int) -> Points:
    shoulder = point(side * 0.17, -0.36)
    pose = draws.choice(("down", "down", "hip", "up", "out"))
    angle, bend = {
        "down": (DOWN - side * draws.uniform(0.05, 0.35), side * draws.uniform(0, 0.5)),
        "hip": (DOWN - side * 0.9, side * 1.7),
        "up": (-DOWN + side * draws.uniform(0.3, 1.0), -side * draws.uniform(0, 0.8)),
        "out": (DOWN - side * 1.3, -side * draws.uniform(0, 1.2)),
    }[pose]
    path = _limb(shoulder, angle, draws.uniform(0.5, 0.6), bend)
    sketch.tube(path, (0.055, 0.04, 0.035), skin)
    cut = draws.choice((5, 13, 13))
    sketch.tube(path[:cut], (0.075, 0.06), cloth, brightness=0.92)
    sketch.shape(ellipse(path[-1][0], path[-1][1], 0.045, 0.05), material=skin)
    return point(path[-1][0], path[-1][1])


def _held(sketch: Sketch, draws: Draws, hand: Points) -> None:
    thing = any_material(draws)
    kind = draws.choice(("bag", "stick", "balloon", "flowers"))
    x, y = hand
    if kind == "bag":
        sketch.tube(
            spline([point(x - 0.07, y + 0.15), hand, point(x + 0.07, y + 0.15)]), (0.012,), thing
        )
        sketch.shape(box(x - 0.11, y + 0.13, x + 0.11, y + 0.36), material=thing, relief=0.5)
    elif kind == "stick":
        sketch.tube(np.array([[x + 0.03, y - 0.2], [x - 0.03, y + 0.5]]), (0.018,), thing)
    elif kind == "balloon":
        knot = hand + point(draws.normal(0.1), -0.45)
        sketch.tube(np.stack([hand, knot]), (0.005,), thing)
        sketch.shape(ellipse(knot[0], knot[1] - 0.14, 0.13, 0.16), material=thing)
    else:
        for _ in range(6):
            bloom = hand + point(draws.normal(0.06), -0.12 + draws.normal(0.04))
            sketch.tube(np.stack([hand, bloom]), (0.007,), Material(rgb(0.2, 0.5, 0.2)))
            sketch.shape(ellipse(bloom[0], bloom[1], 0.045, 0.045), material=any_material(draws))


def _locks(
    sketch: Sketch, draws: Draws, tone: Colour, long: float, head: Points, size: float
) -> None:
    count = 420
    angle = draws.uniforms(math.pi * 0.95, math.pi * 2.05, count)
    root = head + 1.02 * size * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    t = np.linspace(0, 1, 8)[None]
    length = long * draws.uniforms(0.7, 1.1, count)[:, None]
    sway = draws.normals(0.12, (count, 1))
    x = root[:, :1] + np.cos(angle)[:, None] * 0.05 * np.minimum(1, 3 * t) + sway * length * t
    y = root[:, 1:] + length * t**1.3
    colours = np.clip(tone * draws.uniforms(0.6, 1.35, (count, 1)), 0, 1)
    sketch.strands(np.stack([x, y], axis=-1), colours, 0.012, 0.004)


def _head(sketch: Sketch, draws: Draws, skin: Material, tone: Colour, x: float) -> None:
    size = draws.uniform(0.1, 0.15)
    head = point(x, -0.44 - size)
    long = draws.choice((0.03, 0.04, 0.08, 0.12, 0.25, 0.4))
    _locks(sketch, draws, tone * 0.7, long, head, size)
    sketch.shape(box(x - 0.04, -0.5, x + 0.04, -0.36), material=skin, brightness=0.8)
    sketch.shape(ellipse(head[0], head[1], size * 0.85, size), material=skin, relief=0.8)
    cap = Material(tone, grain=0.6)
    turn = np.linspace(math.pi * 1.02, math.pi * 1.98, 24)
    arc = head + 1.05 * size * np.stack([0.9 * np.cos(turn), np.sin(turn)], axis=1)
    fringe = head + size * np.stack([0.8 * np.cos(turn[::-1]), 0.45 * np.sin(turn[::-1])], axis=1)
    sketch.shape(np.concatenate([arc, fringe]), material=cap, relief=0.6)
    for side in (-1, 1):
        sketch.eye(x + side * size * 0.36, head[1] + size * 0.05, size * 0.12, rgb(0.2, 0.2, 0.3))
    lip = Material(mix(skin.base, rgb(0.8, 0.1, 0.2), 0.6))
    mouth = spline(
        [
            point(x - size * 0.3, head[1] + size * 0.5),
            point(x, head[1] + size * 0.6),
            point(x + size * 0.3, head[1] + size * 0.5),
        ],
        8,
    )
    sketch.tube(mouth, (size * 0.05,), lip, relief=0.2)
    if draws.chance(0.3):
        felt = any_material(draws)
        top = head[1] - size * 0.75
        tall = draws.uniform(0.06, 0.2)
        sketch.shape(
            box(x - size * 0.75, top - tall, x + size * 0.75, top), material=felt, relief=0.7
        )
        sketch.shape(
            ellipse(x, top, size * draws.uniform(1.2, 1.8), 0.03), material=felt, brightness=0.85
        )


def _garments(sketch: Sketch, draws: Draws, cloth: Material, hip: float, leg: float) -> None:
    waist = draws.uniform(0.11, 0.2)
    if draws.chance(0.4):
        flare, hem = draws.uniform(0.2, 0.5), hip + leg * draws.uniform(0.35, 0.9)
        outline = [[-waist, -0.02], [waist, -0.02], [flare, hem], [0, hem + 0.04], [-flare, hem]]
        skirt = cloth if draws.chance(0.6) else any_material(draws)
        sketch.shape(np.array(outline), material=skirt, relief=0.5)
    right = np.array([[0.19, -0.38], [waist + 0.02, -0.1], [waist + 0.03, hip + 0.06]])
    left = right[::-1] * np.array([-1, 1])
    torso = spline(np.concatenate([left[-1:], [[0, -0.43]], right, left]), 60)
    sketch.shape(torso, material=cloth, relief=0.7)
    if draws.chance(0.3):
        scarf = any_material(draws)
        sketch.shape(blob(0.02, -0.3, 0.22, 0.08, draws, 0.1), material=scarf)
        sketch.shape(leaf(point(0.1, -0.3), DOWN + 0.2, 0.5, 0.06), material=scarf)


def sketch_figure(draws: Draws) -> Sketch:
    """Sketch a dressed person: trousers or a skirt, arms posed, sometimes holding something."""
    sketch = Sketch(draws)
    skin = Material(skin_colour(draws), grain=0.1)
    cloth = any_material(draws)
    hip, leg = draws.uniform(0.1, 0.2), draws.uniform(0.55, 0.85)
    hand = _arm(sketch, draws, skin, cloth, -1)
    _legs(sketch, draws, skin, hip, leg)
    _garments(sketch, draws, cloth, hip, leg)
    other = _arm(sketch, draws, skin, cloth, 1)
    _head(sketch, draws, skin, hair_colour(draws), draws.normal(0.02))
    if draws.chance(0.4):
        _held(sketch, draws, draws.choice((hand, other)))
    sketch.turn(draws.normal(0.06))
    return sketch


def figure(size: int, draws: Draws) -> Layer:
    """Paint a person, whole or cut at knees or waist."""
    sketch = sketch_figure(draws)
    crop = draws.uniform(0.15, 0.5) if draws.chance(0.5) else 0.0
    return sketch.paint(size, any_framing(draws, crop), lens=draws.uniform(0.3, 0.6))
