"""Potted plants and ferns, and what all plants share."""

from __future__ import annotations

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from renderer.materials import foliage, marble, mottled, paint, stripes
from renderer.palettes import DARK, PALE, Rgb, jittered, pair
from renderer.shapes import Array, at, ellipsoid, lathe, leaves, normalised, smooth_path, tube
from renderer.stage import Stage

GOLDEN = np.pi * (3 - np.sqrt(5))


def pot(stage: Stage, draws: Draws, *, radius: float = 0.5, height: float = 0.8) -> None:
    """Build a flower pot whose earth is at z = 0."""
    bright, plain = pair(draws)
    clay = draws.choice(
        (
            mottled((0.42, 0.15, 0.07), (0.55, 0.24, 0.12), 0.8, scale=3.0, bumps=0.15),
            paint(bright, 0.25, coat=0.5),
            stripes(plain, bright, 0.35, scale=1.6, coat=0.3),
            marble(draws.choice(PALE), draws.choice(DARK)),
        )
    )
    foot = draws.uniform(0.62, 0.85)
    outline = [(0, -1), (foot, -1), (foot + 0.03, -0.95), (0.93, -0.2), (0.95, -0.12)]
    rim = [(1.06, -0.12), (1.08, -0.02), (1.08, 0.1), (1.04, 0.12), (0.97, 0.1), (0.94, -0.1)]
    stage.mesh(lathe(np.array([*outline, *rim]) * (radius, height)), clay)
    earth = mottled((0.02, 0.012, 0.008), (0.06, 0.035, 0.02), 1.0, scale=14.0, bumps=0.8)
    stage.mesh(ellipsoid((0, 0, -0.06), (0.95 * radius, 0.95 * radius, 0.09)), earth)


def tinted(draws: Draws, colour: tuple[float, float, float], count: int, each: int) -> Array:
    """Return colours for `count` leaves of `each` vertices, a little different and paler inside."""
    shade = draws.uniforms(0.65, 1.25, (count, 1, 1))
    warm = draws.uniforms(-0.12, 0.12, (count, 1, 1)) * np.array([1.0, 0.2, -0.6])
    tint = np.array(colour) * shade * (1 + warm)
    return np.broadcast_to(tint, (count, each, 3)).reshape(-1, 3)


def green_of(draws: Draws) -> Rgb:
    """Return the green of one plant's leaves."""
    greens = ((0.07, 0.22, 0.04), (0.14, 0.30, 0.05), (0.04, 0.17, 0.06), (0.20, 0.28, 0.10))
    return jittered(draws, draws.choice(greens))


def plant(stage: Stage, draws: Draws) -> None:
    """Build a potted plant: stems with broad leaves all around."""
    pot(stage, draws, radius=draws.uniform(0.42, 0.6), height=draws.uniform(0.65, 0.95))
    green = green_of(draws)
    stems = draws.integer(5, 9)
    long, blunt = draws.uniform(0.36, 0.6), draws.uniform(0.5, 1.1)
    wide = long * draws.uniform(0.16, 0.34)
    base, along = [], []
    stalks = []
    for number in range(stems):
        turn = number * GOLDEN + draws.normal(0.2)
        lean, tall = draws.uniform(0.15, 0.75), draws.uniform(0.7, 1.5)
        out = np.array([np.cos(turn), np.sin(turn), 0.0])
        path = smooth_path(
            [at(0, 0, -0.05), out * lean * 0.3 + (0, 0, 0.5 * tall), out * lean + (0, 0, tall)], 14
        )
        stalks.append(tube(path, np.linspace(0.03, 0.012, 14), sides=8))
        for step in range(3, 14):
            spin = step * GOLDEN + turn
            away = np.array([np.cos(spin), np.sin(spin), draws.uniform(0.15, 0.7)])
            base.append(path[step])
            along.append(away)
        base.append(path[-1])
        along.append(normalised(path[-1] - path[-3]) + at(0, 0, 0.3))
    count = len(base)
    sizes = draws.uniforms(0.65, 1.1, (count,))
    blades = leaves(
        np.stack(base),
        np.stack(along),
        np.array([0.0, 0.0, 1.0]) + draws.normals(0.2, (count, 3)),
        long * sizes,
        wide * sizes,
        droop=draws.uniform(0.2, 0.5),
        sharp=blunt,
        steps=8,
    )
    tint = tinted(draws, green, count, 27).reshape(count, 9, 3, 3).copy()
    vein = draws.choice((0.9, 1.8, 2.6))
    tint[:, :, 1] *= vein
    stage.mesh(blades, foliage(draws.uniform(0.4, 0.7)), colours=tint.reshape(-1, 3), subdivide=1)
    stage.mesh(stalks, paint(jittered(draws, (0.12, 0.2, 0.05)), 0.6))
    stage.camera(elevation=draws.uniform(6, 22), azimuth=draws.uniform(-40, 40))


