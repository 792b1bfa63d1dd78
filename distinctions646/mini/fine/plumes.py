"""Smoke and fire: opacity 1 - exp(-density) of turbulent noise, over what they rise from."""

from __future__ import annotations

import math

import cv2
import numpy as np

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field, grid, smoothstep, warp
from distinctions646.mini.drawing.geometry import bent_path, box, ellipse, point, rounded_box
from distinctions646.mini.drawing.layers import over, tinted
from distinctions646.mini.drawing.material import Material, any_colour, any_material, mix, rgb, wood
from distinctions646.mini.drawing.noise import fractal_noise
from distinctions646.mini.drawing.sketch import Layer, Sketch


def smoke(size: int, draws: Draws) -> Layer:
    """Paint a plume of smoke over a censer, chimney or stick: opacity 1 - exp(-density)."""
    width = max(16, round(size * draws.uniform(0.6, 1.0)))
    x, y = grid(size, width)
    shifts = [(fractal_noise(size, width, draws, 3, 6) - 0.5) * size * 0.5 for _ in range(4)]
    clouds = warp(fractal_noise(size, width, draws, 5, 8, 0.58), shifts[0], shifts[1])
    clouds = warp(clouds, shifts[2] * 0.5, shifts[3] * 0.5)
    half = width / size
    sway = half * 0.3 * np.sin(2.2 * y + draws.uniform(0, 6)) * (1 - y) * 0.5
    spread = (0.12 + 0.5 * ((1 - y) / 2) ** 0.8) * half
    plume = np.exp(-(((x - sway) / spread) ** 2)).astype(np.float32)
    plume = warp(plume, shifts[1] * 0.25, shifts[0] * 0.25, cv2.BORDER_REPLICATE)
    floor = draws.uniform(0.6, 0.8)
    plume *= smoothstep(-0.98, -0.5, y) * (1 - smoothstep(floor - 0.05, floor + 0.1, y))
    plume *= smoothstep(0, 0.12, half - np.abs(x))
    density = np.clip(clouds - 0.36, 0, 1) * plume * np.float32(draws.uniform(9, 26))
    alpha = 1 - np.exp(-density)
    shadow = np.exp(-3 * np.cumsum(density, axis=1) * 2 / size)
    tone = mix(
        rgb(0.9, 0.9, 0.9), any_colour(draws), draws.choice((0.0, 0.15, 0.5))
    ) * draws.uniform(0.35, 1.05)
    light = (0.5 + 0.55 * shadow) * (0.8 + 0.4 * fractal_noise(size, width, draws, 6, 6))
    # Faint veils far out end at a true zero: a foreground needs a certain background.
    alpha = np.clip((alpha - 0.02) / 0.98, 0, 1)
    cloud = tinted(tone.astype(np.float32) * light[..., None], alpha)
    if draws.chance(0.15):
        return cloud
    return over(_burner(draws, sway, floor).paint_window(size, (-half, -1, 2 * half, 2)), cloud)


def _burner(draws: Draws, sway: Field, floor: float) -> Sketch:
    sketch = Sketch(draws)
    x = float(np.interp(floor, np.linspace(-1, 1, len(sway)), sway[:, 0]))
    metal = any_material(draws, gloss=0.6)
    kind = draws.choice(("bowl", "chimney", "stick"))
    wide = draws.uniform(0.22, 0.34)
    if kind == "bowl":
        turn = np.linspace(0, math.pi, 30)
        bowl = np.stack([x + wide * np.cos(turn), floor + 0.3 * np.sin(turn)], axis=1)
        sketch.shape(bowl, material=metal)
        sketch.shape(ellipse(x, floor, wide, 0.06), material=metal, brightness=0.6)
        sketch.shape(
            rounded_box(x - wide * 0.5, floor + 0.25, x + wide * 0.5, 0.99, 0.02), material=metal
        )
    elif kind == "chimney":
        brick = Material(rgb(0.6, 0.3, 0.22), rgb(0.75, 0.68, 0.6), "checks", 14, grain=0.5)
        sketch.shape(box(x - wide, floor, x + wide, 1.02), material=brick, relief=0.2)
        sketch.shape(
            box(x - wide * 1.15, floor - 0.04, x + wide * 1.15, floor + 0.06), material=brick
        )
    else:
        path = bent_path(point(x, floor - 0.05), math.pi / 2 + draws.normal(0.2), 1.1 - floor, 0.2)
        sketch.tube(path, (0.03, 0.05), Material(rgb(0.35, 0.22, 0.12), grain=0.6))
        sketch.shape(ellipse(x, floor - 0.03, 0.045, 0.06), material=Material(rgb(1, 0.45, 0.1)))
        sketch.shape(rounded_box(x - 0.3, 0.86, x + 0.3, 0.99, 0.03), material=metal)
    return sketch


