"""Small trees, cacti and mushrooms."""

from __future__ import annotations

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from renderer.materials import foliage, mottled, paint
from renderer.palettes import BRIGHT, jittered
from renderer.scenes.flowers import flower
from renderer.scenes.greenery import GOLDEN, green_of, pot, tinted
from renderer.shapes import (
    Array,
    Mesh,
    at,
    ellipsoid,
    grid,
    lathe,
    leaves,
    normalised,
    rotation,
    smooth_path,
    tube,
)
from renderer.stage import Stage


def tree(stage: Stage, draws: Draws) -> None:
    """Build a small tree in a bowl: gnarled trunk, forking branches, clouds of leaves."""
    pot(stage, draws, radius=0.75, height=0.42)
    wood: list[Mesh] = []
    tips: list[Array] = []

    def grow(start: Array, way: Array, length: float, radius: float, depth: int) -> None:
        bend = normalised(way + draws.normals(0.28, (3,)))
        middle = start + way * length * 0.5 + draws.normals(0.05 * length, (3,))
        end = start + (way + bend) * length * 0.5
        path = smooth_path([start, middle, end], 10)
        wood.append(tube(path, np.linspace(radius, 0.68 * radius, 10), sides=10))
        if depth == 0:
            tips.extend(path[[5, 9]])
            return
        for _ in range(3 if depth > 1 else 4):
            out = normalised(bend + draws.normals(0.62, (3,)) + (0, 0, 0.15))
            grow(end, out, length * draws.uniform(0.62, 0.8), radius * 0.62, depth - 1)

    lean = np.array([draws.uniform(-0.35, 0.35), 0.0, 1.0])
    grow(np.array([0.0, 0.0, -0.05]), normalised(lean), draws.uniform(0.6, 0.8), 0.16, 3)
    bark = mottled((0.07, 0.04, 0.025), (0.2, 0.13, 0.08), 0.95, scale=7.0, bumps=0.9)
    stage.mesh(wood, bark)
    centres = np.stack(tips)
    each = draws.integer(16, 24)
    base = np.repeat(centres, each, axis=0) + draws.normals(0.11, (len(centres) * each, 3))
    way = normalised(draws.normals(1.0, base.shape)) + at(0, 0, 0.25)
    size = draws.uniforms(0.07, 0.12, (len(base),)) * draws.uniform(0.8, 1.2)
    colour = draws.weighted(
        (
            (0.5, green_of(draws)),
            (0.2, (0.55, 0.10, 0.03)),
            (0.15, (0.6, 0.32, 0.04)),
            (0.15, (0.72, 0.35, 0.42)),
        )
    )
    blades = leaves(
        base, way, draws.normals(1.0, base.shape), size, 0.42 * size, droop=0.2, steps=3
    )
    stage.mesh(blades, foliage(0.4), colours=tinted(draws, colour, len(base), 12))
    stage.camera(elevation=draws.uniform(4, 14), azimuth=draws.uniform(-40, 40))


