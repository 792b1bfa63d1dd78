"""Lace: a pattern of threads and holes, flat, folded or spread on the sticks of a fan."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field, blur, clip, grid, shrink, slope_x, smoothstep
from distinctions646.mini.drawing.geometry import ellipse, point, spline
from distinctions646.mini.drawing.layers import over, tinted
from distinctions646.mini.drawing.material import Material, any_material, hsv, rgb
from distinctions646.mini.drawing.noise import fractal_noise
from distinctions646.mini.drawing.sketch import Layer, Sketch
from distinctions646.mini.fine.tulle import cloth_colour, curtain_rod, gathers

_SAMPLES = 3


@dataclass(frozen=True)
class _Piece:
    """A piece of lace: its threads, where it is, its solid border and the slope of its folds."""

    pattern: Field
    inside: Field
    border: Field
    slope: Field


def _pattern(u: Field, v: Field, draws: Draws) -> Field:
    """Return the coverage of lace at (u, v): a fine mesh with flowers in rings, one a unit."""
    fine, thread = draws.uniform(22, 34), draws.uniform(0.16, 0.3)
    mesh = np.abs(np.sin(u * fine))
    for turn in (1, -1):
        mesh = np.minimum(mesh, np.abs(np.sin((0.5 * u + turn * 0.866 * v) * fine)))
    row = np.floor(v)
    across, down = u + 0.5 * (row % 2), v - row - 0.5
    across = across - np.floor(across) - 0.5
    reach, angle = np.hypot(across, down), np.arctan2(down, across)
    petals = 0.24 + 0.13 * np.cos(draws.integer(5, 8) * angle)
    flower = smoothstep(0.02, -0.02, reach - petals)
    flower = flower * smoothstep(0.0, 0.03, np.abs(reach - 0.19) - 0.025)
    flower = flower * smoothstep(0.03, 0.05, reach)
    ring = smoothstep(0.035, 0.015, np.abs(reach - 0.43))
    threads = smoothstep(thread, thread * 0.6, mesh)
    return np.asarray(np.maximum(threads, np.maximum(flower, ring)), np.float32)


def _fan(x: Field, y: Field, half: tuple[float, float], repeat: float, draws: Draws) -> _Piece:
    base = half[1] * 0.9
    reach, angle = np.hypot(x, y - base), np.arctan2(x, base - y)
    outer = reach + 0.03 * np.abs(np.sin(angle * 12))
    inner = draws.uniform(0.42, 0.6)
    inside = smoothstep(inner, inner + 0.01, reach) * smoothstep(1.18, 1.17, outer)
    inside = inside * smoothstep(0.84, 0.83, np.abs(angle))
    pattern = _pattern(angle * repeat * 1.2, reach * repeat, draws)
    pleats = np.sign(np.sin(angle * 24)) * np.float32(0.3)
    return _Piece(pattern, inside, smoothstep(0.03, 0.02, np.abs(outer - 1.15)), pleats)


def _doily(x: Field, y: Field, half: tuple[float, float], repeat: float, draws: Draws) -> _Piece:
    reach, angle = np.hypot(x, y) / half[0], np.arctan2(x, y)
    outer = reach + 0.05 * np.abs(np.sin(angle * draws.integer(5, 9)))
    pattern = _pattern(angle * round(repeat * 2) / math.pi, reach * repeat, draws)
    border = smoothstep(0.03, 0.02, np.abs(outer - 0.94))
    return _Piece(pattern, smoothstep(0.97, 0.96, outer), border, 0.4 * x - 0.3 * y)


def _hanging(x: Field, y: Field, half: tuple[float, float], repeat: float, draws: Draws) -> _Piece:
    drift = fractal_noise(x.shape[0], x.shape[1], draws, 2, 3) - np.float32(0.5)
    folds = gathers(x * draws.uniform(8, 14) + drift * 2, draws)
    edge = half[0] * 0.9 + 0.02 * folds
    bottom = 0.9 - 0.04 * np.abs(np.sin(x * 16))
    inside = smoothstep(0.0, 0.01, edge - np.abs(x)) * smoothstep(0.0, 0.01, bottom - y)
    pattern = _pattern((x + 0.03 * folds) * repeat, (y + 0.02 * drift) * repeat, draws)
    slope = slope_x(folds) * np.float32(max(x.shape) / 16)
    border = smoothstep(0.04, 0.03, np.abs(bottom - y - 0.03))
    return _Piece(pattern, inside * (y > -0.88), border, slope)


def _sticks(draws: Draws, half: tuple[float, float]) -> Sketch:
    sketch = Sketch(draws)
    wood, base = any_material(draws, gloss=0.4), half[1] * 0.9
    for angle in np.linspace(-0.83, 0.83, 13):
        ray = point(math.sin(angle), -math.cos(angle))
        foot = point(0, base)
        path = spline([foot, foot + 0.5 * ray, foot + 1.12 * ray], 10)
        bright = draws.uniform(0.8, 1.1)
        sketch.tube(path, (0.02, 0.045, 0.012, 0.01), wood, brightness=bright)
    rivet = Material(rgb(0.8, 0.7, 0.3), gloss=0.8)
    sketch.shape(ellipse(0, base, 0.05, 0.05), material=rivet)
    return sketch


def _bowl(draws: Draws, half: tuple[float, float]) -> Sketch:
    sketch = Sketch(draws)
    china = any_material(draws, gloss=0.6)
    radius = half[0] * draws.uniform(0.4, 0.62)
    for share, bright in ((1.0, 1.0), (0.75, 0.8)):
        disc = ellipse(0, 0, radius * share, radius * share)
        sketch.shape(disc, material=china, relief=0.5 * share, brightness=bright)
    for _ in range(draws.integer(3, 6)):
        tone = hsv(draws.choice((0.0, 0.08, 0.14, 0.3, 0.8)), 0.8, 0.85)
        x, y = draws.normal(radius * 0.28), draws.normal(radius * 0.28)
        ball = ellipse(x, y, radius * 0.28, radius * 0.28)
        sketch.shape(ball, material=Material(tone, grain=0.3, gloss=0.6))
    return sketch


def _rod(draws: Draws, half: tuple[float, float]) -> Sketch:
    return curtain_rod(draws, half[0])


KINDS = {"fan": (_fan, _sticks), "doily": (_doily, _bowl), "curtain": (_hanging, _rod)}


def lace(size: int, draws: Draws) -> Layer:
    """Paint a lace fan with its sticks, a doily under a bowl of fruit, or a lace curtain."""
    kind = draws.choice(("fan", "fan", "doily", "curtain"))
    weave, part = KINDS[kind]
    width = size if kind != "curtain" else max(16, round(size * draws.uniform(0.65, 0.95)))
    height = size if kind != "fan" else max(16, round(size * 0.68))
    half = (width / size, height / size)
    x, y = grid(height * _SAMPLES, width * _SAMPLES)
    piece = weave(x, y, half, draws.uniform(3.5, 6), draws)
    cover = np.maximum(piece.pattern, piece.border) * piece.inside
    alpha = blur(shrink(cover, height, width), 0.4)
    shade = clip(0.85 + 0.3 * np.tanh(shrink(piece.slope, height, width)), 0.35, 1.15)
    cloth = tinted(cloth_colour(draws) * shade[..., None], alpha)
    if draws.chance(0.08):
        return cloth
    window = (-half[0], -half[1], 2 * half[0], 2 * half[1])
    return over(part(draws, half).paint_window(size, window), cloth)
