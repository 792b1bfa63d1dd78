"""A supersampled, premultiplied canvas, and the way from it to a straight RGBA foreground.

Colours stay premultiplied through every blend, reduction and blur, which keeps alpha and colour
exact along soft edges (Porter and Duff, "Compositing digital images", SIGGRAPH 1984).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from distinctions646.mini.drawing.fields import Field, blur, enlarge, shrink
from distinctions646.mini.drawing.geometry import Points

Rgba = NDArray[np.uint8]

_SHIFT = 4  # fractional bits of OpenCV's drawing coordinates


class Canvas:
    """Paint in world units on premultiplied 8-bit RGBA, several samples a pixel and axis.

    Parameters
    ----------
    window
        Left, top, width and height of the part of the world that is seen.
    size
        Long side of the finished picture in pixels.
    samples
        Samples a pixel and axis.
    """

    def __init__(self, window: tuple[float, float, float, float], size: int, samples: int) -> None:
        left, top, width, height = window
        scale = size / max(width, height)
        self.samples = samples
        self.height = max(8, round(height * scale))
        self.width = max(8, round(width * scale))
        self.scale = scale * samples
        self._corner = np.array([left, top])
        self.pixels: Rgba = np.zeros((self.height * samples, self.width * samples, 4), np.uint8)

    def to_samples(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return world points (... x 2) in sample coordinates.

        OpenCV counts from the middle of the first sample, the world from its corner. Its filled
        polygons take in their outline, so that shapes come out half a sample larger all around.
        """
        placed: NDArray[np.float64] = (points - self._corner) * self.scale - 0.5
        return placed

    def fixed(self, points: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return world points as OpenCV's fixed-point coordinates, bounded to 16 canvases."""
        limit = 16.0 * max(self.pixels.shape)
        placed = np.clip(self.to_samples(points), -limit, limit)
        return np.asarray(np.round(placed * 2**_SHIFT), np.int32)

    def coverage(self, pieces: tuple[Points, ...]) -> tuple[Field, tuple[int, int, int, int]]:
        """Return the coverage of a union of polygons and the rectangle it lies in.

        Returns
        -------
        coverage
            float32 in [0, 1], bottom - top x right - left.
        rectangle
            left, top, right, bottom in samples; empty where nothing is seen.
        """
        placed = self.to_samples(np.concatenate(pieces))
        rows, columns = self.pixels.shape[:2]
        low = np.floor(placed.min(axis=0) - 2).astype(int)
        high = np.ceil(placed.max(axis=0) + 3).astype(int)
        left, right = np.clip((low[0], high[0]), 0, columns)
        top, bottom = np.clip((low[1], high[1]), 0, rows)
        rectangle = (int(left), int(top), int(right), int(bottom))
        mask = np.zeros((max(0, bottom - top), max(0, right - left)), np.uint8)
        if mask.size:
            offset = np.array([left, top]) << _SHIFT
            for piece in pieces:
                corners = (self.fixed(piece) - offset).astype(np.int32)
                cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, _SHIFT)
        return mask.astype(np.float32) / 255, rectangle

    def blend(self, colour: Field, alpha: Field, rectangle: tuple[int, int, int, int]) -> None:
        """Lay straight `colour` (h x w x 3) with `alpha` (h x w) over a rectangle of samples."""
        left, top, right, bottom = rectangle
        below = self.pixels[top:bottom, left:right]
        layer = np.dstack([colour * alpha[..., None], alpha]) * np.float32(255)
        result = layer + below * (1 - alpha[..., None])
        self.pixels[top:bottom, left:right] = np.clip(result + 0.5, 0, 255).astype(np.uint8)

    def lines(self, paths: NDArray[np.float64], colour: NDArray[np.float64], width: float) -> None:
        """Stroke open paths (m x k x 2, world units) in one opaque colour."""
        tone = tuple(float(v) for v in np.clip(np.round(colour * 255), 0, 255))
        thickness = max(1, round(width * self.scale))
        strokes = list(self.fixed(paths))
        cv2.polylines(self.pixels, strokes, False, (*tone, 255.0), thickness, cv2.LINE_8, _SHIFT)

    def develop(self, lens: float = 0.45) -> tuple[Field, Field]:
        """Reduce to pixels and blur by a lens of `lens` pixels (standard deviation).

        Returns
        -------
        premultiplied
            float32 height x width x 3.
        alpha
            float32 height x width.
        """
        reduced = shrink(self.pixels.astype(np.float32), self.height, self.width) / np.float32(255)
        if lens > 0:
            reduced = blur(reduced, lens)
        return reduced[..., :3], reduced[..., 3]


def extend_colours(premultiplied: Field, alpha: Field) -> Field:
    """Divide by alpha and fill the colours where alpha is near 0 from their surroundings.

    The filling takes ever coarser averages (push-pull), so that resizing or recompressing the
    straight colours later draws no dark fringe in.

    References
    ----------
    Gortler, Grzeszczuk, Szeliski and Cohen, "The lumigraph", SIGGRAPH 1996 (pull-push).
    """
    stack = np.dstack([premultiplied, alpha])
    levels = [stack]
    while min(levels[-1].shape[:2]) > 2:
        rows, columns = levels[-1].shape[:2]
        levels.append(shrink(levels[-1], max(1, rows // 2), max(1, columns // 2)))
    floor = np.float32(1e-4)
    last = levels[-1]
    mean = last.reshape(-1, 4).sum(axis=0)
    colour = np.broadcast_to(mean[:3] / max(mean[3], floor), (*last.shape[:2], 3))
    for level in reversed(levels):
        rows, columns = level.shape[:2]
        coarse = enlarge(colour, rows, columns)
        trust = np.clip(level[..., 3:] / np.float32(0.03), 0, 1)
        colour = trust * level[..., :3] / np.maximum(level[..., 3:], floor) + (1 - trust) * coarse
    return colour.astype(np.float32)


def straight_rgba(premultiplied: Field, alpha: Field) -> Rgba:
    """Turn a premultiplied layer into the straight 8-bit RGBA a foreground file holds.

    Alpha below 1/128 becomes exactly 0 and above 127/128 exactly 255, by a linear stretch in
    between: a foreground needs certain zones, and rounding would leave specks of 1 and 254.

    Parameters
    ----------
    premultiplied
        float32 height x width x 3 in [0, 1], no larger than `alpha`.
    alpha
        float32 height x width in [0, 1].

    Returns
    -------
    ndarray
        uint8 height x width x 4.
    """
    colour = extend_colours(premultiplied.astype(np.float32), alpha.astype(np.float32))
    margin = np.float32(1 / 128)
    stretched = np.clip((alpha - margin) / (1 - 2 * margin), 0, 1)
    joined = np.dstack([np.clip(colour, 0, 1), stretched])
    return np.floor(joined * 255 + 0.5).astype(np.uint8)
