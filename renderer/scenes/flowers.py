"""Bouquets and dandelions."""

from __future__ import annotations

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from renderer.materials import foliage, marble, mottled, paint, stripes
from renderer.palettes import BRIGHT, DARK, PALE, jittered, pair
from renderer.scenes.greenery import GOLDEN, green_of, tinted
from renderer.shapes import (
    Array,
    Mesh,
    at,
    ellipsoid,
    lathe,
    leaves,
    normalised,
    rotation,
    smooth_path,
    tube,
)
from renderer.stage import Stage


def flower(draws: Draws, colour: tuple[float, float, float]) -> tuple[Mesh, Array, Mesh]:
    """Return petals about +z with their colours, and the heart; radius about 1."""
    kind = draws.choice(("daisy", "rose", "tulip", "poppy"))
    rows, count, lift, wide = {
        "daisy": (2, 18, 0.12, 0.13),
        "rose": (6, 7, 0.9, 0.42),
        "tulip": (2, 4, 2.2, 0.5),
        "poppy": (2, 5, 0.5, 0.55),
    }[kind]
    base, along, size = [], [], []
    for row in range(rows):
        share = row / max(1, rows - 1)
        for petal in range(count):
            turn = 2 * np.pi * (petal + 0.5 * (row % 2)) / count + draws.normal(0.06)
            rise = lift * (1 + (1.6 * share if kind == "rose" else 0.25 * share))
            base.append((0.08 * np.cos(turn), 0.08 * np.sin(turn), 0.02 * row))
            along.append((np.cos(turn), np.sin(turn), rise + draws.normal(0.06)))
            size.append((1.0 - 0.55 * share if kind == "rose" else 1.0) * draws.uniform(0.9, 1.08))
    long = np.array(size)
    petals = leaves(
        np.array(base),
        np.array(along),
        np.tile([0.0, 0.0, 1.0], (len(base), 1)),
        long,
        wide * long,
        droop=-0.25 if kind in ("rose", "tulip") else 0.15,
        fold=0.45,
        sharp=0.45,
        steps=7,
    )
    each = len(petals.vertices) // len(base)
    tint = tinted(draws, colour, len(base), each).reshape(len(base), 8, 3, 3).copy()
    tint *= np.linspace(0.55, 1.1, 8)[None, :, None, None]
    heart = ellipsoid((0, 0, 0.1), (0.24, 0.24, 0.16), segments=24)
    return petals, tint.reshape(-1, 3), heart


