"""Small animals: birds, fish, insects, octopuses, tortoises."""

from __future__ import annotations

import math

import numpy as np

from distinctions646.mini.bodies.animal_parts import DOWN, dark
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import Points, bent_path, blob, box, ellipse, leaf, point
from distinctions646.mini.drawing.material import Material, any_material, hsv, mix, rgb
from distinctions646.mini.drawing.sketch import Sketch


def _bird_legs(sketch: Sketch, draws: Draws, deep: float, horny: Material, side: int) -> None:
    leg = draws.uniform(0.1, 0.6)
    for place in (-0.1, 0.15):
        hip = point(side * place, deep * 0.6)
        path = bent_path(hip, DOWN + draws.normal(0.12), leg + deep * 0.4, 0.0)
        sketch.tube(path, (0.035, 0.02, 0.018), horny)
        for toe in (-0.5, 0.1, 0.6):
            end = path[-1] + point(side * 0.1 * math.cos(toe), 0.06 * math.sin(toe) + 0.02)
            sketch.tube(np.stack([path[-1], end]), (0.018, 0.01), horny)


def bird(draws: Draws) -> Sketch:
    """Sketch a bird from the side: standing with closed or spread wings."""
    sketch = Sketch(draws)
    skin = any_material(draws)
    wing = any_material(draws) if draws.chance(0.5) else skin
    horny = Material(hsv(draws.uniform(0.03, 0.13), 0.8, draws.uniform(0.3, 0.95)), gloss=0.3)
    side = draws.sign()
    half, deep = 0.4, draws.uniform(0.2, 0.34)
    tail_root = point(-side * half * 0.75, 0.02)
    for _ in range(draws.integer(3, 7)):
        angle = (math.pi if side > 0 else 0.0) + draws.normal(0.25)
        plume = leaf(tail_root, angle, draws.uniform(0.3, 0.7), 0.05, draws.normal(0.1))
        sketch.shape(plume, material=wing, relief=0.3, brightness=draws.uniform(0.6, 0.9))
    _bird_legs(sketch, draws, deep, horny, side)
    sketch.shape(blob(0, 0, half, deep, draws, 0.05), material=skin)
    neck = draws.uniform(0.1, 0.5)
    path = bent_path(
        point(side * half * 0.6, -deep * 0.3),
        -DOWN + side * 0.5,
        neck,
        -side * draws.uniform(0, 0.9),
    )
    radius = draws.uniform(0.11, 0.2)
    sketch.tube(path, (deep * 0.7, radius * 0.75), skin)
    _beak_and_head(sketch, draws, path[-1], radius, skin, horny, side)
    spread = draws.chance(0.35)
    for index in range(draws.integer(6, 10)):
        lift = index * 0.16 if spread else index * 0.05
        angle = (math.pi + lift * side + 0.5 * side) if side > 0 else (lift * side + 0.5 * side)
        root = point(side * half * 0.35 - side * index * 0.02, -deep * 0.25)
        length = draws.uniform(0.75, 0.95) if spread else 0.62 - 0.03 * index
        plume = leaf(root, angle - (0.0 if spread else side * 0.7), length, 0.07)
        sketch.shape(plume, material=wing, relief=0.4, brightness=draws.uniform(0.75, 1.1))
    return sketch


def _beak_and_head(
    sketch: Sketch,
    draws: Draws,
    place: Points,
    radius: float,
    skin: Material,
    horny: Material,
    side: int,
) -> None:
    x, y = place
    if draws.chance(0.35):
        for _ in range(5):
            crest = leaf(place, -DOWN - side * draws.uniform(0, 0.9), radius * 2, radius * 0.16)
            sketch.shape(crest, material=skin, relief=0.3)
    length = radius * draws.uniform(0.6, 2.6)
    upper = leaf(
        point(x + side * radius * 0.4, y),
        0.1 if side > 0 else math.pi - 0.1,
        length + radius * 0.6,
        radius * draws.uniform(0.2, 0.42),
    )
    sketch.shape(upper, material=horny)
    sketch.shape(ellipse(x, y, radius, radius), material=skin)
    sketch.eye(x + side * radius * 0.35, y - radius * 0.2, radius * 0.24, rgb(0.5, 0.3, 0.1))


