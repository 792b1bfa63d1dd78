"""Outlines: polygons in the plane, y pointing down, as float arrays of shape points x 2."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from distinctions646.mini.drawing.draws import Draws

Points = NDArray[np.float64]


def point(x: float, y: float) -> Points:
    """Return one point."""
    return np.array([x, y], np.float64)


def heading(angle: float) -> Points:
    """Return the unit vector at `angle` radians; 0 points right, pi / 2 down."""
    return np.array([math.cos(angle), math.sin(angle)])


def rotate(points: Points, angle: float, about: Points | None = None) -> Points:
    """Turn points by `angle` radians about a point (the origin by default)."""
    centre = np.zeros(2) if about is None else about
    cosine, sine = math.cos(angle), math.sin(angle)
    turned: Points = (points - centre) @ np.array([[cosine, sine], [-sine, cosine]]) + centre
    return turned


def ellipse(
    x: float, y: float, radius_x: float, radius_y: float, angle: float = 0.0, count: int = 48
) -> Points:
    """Return an ellipse about (x, y), turned by `angle` radians."""
    turn = np.linspace(0, 2 * math.pi, count, endpoint=False)
    centre = point(x, y)
    outline = np.stack([x + radius_x * np.cos(turn), y + radius_y * np.sin(turn)], axis=1)
    return rotate(outline, angle, centre)


def blob(
    x: float, y: float, radius_x: float, radius_y: float, draws: Draws, wobble: float = 0.1
) -> Points:
    """Return an ellipse whose radius swings by about `wobble` of itself."""
    turn = np.linspace(0, 2 * math.pi, 72, endpoint=False)
    radius = np.ones_like(turn)
    for order in (2, 3, 4, 5):
        phase, height = draws.uniform(0, 2 * math.pi), draws.normal(wobble / order * 1.5)
        radius += height * np.sin(order * turn + phase)
    return np.stack(
        [x + radius_x * radius * np.cos(turn), y + radius_y * radius * np.sin(turn)], axis=1
    )


def spline(controls: Sequence[Points] | Points, count: int = 24) -> Points:
    """Return `count` points of a Catmull-Rom curve through the control points."""
    knots = np.asarray(controls, np.float64)
    padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    position = np.linspace(0, len(knots) - 1, count)
    start = np.minimum(position.astype(int), len(knots) - 2)
    t = (position - start)[:, None]
    before, here, there, after = (padded[start + offset] for offset in range(4))
    curve: Points = 0.5 * (
        2 * here
        + (there - before) * t
        + (2 * before - 5 * here + 4 * there - after) * t**2
        + (3 * here - before - 3 * there + after) * t**3
    )
    return curve


def bent_path(start: Points, angle: float, length: float, bend: float, count: int = 14) -> Points:
    """Return a curve that leaves `start` at `angle` and turns by `bend` radians on its way."""
    turn = angle + bend * np.linspace(0, 1, count - 1)
    steps = np.stack([np.cos(turn), np.sin(turn)], axis=1) * (length / (count - 1))
    return np.concatenate([start[None], start + np.cumsum(steps, axis=0)])


def limb(path: Points, radii: Sequence[float] | NDArray[np.float64]) -> tuple[Points, ...]:
    """Return convex pieces whose union is a rounded tube along `path`.

    Parameters
    ----------
    path
        Centre line.
    radii
        Radii spread evenly along the path, from its start to its end.
    """
    widths = np.interp(
        np.linspace(0, 1, len(path)), np.linspace(0, 1, len(radii)), np.asarray(radii)
    )
    discs = [ellipse(p[0], p[1], r, r, count=16) for p, r in zip(path, widths, strict=True)]
    return tuple(
        cv2.convexHull(np.concatenate(pair).astype(np.float32))[:, 0].astype(np.float64)
        for pair in itertools.pairwise(discs)
    )


def leaf(start: Points, angle: float, length: float, width: float, curve: float = 0.0) -> Points:
    """Return a pointed leaf that leaves `start` at `angle`; `width` is its half width."""
    t = np.linspace(0, 1, 12)
    along, across = heading(angle), heading(angle + math.pi / 2)
    spine = start + length * (t[:, None] * along + (curve * t**2)[:, None] * across)
    half = width * np.sin(math.pi * (0.03 + 0.97 * t)) ** 0.8
    return np.concatenate([spine + half[:, None] * across, (spine - half[:, None] * across)[::-1]])


def box(left: float, top: float, right: float, bottom: float) -> Points:
    """Return an upright rectangle."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


def rounded_box(left: float, top: float, right: float, bottom: float, radius: float) -> Points:
    """Return an upright rectangle with round corners."""
    corners = (
        (right - radius, bottom - radius, 0.0),
        (left + radius, bottom - radius, 0.5),
        (left + radius, top + radius, 1.0),
        (right - radius, top + radius, 1.5),
    )
    arcs = []
    for x, y, start in corners:
        turn = math.pi * (start + np.linspace(0, 0.5, 8))
        arcs.append(np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1))
    return np.concatenate(arcs)
