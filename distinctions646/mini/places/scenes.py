"""Backgrounds of places: streets at night, landscapes, rooms, and clutter with objects in it."""

from __future__ import annotations

import math

import numpy as np

from distinctions646.mini.bodies.creatures import sketch_creature
from distinctions646.mini.bodies.figures import sketch_figure
from distinctions646.mini.bodies.things import sketch_solid
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field, blur, clip, grid, shrink, smoothstep
from distinctions646.mini.drawing.geometry import box
from distinctions646.mini.drawing.layers import lay
from distinctions646.mini.drawing.material import (
    Material,
    any_colour,
    any_material,
    hsv,
    leaf_colour,
    mix,
    rgb,
    wood,
)
from distinctions646.mini.drawing.noise import fractal_noise
from distinctions646.mini.drawing.sketch import Layer, Sketch
from distinctions646.mini.places.surfaces import blend, bokeh, colour_field, texture


def descent(height: int, width: int) -> Field:
    """Return 0 at the top to 1 at the bottom of the picture."""
    line = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    return np.asarray(np.broadcast_to(line, (height, width)), np.float32)


def soften(
    image: Field, draws: Draws, shares: tuple[float, ...] = (0.0, 0.003, 0.008, 0.016)
) -> Field:
    """Blur by one of several shares of the long side."""
    radius = draws.choice(shares) * max(image.shape)
    return blur(image, radius) if radius >= 0.3 else image


def _object(size: int, draws: Draws) -> Layer:
    plan = draws.choice((sketch_creature, sketch_creature, sketch_solid, sketch_figure))
    sketch = plan(draws)
    left, top, width, height = sketch.bounds()
    free = 0.03 * max(width, height)
    window = (left - free, top - free, width + 2 * free, height + 2 * free)
    return sketch.paint_window(max(16, size), window)


def scatter(
    image: Field, draws: Draws, count: int, sizes: tuple[float, float], depth: float = 0.0
) -> None:
    """Strew objects over an image, in place, the small ones first.

    Parameters
    ----------
    image
        float32 height x width x 3.
    draws
        Where the objects come from.
    count
        Number of objects.
    sizes
        Least and largest size of an object as a share of the long side.
    depth
        Blur of the objects as a share of the long side.
    """
    height, width = image.shape[:2]
    long = max(height, width)
    for share in np.sort(draws.uniforms(*sizes, count)):
        layer = _object(int(share * long), draws)
        rows, columns = layer[1].shape
        left = round(draws.uniform(-0.3, 1.0) * width - columns * 0.35)
        top = round(draws.uniform(0.0, 1.0) * height - rows * 0.5)
        lay(image, layer, left, top, depth * long)


def _house(sketch: Sketch, draws: Draws, left: float, right: float, base: float) -> None:
    """Add a dark house with some of its windows lit."""
    tall, cell = draws.uniform(0.2, 0.65), draws.uniform(0.03, 0.06)
    wall = Material(hsv(draws.uniform(0, 1), 0.3, draws.uniform(0.06, 0.2)), grain=0.5)
    sketch.shape(box(left, base - tall, right, 1.02), material=wall, relief=0.05)
    lamp = hsv(draws.uniform(0.05, 0.17), draws.uniform(0.3, 0.8), 1.0)
    panes = [Material(lamp * share, grain=0) for share in (0.5, 0.75, 1.0)]
    for row in range(int(tall / cell / 1.4)):
        for column in range(int((right - left) / cell) - 1):
            if draws.chance(0.4):
                x, y = left + cell * (column + 0.6), base - tall + cell * 1.4 * (row + 0.4)
                pane = box(x, y, x + cell * 0.6, y + cell * 0.8)
                sketch.shape(pane, material=draws.choice(panes), relief=0)


def night(height: int, width: int, draws: Draws) -> Field:
    """Render a street at night: dark houses with lit windows, mirrored in wet ground."""
    dusk, glow = hsv(draws.uniform(0.55, 0.75), 0.7, 0.12), hsv(draws.uniform(0, 0.1), 0.5, 0.3)
    image = blend(dusk, glow, descent(height, width))
    sketch = Sketch(draws)
    aspect, base = width / height, draws.uniform(0.6, 0.85)
    x = -0.05
    while x < aspect:
        wide = draws.uniform(0.12, 0.35)
        _house(sketch, draws, x, x + wide, base)
        x += wide * draws.uniform(0.9, 1.2)
    long = max(height, width)
    lay(image, sketch.paint_window(long, (0, 0, aspect, 1), samples=1), 0, 0)
    ground = int(base * height)
    wet = shrink(image[:ground][::-1], height - ground, width)
    image[ground:] = 0.55 * blur(wet, 0.008 * long)
    image = soften(image, draws, (0.0, 0.004, 0.012))
    return image + np.float32(0.5) * blur(image, 0.03 * long)


