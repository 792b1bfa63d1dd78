"""Animals with solid bodies."""

from __future__ import annotations

import math
from collections.abc import Callable

from distinctions646.mini.bodies.animal_parts import DOWN, any_hide, draw_head, draw_tail
from distinctions646.mini.bodies.critters import bird, butterfly, fish, insect, octopus, tortoise
from distinctions646.mini.drawing.coat import Coat
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import bent_path, blob, ellipse, leaf, point, spline
from distinctions646.mini.drawing.material import Material, any_colour, any_material, hsv, mix, rgb
from distinctions646.mini.drawing.sketch import Framing, Layer, Sketch, any_framing


def quadruped(draws: Draws) -> Sketch:
    """Sketch a four-legged animal from the side: dog, cat, horse, giraffe, elephant and kin."""
    sketch = Sketch(draws)
    skin = any_hide(draws)
    limbs = skin if draws.chance(0.7) else any_material(draws)
    side = draws.sign()
    half, deep = 0.42, draws.uniform(0.16, 0.3)
    leg, thick = draws.uniform(0.2, 0.75), draws.uniform(0.035, 0.1)
    draw_tail(sketch, draws, point(-side * half * 0.9, -deep * 0.4), DOWN + side * 1.3, skin)

    def legs(brightness: float, offset: float) -> None:
        for place in (-0.8, 0.72):
            hip = point(side * half * (place + offset), deep * 0.25)
            angle, bend = DOWN + draws.normal(0.25), draws.normal(0.35)
            path = bent_path(hip, angle, leg + deep * 0.7, bend)
            sketch.tube(path, (thick * 1.7, thick, thick * 0.8), limbs, brightness=brightness)
            foot = path[-1] + point(side * thick * 0.5, 0)
            outline = ellipse(foot[0], foot[1], thick * 1.3, thick * 0.75)
            sketch.shape(outline, material=limbs, brightness=brightness * 0.8)

    legs(0.65, 0.12)
    sketch.shape(blob(0, 0, half, deep, draws, 0.06), material=skin)
    chest = ellipse(side * half * 0.55, -deep * 0.05, half * 0.5, deep * draws.uniform(0.9, 1.15))
    sketch.shape(chest, material=skin)
    legs(0.95, -0.08)
    neck, radius = draws.uniform(0.1, 0.35), draws.uniform(0.12, 0.24)
    if draws.chance(0.2):
        neck += draws.uniform(0.3, 0.7)
    shoulder = point(side * half * 0.75, -deep * 0.35)
    path = bent_path(
        shoulder, -DOWN + side * draws.uniform(0.2, 1.1), neck + radius, draws.normal(0.3)
    )
    sketch.tube(path, (deep * 0.75, radius * 0.6), skin)
    head = path[-1]
    draw_head(sketch, draws, head, radius, skin, side * draws.uniform(0.4, 1.0))
    return sketch


def sitter(draws: Draws) -> Sketch:
    """Sketch an animal that sits and looks at us: bear, cat, rabbit, monkey, owl-like toy."""
    sketch = Sketch(draws)
    skin = any_hide(draws)
    belly = Material(mix(skin.base, rgb(1, 0.97, 0.9), draws.uniform(0.2, 0.8)), grain=0.3)
    wide, tall = draws.uniform(0.28, 0.45), draws.uniform(0.35, 0.5)
    if draws.chance(0.6):
        side = draws.sign()
        draw_tail(
            sketch, draws, point(side * wide * 0.8, tall * 0.7), 0.3 if side > 0 else 2.8, skin
        )
    for side in (-1, 1):
        foot = ellipse(side * wide * 0.85, tall * 0.8, wide * 0.5, tall * 0.28)
        sketch.shape(foot, material=skin, brightness=0.85)
    sketch.shape(blob(0, 0.05, wide, tall, draws, 0.05), material=skin)
    sketch.shape(ellipse(0, 0.12, wide * 0.62, tall * 0.68), material=belly, relief=0.6)
    for side in (-1, 1):
        shoulder = point(side * wide * 0.75, -tall * 0.4)
        angle = DOWN - side * draws.uniform(-0.5, 0.8)
        if draws.chance(0.15):
            angle = -DOWN + side * draws.uniform(0.3, 0.9)
        path = bent_path(
            shoulder, angle, tall * draws.uniform(0.8, 1.2), side * draws.uniform(0, 1)
        )
        sketch.tube(path, (0.1, 0.085, 0.075), skin, brightness=0.95)
    radius = draws.uniform(0.26, 0.42)
    head = point(draws.normal(0.04), -tall - radius * 0.55)
    draw_head(sketch, draws, head, radius, skin, draws.normal(0.15))
    if draws.chance(0.3):
        scarf = Material(any_colour(draws), any_colour(draws), "stripes", grain=0.3)
        collar = spline([point(-0.2, -tall * 0.8), point(0, -tall * 0.65), point(0.2, -tall * 0.8)])
        sketch.tube(collar, (0.06,), scarf)
        sketch.tube(bent_path(point(0.1, -tall * 0.7), DOWN + 0.2, 0.35, 0.3), (0.06, 0.07), scarf)
    return sketch