def _logs(sketch: Sketch, draws: Draws, floor: float, half: float) -> None:
    bark = Material(rgb(0.3, 0.2, 0.12), rgb(0.12, 0.08, 0.06), "stripes", 9, grain=0.8)
    cut = Material(rgb(0.7, 0.5, 0.3))
    for lean in (0.25, -0.3, 0.05):
        reach = half * draws.uniform(0.7, 0.85)
        y = floor + 0.12
        ends = np.array([[-reach, y + lean * 0.5], [reach, y - lean * 0.5]])
        sketch.tube(ends, (0.085,), bark)
        sketch.shape(ellipse(ends[1, 0], ends[1, 1], 0.06, 0.085), material=cut)
    for number in range(7):
        stone = ellipse((number / 3 - 1) * half * 0.85, 0.9, half * 0.16, 0.08)
        grey = Material(rgb(0.5, 0.5, 0.48) * draws.uniform(0.6, 1.2), grain=0.5)
        sketch.shape(stone, material=grey)


def _torch(sketch: Sketch, draws: Draws, floor: float, half: float) -> None:
    stick = np.array([[0, floor + 0.1], [draws.normal(0.05), 0.98]])
    sketch.tube(stick, (0.07, 0.045), wood(draws))
    wide = min(0.18, half * 0.8)
    top, bottom = floor - 0.08, floor + 0.2
    cup = np.array([[-wide, top], [wide, top], [wide * 0.5, bottom], [-wide * 0.5, bottom]])
    sketch.shape(cup, material=any_material(draws, gloss=0.6))


def _candle(sketch: Sketch, draws: Draws, floor: float, half: float) -> None:
    wax = any_material(draws, mix(any_colour(draws), rgb(1, 0.97, 0.9), 0.5))
    wide = half * draws.uniform(0.25, 0.5)
    sketch.shape(rounded_box(-wide, floor + 0.08, wide, 0.9, 0.05), material=wax)
    for number in range(3):
        x, length = (number - 1) * wide * 0.7, draws.uniform(0.1, 0.4)
        drop = np.array([[x, floor + 0.12], [x, floor + 0.12 + length]])
        sketch.tube(drop, (0.05, 0.06), wax)
    wick = np.array([[0, floor + 0.1], [0.01, floor - 0.06]])
    sketch.tube(wick, (0.015,), Material(rgb(0.1, 0.1, 0.1)))
    dish = ellipse(0, 0.92, min(half * 0.9, wide * 1.8), 0.07)
    sketch.shape(dish, material=any_material(draws, gloss=0.7))


# How a fire burns: what of, from which height, and how wide.
FIRES = {"logs": (_logs, 0.72, 0.75), "torch": (_torch, 0.45, 0.55), "candle": (_candle, 0.1, 0.25)}


def fire(size: int, draws: Draws) -> Layer:
    """Paint a fire over logs, a torch or a candle; the hottest part is opaque and near white."""
    width = max(16, round(size * draws.uniform(0.6, 1.0)))
    x, y = grid(size, width)
    half = width / size
    kind = draws.choice(("logs", "torch", "candle"))
    fuel, floor, share = FIRES[kind]
    reach = share * half
    top = draws.uniform(-0.95, -0.7)
    rise = np.clip((floor - y) / (floor - top), -0.3, 1.2)  # 0 at the fuel, 1 at the tip
    swing = fractal_noise(size, width, draws, 3, 4) - np.float32(0.5)
    lick = fractal_noise(size, width, draws, 4, 7, 0.6)
    lick = warp(lick, swing * size * 0.2, swing * size * 0.5)
    sway = x + swing * rise * np.float32(0.5 if kind != "candle" else 0.15)
    belly = np.maximum(np.sin(np.pi * np.clip(0.25 + 0.75 * rise, 0, 1)), 0) ** 0.8
    heat = 1.25 - np.abs(sway) / np.maximum(reach * belly, 1e-3) * 0.8 - 0.75 * rise
    if kind != "candle":
        heat = heat + (lick - np.float32(0.5)) * np.float32(2.4)
    heat = heat * smoothstep(-0.25, 0.0, rise) * (1 - smoothstep(0.9, 1.1, rise))
    heat = np.clip(heat, 0, 1.3) * smoothstep(0, 0.12, half - np.abs(x))
    alpha = np.clip((1 - np.exp(-draws.uniform(2.5, 4.5) * heat) - 0.03) / 0.97, 0, 1)
    red = np.clip(0.45 + 1.4 * heat, 0, 1)
    green = np.clip(1.25 * heat - 0.12, 0, 1)
    blue = np.clip(1.6 * heat - 1.1, 0, 1)
    tint = [red, green, blue] if draws.chance(0.88) else [blue, green, red]
    flame = tinted(np.stack(tint, axis=-1), alpha)
    if draws.chance(0.12):
        return flame
    sketch = Sketch(draws)
    fuel(sketch, draws, floor, half)
    return over(flame, sketch.paint_window(size, (-half, -1, 2 * half, 2)))
