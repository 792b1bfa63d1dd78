"""Webs, bird cages, rackets, lace curtains and bicycles: mostly holes."""

from __future__ import annotations

from typing import Any

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from renderer.materials import Graph, mottled, paint, wood
from renderer.palettes import BRIGHT, DARK, METALS, PALE, WOODS
from renderer.shapes import Array, at, box, ellipsoid, grid, lathe, rotation, smooth_path, tube
from renderer.stage import Stage


def _ring(centre: Array, radius: float, count: int = 64, *, tall: float = 1.0) -> Array:
    """Return a closed ellipse in the x-z plane."""
    angle = np.linspace(0, 2 * np.pi, count)
    return np.asarray(centre) + np.stack(
        [radius * np.cos(angle), 0 * angle, tall * radius * np.sin(angle)], axis=1
    )


def web(stage: Stage, draws: Draws) -> None:
    """Build an orb web with dew between two twigs, and its spider."""
    spokes = draws.integer(17, 24)
    angle = np.linspace(0, 2 * np.pi, spokes, endpoint=False) + draws.normals(0.05, (spokes,))
    reach = draws.uniforms(1.15, 1.45, (spokes,))
    t = np.linspace(0, 1, 6)[:, None]

    def joint(spoke: int, radius: float) -> Array:
        turn = angle[spoke % spokes]
        return np.array([radius * np.cos(turn), 0.0, radius * np.sin(turn)])

    threads = [
        joint(number, 0.0) * (1 - t) + joint(number, reach[number]) * t for number in range(spokes)
    ]
    for turn in range(26):
        for number in range(spokes):
            radius = 0.12 + 0.045 * (turn + number / spokes)
            if radius > 0.94 * min(reach[number], reach[(number + 1) % spokes]) or draws.chance(
                0.03
            ):
                continue
            line = joint(number, radius) * (1 - t) + joint(number + 1, radius) * t
            threads.append(line - np.array([0, 0, 0.05 * radius + 0.01]) * 4 * t * (1 - t))
    paths = np.stack(threads)
    stage.strands(paths, draws.uniform(0.0035, 0.005), paint((0.85, 0.87, 0.9), 0.3))
    drops = paths.reshape(-1, 3)[(draws.unit(260) * paths.shape[0] * 6).astype(int)]
    dew = paint((0.85, 0.9, 0.95), 0.03, coat=1.0)
    stage.mesh([ellipsoid(spot, (0.014,) * 3, segments=10) for spot in drops], dew)
    bark = mottled((0.07, 0.04, 0.02), (0.22, 0.15, 0.09), 0.95, scale=8.0, bumps=0.8)
    for side in (-1, 1):
        stem = smooth_path(
            [
                (1.5 * side, 0.02, -1.6),
                (1.25 * side, 0, -0.5),
                (1.38 * side, 0.03, 0.5),
                (1.1 * side, 0, 1.6),
            ],
            40,
        )
        stage.mesh(
            tube(
                stem,
                np.linspace(0.085, 0.04, 40) * (1 + 0.15 * draws.normals(1.0, (40,)).clip(-1, 1)),
            ),
            bark,
        )
        for place in (8, 17, 26, 33):
            way = np.array(
                [
                    side * draws.uniform(-0.1, 0.35),
                    draws.uniform(-0.15, 0.15),
                    draws.uniform(0.15, 0.4),
                ]
            )
            stage.mesh(
                tube(
                    smooth_path(
                        [stem[place], stem[place] + way * 0.6, stem[place] + way + (0, 0, 0.05)], 10
                    ),
                    np.linspace(0.035, 0.01, 10),
                ),
                bark,
            )
    top = smooth_path([(-1.16, 0, 1.32), (-0.3, 0.04, 1.5), (0.4, 0, 1.44), (1.2, 0, 1.35)], 30)
    stage.mesh(tube(top, 0.035), bark)
    _spider(stage, draws)
    stage.camera(azimuth=draws.uniform(-20, 20), elevation=draws.uniform(-6, 10))


