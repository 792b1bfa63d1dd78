"""Heads with long hair, from the front or the back: busts that fill the picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from renderer.materials import hair, mottled, paint, stripes
from renderer.palettes import BRIGHT, pair
from renderer.shapes import Array, Mesh, at, ellipsoid, normalised, smooth_path, tube
from renderer.stage import Stage

_SKINS = ((0.62, 0.36, 0.26), (0.42, 0.22, 0.13), (0.20, 0.09, 0.05), (0.72, 0.46, 0.36))
_HAIRS = (
    (0.03, 0.018, 0.012),
    (0.14, 0.06, 0.025),
    (0.45, 0.26, 0.10),
    (0.33, 0.07, 0.02),
    (0.30, 0.29, 0.28),
)
_SKULL = np.array([0.47, 0.54, 0.62])
_CROWN = np.array([0.0, 0.05, 0.22])


def head(stage: Stage, draws: Draws) -> None:
    """Build a head and shoulders with loose hair, straight, wavy or curled, and flyaway strands."""
    skin_colour = draws.choice(_SKINS)
    skin = paint(skin_colour, 0.45, soft=0.15)
    front = draws.chance(0.6)
    vertices, _, triangles = stage.moulded(_bust(), voxel=0.025, rounds=8)
    _skin(stage, vertices, triangles, skin)
    if front:
        _features(stage, draws, skin_colour)
    bright, plain = pair(draws)
    cloth = draws.choice(
        (
            stripes(plain, bright, 0.85, scale=2.2),
            paint(bright, 0.85, sheen=0.6, bumps=0.25, bump_scale=90.0),
            mottled(bright, plain, 0.9, scale=9.0),
        )
    )
    shoulders = [
        ellipsoid((0, 0.08, -1.12), (0.8, 0.36, 0.36)),
        ellipsoid((0, 0.05, -1.95), (0.68, 0.4, 1.0)),
        *(ellipsoid((0.74 * s, 0.08, -1.8), (0.22, 0.26, 0.8)) for s in (-1, 1)),
    ]
    low, _, faces = stage.moulded(shoulders, voxel=0.03, rounds=10)
    _skin(stage, low, faces, cloth, framed=False)
    # The lower edge of the picture cuts the body, as in a portrait.
    stage.frame(low[low[:, 2] > -1.5])
    _hair(stage, draws)
    stage.shorten_paths()
    azimuth = draws.uniform(-35, 35) + (0 if front else 180)
    stage.camera(azimuth=azimuth, elevation=draws.uniform(-2, 8), margin=0.02)


def _skin(
    stage: Stage, vertices: Array, triangles: Array, material: Any, *, framed: bool = True
) -> None:
    """Add triangles: each becomes three quadrilaterals around its middle."""
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    count = len(triangles)
    used = np.concatenate([vertices, (a + b) / 2, (b + c) / 2, (c + a) / 2, (a + b + c) / 3])
    start = len(vertices)
    ab, bc, ca, mid = (start + count * number + np.arange(count) for number in range(4))
    one, two, three = triangles.T
    faces = np.concatenate(
        [
            np.stack(q, axis=1)
            for q in ((one, ab, mid, ca), (two, bc, mid, ab), (three, ca, mid, bc))
        ]
    )
    stage.mesh(Mesh(used, faces, used[:, :2]), material, framed=framed)


def _bust() -> list[Mesh]:
    neck = smooth_path([(0, 0.1, -0.2), (0, 0.1, -0.55), (0, 0.1, -1.0)], 12)
    return [
        ellipsoid(_CROWN, _SKULL * 0.97),
        ellipsoid((0, -0.12, -0.08), (0.37, 0.4, 0.48)),
        ellipsoid((0, -0.32, -0.42), (0.17, 0.15, 0.13)),
        ellipsoid((0, -0.5, 0.02), (0.075, 0.1, 0.14)),
        ellipsoid((0, -0.57, -0.05), (0.085, 0.085, 0.06)),
        *(ellipsoid((0.2 * s, -0.36, -0.08), (0.14, 0.13, 0.12)) for s in (-1, 1)),
        *(ellipsoid((0.17 * s, -0.4, 0.2), (0.13, 0.1, 0.045)) for s in (-1, 1)),
        *(ellipsoid((0.46 * s, 0.02, 0.06), (0.05, 0.1, 0.15)) for s in (-1, 1)),
        tube(neck, np.linspace(0.23, 0.3, 12), sides=20),
    ]


def _features(stage: Stage, draws: Draws, skin: tuple[float, float, float]) -> None:
    iris = draws.choice(((0.12, 0.06, 0.03), (0.08, 0.18, 0.25), (0.07, 0.16, 0.06)))
    r, g, b = skin
    lip = paint((min(1, r * 0.95), g * 0.5, b * 0.55), 0.35, coat=0.2)
    for side in (-1, 1):
        eye = np.array([0.17 * side, -0.435, 0.1])
        stage.mesh(ellipsoid(eye, (0.078, 0.06, 0.052)), paint((0.78, 0.76, 0.73), 0.1, coat=1.0))
        stage.mesh(ellipsoid(eye - (0, 0.037, 0), (0.036, 0.03, 0.036)), paint(iris, 0.1, coat=1.0))
        stage.mesh(
            ellipsoid(eye - (0, 0.055, 0), (0.018, 0.02, 0.018)),
            paint((0.004,) * 3, 0.05, coat=1.0),
        )
        lid = smooth_path(
            [eye + at(-0.085, -0.01, 0.0), eye + at(0, -0.055, 0.05), eye + at(0.085, -0.01, 0.0)],
            16,
        )
        stage.mesh(tube(lid, 0.017, sides=8), paint((r * 0.7, g * 0.65, b * 0.65), 0.5))
        brow = smooth_path(
            [(0.07 * side, -0.5, 0.215), (0.17 * side, -0.495, 0.25), (0.28 * side, -0.43, 0.22)],
            12,
        )
        stage.mesh(
            tube(brow, np.linspace(0.022, 0.01, 12), sides=8), paint((0.05, 0.03, 0.02), 0.8)
        )
    smile = draws.uniform(0.0, 0.035)
    for height, thick in ((-0.215, 0.022), (-0.25, 0.027)):
        mouth = smooth_path(
            [
                (-0.13, -0.43, -0.23 + smile),
                (-0.05, -0.5, height),
                (0, -0.505, height - 0.004),
                (0.05, -0.5, height),
                (0.13, -0.43, -0.23 + smile),
            ],
            24,
        )
        stage.mesh(tube(mouth, thick * np.sin(np.linspace(0.3, np.pi - 0.3, 24)), sides=10), lip)


def _hair(stage: Stage, draws: Draws) -> None:
    count, steps, locks = 8_000, 18, 240
    out = normalised(draws.normals(1.0, (3 * count, 3)))
    line = 0.32 + 0.25 * np.abs(out[:, 0])
    face = (out[:, 1] < -0.25) & (out[:, 2] < line + 0.25)
    out = out[(out[:, 2] > -0.2) & ~face][:count]
    count = len(out)
    middles = out[:: max(1, count // locks)][:locks]
    lock = np.argmax(out @ middles.T, axis=1)
    locks = len(middles)
    length = draws.uniform(1.0, 1.9)
    curl, turns = draws.choice((0.0, 0.02, 0.05, 0.075)), draws.uniform(5, 12)
    t = np.linspace(0, 1, steps)[None, :, None]
    long = (
        length * draws.uniforms(0.8, 1.15, (locks,))[lock] * draws.uniforms(0.9, 1.08, (count,))
    )[:, None, None]
    part = draws.uniform(-0.2, 0.2)
    side = np.tanh(8 * (out[:, :1] - part)) * np.array([1.0, 0, 0])
    # Hair parts in front; behind, it falls as it grows.
    side = side * (1 - 0.8 * np.clip(2 * out[:, 1:2] + 0.2, 0, 1))
    root = _CROWN + out * _SKULL
    walk = t * long
    lift = 0.16 * (1 - np.exp(-walk / 0.16))
    over = side[:, None] * 0.62 * np.clip(out[:, 2:, None], 0, 1) * (1 - np.exp(-walk / 0.45))
    back = (
        np.array([0.0, 0.5, 0.0])
        * np.clip(-out[:, 1:2, None] + 0.3, 0, 1)
        * (1 - np.exp(-walk / 0.4))
    )
    fall = np.array([0.0, 0.0, -1.0]) * np.maximum(
        0, walk - 0.35 * np.clip(out[:, 2:, None], 0, 1) * (1 - np.exp(-walk / 0.4))
    )
    paths = root[:, None] + out[:, None] * lift + over + back + fall
    phase = (draws.uniforms(0, 2 * np.pi, (locks,))[lock] + draws.normals(0.3, (count,)))[:, None]
    angle = turns * walk[..., 0] + phase
    grow = curl * np.minimum(1, 3 * t[..., 0])
    paths = paths + np.stack([grow * np.cos(angle), grow * np.sin(angle), 0 * angle], axis=-1)
    paths = paths + np.cumsum(draws.normals(0.005, (count, steps, 3)), axis=1)
    total = np.zeros((locks, steps, 3))
    np.add.at(total, lock, paths)
    mean = total / np.bincount(lock, minlength=locks)[:, None, None]
    pull = draws.uniform(0.25, 0.5) * t
    paths = paths * (1 - pull) + mean[lock] * pull
    loose = np.flatnonzero(draws.unit(count) < 0.05)
    paths[loose] += t * draws.normals(0.14, (len(loose), 1, 3))
    for centre, radii in (
        (_CROWN, _SKULL * 1.03),
        (np.array([0, 0.08, -1.2]), np.array([0.9, 0.44, 0.46])),
        (np.array([0, -0.12, -0.08]), np.array([0.39, 0.43, 0.5])),
    ):
        inside = (paths - centre) / radii
        deep = np.linalg.norm(inside, axis=2, keepdims=True)
        paths = np.where(deep < 1, centre + inside / np.maximum(deep, 1e-6) * radii, paths)
    tint = np.array(draws.choice(_HAIRS)) * draws.uniforms(0.75, 1.3, (count, 1))
    if draws.chance(0.2):
        tips = np.array(draws.choice(BRIGHT))
        tint = np.where(draws.unit((count, 1)) < 0.3, tips, tint)
    width = 0.0043 * (1 - 0.7 * np.linspace(0, 1, steps) ** 2)[None]
    stage.strands(paths, width, hair(0.3), colours=tint)
    scalp = ellipsoid(_CROWN + at(0, 0.05, 0.02), _SKULL * 0.99)
    keep = (scalp.vertices[scalp.faces][:, :, 1] > -0.25).all(axis=1)
    stage.mesh(
        Mesh(scalp.vertices, scalp.faces[keep], scalp.uv),
        paint(tuple(0.5 * tint.mean(axis=0)), 0.9),
    )
