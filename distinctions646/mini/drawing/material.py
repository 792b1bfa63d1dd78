"""Surface colours: palettes, and patterned materials spread over a picture."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field, clip, enlarge, grid, smoothstep
from distinctions646.mini.drawing.noise import fractal_noise

Colour = NDArray[np.float64]

PATTERNS = (
    "plain",
    "spots",
    "stripes",
    "mottle",
    "gradient",
    "bands",
    "checks",
    "dots",
    "plaid",
    "veins",
)


def rgb(red: float, green: float, blue: float) -> Colour:
    """Return a colour from red, green and blue in [0, 1]."""
    return np.array([red, green, blue], np.float64)


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """Return a colour from hue (in turns), saturation and value."""
    return np.array(colorsys.hsv_to_rgb(hue % 1.0, saturation, value), np.float64)


def any_colour(draws: Draws) -> Colour:
    """Draw a colour of any hue, from dull to vivid."""
    return hsv(draws.uniform(0, 1), draws.uniform(0.15, 0.9), draws.uniform(0.3, 0.95))


def coat_colour(draws: Draws) -> Colour:
    """Draw a colour that animals wear: black, brown, fawn, grey, white or ginger."""
    hue = draws.uniform(0.03, 0.12)
    saturation = draws.choice((0.05, 0.2, 0.45, 0.6, 0.75))
    return hsv(hue, saturation * draws.uniform(0.8, 1.2), draws.uniform(0.12, 0.95))


def skin_colour(draws: Draws) -> Colour:
    """Draw a skin colour."""
    light, dark = rgb(0.96, 0.80, 0.70), rgb(0.33, 0.20, 0.13)
    return mix(light, dark, draws.uniform(0, 1)) * draws.uniform(0.9, 1.05)


def hair_colour(draws: Draws) -> Colour:
    """Draw a hair colour: black, brown, ginger, blond, grey, rarely dyed."""
    if draws.chance(0.1):
        return any_colour(draws)
    tones = ((0.10, 0.08, 0.07), (0.28, 0.18, 0.11), (0.58, 0.28, 0.12), (0.82, 0.66, 0.42))
    tone = rgb(*draws.choice((*tones, (0.62, 0.61, 0.60))))
    return tone * draws.uniform(0.8, 1.2)


def leaf_colour(draws: Draws) -> Colour:
    """Draw a leaf colour: mostly green, sometimes autumnal."""
    if draws.chance(0.2):
        return hsv(draws.uniform(0.02, 0.14), draws.uniform(0.6, 0.9), draws.uniform(0.5, 0.9))
    return hsv(draws.uniform(0.2, 0.4), draws.uniform(0.4, 0.85), draws.uniform(0.3, 0.75))


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return `first` moved towards `second` by `share` in [0, 1]."""
    blended: Colour = first * (1 - share) + second * share
    return blended


@dataclass(frozen=True, eq=False)
class Material:
    """A surface: two colours, the pattern that mixes them, and a fine grain.

    Compared by identity, so that a picture realises each material once.
    """

    base: Colour
    accent: Colour | None = None
    pattern: str = "plain"
    scale: float = 8.0
    share: float = 0.5
    grain: float = 0.3
    gloss: float = 0.0
    draws: Draws = field(default_factory=lambda: Draws("material"))


def any_material(draws: Draws, base: Colour | None = None, *, gloss: float = 0.0) -> Material:
    """Draw a material; its pattern is plain in about a third of the cases."""
    base = any_colour(draws) if base is None else base
    accent = mix(base, any_colour(draws), draws.uniform(0.3, 1.0))
    pattern = "plain" if draws.chance(0.3) else draws.choice(PATTERNS)
    return Material(
        base,
        accent,
        pattern,
        scale=draws.uniform(3, 18),
        share=draws.uniform(0.35, 0.65),
        grain=draws.uniform(0.05, 0.6),
        gloss=gloss,
        draws=draws.child("material", draws.integer(0, 2**31)),
    )


def wood(draws: Draws) -> Material:
    """Draw a grained wood, light or dark."""
    tone = hsv(draws.uniform(0.04, 0.1), draws.uniform(0.3, 0.7), draws.uniform(0.25, 0.8))
    return Material(tone, tone * 0.7, "stripes", draws.uniform(6, 14), grain=0.3, gloss=0.2)


def steel(draws: Draws) -> Material:
    """Draw a metal between dark iron and bright steel."""
    tone = rgb(0.62, 0.64, 0.67) * draws.uniform(0.6, 1.2)
    return Material(tone, grain=0.15, gloss=0.8, draws=draws.child("steel"))


def grip_material(draws: Draws) -> Material:
    """Draw what handles and masts are made of: wood, or anything painted."""
    if draws.chance(0.5):
        return any_material(draws, gloss=0.5)
    return Material(hsv(0.08, 0.6, draws.uniform(0.35, 0.75)), rgb(0.3, 0.2, 0.1), "stripes", 12)


def _accent_share(material: Material, height: int, width: int) -> Field:
    draws, scale = material.draws, material.scale
    x, y = grid(height, width)
    angle = draws.uniform(0, np.pi)
    along = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    clouds = fractal_noise(height, width, draws, scale * 0.6 + 1, 4)
    if material.pattern == "spots":
        edge = 0.35 + 0.3 * material.share
        return smoothstep(edge, edge + 0.05, clouds)
    if material.pattern == "stripes":
        wave = np.sin(along * scale * 4 + clouds * 9)
        return smoothstep(0.0, 0.35, wave + np.float32(material.share - 0.5))
    if material.pattern == "bands":
        return smoothstep(-0.1, 0.1, np.sin(along * scale * 4).astype(np.float32))
    across = x * np.float32(np.sin(angle)) - y * np.float32(np.cos(angle))
    first, second = np.sin(along * scale * 3), np.sin(across * scale * 3)
    if material.pattern == "checks":
        return smoothstep(-0.05, 0.05, first * second)
    if material.pattern == "dots":
        return smoothstep(0.5, 0.65, np.abs(first * second))
    if material.pattern == "plaid":
        wide, thin = smoothstep(0.2, 0.3, first), smoothstep(0.85, 0.9, second)
        return clip(0.5 * wide + 0.5 * smoothstep(0.2, 0.3, second) + 0.4 * thin)
    if material.pattern == "veins":
        return smoothstep(0.04, 0.0, np.abs(clouds - 0.5))
    if material.pattern == "gradient":
        return clip(along * 1.2 + clouds)
    return clip((clouds - 0.3) * 2.5)


def realise(material: Material, height: int, width: int) -> Field:
    """Spread a material over a picture.

    Returns
    -------
    ndarray
        float32 height x width x 3 in [0, 1].
    """
    # Half the resolution is enough: the shading and the outlines carry the fine detail.
    rows, columns = max(2, height // 2), max(2, width // 2)
    surface: Field = np.broadcast_to(material.base.astype(np.float32), (rows, columns, 3))
    if material.pattern != "plain" and material.accent is not None:
        share = _accent_share(material, rows, columns)[..., None]
        surface = surface * (1 - share) + material.accent.astype(np.float32) * share
    if material.grain > 0:
        draws = material.draws.child("grain")
        cells = draws.choice((6, 20, 45, 90))
        grain = fractal_noise(rows, columns, draws, cells, 4, 0.8)
        surface = surface * (1 + np.float32(material.grain) * (grain - 0.5) * 2)[..., None]
    return enlarge(clip(surface), height, width)