def fish(draws: Draws) -> Sketch:
    """Sketch a fish from the side, with rayed fins."""
    sketch = Sketch(draws)
    skin = any_material(draws, gloss=0.6)
    fin = any_material(draws)
    side = draws.sign()
    half, deep = 0.5, draws.uniform(0.14, 0.38)
    fans = (
        (point(-side * half * 0.85, 0), math.pi if side > 0 else 0.0, 0.4, 1.1),
        (point(0, -deep * 0.8), -DOWN - side * 0.5, draws.uniform(0.15, 0.4), 0.9),
        (point(side * 0.05, deep * 0.8), DOWN + side * 0.6, draws.uniform(0.1, 0.3), 0.7),
    )
    for root, angle, length, spread in fans:
        for ray in np.linspace(-spread / 2, spread / 2, 9):
            start = root + point(side * ray * 0.25, 0) if length < 0.4 else root
            outline = leaf(start, angle + ray, length * draws.uniform(0.85, 1.1), length * 0.12)
            sketch.shape(outline, material=fin, relief=0.3, brightness=draws.uniform(0.8, 1.1))
    outline = blob(0, 0, half, deep, draws, 0.04)
    sketch.shape(outline, material=skin)
    gill = bent_path(point(side * half * 0.5, -deep * 0.5), DOWN - side * 0.5, deep, side * 0.9)
    sketch.tube(gill, (0.012,), dark(0.2), relief=0.0)
    flap = leaf(point(side * 0.15, deep * 0.15), DOWN + side * 0.9, 0.26, 0.08)
    sketch.shape(flap, material=fin, relief=0.5)
    sketch.eye(side * half * 0.72, -deep * 0.2, 0.05, rgb(0.7, 0.6, 0.1))
    return sketch


def insect(draws: Draws) -> Sketch:
    """Sketch a beetle, spider or ant from above."""
    sketch = Sketch(draws)
    shell = any_material(draws, gloss=0.8)
    joint = Material(mix(shell.base, rgb(0, 0, 0), 0.6), grain=0.2, gloss=0.3)
    pairs, reach = draws.choice((3, 3, 4)), draws.uniform(0.35, 0.8)
    wide, tall = draws.uniform(0.18, 0.4), draws.uniform(0.3, 0.45)
    for number in range(pairs):
        for side in (-1, 1):
            root = point(side * wide * 0.6, (number / (pairs - 1) - 0.6) * tall * 1.2)
            lean = (number / (pairs - 1) - 0.5) * 1.6
            angle = side * lean if side > 0 else math.pi + side * lean
            path = bent_path(root, angle + draws.normal(0.1), reach, side * draws.uniform(0.4, 1.2))
            sketch.tube(path, (0.035, 0.025, 0.012), joint)
    for side in (-1, 1):
        path = bent_path(
            point(side * 0.05, -tall - 0.2), -DOWN + side * 0.4, reach * 0.7, side * 0.8
        )
        sketch.tube(path, (0.015, 0.008), joint)
    sketch.shape(ellipse(0, -tall - 0.12, 0.13, 0.12), material=joint)
    sketch.shape(ellipse(0, -tall * 0.75, wide * 0.75, 0.17), material=joint)
    sketch.shape(blob(0, 0.05, wide, tall, draws, 0.04), material=shell)
    if draws.chance(0.6):
        sketch.tube(np.array([[0, -tall * 0.8], [0, tall + 0.02]]), (0.008,), joint, relief=0.0)
    for side in (-1, 1):
        sketch.eye(side * 0.07, -tall - 0.16, 0.035, rgb(0.2, 0.1, 0.1))
    sketch.turn(draws.uniform(-1.2, 1.2))
    return sketch


