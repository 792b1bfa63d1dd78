"""Geometry as arrays: surfaces of revolution, tubes, ellipsoids, sheets, leaves and strands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Faces = NDArray[np.int64]

_UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Mesh:
    """Quadrilaterals: `vertices` n x 3, `faces` m x 4, and per vertex a place `uv` n x 2."""

    vertices: Array
    faces: Faces
    uv: Array

    def moved(self, shift: ArrayLike) -> Mesh:
        """Return the mesh shifted."""
        return Mesh(self.vertices + np.asarray(shift, float), self.faces, self.uv)

    def turned(self, matrix: Array) -> Mesh:
        """Return the mesh rotated (or otherwise mapped) about the origin by a 3 x 3 matrix."""
        return Mesh(self.vertices @ matrix.T, self.faces, self.uv)

    def scaled(self, factors: ArrayLike) -> Mesh:
        """Return the mesh scaled about the origin."""
        return Mesh(self.vertices * np.asarray(factors, float), self.faces, self.uv)


def at(x: float, y: float, z: float) -> Array:
    """Return a place, or a shift, as an array."""
    return np.array([x, y, z], float)


def merged(meshes: Sequence[Mesh]) -> Mesh:
    """Return several meshes as one."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + s for mesh, s in zip(meshes, starts, strict=True)]),
        np.concatenate([mesh.uv for mesh in meshes]),
    )


def normalised(vectors: ArrayLike) -> Array:
    """Return vectors (... x 3) of length 1; those of length 0 stay 0."""
    given = np.asarray(vectors, float)
    lengths = np.linalg.norm(given, axis=-1, keepdims=True)
    return np.asarray(given / np.maximum(lengths, 1e-12))


def rotation(axis: ArrayLike, angle: float) -> Array:
    """Return the 3 x 3 matrix that turns about an axis by an angle in radians (Rodrigues)."""
    x, y, z = normalised(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def grid(points: ArrayLike, *, closed_u: bool = False, closed_v: bool = False) -> Mesh:
    """Return the surface through a net of points (rows x columns x 3).

    Parameters
    ----------
    points
        The net; u runs along the columns, v along the rows.
    closed_u, closed_v
        Whether the last column (row) is joined to the first.
    """
    net = np.asarray(points, float)
    rows, columns = net.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    if closed_u:
        index = np.concatenate([index, index[:, :1]], axis=1)
    if closed_v:
        index = np.concatenate([index, index[:1]], axis=0)
    faces = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]], axis=-1)
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    return Mesh(net.reshape(-1, 3), faces.reshape(-1, 4), np.stack([u, v], -1).reshape(-1, 2))


def smooth_path(points: ArrayLike, count: int) -> Array:
    """Return `count` points of the Catmull-Rom spline through points (k x d, k at least 2)."""
    given = np.asarray(points, float)
    padded = np.concatenate([2 * given[:1] - given[1:2], given, 2 * given[-1:] - given[-2:-1]])
    place = np.linspace(0, len(given) - 1, count)
    first = np.minimum(place.astype(int), len(given) - 2)
    t = (place - first)[:, None]
    a, b, c, d = (padded[first + offset] for offset in range(4))
    return np.asarray(
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2)
        + 0.5 * (3 * b - a - 3 * c + d) * t**3
    )


def lathe(profile: ArrayLike, *, segments: int = 72, points: int = 0) -> Mesh:
    """Turn a profile about the z axis.

    Parameters
    ----------
    profile
        Radius and height, k x 2, from one end to the other.
    segments
        Corners of the circle.
    points
        Resample the profile to so many points of a spline; 0 keeps its corners.
    """
    line = smooth_path(profile, points) if points else np.asarray(profile, float)
    radius, height = np.maximum(line[:, 0], 1e-4), line[:, 1]
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    x, y = radius[:, None] * np.cos(angle), radius[:, None] * np.sin(angle)
    net = np.stack([x, y, np.broadcast_to(height[:, None], x.shape)], axis=-1)
    return grid(net, closed_u=True)


def frames(path: Array) -> tuple[Array, Array, Array]:
    """Return tangents and two normals along a path (k x 3), turned as little as possible."""
    tangents = normalised(np.gradient(path, axis=0))
    start = np.cross(tangents[0], _UP)
    if np.linalg.norm(start) < 1e-3:
        start = np.cross(tangents[0], np.array([1.0, 0.0, 0.0]))
    sides = [normalised(start)]
    for tangent in tangents[1:]:
        sides.append(normalised(sides[-1] - tangent * (sides[-1] @ tangent)))
    side = np.stack(sides)
    return tangents, side, np.cross(tangents, side)


