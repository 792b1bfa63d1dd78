"""Glasses, bottles, bubbles and veils: what one looks through."""

from __future__ import annotations

from typing import Any

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from renderer.materials import Graph, glass, marble, paint, sheer, stripes
from renderer.palettes import BRIGHT, DARK, METALS, PALE, pair
from renderer.shapes import ellipsoid, grid, lathe, smooth_path, tube
from renderer.stage import Stage


def drink(stage: Stage, draws: Draws) -> None:
    """Build a wine glass with wine, or a bottle with cork and label."""
    if draws.chance(0.5):
        _wine_glass(stage, draws)
    else:
        _bottle(stage, draws)
    stage.camera(azimuth=draws.uniform(-20, 20), elevation=draws.uniform(6, 18))


def _wine_glass(stage: Stage, draws: Draws) -> None:
    wide, tall, stem = draws.uniform(0.48, 0.66), draws.uniform(0.9, 1.25), draws.uniform(0.7, 1.0)
    rim = draws.uniform(0.68, 0.92)
    bowl = [(0.05, 0.0), (0.5, 0.12), (0.95, 0.42), (1.0, 0.6), (rim, 1.0)]
    outer = [(wide * r, stem + tall * z) for r, z in bowl]
    inner = [(max(wide * r - 0.025, 0.0), stem + tall * z + 0.04 * (1 - z)) for r, z in bowl[::-1]]
    foot = [
        (0, 0),
        (0.48, 0),
        (0.47, 0.025),
        (0.2, 0.06),
        (0.055, 0.12),
        (0.045, 0.5 * stem),
        (0.06, 0.96 * stem),
    ]
    stage.mesh(lathe(smooth_path([*foot, *outer, *inner, (0, stem + 0.05)], 110)), glass(index=1.4))
    fill = draws.uniform(0.4, 0.62)
    level = stem + fill * tall
    line = smooth_path([(r, z) for r, z in outer], 60)
    wet = [(r - 0.03, z + 0.012) for r, z in line if stem + 0.03 < z < level]
    wine = draws.choice(((0.10, 0.002, 0.012), (0.55, 0.28, 0.03), (0.45, 0.08, 0.09)))
    stage.mesh(
        lathe([(0, wet[0][1]), *wet, (wet[-1][0], level), (0, level)]), paint(wine, 0.05, coat=1.0)
    )


def _bottle(stage: Stage, draws: Draws) -> None:
    wide, tall = draws.uniform(0.42, 0.6), draws.uniform(1.3, 1.8)
    tint = draws.choice(((0.35, 0.75, 0.4), (0.55, 0.8, 0.95), (0.9, 0.97, 0.95), (0.85, 0.5, 0.2)))
    neck = draws.uniform(0.14, 0.2)
    side = [
        (0, 0),
        (wide * 0.94, 0),
        (wide, 0.08),
        (wide, 0.2),
        (wide, 0.4 * tall),
        (wide, 0.7 * tall),
        (wide, tall - 0.15),
        (wide, tall),
        (wide * 0.72, tall + 0.26),
        (neck, tall + 0.55),
        (neck * 0.95, tall + 1.0),
        (neck * 1.25, tall + 1.02),
        (neck * 1.25, tall + 1.12),
        (neck * 0.8, tall + 1.12),
    ]
    inside = [
        (neck * 0.78, tall + 0.5),
        (wide * 0.66, tall + 0.2),
        (wide * 0.93, tall - 0.04),
        (wide * 0.93, 0.12),
        (0, 0.1),
    ]
    stage.mesh(lathe(smooth_path([*side, *inside], 120)), glass(tint, index=1.4))
    bright, plain = pair(draws)
    label = draws.choice(
        (
            stripes(draws.choice(PALE), bright, 0.7, scale=draws.uniform(1.5, 3.0)),
            paint(draws.choice(PALE), 0.7),
        )
    )
    low, high = 0.22 * tall, draws.uniform(0.6, 0.8) * tall
    stage.mesh(lathe([(wide * 1.02, low), (wide * 1.02, high)], segments=96), label)
    stage.mesh(
        lathe([(wide * 1.025, high - 0.14), (wide * 1.025, high - 0.07)], segments=96),
        paint(bright, 0.5),
    )
    stage.mesh(
        lathe([(wide * 1.025, low + 0.06), (wide * 1.025, low + 0.2)], segments=96),
        paint(plain, 0.5),
    )
    cork = paint((0.5, 0.3, 0.15), 0.9, bumps=0.5)
    stage.mesh(
        lathe(
            [
                (0, tall + 0.9),
                (neck * 0.78, tall + 0.9),
                (neck * 0.84, tall + 1.28),
                (0, tall + 1.29),
            ]
        ),
        cork,
    )