def fern(stage: Stage, draws: Draws) -> None:
    """Build a fern: arching fronds with two rows of toothed leaflets, in a pot."""
    pot(stage, draws, radius=0.42, height=draws.uniform(0.55, 0.8))
    base, along, up, length = [], [], [], []
    ribs = []
    fronds = draws.integer(9, 14)
    for number in range(fronds):
        turn = number * 2 * np.pi / fronds + draws.normal(0.2)
        tall, reach = draws.uniform(0.7, 1.3), draws.uniform(0.7, 1.25)
        out = np.array([np.cos(turn), np.sin(turn), 0.0])
        rise = np.array([0.0, 0.0, 1.0])
        path = smooth_path(
            [
                0.08 * out,
                0.25 * reach * out + 0.7 * tall * rise,
                0.75 * reach * out + tall * rise,
                1.15 * reach * out + draws.uniform(0.45, 0.9) * tall * rise,
            ],
            40,
        )
        ribs.append(tube(path, np.linspace(0.017, 0.004, 40), sides=6))
        for step in range(4, 40):
            ahead = normalised(path[step] - path[step - 1])
            side = normalised(np.cross(ahead, rise))
            share = (step - 4) / 36
            big = 0.36 * np.sin(np.pi * min(0.99, 0.16 + 0.84 * share)) * (0.7 + 0.3 * tall)
            for hand in (-1, 1):
                base.append(path[step])
                along.append(side * hand + 0.45 * ahead + draws.normals(0.05, (3,)))
                up.append(np.cross(side, ahead) * 1.0 + draws.normals(0.12, (3,)))
                length.append(max(big, 0.04))
    count = len(base)
    sizes = np.array(length)
    starts, ways, tops = np.stack(base), normalised(np.stack(along)), np.stack(up)
    # Each pinna is a midrib with small teeth on either side.
    teeth = 9
    across = normalised(np.cross(ways, tops))
    places, points, heights, spans = [], [], [], []
    for tooth in range(teeth):
        share = (tooth + 0.5) / teeth
        spot = (
            starts
            + ways * (sizes * share)[:, None]
            - np.array([0, 0, 0.12]) * (sizes * share**2)[:, None]
        )
        for hand in (-1, 1):
            places.append(spot)
            points.append(across * hand + 0.7 * ways)
            heights.append(tops)
            spans.append(np.maximum(0.055 * (1.15 - share), 0.2 * sizes * (1.05 - share)))
    span = np.concatenate(spans)
    blades = leaves(
        np.concatenate(places),
        np.concatenate(points),
        np.concatenate(heights),
        span,
        0.3 * span,
        droop=0.15,
        steps=3,
        sharp=0.6,
    )
    each = len(blades.vertices) // len(span)
    tint = tinted(draws, green_of(draws), len(span), each)
    stage.mesh(blades, foliage(0.35), colours=tint)
    line = np.linspace(0, 1, 4)[None, :, None]
    veins = starts[:, None] + ways[:, None] * (sizes[:, None, None] * line)
    veins = veins - np.array([0, 0, 0.12]) * (sizes[:, None, None] * line**2)
    brown = np.tile([[0.12, 0.16, 0.04]], (count, 1))
    stage.strands(veins, 0.004, paint(None, 0.6), colours=brown)
    stage.mesh(ribs, paint((0.10, 0.13, 0.04), 0.6))
    stage.camera(elevation=draws.uniform(10, 24))