def cactus(stage: Stage, draws: Draws) -> None:
    """Build a ribbed cactus with spines and flowers, in a pot."""
    pot(stage, draws, radius=draws.uniform(0.5, 0.62), height=draws.uniform(0.6, 0.85))
    green = jittered(
        draws, draws.choice(((0.06, 0.2, 0.06), (0.10, 0.24, 0.14), (0.14, 0.24, 0.05)))
    )
    ribs = draws.integer(10, 15)
    spikes: list[Array] = []
    blooms: list[tuple[Array, Array]] = []
    skin = paint(green, 0.55, bumps=0.1)

    def limb(path: Array, radius: Array) -> None:
        around = np.linspace(0, 2 * np.pi, ribs * 8, endpoint=False)
        ways = normalised(np.gradient(path, axis=0))
        side = normalised(np.cross(ways, [0.0, 1.0, 0.0]) + 1e-9)
        other = np.cross(ways, side)
        wave = 1 + 0.12 * np.abs(np.cos(around * ribs / 2)) * 2 - 0.12
        ring = (
            side[:, None] * np.cos(around)[None, :, None]
            + other[:, None] * np.sin(around)[None, :, None]
        )
        net = path[:, None] + ring * (radius[:, None] * wave[None])[..., None]
        stage.mesh(grid(net, closed_u=True), skin)
        for rib in range(ribs):
            column = int(rib * 8)
            for row in range(2, len(path) - 1, 2):
                spot = net[row, column]
                away = normalised(ring[row, column] + 0.4 * ways[row])
                for _ in range(7):
                    tip = spot + 0.13 * normalised(away + draws.normals(0.55, (3,)))
                    spikes.append(np.linspace(spot, tip, 3))
        blooms.append((path[-1], ways[-1]))

    t = np.linspace(0, 1, 36)
    tall, fat = draws.uniform(1.1, 2.0), draws.uniform(0.3, 0.45)
    dome = np.sqrt(np.clip(1 - np.maximum(0, (t - 0.78) / 0.22) ** 2, 0.0004, 1))
    body = np.stack([np.zeros(36), np.zeros(36), tall * t - 0.08], axis=1)
    limb(body, fat * dome * (0.85 + 0.2 * np.sin(np.pi * t)))
    for hand in (-1, 1)[: draws.integer(1, 2)]:
        low, out = draws.uniform(0.3, 0.55) * tall, fat + draws.uniform(0.25, 0.4)
        high = low + draws.uniform(0.5, 0.8)
        arm = smooth_path(
            [
                (0, 0, low),
                (hand * out * 0.8, 0, low + 0.02),
                (hand * out, 0, low + 0.3),
                (hand * out, 0, high),
            ],
            36,
        )
        limb(arm, 0.17 * dome)
    stage.strands(
        np.stack(spikes), np.array([[0.006, 0.005, 0.0015]]), paint((0.75, 0.68, 0.5), 0.5)
    )
    colour = draws.choice(BRIGHT[:3] + BRIGHT[6:])
    for tip, way in blooms[: draws.integer(1, 3)]:
        petals, tint, heart = flower(draws, colour)
        spin = np.cross([0.0, 0.0, 1.0], way)
        matrix = (
            rotation(spin, float(np.arccos(np.clip(way[2], -1, 1))))
            if np.linalg.norm(spin) > 1e-6
            else np.eye(3)
        )
        stage.mesh(
            petals.scaled(0.22).turned(matrix).moved(tip), foliage(0.2), colours=tint, subdivide=1
        )
        stage.mesh(heart.scaled(0.2).turned(matrix).moved(tip), paint((0.7, 0.5, 0.05), 0.8))
    stage.camera(elevation=draws.uniform(4, 16), azimuth=draws.uniform(-30, 30))


