"""A feather and a dandelion clock: objects that are nearly all fine structure."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import Points, bent_path, ellipse, leaf, point, spline
from distinctions646.mini.drawing.material import (
    Colour,
    Material,
    any_colour,
    leaf_colour,
    mix,
    rgb,
)
from distinctions646.mini.drawing.sketch import Layer, Sketch, any_framing


def _barb_colours(draws: Draws, along: Colour, across: int) -> Colour:
    """Return a colour for each barb: plain, barred or fading towards the tip."""
    base, other = any_colour(draws), any_colour(draws)
    kind = draws.choice(("plain", "bars", "fade", "tip"))
    share = np.zeros(across)
    if kind == "bars":
        share = 0.5 + 0.5 * np.sin(along * draws.uniform(20, 45))
    elif kind == "fade":
        share = along
    elif kind == "tip":
        share = (along > draws.uniform(0.6, 0.8)).astype(float)
    colours = base * (1 - share[:, None]) + other * share[:, None]
    return np.clip(colours * draws.uniforms(0.8, 1.2, (across, 1)), 0, 1)


def _barbs(draws: Draws, spine: Points, count: int) -> tuple[NDArray[np.float64], Colour]:
    """Return paths and colours of a feather's barbs along its spine, downy at the foot."""
    along = np.sort(draws.unit(count)) * 0.84 + 0.16
    side = np.where(draws.unit(count) < 0.5, -1.0, 1.0)
    place, knots = along * (len(spine) - 1), np.arange(len(spine))
    root = np.stack([np.interp(place, knots, spine[:, axis]) for axis in (0, 1)], axis=1)
    step = np.gradient(spine, axis=0)
    heading = np.interp(place, knots, np.unwrap(np.arctan2(step[:, 1], step[:, 0])))
    swell = np.sin(math.pi * np.clip(along * 0.97 + 0.03, 0, 1)) ** 0.55
    narrow = np.where(side > 0, 1.0, draws.uniform(0.55, 1.0))
    length = draws.uniform(0.42, 0.85) * swell * narrow + 0.03
    for _ in range(draws.integer(1, 5)):
        # A split: short barbs leave a gap in the vane.
        near = (np.abs(along - draws.uniform(0.3, 0.95)) < 0.012) & (side == draws.sign())
        length = np.where(near, length * 0.35, length)
    downy = np.clip((0.32 - along) / 0.12, 0, 1)
    splay = 0.95 + 0.5 * downy + draws.normals(0.02, count) + downy * draws.normals(0.5, count)
    t = np.linspace(0, 1, 9)[None]
    curl = side[:, None] * (0.5 - 1.2 * downy[:, None]) * t
    turn = (heading + side * splay)[:, None] - curl
    reach = length[:, None] * t * (1 - 0.25 * downy[:, None])
    paths = root[:, None] + np.stack([np.cos(turn) * reach, np.sin(turn) * reach], axis=-1)
    pale = mix(rgb(0.95, 0.93, 0.9), any_colour(draws), 0.1)
    vane = _barb_colours(draws, along, count)
    colours = vane * (1 - downy[:, None]) + pale * downy[:, None]
    # In random order: neither side of the vane lies wholly over the other.
    order = np.argsort(draws.unit(count), kind="stable")
    return paths[order], colours[order]


def feather(size: int, draws: Draws) -> Layer:
    """Paint a feather: a quill, vanes of barbs with a few splits, and down at its foot."""
    sketch = Sketch(draws)
    bend = draws.normal(0.25)
    knots = np.array([[0, 1.05], [bend * 0.5, 0.4], [bend, -0.3], [bend * 0.6, -1.0]])
    spine = spline(knots, 200)
    count = int(2400 * float(np.clip(size / 320, 0.6, 2.0)))
    sketch.strands(*_barbs(draws, spine, count), 0.013, 0.006)
    if draws.chance(0.25):
        x, y = spine[176]
        for radius in (0.2, 0.13, 0.07):
            eye = Material(any_colour(draws), grain=0.5, gloss=0.4)
            disc = ellipse(float(x), float(y), radius * 0.8, radius)
            sketch.shape(disc, material=eye, relief=0.2)
    quill = Material(rgb(0.9, 0.86, 0.76), grain=0.2)
    sketch.tube(spine[::8], (0.022, 0.016, 0.006), quill)
    sketch.turn(draws.uniform(-1.2, 1.2))
    return sketch.paint(size, any_framing(draws), samples=3, lens=draws.uniform(0.35, 0.55))


def dandelion(size: int, draws: Draws) -> Layer:
    """Paint a dandelion clock, whole or half blown, on its stem."""
    sketch = Sketch(draws)
    stem = Material(leaf_colour(draws), grain=0.3)
    lean = draws.normal(0.25)
    path = bent_path(point(0, 0), math.pi / 2 + lean, draws.uniform(0.55, 0.95), -lean)
    seeds = draws.integer(110, 190)
    angle = draws.uniforms(0, 2 * math.pi, seeds)
    depth = np.sqrt(draws.uniforms(0.02, 1.0, seeds))
    blown = draws.uniform(0, 1) < 0.35
    keep = np.cos(angle - draws.uniform(0, 6.28)) < 0.3 if blown else np.ones(seeds, bool)
    silk = rgb(0.95, 0.94, 0.9) * draws.uniform(0.85, 1.0)
    for number in np.argsort(depth, kind="stable")[::-1]:
        if not keep[number]:
            continue
        _seed(sketch, draws, float(angle[number]), float(depth[number]), silk)
    sketch.tube(path, (0.025, 0.03), stem)
    if draws.chance(0.6):
        blade = leaf(path[-2], -math.pi / 2 + draws.sign() * 0.9, 0.6, 0.1, 0.2)
        sketch.shape(blade, material=stem, relief=0.4)
    heart = Material(rgb(0.45, 0.36, 0.22), rgb(0.75, 0.7, 0.5), "spots", 18, grain=0.8)
    radius = draws.uniform(0.09, 0.16)
    sketch.shape(ellipse(0, 0, radius, radius), material=heart)
    return sketch.paint(size, any_framing(draws), samples=3, lens=draws.uniform(0.35, 0.55))


def _seed(sketch: Sketch, draws: Draws, angle: float, depth: float, silk: Colour) -> None:
    """Add one seed: a stalk from the heart and a parachute of hairs at its end."""
    out = np.array([math.cos(angle), math.sin(angle)])
    start, end = 0.1 * out * depth, 0.42 * out * depth
    stalk = np.linspace(start, end, 5)[None]
    shade = 0.75 + 0.25 * depth
    sketch.strands(stalk, np.clip(silk * 0.8 * shade, 0, 1)[None], 0.005, 0.004)
    hairs = 34
    spread = draws.uniforms(0, 2 * math.pi, hairs)
    tilt = draws.uniforms(0.5, 1.0, hairs)
    # A parachute seen from the side is a fan, one seen from the front a star.
    fan = angle + np.sin(spread) * (0.5 + 1.1 * (1 - depth)) * 1.3
    reach = 0.17 * tilt * (0.55 + 0.45 * np.abs(np.cos(spread)))
    t = np.linspace(0, 1, 5)[None, :, None]
    tips = np.stack([np.cos(fan), np.sin(fan)], axis=1) * reach[:, None]
    colours = np.clip(silk * shade * draws.uniforms(0.85, 1.1, (hairs, 1)), 0, 1)
    sketch.strands(end + t * tips[:, None], colours, 0.0055, 0.004)