def _spider(stage: Stage, draws: Draws) -> None:
    skin = paint(
        draws.choice(((0.05, 0.03, 0.02), (0.25, 0.13, 0.04), (0.3, 0.22, 0.02))), 0.5, bumps=0.3
    )
    stage.mesh(
        [
            ellipsoid((0, -0.06, 0.1), (0.12, 0.09, 0.16)),
            ellipsoid((0, -0.06, -0.1), (0.075, 0.06, 0.085)),
        ],
        skin,
    )
    for side in (-1, 1):
        for number in range(4):
            lift = 0.42 - 0.28 * number
            knee = np.array([0.2 * side, -0.14, -0.08 + 0.55 * lift])
            foot = np.array([0.34 * side, -0.01, -0.06 + 1.1 * lift])
            stage.mesh(
                tube(
                    smooth_path([at(0.05 * side, -0.06, -0.08), knee, foot], 14),
                    np.linspace(0.018, 0.008, 14),
                    sides=6,
                ),
                skin,
            )


def cage(stage: Stage, draws: Draws) -> None:
    """Build a domed bird cage with a perch and a bird."""
    metal = paint(draws.choice(METALS), 0.3, metal=1.0)
    base = paint(draws.choice((*BRIGHT, *PALE)), 0.4, coat=0.3)
    tall, wires = draws.uniform(1.1, 1.7), draws.integer(20, 28)
    dome = draws.uniform(0.5, 0.9)
    stage.mesh(
        lathe([(0, -0.16), (0.86, -0.16), (0.88, -0.1), (0.84, 0.0), (0.8, 0.03), (0, 0.03)]), base
    )
    for number in range(wires):
        turn = 2 * np.pi * number / wires
        out = np.array([np.cos(turn), np.sin(turn), 0.0])
        rise = [0.78 * out, 0.78 * out + (0, 0, tall)]
        arch = [
            0.78 * np.cos(a) * out + (0, 0, tall + dome * np.sin(a))
            for a in np.linspace(0.25, np.pi / 2, 8)
        ]
        stage.mesh(tube(smooth_path([*rise, *arch], 40), 0.013, sides=6), metal)
    around = np.linspace(0, 2 * np.pi, 97)
    for height in (0.04, tall * 0.5, tall):
        hoop = np.stack([0.78 * np.cos(around), 0.78 * np.sin(around), height + 0 * around], axis=1)
        stage.mesh(tube(hoop, 0.02, sides=8), metal)
    top = np.array([0, 0, tall + dome])
    stage.mesh(ellipsoid(top, (0.07, 0.07, 0.07)), metal)
    stage.mesh(tube(_ring(top + at(0, 0, 0.16), 0.12, 40), 0.018), metal)
    high = tall * draws.uniform(0.35, 0.5)
    stage.mesh(tube([(-0.76, 0, high), (0.76, 0, high)], 0.03), wood(*draws.choice(WOODS)))
    _bird(stage, draws, np.array([0.0, 0.0, high + 0.02]))
    stage.camera(azimuth=draws.uniform(-30, 30), elevation=draws.uniform(2, 14))


def _bird(stage: Stage, draws: Draws, foot: Array) -> None:
    plumage = paint(draws.choice((*BRIGHT[:6], (0.85, 0.65, 0.05))), 0.8, sheen=0.6, bumps=0.3)
    wing = paint(draws.choice((*PALE, *DARK)), 0.8, sheen=0.5)
    lean = rotation((0, 1, 0), 0.5)
    body = ellipsoid((0, 0, 0), (0.17, 0.16, 0.29)).turned(lean).moved(foot + at(0, 0, 0.28))
    stage.mesh([body, ellipsoid(foot + at(0.14, 0, 0.52), (0.135, 0.13, 0.13))], plumage)
    tail = smooth_path(
        [foot + at(-0.1, 0, 0.1), foot + at(-0.24, 0, -0.1), foot + at(-0.34, 0, -0.32)], 10
    )
    stage.mesh(tube(tail, np.linspace(0.09, 0.05, 10), flat=0.35), wing)
    for side in (-1, 1):
        stage.mesh(
            ellipsoid((0, 0, 0), (0.09, 0.04, 0.24))
            .turned(rotation((0, 1, 0), 0.75))
            .moved(foot + at(-0.06, 0.15 * side, 0.24)),
            wing,
        )
        stage.mesh(
            ellipsoid(foot + at(0.22, 0.09 * side, 0.56), (0.025,) * 3),
            paint((0.005,) * 3, 0.05, coat=1.0),
        )
        stage.mesh(
            tube([foot + at(0.02, 0.06 * side, 0.0), foot + at(0.02, 0.06 * side, 0.1)], 0.014),
            paint((0.5, 0.3, 0.1), 0.5),
        )
    stage.mesh(
        tube([foot + at(0.25, 0, 0.52), foot + at(0.36, 0, 0.49)], [0.045, 0.006], flat=0.8),
        paint((0.75, 0.35, 0.05), 0.4),
    )