def mushroom(stage: Stage, draws: Draws) -> None:
    """Build a few mushrooms on a mossy tuft: spotted caps, gills, a ring on the stem."""
    count = draws.integer(2, 4)
    cap_colour = draws.choice(
        ((0.62, 0.03, 0.02), (0.35, 0.16, 0.06), (0.75, 0.34, 0.05), (0.5, 0.4, 0.3))
    )
    stem = mottled((0.72, 0.66, 0.55), (0.58, 0.5, 0.38), 0.8, scale=6.0, bumps=0.3)
    cap = paint(cap_colour, 0.25, coat=0.4, bumps=0.15, bump_scale=10.0)
    wart = paint((0.8, 0.76, 0.66), 0.9, bumps=0.5)
    gill = paint((0.7, 0.6, 0.45), 0.9)
    spotted = cap_colour[0] > 0.55
    for number in range(count):
        turn = 2 * np.pi * number / count + draws.uniform(0, 0.8)
        off = 0.0 if number == 0 else draws.uniform(0.5, 0.75)
        tall = draws.uniform(1.1, 1.6) * (1.0 if number == 0 else draws.uniform(0.45, 0.75))
        big = tall * draws.uniform(0.45, 0.62)
        x, y = off * np.cos(turn), 0.6 * off * np.sin(turn)
        lean = rotation((draws.normal(), draws.normal(), 0.0), draws.uniform(0.05, 0.2))
        path = smooth_path([(0, 0, 0), (0.03, 0, 0.5 * tall), (0, 0, tall)], 20)
        width = 0.12 * tall * np.array([1.5 - 0.5 * min(1, 3 * t) for t in np.linspace(0, 1, 20)])

        def place(mesh: Mesh, lean: Array = lean, x: float = x, y: float = y) -> Mesh:
            return mesh.turned(lean).moved((x, y, 0))

        stage.mesh(place(tube(path, width, sides=24)), stem)
        dome = draws.uniform(0.5, 0.85)
        top = [(1.0, -0.03), (1.03, 0.02), (0.97, 0.15), (0.72, 0.55), (0.36, 0.9), (0, 1.0)]
        crown = lathe(np.array(top) * (big, dome * big), points=40).moved((0, 0, tall * 0.9))
        stage.mesh(place(crown), cap)
        under = [(0.1, 0.06), (0.5, 0.05), (1.01, -0.01)]
        around = lathe(np.array(under) * big, segments=180, points=12)
        wavy = np.sin(90 * np.arctan2(around.vertices[:, 1], around.vertices[:, 0]))
        shift = np.stack([0 * wavy, 0 * wavy, 0.022 * big * wavy], axis=1)
        stage.mesh(place(around.moved(shift).moved((0, 0, tall * 0.9))), gill)
        skirt = lathe(np.array([(0.14, 0.05), (0.2, -0.02), (0.3, -0.14)]) * tall, points=10)
        ripple = (
            1 + 0.1 * np.sin(9 * np.arctan2(skirt.vertices[:, 1], skirt.vertices[:, 0]))[:, None]
        )
        stage.mesh(
            place(
                skirt.scaled((0.9, 0.9, 1))
                .moved((0, 0, 0.68 * tall))
                .scaled(np.hstack([ripple, ripple, np.ones_like(ripple)]))
            ),
            stem,
        )
        if spotted:
            dots = []
            for dot in range(34):
                share = (dot + 0.5) / 34
                profile = smooth_path(np.array(top) * (big, dome * big), 60)[::-1]
                radius, height = profile[int(59 * share * 0.92)]
                spin = dot * GOLDEN
                where = (radius * np.cos(spin), radius * np.sin(spin), height + 0.9 * tall)
                size = 0.075 * big * draws.uniform(0.6, 1.4)
                dots.append(place(ellipsoid(where, (size, size, 0.6 * size), segments=12)))
            stage.mesh(dots, wart)
    _moss(stage, draws)
    stage.camera(elevation=draws.uniform(2, 14), azimuth=draws.uniform(-40, 40))


def _moss(stage: Stage, draws: Draws) -> None:
    """Build a low mound of earth with blades of grass."""
    stage.mesh(
        ellipsoid((0, 0, -0.12), (0.95, 0.7, 0.2)),
        mottled((0.03, 0.05, 0.015), (0.09, 0.06, 0.03), 1.0, scale=8.0, bumps=0.9),
    )
    count = 900
    turn, far = draws.uniforms(0, 2 * np.pi, (count,)), np.sqrt(draws.unit(count))
    root = np.stack(
        [
            0.93 * far * np.cos(turn),
            0.68 * far * np.sin(turn),
            -0.12 + 0.2 * np.sqrt(1 - 0.98 * far**2),
        ],
        1,
    )
    way = normalised(draws.normals(0.35, (count, 3)) + root * (0.5, 0.5, 0) + (0, 0, 1))
    blades = leaves(
        root,
        way,
        draws.normals(1.0, (count, 3)),
        draws.uniforms(0.1, 0.42, (count,)),
        0.012,
        droop=0.35,
    )
    stage.mesh(
        blades,
        foliage(0.3),
        colours=tinted(draws, green_of(draws), count, len(blades.vertices) // count),
    )
