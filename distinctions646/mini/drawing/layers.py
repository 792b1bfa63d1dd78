"""Layers that are computed rather than drawn: stacking and premultiplying."""

from __future__ import annotations

import math

import numpy as np

from distinctions646.mini.drawing.fields import Field, blur, clip
from distinctions646.mini.drawing.sketch import Layer, Sketch


def over(front: Layer, back: Layer) -> Layer:
    """Lay one premultiplied layer over another of the same size."""
    colour, alpha = front
    behind = 1 - alpha
    return colour + back[0] * behind[..., None], alpha + back[1] * behind


def tinted(colour: Field, alpha: Field) -> Layer:
    """Premultiply a straight colour."""
    premultiplied = clip(colour) * alpha[..., None]
    return np.asarray(premultiplied, np.float32), np.asarray(alpha, np.float32)


def paint_into(
    sketch: Sketch, size: int, half: tuple[float, float], place: tuple[float, float], reach: float
) -> Layer:
    """Paint a sketch so that it fits a square of half side `reach` about a place.

    Parameters
    ----------
    sketch
        What to paint, in its own units.
    size
        Long side of the picture in pixels.
    half
        Half width and half height of the picture in the units of `place`.
    place, reach
        Where the sketch goes, in a world with its origin in the middle of the picture.
    """
    left, top, width, height = sketch.bounds()
    unit = max(width, height) / (2 * reach)
    x = left + width / 2 - (half[0] + place[0]) * unit
    y = top + height / 2 - (half[1] + place[1]) * unit
    return sketch.paint_window(size, (x, y, 2 * half[0] * unit, 2 * half[1] * unit))


def lay(image: Field, layer: Layer, left: int, top: int, softness: float = 0.0) -> None:
    """Lay a premultiplied layer over part of an image, in place.

    Parameters
    ----------
    image
        float32 height x width x 3, changed.
    layer
        What to lay; parts outside the image are cut off.
    left, top
        Where the layer's corner goes.
    softness
        Blur of the layer in pixels.
    """
    stack: Field = np.dstack(layer)
    if softness >= 0.3:
        pad = math.ceil(3 * softness)
        stack = blur(np.pad(stack, ((pad, pad), (pad, pad), (0, 0))), softness)
        left, top = left - pad, top - pad
    y0, x0 = max(0, top), max(0, left)
    y1 = min(image.shape[0], top + stack.shape[0])
    x1 = min(image.shape[1], left + stack.shape[1])
    if y1 > y0 and x1 > x0:
        part = stack[y0 - top : y1 - top, x0 - left : x1 - left]
        image[y0:y1, x0:x1] = part[..., :3] + image[y0:y1, x0:x1] * (1 - part[..., 3:])