def bouquet(stage: Stage, draws: Draws) -> None:
    """Build a bunch of flowers with leaves in a vase."""
    bright, plain = pair(draws)
    vase = [
        (0, -1.3),
        (0.36, -1.3),
        (0.42, -1.2),
        (0.5, -0.8),
        (0.4, -0.35),
        (0.26, -0.1),
        (0.34, 0.06),
    ]
    thick = [(0.30, 0.05), (0.22, -0.1), (0.34, -0.35), (0.44, -0.8), (0.36, -1.15), (0, -1.18)]
    pottery = draws.choice(
        (
            paint(plain, 0.25, coat=0.5),
            stripes(plain, bright, 0.3, scale=1.4, coat=0.4),
            marble(draws.choice(PALE), draws.choice(DARK)),
        )
    )
    stage.mesh(lathe([*vase, *thick], points=70), pottery)
    colours = [jittered(draws, draws.choice(BRIGHT + PALE[:2])) for _ in range(3)]
    stalks, leaf_base, leaf_along = [], [], []
    petals, tints, hearts = [], [], []
    total = draws.integer(13, 19)
    for number in range(total):
        share = np.sqrt((number + 0.5) / total)
        turn = number * GOLDEN
        tip = np.array(
            [
                0.95 * share * np.cos(turn),
                0.75 * share * np.sin(turn),
                1.35 - 0.75 * share**2 + draws.uniform(-0.1, 0.15),
            ]
        )
        foot = np.array([-0.1 * np.cos(turn), -0.1 * np.sin(turn), -1.05])
        path = smooth_path([foot, at(0.12 * np.cos(turn), 0.12 * np.sin(turn), 0.0), tip], 16)
        stalks.append(tube(path, 0.02, sides=8))
        face = normalised(tip - np.array([0.0, 0.6, -0.3]) + draws.normals(0.12, (3,)))
        spin = np.cross([0.0, 0.0, 1.0], face)
        angle = float(np.arccos(np.clip(face[2], -1, 1)))
        matrix = rotation(spin, angle) if np.linalg.norm(spin) > 1e-6 else np.eye(3)
        bloom, tint, heart = flower(draws, draws.choice(colours))
        size = draws.uniform(0.24, 0.36)
        petals.append(bloom.scaled(size).turned(matrix).moved(tip))
        hearts.append(heart.scaled(size).turned(matrix).moved(tip))
        tints.append(tint)
        for _ in range(3):
            leaf_base.append(path[draws.integer(8, 13)])
            away = draws.uniform(0, 2 * np.pi)
            leaf_along.append((np.cos(away), np.sin(away), draws.uniform(0.2, 1.0)))
    green = green_of(draws)
    count = len(leaf_base)
    blades = leaves(
        np.stack(leaf_base),
        np.array(leaf_along),
        np.tile([0.0, 0.0, 1.0], (count, 1)),
        draws.uniforms(0.3, 0.55, (count,)),
        0.07,
        droop=0.3,
    )
    tint = tinted(draws, green, count, len(blades.vertices) // count)
    stage.mesh(petals, foliage(0.25), colours=np.concatenate(tints), subdivide=1)
    stage.mesh(hearts, mottled((0.5, 0.3, 0.03), (0.2, 0.09, 0.02), 0.9, scale=30.0, bumps=0.6))
    stage.mesh(blades, foliage(0.4), colours=tint, subdivide=1)
    stage.mesh(stalks, paint(jittered(draws, (0.08, 0.2, 0.04)), 0.5))
    stage.camera(elevation=draws.uniform(6, 18), azimuth=draws.uniform(-30, 30))


def dandelion(stage: Stage, draws: Draws) -> None:
    """Build a seed head with its stalk and toothed leaves; some of the seeds have flown."""
    count = draws.integer(150, 190)
    order = np.arange(count) + 0.5
    z = 1 - 2 * order / count
    ring = np.sqrt(1 - z**2)
    out = np.stack([ring * np.cos(order * GOLDEN), ring * np.sin(order * GOLDEN), z], axis=1)
    gone = normalised(draws.normals(1.0, (3,)) + at(0.6, -0.3, 0.4))
    kept = out @ gone < draws.uniform(0.55, 1.2)
    out = out[kept]
    core, tip = out * 0.16, out * draws.uniforms(0.62, 0.7, (len(out), 1))
    line = np.linspace(0, 1, 4)[None, :, None]
    stems = core[:, None] * (1 - line) + tip[:, None] * line
    hairs = 26
    side = normalised(np.cross(out, draws.normals(1.0, out.shape)))
    other = np.cross(out, side)
    angle = np.linspace(0, 2 * np.pi, hairs, endpoint=False)[None, :] + draws.uniforms(
        0, 0.3, (len(out), hairs)
    )
    fan = side[:, None] * np.cos(angle)[..., None] + other[:, None] * np.sin(angle)[..., None]
    long = draws.uniforms(0.24, 0.31, (len(out), hairs))[..., None, None]
    t = np.linspace(0, 1, 5)[None, None, :, None]
    plume = (
        tip[:, None, None] + fan[:, :, None] * long * t + out[:, None, None] * long * 0.75 * t**0.8
    )
    head = np.array([draws.uniform(-0.2, 0.2), 0.0, 1.55])
    stage.strands(
        plume.reshape(-1, 5, 3) + head,
        np.array([[0.0026, 0.0024, 0.0022, 0.0018, 0.001]]),
        paint((0.85, 0.83, 0.78), 0.5),
    )
    stage.strands(stems + head, 0.0032, paint((0.7, 0.66, 0.55), 0.5))
    seeds = np.stack([core * 1.0, core * 1.7], axis=1)
    stage.strands(
        np.stack([seeds[:, 0], seeds.mean(1), seeds[:, 1]], 1) + head,
        np.array([[0.004, 0.012, 0.003]]),
        paint((0.2, 0.12, 0.05), 0.7),
    )
    stage.mesh(ellipsoid(head, (0.17, 0.17, 0.14)), paint((0.5, 0.48, 0.3), 0.9, bumps=0.6))
    stalk = smooth_path([at(0, 0, -0.9), at(0.05, 0, 0.3), head - (0, 0, 0.1)], 30)
    stage.mesh(tube(stalk, np.linspace(0.05, 0.036, 30)), paint((0.25, 0.32, 0.1), 0.5, soft=0.2))
    sepals = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    down = np.stack([np.cos(sepals), np.sin(sepals), -0.9 + 0 * sepals], 1)
    blades = leaves(
        np.tile(head - (0, 0, 0.1), (14, 1)), down, np.tile([0.0, 0, 1.0], (14, 1)), 0.24, 0.03
    )
    stage.mesh(
        blades,
        foliage(),
        colours=tinted(draws, (0.14, 0.25, 0.05), 14, len(blades.vertices) // 14),
    )
    low = np.array([0.3, 1.9, 3.0, 4.1, 5.6]) + draws.uniform(-0.3, 0.3)
    ways = np.stack([np.cos(low), np.sin(low), 0.75 + 0 * low], axis=1)
    foot = np.tile([0.0, 0.0, -0.9], (5, 1))
    blades = leaves(
        foot,
        ways,
        np.tile([0.0, 0, 1.0], (5, 1)),
        draws.uniforms(0.8, 1.15, (5,)),
        0.12,
        droop=0.4,
        steps=24,
    )
    net = blades.vertices.reshape(5, 25, 3, 3).copy()
    toothed = 0.55 + 0.45 * (np.arange(25) * 3.0 / 8 % 1.0)
    for rim in (0, 2):
        net[:, :, rim] = net[:, :, 1] + (net[:, :, rim] - net[:, :, 1]) * toothed[None, :, None]
    green = tinted(draws, (0.08, 0.22, 0.04), 5, 75)
    stage.mesh(Mesh(net.reshape(-1, 3), blades.faces, blades.uv), foliage(0.4), colours=green)
    stage.camera(elevation=draws.uniform(0, 10))