def racket(stage: Stage, draws: Draws) -> None:
    """Build a tennis racket with its strings and a ball."""
    frame = paint(draws.choice(BRIGHT), 0.25, coat=0.8)
    grip = paint(draws.choice(DARK), 0.85, bumps=0.5)
    wide, tall = 0.68, draws.uniform(1.2, 1.35)
    middle = np.array([0.0, 0.0, 1.2])
    stage.mesh(tube(_ring(middle, wide, 90, tall=tall), 0.055, sides=14, flat=1.3), frame)
    strings = []
    for share in np.linspace(-0.9, 0.9, draws.integer(15, 19)):
        half = tall * wide * np.sqrt(1 - share**2)
        z = np.linspace(-half, half, 60)
        strings.append(np.stack([share * wide + 0 * z, 0.008 * np.sin(z * 36), z], axis=1) + middle)
    for share in np.linspace(-0.92, 0.92, draws.integer(17, 21)):
        half = wide * np.sqrt(1 - share**2)
        x = np.linspace(-half, half, 60)
        strings.append(
            np.stack([x, -0.008 * np.sin(x * 36), share * wide * tall + 0 * x], axis=1) + middle
        )
    stage.strands(np.stack(strings), 0.0065, paint(draws.choice(PALE), 0.4))
    low = 1.2 - wide * tall
    for side in (-1, 1):
        arm = smooth_path(
            [
                (0.36 * side, 0, low + 0.12),
                (0.16 * side, 0, low - 0.16),
                (0.04 * side, 0, low - 0.52),
            ],
            16,
        )
        stage.mesh(tube(arm, 0.05), frame)
    stage.mesh(tube([(0, 0, low - 0.45), (0, 0, low - 0.65)], 0.075), frame)
    stage.mesh(tube([(0, 0, low - 0.62), (0, 0, low - 1.45)], 0.09, sides=8), grip)
    stage.mesh(ellipsoid((0, 0, low - 1.48), (0.105, 0.105, 0.05)), grip)
    felt = paint((0.55, 0.72, 0.05), 1.0, sheen=1.0, bumps=0.4)
    stage.mesh(
        ellipsoid((draws.uniform(0.55, 0.8) * draws.sign(), -0.2, low - 0.9), (0.2, 0.2, 0.2)), felt
    )
    stage.camera(azimuth=draws.uniform(-40, 40), elevation=draws.uniform(-5, 15))


