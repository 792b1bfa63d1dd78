"""Smoke, flames, and what the lens or the shutter softens."""

from __future__ import annotations

from typing import Any

import numpy as np

from distinctions646.mini.drawing.draws import Draws
from renderer.materials import Graph, foliage, mottled, paint, spots, stripes, wood
from renderer.palettes import BRIGHT, METALS, PALE, WOODS, pair
from renderer.shapes import at, box, ellipsoid, grid, lathe, leaves, rotation, smooth_path, tube
from renderer.stage import Stage


def _medium(
    stage: Stage, low: tuple[float, float, float], high: tuple[float, float, float], material: Any
) -> None:
    size, centre = np.subtract(high, low), np.add(high, low) / 2
    stage.mesh(box(centre, size), material, smooth=False, framed=False)
    inner = np.array([[x, 0, z] for x in (low[0], high[0]) for z in (low[2], high[2])])
    stage.frame(centre + (inner - centre) * 0.82)
    stage.scene.cycles.volume_step_rate = 2.0
    stage.scene.cycles.volume_bounces = 1


def _shape(
    graph: Graph, *, foot: float, width: float, growth: float, shift: float, scale: float
) -> tuple[Any, Any]:
    """Return how deep inside a rising, curling column each point is, and its height."""
    place = graph.add("TexCoord").outputs["Object"]
    moved = graph.add(
        "Mapping", Vector=place, Location=(shift, shift, 0.0), Scale=(scale, scale, 0.55 * scale)
    ).outputs[0]
    curl = graph.add("TexNoise", Vector=moved, Scale=1.0, Detail=2.0)
    fine = graph.add(
        "TexNoise", Vector=moved, Scale=2.6, Detail=6.0, Roughness=0.62, Distortion=0.9
    )
    part = graph.tree.nodes.new("ShaderNodeSeparateXYZ")
    graph.feed(part, 0, place)
    height = graph.math("MAXIMUM", graph.math("SUBTRACT", part.outputs[2], foot), 0.0)
    colour = graph.tree.nodes.new("ShaderNodeSeparateXYZ")
    graph.feed(colour, 0, curl.outputs["Color"])
    swing = graph.math("MULTIPLY", height, 1.1)
    x = graph.math(
        "ADD",
        part.outputs[0],
        graph.math("MULTIPLY", graph.math("SUBTRACT", colour.outputs[0], 0.5), swing),
    )
    y = graph.math(
        "ADD",
        part.outputs[1],
        graph.math("MULTIPLY", graph.math("SUBTRACT", colour.outputs[1], 0.5), swing),
    )
    far = graph.math(
        "SQRT", graph.math("ADD", graph.math("MULTIPLY", x, x), graph.math("MULTIPLY", y, y))
    )
    reach = graph.math("MULTIPLY_ADD", height, growth, width)
    inside = graph.math("SUBTRACT", 1.0, graph.math("DIVIDE", far, reach))
    rough = graph.math("MULTIPLY", graph.math("SUBTRACT", fine.outputs[0], 0.5), 1.9)
    return graph.math("ADD", inside, rough), height


