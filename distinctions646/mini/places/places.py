"""More backgrounds of places: a wood, the sea, a street by day, a laid table, shelves."""

from __future__ import annotations

import numpy as np

from distinctions646.mini.bodies.household import fruit, mug
from distinctions646.mini.bodies.toys import cake, clock, mushroom, robot
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field, blur, clip, grid, smoothstep
from distinctions646.mini.drawing.geometry import bent_path, blob, box, point
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
from distinctions646.mini.drawing.sketch import Sketch
from distinctions646.mini.places.scenes import descent, soften
from distinctions646.mini.places.surfaces import blend, texture


def _paint(image: Field, sketch: Sketch) -> None:
    """Paint a sketch, whose world is as high as 1, over the whole image, in place."""
    height, width = image.shape[:2]
    window = (0.0, 0.0, width / height, 1.0)
    lay(image, sketch.paint_window(max(height, width), window, samples=1), 0, 0)


def forest(height: int, width: int, draws: Draws) -> Field:
    """Render trunks that fade into haze, rank behind rank, over a floor of leaves."""
    haze = hsv(draws.uniform(0.12, 0.5), draws.uniform(0.1, 0.35), draws.uniform(0.6, 0.95))
    floor = leaf_colour(draws) * draws.uniform(0.4, 0.8)
    line = draws.uniform(0.55, 0.75)
    y = descent(height, width)
    mottle = fractal_noise(height, width, draws, 18, 6, 0.8) - np.float32(0.5)
    image = blend(haze, floor, smoothstep(line - 0.08, line + 0.2, y + 0.1 * mottle))
    image = clip(image * (1 + mottle[..., None] * smoothstep(line - 0.1, 1, y)[..., None]))
    bark = rgb(0.24, 0.17, 0.11) * draws.uniform(0.5, 1.6)
    ranks = draws.integer(3, 5)
    for rank in range(ranks):
        near = (rank + 1) / ranks
        sketch = Sketch(draws.child("rank", rank))
        skin = Material(mix(haze, bark, near**0.7), bark * 0.6, "mottle", 14, grain=0.5)
        for _ in range(draws.integer(4, 9) - rank):
            radius = 0.035 * near**1.5 * draws.uniform(0.6, 1.4) + 0.004
            foot = point(draws.uniform(-0.1, width / height + 0.1), line + 0.25 * near**2)
            trunk = bent_path(foot, -np.pi / 2 + draws.normal(0.06), 1.3, draws.normal(0.1))
            sketch.tube(trunk, (radius * 1.5, radius, radius * 0.7), skin)
            moss = Material(mix(haze, floor * draws.uniform(0.6, 0.9), near**0.5), grain=0.5)
            foot_x, foot_y = foot[0], foot[1] + 1.6 * radius
            mound = blob(foot_x, foot_y, 3.2 * radius, 1.3 * radius, draws, 0.2)
            sketch.shape(mound, material=moss, relief=0.2)
        _paint(image, sketch)
        if rank + 1 < ranks:
            image = blur(image, 0.002 * max(height, width))
    leaves = smoothstep(0.52, 0.62, fractal_noise(height, width, draws, 14, 5, 0.8))
    crown = (leaves * smoothstep(0.45, 0.0, y))[..., None] * np.float32(0.85)
    return soften(image * (1 - crown) + crown * floor.astype(np.float32), draws)