def tube(path: ArrayLike, radius: ArrayLike, *, sides: int = 12, flat: float = 1.0) -> Mesh:
    """Return a tube with rounded ends.

    Parameters
    ----------
    path
        Points of its axis, k x 3.
    radius
        One radius, or one for each point.
    sides
        Corners of its section.
    flat
        Ratio of the section's second axis to the first.
    """
    line = np.asarray(path, float)
    width = np.broadcast_to(np.asarray(radius, float), (len(line),))
    tangents, side, other = frames(line)
    cap = np.array([0.0, 0.55, 0.87])
    reach = np.sqrt(1 - cap**2)
    start = line[0] - tangents[0] * (reach * width[0])[:, None]
    end = line[-1] + tangents[-1] * (reach * width[-1])[::-1, None]
    line = np.concatenate([start, line, end])
    scale = np.concatenate([cap * width[0], width, cap[::-1] * width[-1]])
    side = np.concatenate([np.repeat(side[:1], 3, 0), side, np.repeat(side[-1:], 3, 0)])
    other = np.concatenate([np.repeat(other[:1], 3, 0), other, np.repeat(other[-1:], 3, 0)])
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)[None, :, None]
    ring = side[:, None] * np.cos(angle) + flat * other[:, None] * np.sin(angle)
    net = line[:, None] + ring * np.maximum(scale, 1e-5)[:, None, None]
    return grid(net, closed_u=True)


def ellipsoid(centre: ArrayLike, radii: ArrayLike, *, segments: int = 48) -> Mesh:
    """Return an ellipsoid along the axes."""
    polar = np.linspace(1e-3, np.pi - 1e-3, segments // 2 + 1)[:, None]
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)[None]
    x, y = np.sin(polar) * np.cos(angle), np.sin(polar) * np.sin(angle)
    net = np.stack([x, y, np.broadcast_to(-np.cos(polar), x.shape)], axis=-1)
    return grid(net, closed_u=True).scaled(radii).moved(centre)


def box(centre: ArrayLike, size: ArrayLike) -> Mesh:
    """Return a box along the axes."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 2
    faces = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    vertices = corners * np.asarray(size, float) + np.asarray(centre, float)
    return Mesh(vertices, np.array(faces), corners[:, :2] + 0.5)


def leaves(
    base: Array,
    along: Array,
    up: Array,
    length: ArrayLike,
    width: ArrayLike,
    *,
    droop: float = 0.2,
    fold: float = 0.25,
    sharp: float = 0.8,
    steps: int = 6,
) -> Mesh:
    """Return many pointed leaves, each a strip folded along its midrib.

    Parameters
    ----------
    base, along, up
        Where each begins, where it points and where its upper side looks, n x 3.
    length, width
        Of each or of all; `width` is half of the widest.
    droop
        How far the tip sinks, in lengths.
    fold
        How far the rims rise above the midrib, in widths.
    sharp
        Exponent of the outline: small is blunt.
    steps
        Segments along a leaf.
    """
    count = len(base)
    forward = normalised(along)
    side = normalised(np.cross(forward, up))
    lift = np.cross(side, forward)
    t = np.linspace(0, 1, steps + 1)
    outline = np.sin(np.pi * np.clip(0.03 + 0.94 * t**0.85, 0, 1)) ** sharp
    long = np.broadcast_to(np.asarray(length, float), (count,))[:, None, None]
    wide = np.broadcast_to(np.asarray(width, float), (count,))[:, None, None]
    rib = base[:, None] + forward[:, None] * long * t[None, :, None]
    rib = rib - _UP * (droop * long * t[None, :, None] ** 2)
    rim = wide * outline[None, :, None]
    left = rib - side[:, None] * rim + lift[:, None] * rim * fold
    right = rib + side[:, None] * rim + lift[:, None] * rim * fold
    net = np.stack([left, rib, right], axis=2)
    pattern = grid(np.zeros((steps + 1, 3, 3)))
    starts = (np.arange(count) * 3 * (steps + 1))[:, None, None]
    faces = (pattern.faces[None] + starts).reshape(-1, 4)
    return Mesh(net.reshape(-1, 3), faces, np.tile(pattern.uv, (count, 1)))
