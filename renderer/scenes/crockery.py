"""Teapots, toy robots and chairs: opaque bodies with fine outlines."""

from __future__ import annotations

from typing import Any

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from renderer.materials import marble, paint, spots, stripes, wood
from renderer.palettes import BRIGHT, DARK, METALS, PALE, WOODS, pair
from renderer.shapes import at, box, ellipsoid, lathe, rotation, smooth_path, tube
from renderer.stage import Stage


def _glaze(draws: Draws) -> Any:
    bright, plain = pair(draws)
    kind = draws.choice(("plain", "stripes", "spots", "marble"))
    if kind == "stripes":
        return stripes(bright, plain, 0.2, scale=draws.uniform(1.5, 3.0), coat=0.5)
    if kind == "spots":
        return spots(plain, bright, 0.25, scale=draws.uniform(3.5, 5.5), share=0.32, coat=0.5)
    if kind == "marble":
        return marble(draws.choice(PALE), draws.choice(DARK), scale=draws.uniform(1.2, 2.5))
    return paint(bright, 0.22, coat=0.6, bumps=0.08, bump_scale=6.0)


def teapot(stage: Stage, draws: Draws) -> None:
    """Build a glazed teapot with spout, handle, lid and knob."""
    glaze = _glaze(draws)
    wide, tall = draws.uniform(0.95, 1.2), draws.uniform(0.85, 1.25)
    body = [(0, 0), (0.55, 0), (0.62, 0.06), (0.92, 0.35), (1.0, 0.7), (0.85, 1.1), (0.52, 1.36)]
    profile = np.array(body) * (wide, tall)
    stage.mesh(lathe([*profile, (0.44 * wide, 1.36 * tall)], points=60), glaze)
    lid = [(0.56, 1.34), (0.55, 1.4), (0.42, 1.5), (0.12, 1.6), (0, 1.61)]
    trim = paint(draws.choice((*METALS, *DARK)), 0.25, metal=draws.choice((0.0, 1.0)))
    stage.mesh(lathe(np.array(lid) * (wide, tall), points=30), glaze)
    knob = [(0, 1.56), (0.06, 1.6), (0.07, 1.66), (0.15, 1.74), (0.12, 1.84), (0, 1.88)]
    stage.mesh(lathe(np.array(knob) * (1, tall), points=30), trim)
    out = wide * draws.uniform(1.0, 1.15)
    spout = smooth_path(
        [
            (0.75 * out, 0, 0.42 * tall),
            (1.25 * out, 0, 0.6 * tall),
            (1.45 * out, 0, 1.05 * tall),
            (1.8 * out, 0, 1.32 * tall),
        ],
        40,
    )
    stage.mesh(tube(spout, np.linspace(0.25, 0.105, 40), sides=24), glaze)
    handle = smooth_path(
        [
            (-0.8 * wide, 0, 1.12 * tall),
            (-1.3 * wide, 0, 1.2 * tall),
            (-1.55 * wide, 0, 0.8 * tall),
            (-1.3 * wide, 0, 0.38 * tall),
            (-0.85 * wide, 0, 0.36 * tall),
        ],
        40,
    )
    stage.mesh(tube(handle, 0.085, sides=16), draws.choice((glaze, trim)))
    stage.camera(azimuth=draws.uniform(-35, 35), elevation=draws.uniform(8, 24))


