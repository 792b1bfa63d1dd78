"""Soap bubbles and bags of clear plastic: thin films that show mostly their edges."""

from __future__ import annotations

import math

import numpy as np

from distinctions646.mini.bodies.critters import fish
from distinctions646.mini.bodies.household import fruit
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field, grid, smoothstep
from distinctions646.mini.drawing.geometry import point
from distinctions646.mini.drawing.layers import over, paint_into, tinted
from distinctions646.mini.drawing.material import any_colour, any_material, mix, rgb
from distinctions646.mini.drawing.noise import fractal_noise
from distinctions646.mini.drawing.sketch import Layer, Sketch


def _rainbow(phase: Field) -> Field:
    """Return the colours of a film whose thickness grows with `phase` (one turn an order)."""
    turns = [np.cos(2 * np.pi * (phase - shift)) for shift in (0.0, 0.33, 0.67)]
    return (0.72 + 0.28 * np.stack(turns, axis=-1)).astype(np.float32)


def _bubble(
    x: Field, y: Field, place: tuple[float, float], radius: float, pixel: float, draws: Draws
) -> Layer:
    """Return one bubble: rim by grazing reflection, two window lights, thin-film colours."""
    across, down = (x - place[0]) / radius, (y - place[1]) / radius
    reach = np.hypot(across, down)
    inside = np.clip((1 - reach) * radius / pixel + 0.5, 0, 1)
    clear, power = draws.uniform(0.06, 0.25), draws.uniform(2.5, 6)
    alpha = clear + (0.9 - clear) * np.minimum(reach, 1) ** power
    noise = fractal_noise(x.shape[0], x.shape[1], draws, 3, 4)
    colour = _rainbow(draws.uniform(1, 2.5) * reach + 1.2 * noise + 0.4 * down)
    for turn, strength, wide in ((-2.3, 0.95, 0.16), (0.8, 0.6, 0.1)):
        lit_x, lit_y = 0.62 * math.cos(turn), 0.62 * math.sin(turn)
        along = (across - lit_x) * math.sin(turn) - (down - lit_y) * math.cos(turn)
        out = (across - lit_x) * math.cos(turn) + (down - lit_y) * math.sin(turn)
        gleam = strength * np.exp(-((along / (1.8 * wide)) ** 4) - (out / (0.6 * wide)) ** 4)
        alpha = alpha + gleam * (1 - alpha)
        colour = colour * (1 - gleam[..., None]) + gleam[..., None]
    return tinted(colour, (alpha * inside).astype(np.float32))


def bubble(size: int, draws: Draws) -> Layer:
    """Paint one to six soap bubbles, mostly with the wand they come from."""
    width = max(16, round(size * draws.uniform(0.62, 0.85)))
    x, y = grid(size, width)
    half, pixel = width / size, 2 / size
    layer: Layer = (np.zeros((size, width, 3), np.float32), np.zeros((size, width), np.float32))
    with_wand = draws.chance(0.82)
    count = draws.integer(1, 5) if with_wand else draws.integer(1, 2)
    for number in range(count):
        radius = half * (draws.uniform(0.62, 0.85) if number == 0 else draws.uniform(0.12, 0.32))
        room = np.array([half - radius, (0.55 if with_wand and number == 0 else 1) - radius])
        room = np.maximum(room - 0.02, 0.0)
        place = (
            draws.uniform(-1, 1) * room[0],
            draws.uniform(-1, 1) * room[1] - 0.15 * (number == 0),
        )
        place = (place[0], max(place[1], radius - 0.98))
        layer = over(_bubble(x, y, place, radius, pixel, draws.child("film", number)), layer)
    if not with_wand:
        return layer
    return over(_wand(draws, half).paint_window(size, (-half, -1, 2 * half, 2)), layer)


def _wand(draws: Draws, half: float) -> Sketch:
    sketch = Sketch(draws)
    plastic = any_material(draws, gloss=0.7)
    side = draws.sign()
    turn = np.linspace(0, 2 * math.pi, 36)
    centre, radius = point(side * half * 0.1, 0.42), half * draws.uniform(0.25, 0.4)
    ring = centre + radius * np.stack([np.cos(turn), 0.9 * np.sin(turn)], axis=1)
    sketch.tube(ring, (0.05,), plastic)
    grip = point(side * half * 0.4, 0.97)
    sketch.tube(np.stack([centre + point(0, radius * 0.9), grip]), (0.05, 0.075), plastic)
    return sketch


def plastic(size: int, draws: Draws) -> Layer:
    """Paint a clear bag, knotted, with a fish or fruit in it; rarely with nothing."""
    width = max(16, round(size * draws.uniform(0.7, 0.9)))
    x, y = grid(size, width)
    half = width / size
    sides = half * draws.uniform(0.75, 0.92)
    folds = fractal_noise(size, width, draws, 5, 5) - np.float32(0.5)
    # The bag widens below the knot like a drop and flares out again above it.
    belly = np.maximum(np.sin(np.clip((y + 0.66) / 1.62, 0, 1) * math.pi), 0) ** 0.55
    flare = 0.14 + 0.5 * np.clip((-0.62 - y) / 0.36, 0, 1)
    outline = np.where(y > -0.6, np.maximum(belly, 0.14), flare) * sides * (1 + 0.15 * folds)
    inside = np.clip((outline - np.abs(x)) * size / 2 + 0.5, 0, 1)
    inside *= np.clip((0.96 - y) * size / 2, 0, 1) * np.clip((y + 0.97) * size / 2, 0, 1)
    rise = np.minimum(np.abs(x) / np.maximum(outline, 1e-3), 1) ** 4
    crease = np.arctan2(x, y + 0.6) * draws.uniform(5, 9) + folds * 2
    ridge = np.exp(-((np.sin(crease) / 0.25) ** 2)) * smoothstep(0.9, -0.6, y)
    alpha = np.clip(draws.uniform(0.08, 0.2) + 0.55 * rise + 0.55 * ridge, 0, 0.97)
    tint = mix(rgb(0.9, 0.94, 0.96), any_colour(draws), draws.choice((0.0, 0.15, 0.6)))
    colour = tint.astype(np.float32) * (0.65 + 0.4 * ridge + 0.2 * folds)[..., None]
    level = draws.uniform(-0.35, 0.1)
    if draws.chance(0.6):
        water = smoothstep(level, level + 0.02, y) * np.float32(draws.uniform(0.2, 0.45))
        alpha = 1 - (1 - alpha) * (1 - water)
        colour = colour * (1 - 0.5 * water)[..., None] + np.float32(0.25) * water[..., None]
    film = tinted(colour, (alpha * inside).astype(np.float32))
    knot = Sketch(draws)
    knot.tube(
        np.array([[-0.11 * half, -0.61], [0.11 * half, -0.61]]), (0.045,), any_material(draws)
    )
    film = over(knot.paint_window(size, (-half, -1, 2 * half, 2)), film)
    if draws.chance(0.12):
        return film
    content = fish(draws) if draws.chance(0.6) else fruit(draws)
    reach = sides * draws.uniform(0.55, 0.72)
    return over(film, paint_into(content, size, (half, 1.0), (0.0, 0.35), reach))