def landscape(height: int, width: int, draws: Draws) -> Field:
    """Render sky, clouds and ridges fading into haze, sometimes with things in the distance."""
    y = descent(height, width)
    zenith = hsv(draws.uniform(0.5, 0.68), draws.uniform(0.3, 0.8), draws.uniform(0.5, 0.95))
    haze = mix(zenith, rgb(1, 1, 1), 0.7)
    if draws.chance(0.3):
        haze = hsv(draws.uniform(0.02, 0.12), 0.5, 0.95)
    horizon = draws.uniform(0.35, 0.7)
    image = blend(zenith, haze, clip(y / horizon))
    low = draws.uniform(0.45, 0.6)
    clouds = smoothstep(low, 0.85, fractal_noise(height, width, draws, 3, 7))[..., None]
    image = image * (1 - clouds) + clouds * np.float32(0.97)
    ground, ridges = leaf_colour(draws), draws.integer(2, 5)
    for number in range(ridges):
        line = fractal_noise(8, width, draws, 3 + number, 7)[4] - 0.5
        edge = horizon - 0.12 + number * 0.4 / ridges + line * draws.uniform(0.15, 0.4)
        tone = mix(haze, ground * draws.uniform(0.5, 1.0), (number + 1) / ridges)
        cover = clip((y - edge[None]) * height + 0.5)[..., None]
        grain = fractal_noise(height, width, draws, 20, 5, 0.8)[..., None] - np.float32(0.5)
        rock = tone * (1 + grain * (0.3 + 0.5 * number / ridges))
        image = np.asarray(image * (1 - cover) + rock * cover, np.float32)
    if draws.chance(0.5):
        scatter(image, draws, draws.integer(1, 3), (0.08, 0.25), 0.004)
    return soften(image, draws, (0.0, 0.003, 0.01))


def _wall(sketch: Sketch, draws: Draws, aspect: float) -> None:
    """Add wallpaper, a floor of boards, and a skirting board between them."""
    floor = draws.uniform(0.65, 0.85)
    pale = mix(any_colour(draws), rgb(0.9, 0.88, 0.82), draws.uniform(0.2, 0.8))
    paper = any_material(draws, pale)
    sketch.shape(box(-0.1, -0.1, aspect + 0.1, floor), material=paper, relief=0.02)
    boards = wood(draws)
    top, rows = floor, draws.integer(3, 7)
    for row in range(rows):
        # Boards look wider the nearer they are.
        bottom = floor + (1.02 - floor) * ((row + 1) / rows) ** 1.5
        bright = draws.uniform(0.8, 1.05)
        board = box(-0.1, top, aspect + 0.1, bottom)
        sketch.shape(board, material=boards, relief=0.15, brightness=bright)
        top = bottom
    skirting = Material(rgb(0.85, 0.83, 0.8) * draws.uniform(0.4, 1.0))
    board = box(-0.1, floor - 0.04, aspect + 0.1, floor)
    sketch.shape(board, material=skirting, relief=0.3)


def _picture(sketch: Sketch, draws: Draws, aspect: float) -> None:
    """Add a framed picture, or a window."""
    left, top = draws.uniform(-0.1, aspect - 0.2), draws.uniform(0.02, 0.3)
    wide, tall = draws.uniform(0.2, 0.5), draws.uniform(0.2, 0.4)
    outer = box(left, top, left + wide, top + tall)
    sketch.shape(outer, material=any_material(draws), relief=0.4)
    inner = box(left + 0.03, top + 0.03, left + wide - 0.03, top + tall - 0.03)
    first, second = any_colour(draws), any_colour(draws)
    seed = draws.child("view", int(1e6 * left))
    view = Material(first, second, "gradient", grain=0.5, draws=seed)
    sketch.shape(inner, material=view, relief=0.0, brightness=draws.uniform(0.8, 1.4))


def _shelf(sketch: Sketch, draws: Draws, aspect: float) -> None:
    y, x = draws.uniform(0.3, 0.6), draws.uniform(0, aspect - 0.3)
    sketch.shape(box(x, y, x + 0.5, y + 0.03), material=wood(draws), relief=0.4)
    while draws.chance(0.85):
        thick = draws.uniform(0.02, 0.06)
        spine = box(x, y - draws.uniform(0.1, 0.2), x + thick, y)
        sketch.shape(spine, material=any_material(draws))
        x += thick


def room(height: int, width: int, draws: Draws) -> Field:
    """Render a room: papered wall, boards, pictures, a shelf of books, furniture."""
    sketch = Sketch(draws)
    aspect = width / height
    _wall(sketch, draws, aspect)
    for _ in range(draws.integer(1, 3)):
        _picture(sketch, draws, aspect)
    if draws.chance(0.5):
        _shelf(sketch, draws, aspect)
    image = np.zeros((height, width, 3), np.float32)
    lay(image, sketch.paint_window(max(height, width), (0, 0, aspect, 1), samples=1), 0, 0)
    scatter(image, draws, draws.integer(0, 3), (0.15, 0.4))
    angle = draws.uniform(0, 2 * math.pi)
    x, y = grid(height, width)
    light = smoothstep(-1.6, 1.2, x * math.cos(angle) + y * math.sin(angle))
    lit = image * (np.float32(0.55) + np.float32(0.6) * light)[..., None]
    return soften(lit, draws, (0.0, 0.004, 0.01, 0.02))


def clutter(height: int, width: int, draws: Draws) -> Field:
    """Render a heap of animals, people and things, mostly out of focus and off the middle.

    A network must not learn that whatever is an object is the foreground.
    """
    base = draws.choice((colour_field, texture, landscape, room, bokeh))
    image = clip(base(height, width, draws))
    depth = draws.choice((0.0, 0.006, 0.012, 0.02))
    scatter(image, draws, draws.integer(2, 6), (0.15, 0.5), depth)
    return image
