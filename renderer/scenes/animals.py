"""Furry animals: a body of ellipsoids melted together, covered with combed fur."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from renderer.materials import hair, paint
from renderer.palettes import Rgb, jittered
from renderer.shapes import Array, Mesh, at, ellipsoid, normalised, smooth_path, tube
from renderer.stage import Stage


@dataclass(frozen=True)
class _Kind:
    """How one kind of animal differs from the others."""

    coats: tuple[tuple[Rgb, Rgb], ...]
    snout: float
    ears: str
    tail: str
    fur: float
    plump: float
    markings: str


_FAWN, _CREAM, _GREY = (0.42, 0.24, 0.11), (0.72, 0.62, 0.48), (0.22, 0.21, 0.20)
_BLACK, _WHITE, _RUST = (0.035, 0.03, 0.03), (0.82, 0.79, 0.74), (0.55, 0.20, 0.05)

_KINDS: dict[str, _Kind] = {
    "cat": _Kind(
        ((_GREY, _BLACK), (_RUST, _CREAM), (_CREAM, _FAWN)),
        0.16,
        "pointed",
        "long",
        0.10,
        0.95,
        "stripes",
    ),
    "fox": _Kind(((_RUST, _WHITE), (_GREY, _WHITE)), 0.42, "pointed", "bushy", 0.14, 0.9, "belly"),
    "bear": _Kind(
        ((_FAWN, _FAWN), (_BLACK, _FAWN), (_WHITE, _CREAM)),
        0.3,
        "round",
        "stub",
        0.15,
        1.25,
        "plain",
    ),
    "rabbit": _Kind(
        ((_GREY, _WHITE), (_WHITE, _CREAM), (_FAWN, _WHITE)),
        0.18,
        "long",
        "stub",
        0.13,
        1.05,
        "belly",
    ),
    "dog": _Kind(
        ((_WHITE, _FAWN), (_CREAM, _RUST), (_BLACK, _WHITE)),
        0.36,
        "floppy",
        "long",
        0.17,
        1.0,
        "patches",
    ),
}


def animal(stage: Stage, draws: Draws) -> None:
    """Build a sitting cat, fox, bear, rabbit or dog with eyes, nose, ears, paws and tail."""
    names = tuple(_KINDS)
    kind = _KINDS[names[draws.integer(0, len(names) - 1)]]
    plump = kind.plump * draws.uniform(0.92, 1.1)
    turn = draws.uniform(-0.5, 0.5)
    body, head = _body(kind, plump, turn, draws)
    vertices, normals, triangles = stage.moulded(body, voxel=0.035, rounds=6)
    first, second = draws.choice(kind.coats)
    colours = _coat(vertices, kind.markings, jittered(draws, first), second, draws)
    _grow_fur(stage, draws, (vertices, normals, triangles), colours, kind.fur, head)
    _under(stage, body, colours.mean(axis=0))
    _face(stage, draws, kind, head, turn)
    stage.shorten_paths()
    stage.camera(azimuth=draws.uniform(-30, 30), elevation=draws.uniform(4, 14), margin=0.03)


def _body(kind: _Kind, plump: float, turn: float, draws: Draws) -> tuple[list[Mesh], Array]:
    """Return the parts of a sitting animal that looks to -y, and the middle of its head."""
    wide = 0.52 * plump
    head = np.array([0.12 * np.sin(turn), -0.26, 1.62])
    parts = [
        ellipsoid((0, 0.12, 0.5), (wide, 0.56 * plump, 0.52)),
        ellipsoid((0, -0.08, 0.95), (0.38 * plump, 0.36 * plump, 0.5)),
        ellipsoid((0, -0.18, 1.3), (0.27, 0.27, 0.3)),
        ellipsoid(head, (0.4, 0.37, 0.35)),
    ]
    look = np.array([np.sin(turn), -np.cos(turn), 0.0])
    side = np.array([np.cos(turn), np.sin(turn), 0.0])
    long = kind.snout
    parts.append(
        ellipsoid(head + look * (0.26 + long * 0.4) - (0, 0, 0.1), (0.17, 0.14 + long * 0.35, 0.13))
    )
    for hand in (-1, 1):
        parts.append(
            ellipsoid(head + side * hand * 0.2 + look * 0.12 - (0, 0, 0.12), (0.17, 0.16, 0.15))
        )
        leg = smooth_path(
            [
                (0.24 * hand * plump, -0.3, 0.95),
                (0.22 * hand, -0.45, 0.5),
                (0.2 * hand, -0.46, 0.1),
            ],
            12,
        )
        parts.append(tube(leg, np.linspace(0.19, 0.115, 12) * plump**0.5, sides=16))
        parts.append(ellipsoid((0.2 * hand, -0.55, 0.07), (0.14, 0.2, 0.09)))
        parts.append(ellipsoid((0.42 * hand * plump, 0.0, 0.32), (0.22, 0.38, 0.3)))
        parts.append(ellipsoid((0.44 * hand * plump, -0.36, 0.08), (0.14, 0.26, 0.09)))
        root = head + side * hand * 0.23 + (0, 0.02, 0.24)
        if kind.ears == "pointed":
            tip = root + side * hand * 0.14 + (0, 0, 0.34)
            parts.append(
                tube(
                    smooth_path([root - (0, 0, 0.1), root, tip], 12),
                    np.linspace(0.16, 0.025, 12),
                    flat=0.45,
                )
            )
        elif kind.ears == "round":
            parts.append(ellipsoid(root + side * hand * 0.08 + (0, 0, 0.05), (0.15, 0.08, 0.15)))
        elif kind.ears == "long":
            bend = draws.uniform(-0.1, 0.2)
            tip = root + side * hand * (0.1 + bend) + (0, 0.08, 0.75)
            parts.append(
                tube(
                    smooth_path([root - (0, 0, 0.1), root + at(0, 0, 0.35), tip], 14),
                    0.115 * np.sin(np.linspace(0.6, 2.9, 14)),
                    flat=0.5,
                )
            )
        else:
            tip = root + side * hand * 0.24 - (0, 0.05, 0.42)
            parts.append(
                tube(
                    smooth_path([root, root + side * hand * 0.16, tip], 14),
                    np.linspace(0.1, 0.14, 14),
                    flat=0.5,
                )
            )
    swing = draws.sign()
    if kind.tail in ("long", "bushy"):
        thick = 0.2 if kind.tail == "bushy" else 0.075
        path = smooth_path(
            [
                (0.1 * swing, 0.55, 0.22),
                (0.6 * swing, 0.5, 0.14),
                (0.85 * swing, 0.05, 0.2),
                (0.8 * swing, -0.25, 0.42),
            ],
            18,
        )
        swell = (
            np.sin(np.linspace(0.5, 2.9, 18)) if kind.tail == "bushy" else np.linspace(1.2, 0.7, 18)
        )
        parts.append(tube(path, thick * swell, sides=16))
    elif kind.tail == "stub":
        parts.append(ellipsoid((0, 0.68 * plump, 0.35), (0.16, 0.14, 0.16)))
    return parts, head


def _coat(places: Array, markings: str, first: Rgb, second: Rgb, draws: Draws) -> Array:
    """Return the colour of the fur at places on the body."""
    shift = draws.uniforms(-3, 3, (3,))
    wobble = np.sin(places @ np.array([3.1, 2.3, 4.2]) + shift[0]) + np.sin(
        places @ np.array([-2.2, 4.1, 2.7]) + shift[1]
    )
    if markings == "stripes":
        share = np.clip(
            4 * (np.sin(15 * places[:, 2] + 5 * np.abs(places[:, 0]) + 1.2 * wobble) - 0.35), 0, 1
        )
        front = np.clip(4 * (-places[:, 1] - 0.35), 0, 0.8) * (places[:, 2] < 1.25)
        share = share * (1 - front)
    elif markings == "belly":
        share = np.clip(
            5 * (-places[:, 1] - 0.34 - 0.35 * np.abs(places[:, 0]) + 0.04 * wobble), 0, 1
        )
        share = share * np.clip(6 * (1.62 - places[:, 2]), 0, 1)
    elif markings == "patches":
        share = np.clip(6 * (wobble - 0.45), 0, 1)
    else:
        share = np.clip(0.25 + 0.2 * wobble, 0, 1)
    return np.asarray((1 - share[:, None]) * np.array(first) + share[:, None] * np.array(second))


def _grow_fur(
    stage: Stage,
    draws: Draws,
    body: tuple[Array, Array, Array],
    colours: Array,
    length: float,
    head: Array,
) -> None:
    vertices, normals, triangles = body
    corner = vertices[triangles]
    area = np.linalg.norm(
        np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1
    )
    count, steps = 45_000, 6
    pick = np.searchsorted(np.cumsum(area) / area.sum(), draws.unit(count)).clip(0, len(area) - 1)
    a, b = draws.unit(count), draws.unit(count)
    flip = a + b > 1
    a, b = np.where(flip, 1 - a, a), np.where(flip, 1 - b, b)
    weights = np.stack([1 - a - b, a, b], axis=1)[..., None]
    root = (vertices[triangles[pick]] * weights).sum(axis=1)
    out = normalised((normals[triangles[pick]] * weights).sum(axis=1))
    tint = (colours[triangles[pick]] * weights).sum(axis=1) * draws.uniforms(0.7, 1.25, (count, 1))
    near = np.linalg.norm(root - head, axis=1)
    muzzle = np.clip((head[1] - 0.2 - root[:, 1]) * 4, 0, 1) * (near < 0.75)
    paws = np.clip(1 - root[:, 2] / 0.25, 0, 1)
    ears = np.clip((root[:, 2] - 1.9) * 4, 0, 1)
    long = (
        length
        * draws.uniforms(0.6, 1.2, (count,))
        * (1 - 0.7 * np.maximum(np.maximum(muzzle, 0.7 * paws), 0.7 * ears))
    )
    phase = root @ np.array([[9.0, -5, 4], [4, 8, -6], [-5, 3, 9]]).T
    swirl = 0.35 * np.sin(phase) + 0.25 * np.sin(2.3 * phase[:, [1, 2, 0]] + 1)
    comb = np.array([0.0, 0.25, -0.75]) * (root[:, 2] < 1.95)[:, None] + swirl
    comb = comb - out * (comb * out).sum(axis=1, keepdims=True)
    t = np.linspace(0, 1, steps)[None, :, None]
    far = long[:, None, None]
    stray = draws.normals(0.12, (count, 1, 3))
    paths = root[:, None] + far * (
        out[:, None] * (t - 0.45 * t**2) + (comb[:, None] + stray) * t**1.6
    )
    width = 0.005 * (1 - 0.85 * np.linspace(0, 1, steps))[None]
    stage.strands(paths, width, hair(0.4), colours=tint)


def _under(stage: Stage, body: list[Mesh], colour: Array) -> None:
    """Put a slightly dark skin below the fur so that no light shines through."""
    thin = [
        Mesh(part.vertices * 0.985 + part.vertices.mean(axis=0) * 0.015, part.faces, part.uv)
        for part in body
    ]
    stage.mesh(thin, paint(tuple(0.6 * colour), 0.9))


def _face(stage: Stage, draws: Draws, kind: _Kind, head: Array, turn: float) -> None:
    look = np.array([np.sin(turn), -np.cos(turn), 0.0])
    side = np.array([np.cos(turn), np.sin(turn), 0.0])
    iris = draws.choice(
        ((0.45, 0.25, 0.04), (0.12, 0.3, 0.10), (0.08, 0.04, 0.02), (0.10, 0.25, 0.4))
    )
    for hand in (-1, 1):
        eye = head + look * 0.318 + side * hand * 0.16 + (0, 0, 0.06)
        stage.mesh(ellipsoid(eye, (0.072, 0.072, 0.072)), paint(iris, 0.05, coat=1.0))
        stage.mesh(
            ellipsoid(eye + look * 0.03, (0.05, 0.05, 0.056)),
            paint((0.004, 0.004, 0.004), 0.05, coat=1.0),
        )
    tip = head + look * (0.4 + kind.snout * 0.75) - (0, 0, 0.06)
    nose = draws.choice(((0.02, 0.015, 0.015), (0.35, 0.14, 0.12)))
    stage.mesh(ellipsoid(tip, (0.065, 0.05, 0.045)), paint(nose, 0.25, coat=0.6))
    if kind.ears in ("pointed", "long"):
        base = head + look * (0.3 + kind.snout * 0.6) - (0, 0, 0.12)
        whiskers = []
        for number in range(14):
            hand = -1 if number % 2 else 1
            away = (
                side * hand * draws.uniform(0.35, 0.6)
                + look * 0.08
                + np.array([0, 0, draws.uniform(-0.16, 0.1)])
            )
            t = np.linspace(0, 1, 6)[:, None]
            whiskers.append(base + side * hand * 0.1 + away * t - np.array([0, 0, 0.1]) * t**2)
        stage.strands(
            np.stack(whiskers),
            np.array([np.linspace(0.005, 0.0015, 6)]),
            paint((0.75, 0.73, 0.7), 0.4),
        )