def candle(stage: Stage, draws: Draws) -> None:
    """Build a candle just blown out in its holder, and the smoke that rises from it."""
    wax = paint(draws.choice((*PALE, *BRIGHT)), 0.4, soft=0.3)
    metal = paint(draws.choice(METALS), 0.25, metal=1.0)
    tall, wide = draws.uniform(0.5, 0.9), draws.uniform(0.14, 0.2)
    stage.mesh(
        lathe(
            [
                (0, -0.1),
                (0.5, -0.1),
                (0.56, -0.02),
                (0.5, -0.05),
                (0.24, -0.05),
                (0.22, 0.08),
                (0, 0.08),
            ],
            points=60,
        ),
        metal,
    )
    handle = smooth_path([(0.5, 0, -0.04), (0.78, 0, 0.0), (0.8, 0, 0.16), (0.55, 0, 0.02)], 24)
    stage.mesh(tube(handle, 0.03), metal)
    stage.mesh(
        lathe(
            [
                (0, 0),
                (wide, 0),
                (wide, tall - 0.03),
                (wide * 0.92, tall),
                (wide * 0.6, tall - 0.03),
                (0, tall - 0.04),
            ]
        ),
        wax,
    )
    for _ in range(draws.integer(2, 5)):
        turn, drop = draws.uniform(0, 6.3), draws.uniform(0.2, 0.8) * tall
        x, y = wide * np.cos(turn), wide * np.sin(turn)
        stage.mesh(tube([(x, y, tall - 0.03), (x, y, tall - drop)], [0.025, 0.04]), wax)
    stage.mesh(
        tube(
            smooth_path([(0, 0, tall - 0.05), (0.01, 0, tall + 0.05), (0.04, 0, tall + 0.1)], 8),
            0.014,
        ),
        paint((0.02, 0.02, 0.02), 0.9),
    )
    graph = Graph()
    depth, height = _shape(
        graph, foot=tall + 0.08, width=0.035, growth=0.24, shift=draws.uniform(0, 40), scale=1.9
    )
    thin = graph.math("DIVIDE", draws.uniform(9, 15), graph.math("MULTIPLY_ADD", height, 1.6, 0.4))
    fade = graph.math(
        "MINIMUM", graph.math("MULTIPLY", graph.math("SUBTRACT", 1.95, height), 1.6), 1.0
    )
    dense = graph.math(
        "MULTIPLY",
        graph.math("MAXIMUM", depth, 0.0),
        graph.math("MULTIPLY", thin, graph.math("MAXIMUM", fade, 0.0)),
    )
    dense = graph.math("MULTIPLY", dense, graph.math("GREATER_THAN", height, 0.0))
    # Thin smoke is lit evenly: a glow as strong as it is dense has no noise.
    glow = graph.ramp(depth, ((0.1, (0.5, 0.54, 0.62)), (0.9, (0.88, 0.88, 0.86))))
    smoke = graph.add("VolumePrincipled", Color=(0.0, 0.0, 0.0), Density=dense)
    graph.feed(smoke, "Emission Strength", graph.math("MULTIPLY", dense, 1.7))
    graph.feed(smoke, "Emission Color", glow)
    _medium(
        stage,
        (-0.85, -0.5, tall + 0.08),
        (0.85, 0.5, tall + 2.1),
        graph.finish(smoke.outputs[0], "Volume"),
    )
    stage.light(draws.choice(("studio", "window", "overcast")), 1.2)
    stage.camera(azimuth=draws.uniform(-25, 25), elevation=draws.uniform(2, 10))


def fire(stage: Stage, draws: Draws) -> None:
    """Build a camp fire: flames over logs and stones."""
    bark = mottled((0.03, 0.018, 0.012), (0.14, 0.08, 0.045), 0.95, scale=6.0, bumps=0.9)
    cut = wood(*WOODS[1])
    for number in range(draws.integer(5, 7)):
        turn = 2 * np.pi * number / 6 + draws.uniform(-0.2, 0.2)
        out = np.array([np.cos(turn), np.sin(turn), 0.0])
        path = np.stack([out * 0.75 + (0, 0, 0.06), -out * 0.1 + (0, 0, 0.42)])
        stage.mesh(
            tube(
                smooth_path(path, 12),
                0.1 * (1 + 0.1 * draws.normals(1.0, (12,)).clip(-1, 1)),
                sides=14,
            ),
            bark,
        )
        stage.mesh(ellipsoid(path[0] + out * 0.06, (0.085, 0.085, 0.085), segments=16), cut)
    for number in range(13):
        turn = 2 * np.pi * number / 13
        size = draws.uniforms(0.13, 0.2, (3,)) * (1, 1, 0.75)
        grey = draws.uniform(0.12, 0.35)
        stone = mottled(
            (grey, grey, grey * 0.95),
            (grey * 0.6, grey * 0.58, grey * 0.55),
            0.9,
            scale=5.0,
            bumps=0.6,
        )
        stage.mesh(
            ellipsoid((0.92 * np.cos(turn), 0.92 * np.sin(turn), 0.02), size, segments=20), stone
        )
    graph = Graph()
    depth, _ = _shape(
        graph, foot=0.15, width=0.5, growth=-0.2, shift=draws.uniform(0, 40), scale=2.4
    )
    hot = graph.math("MAXIMUM", depth, 0.0)
    colour = graph.ramp(
        hot,
        (
            (0.02, (0.55, 0.03, 0.0)),
            (0.3, (1.0, 0.18, 0.015)),
            (0.65, (1.0, 0.5, 0.07)),
            (0.95, (1.0, 0.8, 0.35)),
        ),
    )
    node = graph.add(
        "VolumePrincipled",
        Color=(0.02, 0.01, 0.01),
        Density=graph.math("MULTIPLY", hot, draws.uniform(5, 8)),
    )
    graph.feed(node, "Emission Strength", graph.math("MULTIPLY", hot, 13.0))
    graph.feed(node, "Emission Color", colour)
    _medium(stage, (-0.75, -0.75, 0.1), (0.75, 0.75, 2.1), graph.finish(node.outputs[0], "Volume"))
    stage.light("evening", 0.7)
    stage.camera(azimuth=draws.uniform(-30, 30), elevation=draws.uniform(8, 18))


