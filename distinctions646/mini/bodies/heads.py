"""Human heads and shoulders, bare of hair."""

from __future__ import annotations

import math

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import box, ellipse, leaf, point, spline
from distinctions646.mini.drawing.material import (
    Colour,
    Material,
    any_colour,
    any_material,
    hsv,
    mix,
    rgb,
)
from distinctions646.mini.drawing.sketch import Sketch


def dress(sketch: Sketch, draws: Draws, skin: Material) -> None:
    """Add shoulders in a garment, a collar and a neck."""
    cloth = any_material(draws)
    broad, fall = draws.uniform(0.3, 0.46), draws.uniform(0.1, 0.2)
    shoulders = spline(
        [
            point(-broad, 0.95),
            point(-broad * 0.98, 0.52),
            point(-broad * 0.75, 0.34 + fall * 0.4),
            point(-0.1, 0.27),
            point(0.1, 0.27),
            point(broad * 0.75, 0.34 + fall * 0.4),
            point(broad * 0.98, 0.52),
            point(broad, 0.95),
        ],
        60,
    )
    sketch.shape(shoulders, material=cloth, relief=0.6)
    collar = np.array([[-0.12, 0.25], [0.12, 0.25], [0.0, draws.uniform(0.33, 0.55)]])
    sketch.shape(collar, material=skin, relief=0.2)
    neck = np.array([[-0.075, 0.0], [0.075, 0.0], [0.09, 0.3], [-0.09, 0.3]])
    sketch.shape(neck, material=skin, brightness=0.78, relief=0.5)
    if draws.chance(0.3):
        for side in (-1, 1):
            lapel = np.array([[side * 0.1, 0.25], [side * 0.2, 0.3], [0, 0.62], [side * 0.02, 0.5]])
            sketch.shape(lapel, material=cloth, brightness=1.25, relief=0.3)


def _eyes(sketch: Sketch, draws: Draws, skin: Material, hair: Colour) -> None:
    blush = Material(mix(skin.base, rgb(0.85, 0.3, 0.3), 0.14), grain=0.1)
    iris = hsv(draws.uniform(0.05, 0.62), draws.uniform(0.3, 0.8), draws.uniform(0.2, 0.6))
    brow = Material(hair * 0.7, grain=0.3)
    for side in (-1, 1):
        sketch.shape(
            ellipse(side * 0.085, 0.1, 0.035, 0.025), material=blush, relief=0, opacity=0.5
        )
        lid = ellipse(side * 0.062, 0.012, 0.032, 0.021)
        sketch.shape(lid, material=skin, brightness=0.72, relief=0.2)
        sketch.shape(ellipse(side * 0.062, 0.015, 0.027, 0.014), material=Material(rgb(1, 1, 1)))
        sketch.shape(ellipse(side * 0.062, 0.015, 0.0135, 0.0135), material=Material(iris))
        sketch.shape(ellipse(side * 0.062, 0.015, 0.006, 0.006), material=Material(rgb(0, 0, 0)))
        arch = spline(
            [point(side * 0.03, -0.018), point(side * 0.06, -0.034), point(side * 0.095, -0.02)]
        )
        sketch.tube(arch, (0.007, 0.004), brow, relief=0.2)


def draw_face(sketch: Sketch, draws: Draws, skin: Material, hair: Colour) -> None:
    """Add ears, face, eyes, nose and mouth; the middle of the skull is the origin."""
    lip = Material(mix(skin.base, rgb(0.75, 0.15, 0.2), draws.uniform(0.3, 0.7)), grain=0.1)
    for side in (-1, 1):
        sketch.shape(ellipse(side * 0.145, 0.035, 0.028, 0.045), material=skin, brightness=0.85)
    jaw = draws.uniform(0.75, 1.0)
    turn = np.linspace(0, 2 * math.pi, 64, endpoint=False)
    narrow = np.where(np.sin(turn) > 0, 1 - (1 - jaw) * np.sin(turn) ** 2, 1.0)
    outline = np.stack([0.148 * np.cos(turn) * narrow, 0.03 + 0.2 * np.sin(turn)], axis=1)
    sketch.shape(outline, material=skin, relief=0.75)
    _eyes(sketch, draws, skin, hair)
    nose = np.array([[-0.008, 0.02], [0.008, 0.02], [0.026, 0.095], [0, 0.108], [-0.026, 0.095]])
    sketch.shape(nose, material=skin, brightness=1.04, relief=0.6)
    smile = draws.uniform(-0.006, 0.02)
    mouth = spline([point(-0.05, 0.145), point(0, 0.145 + smile), point(0.05, 0.145)], 16)
    sketch.tube(mouth, (0.003, draws.uniform(0.007, 0.014), 0.003), lip, relief=0.4)


def grow_beard(sketch: Sketch, draws: Draws, tone: Colour, count: int) -> None:
    """Add a beard of `count` hairs."""
    angle = draws.uniforms(0.05 * math.pi, 0.95 * math.pi, count)
    root = np.stack([0.13 * np.cos(angle), 0.05 + 0.165 * np.sin(angle)], axis=1)
    length = draws.uniform(0.03, 0.2) * draws.uniforms(0.5, 1.1, count)
    t = np.linspace(0, 1, 7)[None]
    drift = draws.normals(0.35, (count, 1))
    x = root[:, :1] + length[:, None] * t * (0.4 * np.cos(angle)[:, None] + drift * t)
    y = root[:, 1:] + length[:, None] * t
    colours = np.clip(tone * draws.uniforms(0.6, 1.3, (count, 1)), 0, 1)
    sketch.strands(np.stack([x, y], axis=-1), colours, 0.004, 0.0012)


def adorn(sketch: Sketch, draws: Draws) -> None:
    """Add glasses, a hat or a wreath of flowers, each in some of the pictures."""
    if draws.chance(0.18):
        rim = Material(any_colour(draws) * 0.4, grain=0.0, gloss=0.5)
        turn = np.linspace(0, 2 * math.pi, 28)
        for side in (-1, 1):
            ring = np.stack([side * 0.064 + 0.045 * np.cos(turn), 0.015 + 0.038 * np.sin(turn)], 1)
            sketch.tube(ring, (0.005,), rim, relief=0.3)
        sketch.tube(np.array([[-0.02, 0.012], [0.02, 0.012]]), (0.005,), rim)
    if draws.chance(0.2):
        felt = any_material(draws)
        crown = draws.uniform(0.12, 0.26)
        sketch.shape(box(-0.15, -0.12 - crown, 0.15, -0.1), material=felt, relief=0.7)
        sketch.shape(
            ellipse(0, -0.1, draws.uniform(0.2, 0.32), 0.035), material=felt, brightness=0.8
        )
    elif draws.chance(0.2):
        for number in range(7):
            x = (number - 3) * 0.045
            petals = Material(any_colour(draws), grain=0.2)
            for turn_by in np.linspace(0, 2 * math.pi, 6)[:-1]:
                petal = leaf(point(x, -0.15 + 0.9 * x * x), turn_by, 0.04, 0.015)
                sketch.shape(petal, material=petals, relief=0.4)