def bubble(stage: Stage, draws: Draws) -> None:
    """Soap bubbles over a wand."""
    film = _film()
    handle = paint(draws.choice(BRIGHT), 0.2, coat=0.8)
    for number in range(draws.integer(7, 11)):
        size = 0.55 if number == 0 else draws.uniform(0.1, 0.36)
        place = (draws.uniform(-1.0, 1.0), draws.uniform(-0.5, 0.5), draws.uniform(0.5, 2.1))
        centre = (0.15, 0, 1.35) if number == 0 else place
        stage.mesh(
            ellipsoid(centre, (size, size, size * draws.uniform(0.95, 1.05)), segments=96), film
        )
    angle = np.linspace(0, 2 * np.pi, 60)
    loop = np.stack([0.3 * np.cos(angle), 0 * angle, 0.1 + 0.3 * np.sin(angle)], axis=1)
    stage.mesh(tube(loop, 0.045), handle)
    for tooth in np.linspace(0, 2 * np.pi, 20, endpoint=False):
        spot = (0.3 * np.cos(tooth), 0, 0.1 + 0.3 * np.sin(tooth))
        stage.mesh(ellipsoid(spot, (0.055,) * 3, segments=12), handle)
    stage.mesh(tube([(0, 0, -0.2), (0, 0, -1.2)], 0.05), handle)
    stage.mesh(ellipsoid((0, 0, -1.25), (0.09, 0.09, 0.09)), handle)
    stage.light("window", 1.6)
    stage.camera(azimuth=draws.uniform(-15, 15), elevation=draws.uniform(-5, 8))


def _film() -> Any:
    """Reflection in rainbow colours, more of it aslant."""
    graph = Graph()
    facing = graph.add("LayerWeight", Blend=0.35)
    swirl = graph.add(
        "TexNoise", Vector=graph.place((0.6, 0.6, 1.6)), Scale=1.3, Detail=2.0, Distortion=1.5
    )
    thick = graph.math(
        "ADD", facing.outputs["Facing"], graph.math("MULTIPLY", swirl.outputs[0], 0.9)
    )
    stops = (
        (0.25, (0.9, 0.35, 0.55)),
        (0.45, (0.3, 0.75, 0.95)),
        (0.62, (0.55, 0.95, 0.5)),
        (0.78, (0.98, 0.85, 0.35)),
        (0.95, (0.85, 0.4, 0.9)),
    )
    colour = graph.ramp(thick, stops)
    shine = graph.add("BsdfGlossy", Color=colour, Roughness=0.02).outputs[0]
    glow = graph.add("BsdfDiffuse", Color=colour).outputs[0]
    coat = graph.blend(0.3, shine, glow)
    share = graph.math(
        "MULTIPLY_ADD", graph.math("POWER", facing.outputs["Facing"], 3.0), 0.75, 0.08
    )
    return graph.finish(graph.blend(share, graph.add("BsdfTransparent").outputs[0], coat))


def veil(stage: Stage, draws: Draws) -> None:
    """Sheer cloth draped over a vase or a ball on a stand."""
    bright, _ = pair(draws)
    body = draws.choice(
        (
            marble(draws.choice(PALE), draws.choice(DARK)),
            paint(bright, 0.3, coat=0.5),
            paint(draws.choice(METALS), 0.25, metal=1.0),
        )
    )
    if draws.chance(0.5):
        profile = [
            (0, -1.2),
            (0.42, -1.2),
            (0.45, -1.12),
            (0.28, -0.95),
            (0.55, -0.4),
            (0.62, 0.1),
            (0.4, 0.55),
            (0.26, 0.75),
            (0.34, 0.95),
            (0.0, 0.96),
        ]
        top, high = 0.36, 0.99
    else:
        profile = [
            (0, -1.2),
            (0.5, -1.2),
            (0.5, -1.08),
            (0.2, -0.98),
            (0.14, -0.3),
            (0.3, -0.12),
            (0.55, 0.1),
            (0.68, 0.42),
            (0.55, 0.78),
            (0.3, 0.98),
            (0.0, 1.06),
        ]
        top, high = 0.52, 0.86
    stage.mesh(lathe(profile, points=80), body)
    rows, columns = 150, 400
    angle = np.linspace(0, 2 * np.pi, columns, endpoint=False)[None]
    v = np.linspace(0, 1, rows)[:, None]
    lobes, shift = draws.integer(6, 9), draws.uniform(0, 6)
    length = draws.uniform(1.35, 1.9)
    drop = np.maximum(0, v * (length + top) - top)
    flare = top + 0.03 + drop * (0.16 + 0.03 * np.sin(3 * angle + shift))
    radius = np.where(v * (length + top) < top, v * (length + top) + 0.02, flare)
    wave = np.minimum(1, drop / 0.9) * (
        0.14 * np.sin(lobes * angle + shift + 0.8 * np.sin(2 * angle))
        + 0.05 * np.sin((2 * lobes + 1) * angle + 2 * shift)
    )
    crown = (1 - np.minimum(1, v * (length + top) / top) ** 2) * (1.09 - high if top > 0.4 else 0.0)
    radius = radius + wave
    hem = 1 + 0.06 * np.sin(5 * angle + shift)
    z = high + 0.03 + crown - drop * hem
    # The cloth lies on the body where it would cut into it.
    line = smooth_path(profile, 80)
    line = line[np.argsort(line[:, 1])]
    below = np.interp(z, line[:, 1], line[:, 0])
    radius = np.maximum(radius, np.minimum(below + 0.035, np.maximum(drop, 0) * 9 + top))
    cloth = np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=-1)
    colour = draws.choice(
        (
            (0.85, 0.83, 0.8),
            (0.85, 0.83, 0.8),
            (0.7, 0.12, 0.2),
            (0.12, 0.25, 0.55),
            (0.85, 0.6, 0.15),
        )
    )
    stage.mesh(grid(cloth, closed_u=True), sheer(colour, draws.uniform(0.16, 0.32)))
    edge = tube(np.concatenate([cloth[-1], cloth[-1, :1]]), 0.014, sides=6)
    stage.mesh(edge, paint(colour, 0.7))
    stage.camera(azimuth=draws.uniform(-30, 30), elevation=draws.uniform(3, 14))