def pinwheel(stage: Stage, draws: Draws) -> None:
    """Build a paper windmill that turns while the shutter is open."""
    first, second = draws.choice(BRIGHT), draws.choice((*BRIGHT, *PALE))
    count = draws.choice((4, 6, 8))
    sails = []
    for number in range(count):
        turn = 2 * np.pi * number / count
        u, v = np.meshgrid(np.linspace(0, 1, 14), np.linspace(0, 1, 14))
        x = v * (1.0 - 0.25 * u)
        z = u * v * 0.75 * (4 / count) ** 0.4
        y = -0.34 * np.sin(np.pi * u) * v - 0.05
        net = np.stack([x, y, z], axis=-1)
        colour = (first, second)[number % 2]
        material = (
            paint(colour, 0.5)
            if draws.chance(0.6)
            else spots(colour, draws.choice(PALE), 0.5, scale=5.0, share=0.3)
        )
        sails.append(stage.mesh(grid(net).turned(rotation((0, 1, 0), turn)), material))
    rim = rotation((0, 1, 0), 0.4)
    turning = np.linspace(0, 2 * np.pi, 40)
    stage.frame(np.stack([1.05 * np.cos(turning), 0 * turning, 1.05 * np.sin(turning)], 1) @ rim.T)
    stage.mesh(
        ellipsoid((0, -0.12, 0), (0.1, 0.07, 0.1)), paint(draws.choice(METALS), 0.2, metal=1.0)
    )
    stage.mesh(
        tube([(0, 0.08, 0.1), (0, 0.08, -2.0)], 0.045),
        draws.choice((wood(*WOODS[1]), paint(draws.choice(PALE), 0.4))),
    )
    stage.spin(sails, (0, 0, 0), (0, 1, 0), draws.uniform(0.12, 0.4))
    stage.camera(azimuth=draws.uniform(-30, 30), elevation=draws.uniform(-4, 12))


def defocus(stage: Stage, draws: Draws) -> None:
    """Build a lantern, fruit or toy blocks out of focus behind a sharp neighbour."""
    blocks = draws.chance(0.5)
    for number in range(5):
        x, y = -1.2 + 0.55 * number, -1.5 + 0.9 * number
        bright, plain = pair(draws)
        skin = draws.choice(
            (
                stripes(bright, plain, 0.4, scale=1.5),
                spots(plain, bright, 0.4, scale=4.0, share=0.3),
                paint(bright, 0.3, coat=0.5),
            )
        )
        if blocks:
            spin = rotation((0, 0, 1), draws.uniform(0, 1.5))
            for level in range(draws.integer(1, 3)):
                stage.mesh(
                    box((0, 0, 0), (0.5, 0.5, 0.5)).turned(spin).moved((x, y, 0.25 + 0.5 * level)),
                    skin if level == 0 else paint(draws.choice(BRIGHT), 0.4),
                    bevel=0.04,
                )
        else:
            _pear(stage, draws, (x, y, 0.0))
    stage.camera(
        azimuth=draws.uniform(-15, 15),
        elevation=draws.uniform(10, 18),
        blur=draws.uniform(0.18, 0.3),
        focus=draws.uniform(-1.8, -1.2),
        distance=3.2,
    )


def _pear(stage: Stage, draws: Draws, place: tuple[float, float, float]) -> None:
    colour = draws.choice(
        ((0.45, 0.5, 0.05), (0.65, 0.05, 0.03), (0.75, 0.45, 0.05), (0.75, 0.25, 0.02))
    )
    long = draws.uniform(0.0, 1.0)
    profile = np.array(
        [
            (0, 0),
            (0.18, 0.02),
            (0.33, 0.2),
            (0.3 - 0.04 * long, 0.45),
            (0.2 - 0.08 * long, 0.6 + 0.12 * long),
            (0.06, 0.62 + 0.2 * long),
            (0, 0.58 + 0.2 * long),
        ]
    )
    skin = mottled(colour, (colour[0] * 0.9, colour[1] * 0.7, colour[2]), 0.35, scale=4.0)
    stage.mesh(lathe(profile, points=50).moved(place), skin)
    top = np.array(place) + at(0, 0, 0.58 + 0.2 * long)
    stage.mesh(
        tube(smooth_path([top, top + at(0.02, 0, 0.1), top + at(0.07, 0, 0.18)], 10), 0.018),
        paint((0.12, 0.07, 0.03), 0.8),
    )
    blade = leaves(
        top[None] + (0, 0, 0.05), np.array([[1.0, -0.3, 0.4]]), np.array([[0.0, 0, 1]]), 0.28, 0.07
    )
    green = np.tile([[0.1, 0.3, 0.05]], (len(blade.vertices), 1))
    stage.mesh(blade, foliage(), colours=green)