def bicycle(stage: Stage, draws: Draws) -> None:
    """Build a bicycle with spoked wheels, mudguards, chain, saddle and handlebars."""
    lacquer = paint(draws.choice(BRIGHT), 0.2, coat=1.0)
    steel = paint((0.75, 0.75, 0.77), 0.2, metal=1.0)
    black = paint((0.03, 0.03, 0.03), 0.7)
    leather = paint(draws.choice(((0.2, 0.08, 0.03), (0.03, 0.03, 0.03))), 0.5)
    rear, front = np.array([-1.05, 0, 0.62]), np.array([1.1, 0, 0.62])
    for hub in (rear, front):
        stage.mesh(tube(_ring(hub, 0.62, 90), 0.04, sides=12), black)
        stage.mesh(tube(_ring(hub, 0.565, 90), 0.02, sides=8), steel)
        stage.mesh(tube([hub - (0, 0.09, 0), hub + at(0, 0.09, 0)], 0.045), steel)
        turns = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        rims = np.stack([0.56 * np.cos(turns), 0 * turns, 0.56 * np.sin(turns)], axis=1)
        roots = 0.04 * np.stack(
            [np.cos(turns + 1.2), 0 * turns, np.sin(turns + 1.2)], axis=1
        ) + np.stack([0 * turns, 0.06 * (-1.0) ** np.arange(28), 0 * turns], axis=1)
        stage.strands(np.stack([roots, (roots + rims) / 2, rims], axis=1) + hub, 0.006, steel)
    pedal, seat, neck = (
        np.array([-0.1, 0, 0.55]),
        np.array([-0.42, 0, 1.42]),
        np.array([0.78, 0, 1.45]),
    )
    step = draws.chance(0.4)
    low_neck = np.array([0.84, 0, 1.22])
    seat_joint = pedal + 0.45 * (seat - pedal) if step else seat
    for a, b, thick in (
        (pedal, seat, 0.042),
        (pedal, low_neck, 0.048),
        (seat_joint, neck, 0.04),
        (seat, rear, 0.026),
        (pedal, rear, 0.03),
    ):
        stage.mesh(tube([a, b], thick), lacquer)
    stem = neck + at(-0.06, 0, 0.2)
    fork = smooth_path([neck + at(0, 0, 0.02), low_neck, at(0.95, 0, 0.95), front], 24)
    stage.mesh(tube(fork, 0.036), lacquer)
    stage.mesh(tube([neck, stem], 0.03), steel)
    stage.mesh(tube([seat, seat + at(-0.06, 0, 0.2)], 0.03), steel)
    stage.mesh(
        [
            ellipsoid(seat + at(-0.12, 0, 0.24), (0.2, 0.14, 0.06)),
            ellipsoid(seat + at(0.08, 0, 0.24), (0.18, 0.05, 0.045)),
        ],
        leather,
    )
    rise = draws.uniform(0.05, 0.2)
    bars = smooth_path(
        [
            stem + at(-0.35, 0.42, rise),
            stem + at(-0.05, 0.36, rise),
            stem,
            stem + at(-0.05, -0.36, rise),
            stem + at(-0.35, -0.42, rise),
        ],
        40,
    )
    stage.mesh(tube(bars, 0.024), steel)
    for hand in (bars[:7], bars[-7:]):
        stage.mesh(tube(hand, 0.038), leather)
    stage.mesh(tube(_ring(pedal, 0.17, 50), 0.022), steel)
    turn = draws.uniform(0, 6)
    for side in (-1, 1):
        foot = pedal + side * 0.3 * np.array([np.cos(turn), 0, np.sin(turn)]) + (0, -0.1 * side, 0)
        stage.mesh(tube([pedal - (0, 0.1 * side, 0), foot], 0.022), steel)
        stage.mesh(box(foot - (0, 0.07 * side, 0), (0.2, 0.12, 0.05)), black, bevel=0.01)
    for offset in (0.16, -0.16):
        stage.mesh(
            tube([pedal + at(0, 0, offset), rear + at(0, 0, 0.4 * offset)], 0.011, sides=6), black
        )
    for hub in (rear, front):
        guard = np.linspace(0.2 * np.pi, 0.85 * np.pi, 40)
        if hub is front:
            guard = np.pi - guard + 0.35
        arc = hub + 0.69 * np.stack([np.cos(guard), 0 * guard, np.sin(guard)], axis=1)
        stage.mesh(tube(arc, 0.03, sides=8, flat=1.8), lacquer)
    stage.camera(azimuth=draws.uniform(-35, 35), elevation=draws.uniform(3, 14))