def monster(draws: Draws) -> Sketch:
    """Sketch a made-up animal of random bodies, limbs, horns and eyes."""
    sketch = Sketch(draws)
    hides = [any_hide(draws) for _ in range(draws.integer(1, 3))]
    wide, tall = draws.uniform(0.25, 0.5), draws.uniform(0.25, 0.5)

    def limbs(count: int, brightness: float) -> None:
        for _ in range(count):
            root = point(draws.uniform(-0.8, 0.8) * wide, draws.uniform(-0.6, 0.6) * tall)
            angle = math.atan2(root[1] + 0.15, root[0]) + draws.normal(0.5)
            length, thick = draws.uniform(0.3, 0.8), draws.uniform(0.04, 0.12)
            path = bent_path(root, angle, length, draws.normal(0.9), 18)
            radii = (thick, thick * draws.uniform(0.4, 1.0), thick * draws.uniform(0.2, 1.3))
            sketch.tube(path, radii, draws.choice(hides), brightness=brightness)

    limbs(draws.integer(1, 4), 0.7)
    sketch.shape(blob(0, 0, wide, tall, draws, 0.14), material=hides[0])
    if draws.chance(0.6):
        x, y = draws.normal(0.5 * wide), draws.normal(0.6 * tall)
        size = draws.uniform(0.4, 0.9)
        lump = blob(x, y, wide * size, tall * size, draws, 0.12)
        sketch.shape(lump, material=draws.choice(hides))
    limbs(draws.integer(1, 3), 1.0)
    for _ in range(draws.integer(0, 6)):
        spike = leaf(
            point(draws.normal(0.3 * wide), -tall * 0.8), -DOWN + draws.normal(0.5), 0.3, 0.06
        )
        sketch.shape(spike, material=draws.choice(hides), brightness=1.15)
    for number in range(draws.integer(1, 3)):
        radius = draws.uniform(0.05, 0.13)
        iris = hsv(draws.uniform(0, 1), 0.7, 0.6)
        sketch.eye((number - 0.7) * 0.24 + draws.normal(0.03), -tall * 0.3, radius, iris)
    grin = spline([point(-0.15, tall * 0.25), point(0, tall * 0.4), point(0.18, tall * 0.22)], 14)
    sketch.tube(grin, (0.012, 0.03, 0.012), Material(rgb(0.25, 0.05, 0.07)), relief=0.2)
    return sketch


PLANS: tuple[tuple[float, Callable[[Draws], Sketch]], ...] = (
    (0.32, quadruped),
    (0.22, sitter),
    (0.12, bird),
    (0.07, fish),
    (0.06, insect),
    (0.04, butterfly),
    (0.04, octopus),
    (0.04, tortoise),
    (0.09, monster),
)


def sketch_creature(draws: Draws) -> Sketch:
    """Sketch an animal of any kind, posed at random."""
    plan = draws.weighted(PLANS)
    sketch = plan(draws)
    sketch.turn(draws.normal(0.1))
    return sketch


def creature(size: int, draws: Draws) -> Layer:
    """Paint an animal, half of them with a fringe of fur along the outline."""
    sketch = sketch_creature(draws)
    if draws.chance(0.5):
        sketch.coat(_fringe(draws))
    _, _, width, height = sketch.bounds()
    # Only what is taller than wide may be cut by the lower edge: a bust, not half a fish.
    upright = height > 0.9 * width
    crop = draws.uniform(0.1, 0.45) if upright and draws.chance(0.4) else 0.0
    return sketch.paint(size, any_framing(draws, crop), lens=draws.uniform(0.3, 0.6))


def _fringe(draws: Draws) -> Coat:
    comb, mess = draws.normal(0.6), draws.uniform(0.15, 0.5)
    length = draws.uniform(0.015, 0.06)
    return Coat(length, draws.uniform(6, 16), cover=False, comb=comb, mess=mess)


def portrait(size: int, draws: Draws) -> Layer:
    """Paint the head of an animal that fills the frame, with a coat in two of three cases."""
    sketch = Sketch(draws)
    skin = any_hide(draws)
    chest = blob(draws.normal(0.15), 1.25, draws.uniform(0.5, 0.85), 0.75, draws, 0.05)
    sketch.shape(chest, material=skin, brightness=0.85)
    neck = bent_path(
        point(draws.normal(0.1), 0.9), -DOWN + draws.normal(0.2), 0.9, draws.normal(0.3)
    )
    sketch.tube(neck, (draws.uniform(0.4, 0.55), 0.3), skin, brightness=0.9)
    facing = draws.uniform(-0.8, 0.8)
    draw_head(sketch, draws, point(draws.normal(0.05), 0), draws.uniform(0.42, 0.55), skin, facing)
    if draws.chance(0.67):
        length = draws.uniform(0.04, 0.14)
        mess = draws.uniform(0.15, 0.4)
        coat = Coat(length, draws.uniform(12, 20), comb=draws.normal(0.3), mess=mess, width=0.006)
        sketch.coat_below_features(coat)
    elif draws.chance(0.5):
        sketch.coat(_fringe(draws))
    framing = Framing(
        margin=draws.uniform(-0.08, 0.06),
        crop=draws.uniform(0.2, 0.42),
        aspect=draws.choice((None, 1.0, 0.75, 4 / 3)),
        shift=(draws.normal(0.03), 0.0),
    )
    return sketch.paint(size, framing, lens=draws.uniform(0.3, 0.6))