def water(height: int, width: int, draws: Draws) -> Field:
    """Render the sea or a lake below a sky, with waves that grow towards the eye."""
    sky = hsv(draws.uniform(0.5, 0.66), draws.uniform(0.2, 0.7), draws.uniform(0.5, 0.95))
    glow = hsv(draws.uniform(0.02, 0.14), draws.uniform(0.2, 0.7), 0.95)
    horizon = draws.uniform(0.3, 0.6)
    y = descent(height, width)
    x, _ = grid(height, width)
    image = blend(sky, glow, smoothstep(0.0, horizon, y))
    clouds = smoothstep(0.5, 0.85, fractal_noise(height, width, draws, 3, 7))[..., None]
    image = image * (1 - clouds) + clouds * mix(glow, rgb(1, 1, 1), 0.6).astype(np.float32)
    depth = np.maximum(y - np.float32(horizon), np.float32(2e-3))
    # Rows of waves lie at equal steps of distance, which is 1 over the drop below the horizon.
    drift = fractal_noise(height, width, draws, 5, 5)
    swell = np.sin(draws.uniform(2, 5) / depth + 14 * drift + draws.uniform(-2, 2) * x)
    fine = fractal_noise(height, width, draws, 30, 4, 0.8) - np.float32(0.5)
    slope = (swell * np.float32(0.5) + 2.5 * fine) * np.minimum(1, depth * 5)
    deep = mix(hsv(draws.uniform(0.48, 0.62), 0.7, draws.uniform(0.2, 0.5)), sky, 0.3)
    sea = blend(deep, glow, clip(0.35 + 0.4 * slope - 0.5 * depth))
    sun = np.exp(-(((x - np.float32(draws.uniform(-0.6, 0.6))) / (0.06 + depth)) ** 2))
    sea = sea + (sun * smoothstep(0.15, 0.6, slope))[..., None] * glow.astype(np.float32)
    cover = clip((y - horizon) * height)[..., None]
    return soften(clip(image * (1 - cover) + sea * cover), draws)


def _front(sketch: Sketch, draws: Draws, left: float, right: float, ground: float) -> None:
    """Add the front of a house by day: windows in rows, and a door."""
    tall = draws.uniform(0.35, 0.75)
    plaster = mix(any_colour(draws), rgb(0.85, 0.8, 0.72), draws.uniform(0.3, 0.9))
    wall = Material(plaster, plaster * 0.9, draws.choice(("plain", "mottle")), 12, grain=0.12)
    sketch.shape(box(left, ground - tall, right, ground + 0.01), material=wall, relief=0.03)
    roof = Material(hsv(draws.uniform(0, 0.08), 0.5, draws.uniform(0.25, 0.5)), grain=0.5)
    eave = box(left - 0.01, ground - tall - 0.04, right + 0.01, ground - tall)
    sketch.shape(eave, material=roof, relief=0.2)
    frame = Material(rgb(0.92, 0.9, 0.86) * draws.uniform(0.5, 1.0), grain=0.1)
    pane = Material(hsv(0.58, 0.25, draws.uniform(0.2, 0.5)), grain=0.3, gloss=0.4)
    cell = draws.uniform(0.09, 0.15)
    columns = max(1, int((right - left) / cell))
    pitch = (right - left) / columns
    for row in range(int((tall - 0.06) / (1.3 * cell))):
        for column in range(columns):
            x = left + pitch * (column + 0.5)
            y = ground - tall + 0.03 + 1.3 * cell * row
            half, high = 0.26 * pitch, 0.85 * cell
            sketch.shape(box(x - half, y, x + half, y + high), material=frame, relief=0.2)
            for side in (-1, 1):
                middle = x + side * half * 0.46
                glass = box(
                    middle - half * 0.36, y + 0.1 * high, middle + half * 0.36, y + 0.9 * high
                )
                sketch.shape(glass, material=pane, relief=0.05)


def street(height: int, width: int, draws: Draws) -> Field:
    """Render a row of houses by day behind a pavement."""
    sky = hsv(draws.uniform(0.52, 0.62), draws.uniform(0.1, 0.6), draws.uniform(0.7, 0.98))
    y = descent(height, width)
    image = blend(sky, mix(sky, rgb(1, 1, 1), 0.6), y)
    sketch, aspect, ground = Sketch(draws), width / height, draws.uniform(0.72, 0.88)
    x = draws.uniform(-0.2, 0.0)
    while x < aspect:
        wide = draws.uniform(0.25, 0.5)
        _front(sketch, draws, x, x + wide, ground)
        x += wide
    stone = Material(rgb(0.5, 0.49, 0.47) * draws.uniform(0.6, 1.3), grain=0.2)
    kerb = Material(rgb(0.7, 0.69, 0.66) * draws.uniform(0.7, 1.2), grain=0.15)
    sketch.shape(box(-0.1, ground, aspect + 0.1, 1.1), material=stone, relief=0.0)
    sketch.shape(box(-0.1, ground, aspect + 0.1, ground + 0.03), material=kerb, relief=0.1)
    _paint(image, sketch)
    light = smoothstep(-0.6, 1.2, fractal_noise(height, width, draws, 2, 4) * 2 - y * 0.4)
    return soften(image * (np.float32(0.6) + np.float32(0.5) * light)[..., None], draws)


