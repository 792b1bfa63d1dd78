"""More things with a solid body: robots, snowmen, cakes, clocks, clothes, bags, mushrooms."""

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
    rounded_box,
    spline,
)
from distinctions646.mini.drawing.material import (
    Material,
    any_colour,
    any_material,
    mix,
    rgb,
    steel,
)
from distinctions646.mini.drawing.sketch import Sketch

DOWN = math.pi / 2


def robot(draws: Draws) -> Sketch:
    """Sketch a robot of boxes, with jointed arms, lamps for eyes and an aerial."""
    sketch = Sketch(draws)
    metal, trim = any_material(draws, gloss=0.6), steel(draws)
    wide, tall = draws.uniform(0.22, 0.36), draws.uniform(0.28, 0.42)
    for side in (-1, 1):
        hip = point(side * wide * 0.5, tall * 0.8)
        leg = np.stack([hip, hip + point(side * draws.uniform(0, 0.12), 0.45)])
        sketch.tube(leg, (0.06,), trim)
        x, y = leg[1]
        sketch.shape(rounded_box(x - 0.12, y - 0.04, x + 0.12, y + 0.08, 0.03), material=metal)
        shoulder = point(side * wide, -tall * 0.7)
        angle = DOWN - side * draws.uniform(0.2, 2.4)
        elbow = shoulder + 0.28 * heading(angle)
        hand = elbow + 0.26 * heading(angle + side * draws.normal(0.7))
        sketch.tube(np.stack([shoulder, elbow, hand]), (0.05,), trim)
        for joint in (shoulder, elbow, hand):
            sketch.shape(ellipse(joint[0], joint[1], 0.07, 0.07), material=metal)
    sketch.shape(rounded_box(-wide, -tall, wide, tall, 0.06), material=metal, relief=0.4)
    panel = rounded_box(-wide * 0.6, -tall * 0.5, wide * 0.6, tall * 0.3, 0.03)
    sketch.shape(panel, material=any_material(draws), relief=0.2)
    for number in range(3):
        lamp = ellipse((number - 1) * wide * 0.35, tall * 0.6, 0.035, 0.035)
        sketch.shape(lamp, material=Material(any_colour(draws), grain=0.0, gloss=0.8))
    high = draws.uniform(0.18, 0.3)
    sketch.tube(np.array([[0, -tall - high], [0, -tall - high - 0.2]]), (0.014,), trim)
    knob = ellipse(0, -tall - high - 0.2, 0.04, 0.04)
    sketch.shape(knob, material=any_material(draws, gloss=0.8))
    head = rounded_box(-wide * 0.75, -tall - high - 0.04, wide * 0.75, -tall - 0.03, 0.05)
    sketch.shape(head, material=metal, relief=0.4, brightness=1.1)
    for side in (-1, 1):
        sketch.eye(side * wide * 0.33, -tall - high * 0.6, high * 0.24, any_colour(draws))
    return sketch


def snowman(draws: Draws) -> Sketch:
    """Sketch a snowman with a hat, a carrot and twigs for arms."""
    sketch = Sketch(draws)
    snow = Material(rgb(0.9, 0.93, 0.97) * draws.uniform(0.75, 1.0), grain=0.1)
    coal, bark = Material(rgb(0.06, 0.06, 0.07)), Material(rgb(0.3, 0.2, 0.12), grain=0.7)
    for side in (-1, 1):
        bend = side * draws.normal(0.3)
        arm = bent_path(point(side * 0.25, -0.05), -DOWN + side * 1.1, 0.5, bend)
        sketch.tube(arm, (0.025, 0.012), bark)
        twig = bent_path(arm[9], -DOWN + side * 0.4, 0.15, 0)
        sketch.tube(twig, (0.014, 0.008), bark)
    for y, radius in ((0.55, 0.42), (0.0, 0.32), (-0.45, 0.23)):
        sketch.shape(blob(0, y, radius, radius * 0.95, draws, 0.03), material=snow)
    for y in (-0.1, 0.05, 0.4):
        sketch.shape(ellipse(0, y, 0.03, 0.03), material=coal)
    for side in (-1, 1):
        sketch.shape(ellipse(side * 0.08, -0.52, 0.025, 0.03), material=coal)
    carrot = leaf(point(0, -0.44), draws.normal(0.25), 0.28, 0.05)
    sketch.shape(carrot, material=Material(rgb(0.95, 0.5, 0.1), grain=0.3))
    felt = any_material(draws)
    sketch.shape(box(-0.15, -0.95, 0.15, -0.62), material=felt, relief=0.6)
    sketch.shape(ellipse(0, -0.63, 0.26, 0.05), material=felt, brightness=0.85)
    scarf = spline([point(-0.22, -0.27), point(0, -0.2), point(0.22, -0.27)])
    sketch.tube(scarf, (0.055,), any_material(draws))
    return sketch


