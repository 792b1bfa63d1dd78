"""Parts that animals share: hide, ears, horns, face, head and tail."""

from __future__ import annotations

import math

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import (
    Points,
    bent_path,
    blob,
    ellipse,
    leaf,
    point,
    spline,
)
from distinctions646.mini.drawing.material import (
    Material,
    any_colour,
    any_material,
    coat_colour,
    hsv,
    mix,
    rgb,
)
from distinctions646.mini.drawing.sketch import Sketch

DOWN = math.pi / 2


def any_hide(draws: Draws) -> Material:
    """Draw an animal's skin: a natural coat in most cases, any colour in the others."""
    base = coat_colour(draws) if draws.chance(0.6) else any_colour(draws)
    return any_material(draws, base, gloss=draws.choice((0.0, 0.0, 0.3)))


def dark(tone: float = 0.06) -> Material:
    """Return a glossy near-black, for noses and lines."""
    return Material(rgb(tone, tone, tone), grain=0.1, gloss=0.4)


def _ears(
    sketch: Sketch, draws: Draws, x: float, y: float, radius: float, material: Material
) -> None:
    kind = draws.choice(("point", "round", "long", "flop", "none"))
    inner = Material(mix(material.base, rgb(0.9, 0.55, 0.55), 0.5), grain=0.2)
    length = radius * draws.uniform(0.9, 1.4)
    for side in (-1, 1):
        root = point(x + side * radius * 0.55, y - radius * 0.65)
        lean = -DOWN + side * draws.uniform(0.15, 0.6)
        if kind == "point":
            for share, skin in ((1.0, material), (0.6, inner)):
                outline = leaf(root, lean, length * share, radius * 0.4 * share)
                sketch.shape(outline, material=skin, relief=0.5)
        elif kind == "round":
            ear = root + point(side * radius * 0.25, -radius * 0.1)
            for share, skin in ((0.5, material), (0.3, inner)):
                sketch.shape(
                    ellipse(ear[0], ear[1], radius * share, radius * share),
                    material=skin,
                    relief=0.6,
                )
        elif kind == "long":
            path = bent_path(root, lean, length * 1.7, draws.normal(0.4))
            sketch.tube(path, (radius * 0.25, radius * 0.3, radius * 0.1), material)
        elif kind == "flop":
            path = bent_path(root, side * 0.4 if side > 0 else math.pi - 0.4, length, side * 1.1)
            sketch.tube(path, (radius * 0.25, radius * 0.38, radius * 0.2), material)


def _horns(sketch: Sketch, draws: Draws, x: float, y: float, radius: float) -> None:
    horn = Material(mix(rgb(0.8, 0.75, 0.6), rgb(0.2, 0.16, 0.12), draws.uniform(0, 1)))
    bend, length = draws.normal(1.2), radius * draws.uniform(0.8, 2.2)
    for side in (-1, 1):
        root = point(x + side * radius * 0.35, y - radius * 0.8)
        path = bent_path(root, -DOWN + side * 0.5, length, side * bend)
        sketch.tube(path, (radius * 0.2, radius * 0.13, radius * 0.04), horn)


def _face(
    sketch: Sketch, draws: Draws, x: float, y: float, radius: float, skin: Material, facing: float
) -> None:
    """Add snout, nose, mouth and eyes to a head; `facing` from -1 (left) to 1 (right)."""
    snout = Material(mix(skin.base, rgb(1, 1, 1), draws.uniform(0, 0.5)), grain=0.2)
    length = draws.uniform(0.3, 0.75)
    nose_x, nose_y = x + facing * radius * (0.55 + length * 0.6), y + radius * 0.3
    wide = radius * (0.42 + 0.3 * abs(facing) * length)
    middle = (x + facing * radius * 0.55 + nose_x) / 2
    sketch.shape(ellipse(middle, nose_y, wide, radius * 0.38), material=snout)
    nose = ellipse(nose_x, nose_y - radius * 0.12, radius * 0.15, radius * 0.11)
    sketch.shape(nose, material=dark(), feature=True)
    mouth = spline(
        [
            point(nose_x, nose_y + radius * 0.05),
            point(nose_x - facing * radius * 0.1, nose_y + radius * 0.2),
            point(nose_x - facing * radius * 0.4 - radius * 0.1, nose_y + radius * 0.2),
        ],
        8,
    )
    sketch.tube(mouth, (radius * 0.025,), dark(), relief=0.0, feature=True)
    iris = hsv(draws.uniform(0, 0.6), draws.uniform(0.3, 0.9), draws.uniform(0.2, 0.7))
    size = radius * draws.uniform(0.13, 0.24)
    for side in (-1, 1):
        eye_x = x + facing * radius * 0.35 + side * radius * (0.42 - 0.12 * abs(facing))
        sketch.eye(eye_x, y - radius * 0.15, size, iris)


def draw_head(
    sketch: Sketch, draws: Draws, place: Points, radius: float, skin: Material, facing: float
) -> None:
    """Add a whole head of the given radius; `facing` from -1 (left) to 1 (right)."""
    x, y = place
    if draws.chance(0.22):
        _horns(sketch, draws, x, y, radius)
    _ears(sketch, draws, x, y, radius, skin)
    outline = blob(x, y, radius * draws.uniform(0.85, 1.15), radius, draws, 0.05)
    sketch.shape(outline, material=skin)
    _face(sketch, draws, x, y, radius, skin, facing)
    if draws.chance(0.1):
        trunk = bent_path(
            place + point(facing * radius, radius * 0.3), DOWN - facing * 0.7, 0.5, facing
        )
        sketch.tube(trunk, (radius * 0.4, radius * 0.25, radius * 0.15), skin)


def draw_tail(sketch: Sketch, draws: Draws, root: Points, away: float, skin: Material) -> None:
    """Add a tail that leaves `root` at the angle `away`: thin, tufted or tapering."""
    length, bend = draws.uniform(0.2, 0.65), draws.normal(1.3)
    thick = draws.uniform(0.015, 0.05)
    path = bent_path(root, away, length, bend, 20)
    shapes = ((thick, thick * 0.6), (thick, thick * 2.2, thick * 0.4), (thick * 2.5, 0.01))
    sketch.tube(path, draws.choice(shapes), skin, brightness=0.85)
