"""Vehicles: cars, lorries, boats, aircraft and bicycles."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import box, ellipse, leaf, point, rounded_box, spline
from distinctions646.mini.drawing.material import Material, any_material, grip_material, rgb, steel
from distinctions646.mini.drawing.sketch import Layer, Sketch, any_framing

DOWN = math.pi / 2


def _rubber() -> Material:
    return Material(rgb(0.07, 0.07, 0.08), grain=0.3)


def _pane(draws: Draws) -> Material:
    return Material(
        rgb(0.55, 0.7, 0.8) * draws.uniform(0.5, 1.2), rgb(0.9, 0.95, 1), "gradient", gloss=0.5
    )


def _wheel(sketch: Sketch, draws: Draws, x: float, y: float, radius: float) -> None:
    sketch.shape(ellipse(x, y, radius, radius), material=_rubber(), relief=0.4)
    hub = steel(draws)
    sketch.shape(ellipse(x, y, radius * 0.58, radius * 0.58), material=hub, relief=0.4)
    sketch.shape(ellipse(x, y, radius * 0.2, radius * 0.2), material=_rubber())


def _lights(sketch: Sketch, x: float, y: float) -> None:
    sketch.shape(ellipse(x, y, 0.035, 0.05), material=Material(rgb(1, 0.95, 0.7), gloss=0.5))
    sketch.shape(ellipse(-x, y, 0.03, 0.04), material=Material(rgb(0.8, 0.1, 0.1), gloss=0.5))


def car(draws: Draws) -> Sketch:
    """Sketch a car from the side."""
    sketch = Sketch(draws)
    paint = any_material(draws, gloss=0.9)
    roof, deck = draws.uniform(0.26, 0.42), draws.uniform(0.2, 0.5)
    cabin = spline(
        [
            point(-deck, -0.1),
            point(-deck * 0.7, -roof),
            point(0, -roof * 1.08),
            point(deck * 0.6, -roof),
            point(deck * 1.1, -0.1),
        ],
        40,
    )
    sketch.shape(cabin, material=paint, relief=0.5)
    for low, high in ((-0.85, -0.06), (0.02, 0.85)):
        window = np.array(
            [
                [deck * low, -0.12],
                [deck * high, -0.12],
                [deck * high * 0.72, -roof * 0.88],
                [deck * low * 0.72, -roof * 0.88],
            ]
        )
        sketch.shape(window, material=_pane(draws), relief=0.1)
    sketch.shape(rounded_box(-0.68, -0.13, 0.7, 0.18, 0.1), material=paint, relief=0.7)
    sketch.shape(box(-0.66, 0.1, 0.68, 0.17), material=_rubber(), relief=0.3)
    _lights(sketch, 0.65, -0.02)
    radius = draws.uniform(0.13, 0.17)
    for x in (-0.42, 0.43):
        _wheel(sketch, draws, x, 0.18, radius)
    return sketch


def lorry(draws: Draws) -> Sketch:
    """Sketch a lorry or a bus from the side."""
    sketch = Sketch(draws)
    paint, body = any_material(draws, gloss=0.6), any_material(draws, gloss=0.3)
    long, tall = draws.uniform(0.6, 1.1), draws.uniform(0.4, 0.65)
    sketch.shape(rounded_box(-long, -tall, 0.28, 0.15, 0.03), material=body, relief=0.1)
    if draws.chance(0.5):
        for number in range(5):
            left = -long + 0.06 + number * (long + 0.2) / 5
            window = rounded_box(left, -tall * 0.8, left + 0.15, -tall * 0.4, 0.02)
            sketch.shape(window, material=_pane(draws), relief=0.1)
    sketch.shape(rounded_box(0.25, -tall * 0.8, 0.66, 0.15, 0.08), material=paint, relief=0.5)
    sketch.shape(
        rounded_box(0.42, -tall * 0.7, 0.63, -tall * 0.3, 0.03), material=_pane(draws), relief=0.1
    )
    sketch.shape(box(-long, 0.1, 0.66, 0.18), material=_rubber(), relief=0.2)
    for x in (-long + 0.2, -long + 0.5, 0.45):
        _wheel(sketch, draws, x, 0.2, 0.14)
    return sketch


def boat(draws: Draws) -> Sketch:
    """Sketch a sailing boat."""
    sketch = Sketch(draws)
    mast = grip_material(draws)
    sketch.tube(np.array([[0, -1.0], [0.02, 0.1]]), (0.018,), mast)
    for side, reach in ((1, draws.uniform(0.4, 0.65)), (-1, draws.uniform(0.25, 0.5))):
        sail = spline(
            [
                point(side * 0.03, -0.95),
                point(side * reach * 0.75, -0.45),
                point(side * reach, 0.0),
                point(side * 0.03, 0.02),
            ],
            30,
        )
        sketch.shape(sail, material=any_material(draws), relief=0.25)
    hull = np.array([[-0.6, 0.1], [0.7, 0.06], [0.5, 0.36], [-0.45, 0.36]])
    sketch.shape(hull, material=any_material(draws, gloss=0.4), relief=0.5)
    flag = leaf(point(0, -1.0), 0.1, 0.25, 0.06)
    sketch.shape(flag, material=any_material(draws), relief=0.3)
    return sketch


def aircraft(draws: Draws) -> Sketch:
    """Sketch an aeroplane or a rocket."""
    sketch = Sketch(draws)
    paint, trim = any_material(draws, gloss=0.7), any_material(draws, gloss=0.5)
    if draws.chance(0.4):
        for side in (-1, 1):
            fin = np.array([[side * 0.1, 0.2], [side * 0.42, 0.62], [side * 0.1, 0.5]])
            sketch.shape(fin, material=trim, relief=0.3)
        body = leaf(point(0, 0.75), -DOWN, 1.6, draws.uniform(0.18, 0.28))
        sketch.shape(body[body[:, 1] < 0.52], material=paint)
        for y in (-0.3, 0.0):
            sketch.shape(ellipse(0, y, 0.09, 0.09), material=steel(draws))
            sketch.shape(ellipse(0, y, 0.065, 0.065), material=_pane(draws))
        sketch.turn(draws.normal(0.5))
        return sketch
    far = np.array([[0.1, -0.05], [-0.1, -0.05], [-0.4, -0.5], [-0.28, -0.5]])
    sketch.shape(far, material=trim, relief=0.2, brightness=0.7)
    rudder = np.array([[-0.6, -0.05], [-0.78, -0.4], [-0.64, -0.4], [-0.42, -0.05]])
    sketch.shape(rudder, material=trim, relief=0.2)
    sketch.tube(
        spline([point(-0.8, -0.05), point(0, 0), point(0.75, 0.02)]),
        (0.05, 0.14, 0.12, 0.06),
        paint,
    )
    for number in range(7):
        x = -0.4 + number * 0.13
        sketch.shape(ellipse(x, -0.04, 0.03, 0.04), material=_pane(draws), relief=0.1)
    near = np.array([[0.2, 0.05], [-0.1, 0.05], [-0.5, 0.55], [-0.32, 0.55]])
    sketch.shape(near, material=trim, relief=0.3)
    sketch.turn(draws.normal(0.3))
    return sketch


def bicycle(draws: Draws) -> Sketch:
    """Sketch a bicycle, spokes and all."""
    sketch = Sketch(draws)
    frame, metal = any_material(draws, gloss=0.7), steel(draws)
    turn = np.linspace(0, 2 * math.pi, 48)
    for x in (-0.5, 0.5):
        ring = np.stack([x + 0.32 * np.cos(turn), 0.2 + 0.32 * np.sin(turn)], axis=1)
        for spoke in turn[::3]:
            end = point(x + 0.32 * math.cos(spoke), 0.2 + 0.32 * math.sin(spoke))
            sketch.tube(np.stack([point(x, 0.2), end]), (0.005,), metal)
        sketch.tube(ring, (0.03,), _rubber())
    joints = {
        "rear": (-0.5, 0.2),
        "crank": (-0.05, 0.25),
        "seat": (-0.2, -0.25),
        "head": (0.35, -0.25),
        "front": (0.5, 0.2),
    }
    for first, last in (
        ("rear", "crank"),
        ("rear", "seat"),
        ("seat", "crank"),
        ("seat", "head"),
        ("head", "crank"),
        ("head", "front"),
    ):
        sketch.tube(np.array([joints[first], joints[last]]), (0.026,), frame)
    sketch.tube(np.array([[-0.2, -0.25], [-0.24, -0.38]]), (0.02,), metal)
    sketch.shape(rounded_box(-0.38, -0.44, -0.1, -0.36, 0.035), material=_rubber())
    bars = spline(
        [point(0.35, -0.25), point(0.32, -0.42), point(0.48, -0.42), point(0.52, -0.34)], 12
    )
    sketch.tube(bars, (0.022,), metal)
    sketch.shape(ellipse(-0.05, 0.25, 0.09, 0.09), material=metal)
    return sketch


VEHICLES: tuple[Callable[[Draws], Sketch], ...] = (car, car, lorry, boat, aircraft, bicycle)


def vehicle(size: int, draws: Draws) -> Layer:
    """Paint a car, lorry, boat, aircraft or bicycle, facing either way."""
    sketch = draws.choice(VEHICLES)(draws)
    if draws.chance(0.5):
        sketch.mirror()
    sketch.turn(draws.normal(0.05))
    return sketch.paint(size, any_framing(draws), lens=draws.uniform(0.3, 0.6))