def cake(draws: Draws) -> Sketch:
    """Sketch a cake of one to three tiers, with candles."""
    sketch = Sketch(draws)
    sketch.shape(ellipse(0, 0.5, 0.68, 0.1), material=any_material(draws, gloss=0.5))
    half, top = draws.uniform(0.42, 0.55), 0.45
    for _ in range(draws.integer(1, 3)):
        sponge, icing = any_material(draws), any_material(draws, gloss=0.3)
        tall = draws.uniform(0.22, 0.34)
        sketch.shape(box(-half, top - tall, half, top), material=sponge, relief=0.6)
        sketch.shape(ellipse(0, top, half, 0.07), material=sponge, relief=0.2, brightness=0.8)
        drips = [box(-half, top - tall, half, top - tall + 0.07)]
        for x in np.linspace(-half * 0.9, half * 0.9, 7):
            length = draws.uniform(0.03, 0.1)
            drips.append(ellipse(float(x), top - tall + 0.07, half * 0.13, length))
        sketch.shape(*drips, material=icing, relief=0.4)
        top -= tall
        sketch.shape(ellipse(0, top, half, 0.07), material=icing, relief=0.3, brightness=1.1)
        half *= draws.uniform(0.6, 0.8)
    for x in np.linspace(-half * 0.8, half * 0.8, draws.integer(1, 5)):
        sketch.tube(np.array([[x, top], [x, top - 0.18]]), (0.022,), any_material(draws))
        flame = leaf(point(float(x), top - 0.18), -DOWN, 0.11, 0.03)
        sketch.shape(flame, material=Material(rgb(1, 0.75, 0.2), grain=0.1), relief=0.1)
    return sketch


def clock(draws: Draws) -> Sketch:
    """Sketch an alarm clock."""
    sketch = Sketch(draws)
    case, metal = any_material(draws, gloss=0.7), steel(draws)
    for side in (-1, 1):
        foot = np.array([[side * 0.25, 0.3], [side * 0.38, 0.55]])
        sketch.tube(foot, (0.045,), case)
        sketch.shape(ellipse(side * 0.25, -0.44, 0.17, 0.13, side * 0.5), material=metal)
    sketch.tube(bent_path(point(-0.1, -0.55), -0.9, 0.25, 1.8), (0.03,), metal)
    sketch.shape(ellipse(0, 0, 0.5, 0.5), material=case)
    dial = Material(mix(any_colour(draws), rgb(1, 1, 0.95), 0.85), grain=0.1)
    sketch.shape(ellipse(0, 0, 0.4, 0.4), material=dial, relief=0.1)
    ink = Material(any_colour(draws) * 0.35)
    for hour in range(12):
        place = 0.34 * heading(hour * math.pi / 6)
        sketch.shape(ellipse(place[0], place[1], 0.022, 0.022, count=12), material=ink, relief=0)
    for length, thick in ((0.3, 0.018), (0.2, 0.028)):
        hand = np.stack([point(0, 0), length * heading(draws.uniform(0, 2 * math.pi))])
        sketch.tube(hand, (thick,), ink, relief=0.3)
    return sketch


