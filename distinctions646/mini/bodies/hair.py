"""Heads and busts with loose hair."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from distinctions646.mini.bodies.heads import adorn, draw_face, dress, grow_beard
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.material import Colour, Material, hair_colour, skin_colour
from distinctions646.mini.drawing.sketch import Framing, Layer, Sketch

SKULL_X, SKULL_Y = 0.16, 0.2


@dataclass(frozen=True)
class _Style:
    """How hair falls: length, spread sideways, drop, and how far it stands off the head."""

    length: float
    lift: float
    fall: float
    curl: float
    lower: float  # how far below the ears the roots reach, radians


def _any_style(draws: Draws) -> _Style:
    long, curly = draws.uniform(0.45, 0.85), draws.uniform(0.008, 0.025)
    curl = draws.choice((0.0, 0.004, curly))
    return draws.choice(
        (
            _Style(long, draws.uniform(0.08, 0.2), 1.0, curl, 0.25),
            _Style(long, draws.uniform(0.15, 0.35), draws.uniform(0.7, 1.1), curl, 0.25),
            _Style(draws.uniform(0.22, 0.4), draws.uniform(0.15, 0.35), 0.9, curl, 0.3),
            _Style(draws.uniform(0.1, 0.3), 1.0, 0.0, curly, 0.35),
            _Style(draws.uniform(0.04, 0.12), 0.7, 0.15, curl * 0.5, 0.1),
            _Style(draws.uniform(0.2, 0.55), draws.uniform(0.3, 0.7), 0.5, curl, 0.3),
        )
    )


class _Locks:
    """Hair that falls in locks: the strands of a lock share root, bend and shade."""

    def __init__(self, draws: Draws, tone: Colour) -> None:
        count = 150
        self.draws = draws
        self.tone = tone
        self.style = _any_style(draws)
        self.turns = draws.uniform(1.5, 5)
        self.messy = draws.choice((0.01, 0.04, 0.12))
        lower = self.style.lower
        self.angle = draws.uniforms(math.pi - lower, 2 * math.pi + lower, count)
        self.phase = draws.uniforms(0, 2 * math.pi, count)
        self.reach = draws.uniforms(0.75, 1.12, count)
        self.shade = draws.uniforms(0.6, 1.35, count)

    def behind(self, count: int) -> tuple[NDArray[np.float64], Colour]:
        """Return paths (count x 20 x 2) and colours of the hair behind the head, in shade."""
        lock = (self.draws.unit(count) * len(self.angle)).astype(int)
        angle = self.angle[lock] + self.draws.normals(0.06, count)
        return self._grow(lock, angle, np.ones(count), 0.55)

    def front(self, count: int) -> tuple[NDArray[np.float64], Colour]:
        """Return the hair over the skull: it parts above the brow and frames the face."""
        draws = self.draws
        lock = (draws.unit(count) * len(self.angle)).astype(int)
        angle = self.angle[lock] + draws.normals(0.06, count)
        # The hairline: low beside the temples, high above the brow.
        inner = 0.62 + 0.3 * np.abs(np.cos(angle))
        depth = inner + (1.02 - inner) * draws.unit(count)
        return self._grow(lock, angle, depth, 1.0)

    def _grow(
        self, lock: NDArray[np.int64], angle: Colour, depth: Colour, light: float
    ) -> tuple[NDArray[np.float64], Colour]:
        draws, style, count = self.draws, self.style, len(lock)
        root_x, root_y = SKULL_X * depth * np.cos(angle), SKULL_Y * depth * np.sin(angle)
        length = (style.length * self.reach[lock] * draws.uniforms(0.8, 1.1, count))[:, None]
        t = np.linspace(0, 1, 20)[None]
        away, up = np.cos(angle)[:, None], np.sin(angle)[:, None]
        # Hair lies on the skull first and falls beside it afterwards.
        slide = np.maximum(SKULL_X * 1.08 - np.abs(root_x), 0)[:, None] * np.sign(away)
        slide = slide * np.minimum(1, 2.5 * t * length / 0.3) * float(style.fall > 0.4)
        out = style.lift * length * (1 - np.exp(-3 * t))
        x = root_x[:, None] + slide + away * out
        y = root_y[:, None] + up * out * (0.9 if style.fall < 0.4 else 0.5)
        y = y + style.fall * length * t**1.4
        phase = (
            self.turns * 2 * math.pi * t + (self.phase[lock] + draws.normals(0.35, count))[:, None]
        )
        wave = style.curl * np.minimum(1, 3 * t)
        walk = np.cumsum(draws.normals(0.0009, (count, 20)), axis=1)
        x, y = x + np.cos(phase) * wave + walk, y + np.sin(phase) * wave
        stray = (draws.unit(count) < self.messy)[:, None] * t * (0.05 + length * 0.5)
        x = x + stray * draws.normals(0.5, (count, 1))
        y = y - stray * np.abs(draws.normals(0.4, (count, 1)))
        shine = 0.75 + 0.5 * np.exp(-((root_x / (SKULL_X * 0.6)) ** 2))
        shade = self.shade[lock] * draws.uniforms(0.75, 1.25, count) * shine * light
        colours = np.clip(self.tone * shade[:, None] + 0.02, 0, 1)
        return np.stack([x, y], axis=-1), colours


def hair(size: int, draws: Draws) -> Layer:
    """Paint a head or a bust with loose hair: straight, wavy or curly, long or short."""
    sketch = Sketch(draws)
    skin = Material(skin_colour(draws), grain=0.12, gloss=0.08, draws=draws.child("skin"))
    locks = _Locks(draws, hair_colour(draws))
    fine = float(np.clip(size / 512, 0.4, 1.8))
    width = 0.0032 / max(fine, 0.6)
    sketch.strands(*locks.behind(int(2400 * fine)), width, 0.001)
    dress(sketch, draws, skin)
    draw_face(sketch, draws, skin, locks.tone)
    if draws.chance(0.22):
        grow_beard(sketch, draws, locks.tone * 0.9, int(1200 * fine))
    cap = Material(locks.tone * 0.6, grain=0.6)
    turn = np.linspace(math.pi, 2 * math.pi, 30)
    crown = np.stack([SKULL_X * np.cos(turn), SKULL_Y * np.sin(turn)], axis=1)
    brow = np.stack(
        [0.93 * SKULL_X * np.cos(turn[::-1]), 0.6 * SKULL_Y * np.sin(turn[::-1])], axis=1
    )
    sketch.shape(np.concatenate([crown, brow]), material=cap, relief=0.5)
    sketch.strands(*locks.front(int(2200 * fine)), width, 0.001)
    adorn(sketch, draws)
    tight = draws.chance(0.35)
    framing = Framing(
        margin=draws.uniform(-0.04, 0.02) if tight else draws.uniform(0.0, 0.08),
        crop=draws.uniform(0.25, 0.5) if tight else draws.uniform(0.05, 0.35),
        aspect=draws.choice((None, None, None, 1.0, 0.75)),
        shift=(draws.normal(0.03), 0.0),
    )
    return sketch.paint(size, framing, samples=3, lens=draws.uniform(0.35, 0.6))