def butterfly(draws: Draws) -> Sketch:
    """Sketch a butterfly from above, wings open."""
    sketch = Sketch(draws)
    wing, eyespot = any_material(draws), any_material(draws)
    body = Material(rgb(0.15, 0.1, 0.08), grain=0.4, gloss=0.3)
    upper, lower = draws.uniform(0.5, 0.75), draws.uniform(0.3, 0.55)
    lift = draws.uniform(0.5, 0.95)
    for side in (-1, 1):
        for root_y, angle, length, wide in ((0.05, 0.6, lower, 0.5), (-0.1, -lift, upper, 0.42)):
            turned = angle if side > 0 else math.pi - angle
            root = point(side * 0.02, root_y)
            for share, skin, bright in ((1.0, wing, 0.55), (0.9, wing, 1.0), (0.35, eyespot, 1.0)):
                start = root + (0.42 * length if share < 0.5 else 0) * np.array(
                    [math.cos(turned), math.sin(turned)]
                )
                outline = leaf(start, turned, length * share, length * wide * share)
                sketch.shape(outline, material=skin, relief=0.15, brightness=bright)
        feeler = bent_path(point(0, -0.2), -DOWN + side * 0.35, 0.35, side * 0.6)
        sketch.tube(feeler, (0.008, 0.006, 0.012), body)
    sketch.shape(ellipse(0, 0.05, 0.045, 0.28), material=body)
    sketch.shape(ellipse(0, -0.22, 0.055, 0.055), material=body)
    sketch.turn(draws.uniform(-0.8, 0.8))
    return sketch


def octopus(draws: Draws) -> Sketch:
    """Sketch an octopus or jellyfish-like animal with curling arms."""
    sketch = Sketch(draws)
    skin = any_material(draws, gloss=0.4)
    wide, tall = draws.uniform(0.28, 0.4), draws.uniform(0.3, 0.5)
    arms = draws.integer(5, 9)
    for number in range(arms):
        angle = DOWN + (number / (arms - 1) - 0.5) * 2.6
        root = point(math.cos(angle) * wide * 0.7, 0.1)
        path = bent_path(
            root, angle + draws.normal(0.2), draws.uniform(0.5, 0.9), draws.normal(1.8), 24
        )
        bright = draws.uniform(0.7, 1.0)
        sketch.tube(path, (0.1, 0.07, 0.02), skin, brightness=bright)
    sketch.shape(blob(0, -tall * 0.4, wide, tall, draws, 0.06), material=skin)
    for side in (-1, 1):
        sketch.eye(side * wide * 0.4, 0.02, wide * 0.2, rgb(0.6, 0.5, 0.1))
    return sketch


def tortoise(draws: Draws) -> Sketch:
    """Sketch a tortoise, or a snail with its house, from the side."""
    sketch = Sketch(draws)
    skin = any_material(draws)
    shell = any_material(draws, gloss=0.3)
    side = draws.sign()
    tall = draws.uniform(0.3, 0.55)
    for place in (-0.3, 0.3, -0.42, 0.42):
        leg = bent_path(point(place, 0), DOWN + draws.normal(0.2), 0.24, 0)
        sketch.tube(leg, (0.1, 0.08), skin, brightness=draws.uniform(0.7, 1.0))
    path = bent_path(
        point(side * 0.4, -0.05), -0.5 if side > 0 else math.pi + 0.5, 0.35, side * -0.3
    )
    sketch.tube(path, (0.1, 0.09), skin)
    head = path[-1]
    sketch.shape(ellipse(head[0], head[1], 0.14, 0.12), material=skin)
    sketch.eye(head[0] + side * 0.05, head[1] - 0.03, 0.035, rgb(0.1, 0.1, 0.1))
    turn = np.linspace(math.pi, 2 * math.pi, 40)
    dome = np.stack([0.55 * np.cos(turn), 0.05 + tall * np.sin(turn)], axis=1)
    sketch.shape(dome, material=shell)
    sketch.shape(box(-0.58, 0.0, 0.58, 0.09), material=shell, brightness=0.75)
    return sketch