def shirt(draws: Draws) -> Sketch:
    """Sketch a shirt or a jumper laid flat."""
    sketch = Sketch(draws)
    cloth, trim = any_material(draws), any_material(draws)
    long, flare = draws.uniform(0.25, 0.6), draws.uniform(0.32, 0.45)
    for side in (-1, 1):
        cuff = point(side * (0.3 + long * 0.75), -0.3 + long)
        lower = point(side * (0.2 + long * 0.7), -0.15 + long)
        sleeve = np.array([[side * 0.25, -0.5], cuff, lower, [side * 0.3, -0.1]])
        sketch.shape(sleeve, material=cloth, relief=0.5, brightness=0.9)
        sketch.tube(np.stack([cuff, lower]), (0.03,), trim)
    right: Points = np.array([[0.14, -0.56], [0.34, -0.48], [0.33, 0.0], [flare, 0.58]])
    body = np.concatenate([right, right[::-1] * np.array([-1, 1])])
    sketch.shape(body, material=cloth, relief=0.3)
    low = -0.56 + draws.uniform(0.08, 0.25)
    neck = spline([point(-0.14, -0.56), point(0, low), point(0.14, -0.56)])
    sketch.shape(neck, material=cloth, relief=0.1, brightness=0.4)
    sketch.tube(neck, (0.03,), trim)
    if draws.chance(0.6):
        badge = blob(0, 0, draws.uniform(0.1, 0.2), draws.uniform(0.1, 0.2), draws, 0.2)
        sketch.shape(badge, material=trim, relief=0.1)
    return sketch


def bag(draws: Draws) -> Sketch:
    """Sketch a handbag or a satchel."""
    sketch = Sketch(draws)
    leather, trim = any_material(draws, gloss=0.3), any_material(draws)
    wide, tall = draws.uniform(0.35, 0.55), draws.uniform(0.28, 0.45)
    high = draws.uniform(0.2, 0.6)
    strap = spline([point(-wide * 0.7, -tall), point(0, -tall - high), point(wide * 0.7, -tall)])
    sketch.tube(strap, (draws.uniform(0.025, 0.05),), trim)
    foot = draws.uniform(0.9, 1.2)
    body = np.array([[-wide, -tall], [wide, -tall], [wide * foot, tall], [-wide * foot, tall]])
    sketch.shape(body, material=leather, relief=0.6)
    flap = spline(
        [
            point(-wide, -tall),
            point(-wide * 0.9, 0),
            point(0, tall * 0.3),
            point(wide * 0.9, 0),
            point(wide, -tall),
        ],
        40,
    )
    sketch.shape(flap, material=leather, relief=0.4, brightness=1.15)
    clasp = rounded_box(-0.06, tall * 0.1, 0.06, tall * 0.45, 0.02)
    sketch.shape(clasp, material=steel(draws))
    return sketch


def mushroom(draws: Draws) -> Sketch:
    """Sketch a mushroom or two, with a spotted cap."""
    sketch = Sketch(draws)
    for number in range(draws.integer(1, 2)):
        x, size = number * 0.55 + draws.normal(0.05), 1.0 - 0.4 * number
        stalk = Material(rgb(0.93, 0.9, 0.82), grain=0.4)
        path = np.array([[x, -0.1 * size], [x + draws.normal(0.05), 0.55]])
        sketch.tube(path, (0.11 * size, 0.16 * size), stalk)
        gills = ellipse(x, -0.08 * size, 0.46 * size, 0.08 * size)
        sketch.shape(gills, material=stalk, brightness=0.6)
        turn = np.linspace(math.pi, 2 * math.pi, 40)
        wide, tall = 0.52 * size, draws.uniform(0.35, 0.6) * size
        dome = np.stack([x + wide * np.cos(turn), -0.07 * size + tall * np.sin(turn)], axis=1)
        sketch.shape(dome, material=any_material(draws, gloss=0.4))
        dots = Material(rgb(0.97, 0.95, 0.9), grain=0.2)
        for _ in range(draws.integer(0, 9)):
            angle, reach = draws.uniform(math.pi * 1.1, math.pi * 1.9), draws.uniform(0.2, 0.8)
            across, up = wide * math.cos(angle), tall * math.sin(angle)
            spot = ellipse(x + reach * across, reach * up - 0.1 * size, 0.06 * size, 0.045 * size)
            sketch.shape(spot, material=dots, relief=0.3)
    return sketch