def table(height: int, width: int, draws: Draws) -> Field:
    """Render a table with a few things on it, before a wall that lies out of focus."""
    long = max(height, width)
    image = blur(clip(texture(height, width, draws) * np.float32(0.8)), 0.012 * long)
    edge, aspect = draws.uniform(0.45, 0.65), width / height
    top, sketch = wood(draws), Sketch(draws)
    sketch.shape(box(-0.1, edge, aspect + 0.1, 1.1), material=top, relief=0.0)
    rim = Material(top.base * 0.5, grain=0.4)
    sketch.shape(box(-0.1, edge, aspect + 0.1, edge + 0.008), material=rim, relief=0.0)
    _paint(image, sketch)
    y = descent(height, width)
    image = image * (1 - 0.4 * smoothstep(0.6, 0.0, (y - edge) / (1 - edge)) * (y > edge))[
        ..., None
    ].astype(np.float32)
    for share in np.sort(draws.uniforms(0.12, 0.34, draws.integer(2, 6))):
        thing = draws.choice((fruit, fruit, mug, mug, cake, clock, mushroom, robot))(draws)
        _stand(image, thing, float(share), draws.uniform(0.0, 1.0), edge)
    return soften(image, draws)


def _stand(image: Field, thing: Sketch, share: float, place: float, edge: float) -> None:
    """Set a thing on a table, in place; the larger it looks, the nearer it stands."""
    height, width = image.shape[:2]
    colour, alpha = thing.paint_window(max(16, int(share * max(height, width))), thing.bounds())
    rows, columns = alpha.shape
    foot = height * (edge + 0.05 + (0.9 - edge) * (share - 0.12) / 0.22)
    left, top = int(place * width - columns / 2), int(foot) - rows
    shadow = np.zeros((rows // 4 + 1, columns + columns // 4, 1), np.float32)
    y, x = np.mgrid[-1 : 1 : shadow.shape[0] * 1j, -1 : 1 : shadow.shape[1] * 1j]
    dark = np.asarray(0.6 * np.exp(-3 * (x**2 + y**2)), np.float32)
    nothing = np.zeros((*dark.shape, 3), np.float32)
    lay(image, (nothing, dark), left - columns // 8, int(foot) - dark.shape[0] // 2)
    lay(image, (colour, alpha), left, top)


def shelves(height: int, width: int, draws: Draws) -> Field:
    """Render shelves full of books, with gaps, leaning volumes and boxes."""
    sketch, aspect = Sketch(draws), width / height
    timber = wood(draws)
    back = Material(timber.base * 0.35, grain=0.4)
    sketch.shape(box(-0.1, -0.1, aspect + 0.1, 1.1), material=back, relief=0.0)
    rows = draws.integer(2, 4)
    covers = [any_material(draws, any_colour(draws) * 0.9) for _ in range(10)]
    for row in range(rows):
        floor = (row + draws.uniform(0.85, 0.95)) / rows
        x = draws.uniform(-0.1, 0.0)
        while x < aspect:
            thick, tall = draws.uniform(0.02, 0.07), draws.uniform(0.5, 0.8) / rows
            if draws.chance(0.12):
                x += draws.uniform(0.03, 0.15)
                continue
            bright = draws.uniform(0.6, 1.1)
            spine = box(x, floor - tall, x + thick, floor)
            cover = draws.choice(covers)
            sketch.shape(spine, material=cover, relief=0.5, brightness=bright)
            band = box(x, floor - tall * 0.8, x + thick, floor - tall * 0.7)
            sketch.shape(band, material=draws.choice(covers), relief=0.2, brightness=bright)
            x += thick + 0.002
        board = box(-0.1, floor, aspect + 0.1, floor + 0.03)
        sketch.shape(board, material=timber, relief=0.3)
    image = np.zeros((height, width, 3), np.float32)
    _paint(image, sketch)
    return soften(image, draws)