def robot(stage: Stage, draws: Draws) -> None:
    """Build a tin toy robot: boxes, jointed arms, lamps and a springy aerial."""
    bright, second = draws.choice(BRIGHT), draws.choice((*METALS, *PALE))
    coat = paint(bright, 0.35, coat=0.4)
    metal = paint(second, 0.25, metal=1.0)
    dark = paint(draws.choice(DARK), 0.4)
    tall = draws.uniform(1.1, 1.4)
    stage.mesh(box((0, 0, 1.2 + tall / 2), (1.1, 0.75, tall)), coat, bevel=0.08)
    head = 1.2 + tall
    stage.mesh(tube([(0, 0, head - 0.05), (0, 0, head + 0.2)], 0.16, sides=20), metal)
    stage.mesh(box((0, 0, head + 0.55), (0.85, 0.7, 0.72)), metal, bevel=0.1)
    lamp = paint(draws.choice(((0.9, 0.75, 0.1), (0.1, 0.7, 0.8), (0.9, 0.15, 0.1))), 0.1, coat=1)
    for side in (-1, 1):
        stage.mesh(ellipsoid((0.2 * side, -0.36, head + 0.62), (0.12, 0.06, 0.12)), lamp)
        stage.mesh(tube([(0.42 * side, 0, head + 0.55), (0.56 * side, 0, head + 0.55)], 0.1), coat)
        lift = draws.uniform(-0.9, 0.9)
        elbow = np.array((0.95 * side, -0.05, head - 0.35 + 0.35 * min(lift, 0) - 0.1))
        hand = elbow + at(0.25 * side * np.cos(lift), -0.25, 0.65 * np.sin(lift))
        shoulder = np.array((0.6 * side, 0, head - 0.22))
        stage.mesh(ellipsoid(shoulder, (0.17, 0.17, 0.17)), metal)
        stage.mesh(tube([shoulder, elbow], 0.1), coat)
        stage.mesh(ellipsoid(elbow, (0.13, 0.13, 0.13)), metal)
        stage.mesh(tube([elbow, hand], 0.1), coat)
        for turn in (-0.5, 0.5):
            ahead = (hand - elbow) / np.linalg.norm(hand - elbow) * 0.28
            grip = rotation((0, 1, 0), turn) @ ahead
            stage.mesh(tube(smooth_path([hand, hand + grip, hand + 1.1 * ahead], 12), 0.045), metal)
        stage.mesh(tube([(0.3 * side, 0, 0.3), (0.3 * side, 0, 1.25)], 0.14), metal)
        for ring in range(4):
            z = 0.5 + 0.18 * ring
            stage.mesh(tube([(0.3 * side, 0, z), (0.3 * side, 0, z + 0.05)], 0.18), dark)
        stage.mesh(box((0.3 * side, -0.12, 0.16), (0.42, 0.72, 0.3)), coat, bevel=0.07)
    stage.mesh(box((0, -0.34, head + 0.36), (0.42, 0.06, 0.07)), dark, bevel=0.02)
    stage.mesh(box((0, -0.38, head - 0.45), (0.72, 0.06, 0.5)), dark, bevel=0.03)
    for place in range(3):
        button = (-0.2 + 0.2 * place, -0.42, head - 0.4)
        stage.mesh(ellipsoid(button, (0.065, 0.05, 0.065)), paint(BRIGHT[2 * place], 0.2, coat=1))
    angle = np.linspace(0, 9 * 2 * np.pi, 180)
    coil = np.stack(
        [0.05 * np.cos(angle), 0.05 * np.sin(angle), head + 0.9 + angle / angle[-1] * 0.42], axis=1
    )
    stage.mesh(tube(coil, 0.013, sides=6), metal)
    stage.mesh(ellipsoid((0, 0, head + 1.38), (0.09, 0.09, 0.09)), lamp)
    stage.camera(azimuth=draws.uniform(-40, 40), elevation=draws.uniform(2, 18))


def chair(stage: Stage, draws: Draws) -> None:
    """Build a wooden chair with spindles or slats, or a rocking one."""
    timber = wood(*draws.choice(WOODS), scale=draws.uniform(2, 4), rough=0.4)
    seat = draws.choice((timber, paint(draws.choice(BRIGHT), 0.8, sheen=0.5, bumps=0.3)))
    wide, high = draws.uniform(0.46, 0.56), draws.uniform(1.05, 1.4)
    stage.mesh(box((0, 0, 0.98), (2 * wide, 1.0, 0.09)), timber, bevel=0.04)
    if seat is not timber:
        stage.mesh(ellipsoid((0, 0, 1.06), (wide * 0.95, 0.46, 0.1)), seat)
    lean = draws.uniform(0.12, 0.25)
    for x in (-1, 1):
        for y in (-1, 1):
            foot = (x * (wide + 0.05), y * 0.52, 0.0)
            stage.mesh(tube([foot, (x * wide * 0.85, y * 0.4, 0.96)], [0.04, 0.06]), timber)
        stage.mesh(
            tube([(x * (wide + 0.02), -0.5, 0.35), (x * (wide + 0.02), 0.5, 0.35)], 0.03), timber
        )
        post = smooth_path(
            [
                (x * wide * 0.9, 0.44, 0.95),
                (x * wide * 0.95, 0.5 + lean / 2, 1.6),
                (x * wide, 0.46 + lean, 1.0 + high),
            ],
            16,
        )
        stage.mesh(tube(post, 0.05), timber)
    stage.mesh(tube([(-wide, 0.0, 0.35), (wide, 0.0, 0.35)], 0.03), timber)
    top = 1.0 + high
    rail = smooth_path(
        [
            (-wide * 1.08, 0.46 + lean, top),
            (0, 0.56 + lean, top + 0.06),
            (wide * 1.08, 0.46 + lean, top),
        ],
        20,
    )
    stage.mesh(tube(rail, 0.08, flat=1.6), timber)
    count = draws.integer(4, 7)
    if draws.chance(0.6):
        for place in np.linspace(-0.75, 0.75, count):
            rod = smooth_path(
                [
                    (place * wide, 0.43, 1.0),
                    (place * wide, 0.56, 1.0 + high / 2),
                    (place * wide * 1.05, 0.53 + lean, top),
                ],
                14,
            )
            stage.mesh(tube(rod, 0.024), timber)
    else:
        for place in np.linspace(0.3, 0.8, 3):
            y = 0.44 + (lean + 0.06) * place
            slat = smooth_path(
                [
                    (-wide * 0.95, y, 1 + high * place),
                    (0, y + 0.08, 1 + high * place),
                    (wide * 0.95, y, 1 + high * place),
                ],
                16,
            )
            stage.mesh(tube(slat, 0.028, flat=3.2), timber)
    stage.camera(azimuth=draws.uniform(25, 60) * draws.sign(), elevation=draws.uniform(8, 20))