def curtain(stage: Stage, draws: Draws) -> None:
    """Build a lace curtain on a rod with rings; an embroidered hem."""
    rod = (
        wood(*draws.choice(WOODS))
        if draws.chance(0.5)
        else paint(draws.choice(METALS), 0.25, metal=1.0)
    )
    stage.mesh(tube([(-1.25, 0, 1.3), (1.25, 0, 1.3)], 0.05, sides=16), rod)
    for side in (-1, 1):
        stage.mesh(ellipsoid((1.32 * side, 0, 1.3), (0.1, 0.1, 0.1)), rod)
    folds, tie = draws.integer(5, 8), draws.chance(0.5)
    rows, columns = 120, 260
    u, v = np.meshgrid(np.linspace(-1, 1, columns), np.linspace(0, 1, rows))
    deep = 0.06 + 0.12 * v
    phase = folds * np.pi * u + 0.5 * np.sin(2 * u + 3 * v)
    narrow = 1.0 - (0.55 * np.exp(-(((v - 0.62) / 0.22) ** 2)) if tie else 0.12 * v)
    x, z = 1.08 * u * narrow, 1.22 - 2.35 * v
    sheet = np.stack([x, deep * np.sin(phase), z + 0.03 * np.cos(phase) * v], axis=-1)
    cloth = grid(sheet)
    stage.mesh(cloth, _lace(draws))
    for place in np.linspace(-1.02, 1.02, 2 * folds + 1):
        angle = np.linspace(0, 2 * np.pi, 28)
        ring = np.stack(
            [place + 0 * angle, 0.075 * np.cos(angle), 1.285 + 0.075 * np.sin(angle)], axis=1
        )
        stage.mesh(tube(ring, 0.012, sides=8), paint(draws.choice(METALS), 0.25, metal=1.0))
    if tie:
        band = 0.53
        angle = np.linspace(0, 2 * np.pi, 60)
        sash = np.stack(
            [band * np.cos(angle), 0.24 * np.sin(angle), 1.22 - 2.35 * 0.62 + 0 * angle], axis=1
        )
        stage.mesh(tube(sash, 0.06, flat=0.4), paint(draws.choice(BRIGHT), 0.6, sheen=0.6))
    stage.camera(azimuth=draws.uniform(-25, 25), elevation=draws.uniform(-4, 10))


def _lace(draws: Draws) -> Any:
    """Threads between the cells of a mesh, denser in flowers and along the hem."""
    graph = Graph()
    place = graph.add("TexCoord").outputs["UV"]
    scale = draws.uniform(26, 36)
    stretched = graph.add("Mapping", Vector=place, Scale=(1.0, 1.25, 1.0)).outputs[0]
    cells = graph.tree.nodes.new("ShaderNodeTexVoronoi")
    cells.feature = "DISTANCE_TO_EDGE"
    graph.feed(cells, "Vector", stretched)
    graph.feed(cells, "Scale", scale)
    graph.feed(cells, "Randomness", draws.choice((0.0, 0.5, 1.0)))
    net = graph.math("LESS_THAN", cells.outputs["Distance"], 0.09)
    flowers = graph.add("TexVoronoi", Vector=stretched, Scale=scale / 5, Randomness=0.25)
    wave = graph.add("TexNoise", Vector=stretched, Scale=scale, Detail=1.0)
    outline = graph.math(
        "ADD", flowers.outputs["Distance"], graph.math("MULTIPLY", wave.outputs[0], 0.12)
    )
    bloom = graph.math("LESS_THAN", outline, 0.36)
    split = graph.tree.nodes.new("ShaderNodeSeparateXYZ")
    graph.feed(split, 0, place)
    hem = graph.math("GREATER_THAN", split.outputs[1], 0.965)
    head = graph.math("LESS_THAN", split.outputs[1], 0.02)
    solid = graph.math(
        "MAXIMUM", graph.math("MAXIMUM", hem, head), graph.math("MULTIPLY", bloom, 0.85)
    )
    share = graph.math(
        "MAXIMUM",
        graph.math("MULTIPLY", net, 0.8),
        graph.math("MAXIMUM", solid, draws.choice((0.04, 0.12))),
    )
    colour = draws.choice(
        ((0.82, 0.8, 0.75), (0.82, 0.8, 0.75), (0.03, 0.03, 0.035), (0.5, 0.06, 0.08))
    )
    cloth = graph.blend(
        0.35,
        graph.add("BsdfDiffuse", Color=colour).outputs[0],
        graph.add("BsdfTranslucent", Color=colour).outputs[0],
    )
    return graph.finish(graph.blend(share, graph.add("BsdfTransparent").outputs[0], cloth))
