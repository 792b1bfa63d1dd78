"""Sheer cloth: opacity from its threads, seen under the slant of its folds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field, clip, grid, slope_x, smoothstep
from distinctions646.mini.drawing.geometry import bent_path, box, ellipse, point, spline
from distinctions646.mini.drawing.layers import over, tinted
from distinctions646.mini.drawing.material import (
    Colour,
    Material,
    any_colour,
    any_material,
    hsv,
    mix,
    rgb,
)
from distinctions646.mini.drawing.noise import fractal_noise
from distinctions646.mini.drawing.sketch import Layer, Sketch


@dataclass(frozen=True)
class _Drape:
    """A hanging cloth: its folds (about [-1, 1]), where it is, and how deep the folds are."""

    folds: Field
    inside: Field
    depth: Field


def cloth_colour(draws: Draws) -> Colour:
    """Draw the colour of a light cloth."""
    return mix(any_colour(draws), rgb(1, 1, 1), draws.uniform(0.1, 0.8))


def gathers(phase: Field, draws: Draws) -> Field:
    """Return folds along a phase: three sines of unrelated lengths, within [-1, 1]."""
    total = np.zeros_like(phase)
    for pace in (1.0, 1.7, 2.9):
        total = total + np.sin(phase * pace + np.float32(draws.uniform(0, 6.28))) / np.float32(pace)
    return np.asarray(total / 1.94, np.float32)


def _skirt(x: Field, y: Field, half: float, pitch: float, drift: Field, draws: Draws) -> _Drape:
    angle, reach = np.arctan2(x, y + 0.45), np.hypot(x, y + 0.45)
    folds = gathers(angle * pitch + drift * 3, draws)
    spread = draws.uniform(0.5, 0.95)
    edge = min(half * 0.97 / math.sin(spread), 1.4) - 0.05 + 0.04 * folds
    inside = smoothstep(0, 0.02, spread + 0.06 * folds - np.abs(angle))
    inside = inside * smoothstep(0.0, 0.015, np.minimum(edge, 1.42) - reach)
    inside = inside * clip((y + 0.3) * y.shape[0] / 2)
    return _Drape(folds, inside, clip(1.3 - reach, 0.3, 1.3))


def _curtain(x: Field, y: Field, half: float, pitch: float, drift: Field, draws: Draws) -> _Drape:
    folds = gathers(x * pitch * 1.2 + drift * (1 + y) * 3, draws)
    edge = half * (draws.uniform(0.75, 0.92) + 0.05 * folds)
    inside = smoothstep(0, 0.02, edge - np.abs(x)) * smoothstep(0, 0.02, 0.93 + 0.03 * folds - y)
    return _Drape(folds, inside * smoothstep(-0.9, -0.88, y), np.ones_like(x))


def _sheet(x: Field, y: Field, half: float, pitch: float, drift: Field, draws: Draws) -> _Drape:
    folds = gathers(x * pitch * 0.8 + drift * 6, draws)
    dome = np.sqrt(np.clip(1 - (np.minimum(y, 0) / 0.85) ** 2, 0, 1))
    edge = half * (0.55 + 0.35 * smoothstep(-0.4, 1.0, y)) * dome + 0.03 * folds
    inside = smoothstep(0, 0.02, edge - np.abs(x)) * smoothstep(0, 0.02, 0.85 + 0.1 * folds - y)
    return _Drape(folds, inside * (y > -0.86), np.ones_like(x))


def _bodice(draws: Draws, half: float) -> Sketch:
    sketch = Sketch(draws)
    satin = any_material(draws, gloss=0.5)
    wide = draws.uniform(0.2, 0.3) * min(1.0, half * 1.2)
    hook = spline(np.array([[0, -0.8], [0, -0.88], [0.07, -0.93], [0.05, -0.97]]), 10)
    sketch.tube(hook, (0.012,), Material(rgb(0.5, 0.5, 0.52), gloss=0.8))
    for side in (-1, 1):
        strap = np.array([[side * wide * 0.7, -0.6], [side * wide * 0.4, -0.8]])
        sketch.tube(strap, (0.022,), satin)
    hanger = np.array([[-wide * 1.1, -0.74], [0, -0.81], [wide * 1.1, -0.74]])
    sketch.tube(hanger, (0.015,), any_material(draws))
    right = np.array([[0.4, -0.6], [1, -0.65], [0.75, -0.4], [0.8, -0.24]]) * np.array([wide, 1])
    left = right[::-1] * np.array([-1, 1])
    body = np.concatenate([[[0, -0.56]], right, [[0, -0.2]], left, [[0, -0.56]]])
    sketch.shape(spline(body, 60), material=satin, relief=0.6)
    sketch.shape(ellipse(0, -0.27, wide * 0.82, 0.06), material=any_material(draws), relief=0.5)
    return sketch


def curtain_rod(draws: Draws, half: float) -> Sketch:
    """Sketch a rod with its knobs, and the opaque heading of the curtain on it."""
    sketch = Sketch(draws)
    brass = any_material(draws, gloss=0.8)
    sketch.tube(np.array([[-half * 0.93, -0.9], [half * 0.93, -0.9]]), (0.035,), brass)
    for side in (-1, 1):
        sketch.shape(ellipse(side * half * 0.93, -0.9, 0.06, 0.06), material=brass)
    heading = box(-half * 0.88, -0.87, half * 0.88, -0.72)
    sketch.shape(heading, material=any_material(draws), relief=0.2)
    return sketch


def _ghost_face(draws: Draws, half: float) -> Sketch:
    sketch = Sketch(draws)
    ink = Material(rgb(0.05, 0.05, 0.08), grain=0.1)
    for side in (-1, 1):
        sketch.shape(ellipse(side * half * 0.2, -0.38, half * 0.09, 0.12), material=ink, relief=0.4)
    mouth = ellipse(0, -0.08, half * draws.uniform(0.06, 0.16), 0.08)
    sketch.shape(mouth, material=ink, relief=0.4)
    arm = bent_path(point(half * 0.4, 0.2), 0.3, half * 0.35, 0.9)
    lantern = arm[-1] + point(0, 0.22)
    sketch.tube(arm, (0.02,), ink)
    case = ellipse(lantern[0], lantern[1], 0.11, 0.15)
    sketch.shape(case, material=any_material(draws))
    glow = Material(hsv(0.13, 0.7, 1.0), grain=0.2)
    sketch.shape(ellipse(lantern[0], lantern[1], 0.06, 0.09), material=glow, relief=0.2)
    return sketch


KINDS = {
    "skirt": (_skirt, _bodice),
    "curtain": (_curtain, curtain_rod),
    "ghost": (_sheet, _ghost_face),
}


def tulle(size: int, draws: Draws) -> Layer:
    """Paint a ballet skirt with its bodice, a curtain on a rod, or a ghost of sheer cloth.

    Cloth of opacity a seen under the slant s (1 over the cosine of the tilt) has the opacity
    1 - (1 - a)^s: the line of sight crosses that many more threads.
    """
    hang, part = KINDS[draws.choice(("skirt", "skirt", "curtain", "ghost"))]
    width = max(16, round(size * draws.uniform(0.75, 1.0)))
    half = width / size
    x, y = grid(size, width)
    drift = fractal_noise(size, width, draws, 2, 3) - np.float32(0.5)
    drape = hang(x, y, half, draws.uniform(9, 16), drift, draws)
    slope = slope_x(drape.folds * drape.depth) * np.float32(size / 12)
    base = draws.uniform(0.15, 0.45)
    sheer = 1 - (1 - base) ** np.sqrt(1 + (1.6 * slope) ** 2)
    threads = 0.05 * np.sin(x * size * 0.9) * np.sin(y * size * 0.9)
    alpha = clip(sheer + threads, 0, 0.985) * drape.inside
    shade = clip(0.78 + 0.28 * np.tanh(slope) + 0.1 * drape.folds, 0.3, 1.15)
    cloth = tinted(cloth_colour(draws) * shade[..., None], alpha)
    if draws.chance(0.1):
        return cloth
    return over(part(draws, half).paint_window(size, (-half, -1, 2 * half, 2)), cloth)
