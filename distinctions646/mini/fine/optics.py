"""Motion blur and defocus of opaque objects, computed on premultiplied layers."""

from __future__ import annotations

import math

import cv2
import numpy as np

from distinctions646.mini.bodies.creatures import sketch_creature
from distinctions646.mini.bodies.figures import sketch_figure
from distinctions646.mini.bodies.things import sketch_solid
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field
from distinctions646.mini.drawing.sketch import Framing, Layer, Sketch


def _subject(draws: Draws) -> Sketch:
    plan = draws.choice((sketch_creature, sketch_creature, sketch_figure, sketch_solid))
    return plan(draws)


def _split(stack: Field) -> Layer:
    return stack[..., :3], stack[..., 3]


def motion(size: int, draws: Draws) -> Layer:
    """Paint an object that moves or turns while the shutter is open.

    The mean of premultiplied RGBA over the exposure is exact, as composing is linear in it.
    """
    reach = draws.uniform(0.04, 0.15) * size
    layer = _subject(draws).paint(size, Framing(margin=0.02 + 0.5 * reach / size), lens=0.4)
    stack = np.dstack(layer)
    height, width = layer[1].shape
    steps = int(np.clip(1.5 * reach, 8, 64))
    angle = draws.uniform(0, 2 * math.pi)
    turn = math.degrees(draws.normal(0.12)) if draws.chance(0.4) else 0.0
    total = np.zeros_like(stack)
    for time in np.linspace(-0.5, 0.5, steps):
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn * time, 1.0)
        matrix[:, 2] += reach * time * np.array([math.cos(angle), math.sin(angle)])
        total += cv2.warpAffine(stack, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return _split(total / np.float32(steps))


def defocus(size: int, draws: Draws) -> Layer:
    """Paint an object out of focus: a disc spreads premultiplied RGBA."""
    radius = draws.uniform(0.006, 0.035) * size
    layer = _subject(draws).paint(size, Framing(margin=0.02 + radius / size), lens=0.4)
    span = math.ceil(radius) + 1
    offset = np.arange(-span, span + 1)
    distance = np.hypot(offset[:, None], offset[None])
    disc = np.clip(radius - distance + 0.5, 0, 1)
    kernel = (disc / disc.sum()).astype(np.float32)
    stack = cv2.filter2D(np.dstack(layer), -1, kernel, borderType=cv2.BORDER_CONSTANT)
    return _split(np.clip(stack, 0, 1))
