"""A picture as a list of shapes and strands, framed and painted only when it is complete.

The world has no fixed size: a class draws its object in any convenient units, and the framing
decides afterwards what is seen, tight or loose, and with which aspect ratio.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from distinctions646.mini.drawing.canvas import Canvas
from distinctions646.mini.drawing.coat import Coat, grow_coat
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field, blur, clip, slope_x, slope_y
from distinctions646.mini.drawing.geometry import Points, ellipse, limb
from distinctions646.mini.drawing.material import Colour, Material, realise

Layer = tuple[Field, Field]  # premultiplied colour height x width x 3, alpha height x width


@dataclass(frozen=True)
class Shape:
    """A union of polygons in one material, shaded like a cushion of the given relief.

    A `feature` (eye, nose, mouth) stays bare where a coat of fur is grown.
    """

    pieces: tuple[Points, ...]
    material: Material
    relief: float = 1.0
    brightness: float = 1.0
    opacity: float = 1.0
    feature: bool = False


@dataclass(frozen=True)
class Strands:
    """Tapering opaque strokes; paths m x k x 2, colours m x 3, widths in world units."""

    paths: NDArray[np.float64]
    colours: NDArray[np.float64]
    root: float
    tip: float


@dataclass(frozen=True)
class Framing:
    """How an object sits in its picture.

    `margin` is the free border, `crop` the share of the object's height cut off at the bottom,
    both relative to the object; `aspect` is width over height, None for that of the object.
    """

    margin: float = 0.05
    crop: float = 0.0
    aspect: float | None = None
    shift: tuple[float, float] = (0.0, 0.0)


def any_framing(draws: Draws, crop: float = 0.0) -> Framing:
    """Draw a framing: mostly tight, sometimes loose, in the object's aspect or another."""
    margin = draws.choice((0.0, 0.01, 0.02, 0.03, 0.05, 0.12)) * draws.uniform(0.8, 1.2)
    aspect = draws.choice((None, None, None, None, None, 1.0, 0.75, 4 / 3))
    shift = (draws.normal(0.3 * margin), draws.normal(0.3 * margin))
    return Framing(margin, crop, aspect, shift)


class Sketch:
    """The list of things to paint, back to front, and the light they stand in."""

    def __init__(self, draws: Draws) -> None:
        self.draws = draws
        light = np.array([draws.normal(0.7), -abs(draws.normal(0.7)) - 0.3, 1.2])
        self.light: NDArray[np.float64] = light / np.linalg.norm(light)
        # Hard light on round bodies in some pictures, soft light on flat ones in others: outlines
        # that are always dark would tell a network where an object ends.
        self.ambient = draws.uniform(0.2, 0.6)
        self.depth = draws.uniform(0.3, 1.0)
        self.items: list[Shape | Strands | Coat] = []

    def shape(
        self,
        *pieces: Points,
        material: Material,
        relief: float = 1.0,
        brightness: float = 1.0,
        opacity: float = 1.0,
        feature: bool = False,
    ) -> None:
        """Add a union of polygons; the style as in `Shape`."""
        self.items.append(Shape(pieces, material, relief, brightness, opacity, feature))

    def tube(
        self,
        path: Points,
        radii: tuple[float, ...],
        material: Material,
        *,
        relief: float = 1.0,
        brightness: float = 1.0,
        feature: bool = False,
    ) -> None:
        """Add a rounded tube along a path; the style as in `Shape`."""
        pieces = limb(path, radii)
        self.shape(
            *pieces, material=material, relief=relief, brightness=brightness, feature=feature
        )

    def eye(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Add an eye: white, iris, pupil and a glint."""
        rings = (
            (1.0, np.array([0.95, 0.95, 0.93])),
            (0.68, colour),
            (0.4, np.array([0.03, 0.03, 0.03])),
        )
        for share, tone in rings:
            material = Material(tone, grain=0.0)
            disc = ellipse(x, y, radius * share, radius * share)
            self.shape(disc, material=material, relief=0.3, feature=True)
        glint = ellipse(x - radius * 0.25, y - radius * 0.3, radius * 0.16, radius * 0.16)
        self.shape(glint, material=Material(np.ones(3), grain=0.0), relief=0.0, feature=True)

    def strands(
        self, paths: NDArray[np.float64], colours: NDArray[np.float64], root: float, tip: float
    ) -> None:
        """Add tapering strokes, painted in the order given."""
        self.items.append(Strands(paths, colours, root, tip))

    def coat(self, coat: Coat) -> None:
        """Let fur grow on everything painted so far."""
        self.items.append(coat)

    def coat_below_features(self, coat: Coat) -> None:
        """Let fur grow, and put eyes, nose and mouth on again above it."""
        features = [item for item in self.items if isinstance(item, Shape) and item.feature]
        self.coat(coat)
        self.items += features

    def turn(self, angle: float) -> None:
        """Turn everything so far by `angle` radians about the middle."""
        cosine, sine = np.cos(angle), np.sin(angle)
        self._map(np.array([[cosine, sine], [-sine, cosine]]))

    def mirror(self) -> None:
        """Swap left and right."""
        self._map(np.array([[-1.0, 0.0], [0.0, 1.0]]))

    def _map(self, matrix: NDArray[np.float64]) -> None:
        left, top, width, height = self.bounds()
        middle = np.array([left + width / 2, top + height / 2])
        for index, item in enumerate(self.items):
            if isinstance(item, Shape):
                pieces = tuple((piece - middle) @ matrix + middle for piece in item.pieces)
                self.items[index] = replace(item, pieces=pieces)
            elif isinstance(item, Strands):
                self.items[index] = replace(item, paths=(item.paths - middle) @ matrix + middle)

    def bounds(self) -> tuple[float, float, float, float]:
        """Return left, top, width and height of all shapes and strands."""
        corners = []
        for item in self.items:
            if isinstance(item, Coat):
                continue
            places = item.pieces if isinstance(item, Shape) else (item.paths.reshape(-1, 2),)
            corners += [np.array([p.min(axis=0), p.max(axis=0)]) for p in places]
        joined = np.concatenate(corners)
        left, top = joined.min(axis=0)
        width, height = joined.max(axis=0) - joined.min(axis=0)
        return float(left), float(top), float(width), float(height)

    def window(self, framing: Framing) -> tuple[float, float, float, float]:
        """Return the part of the world that a framing shows: left, top, width, height."""
        left, top, width, height = self.bounds()
        height *= 1 - framing.crop
        free = framing.margin * max(width, height)
        below = 0.0 if framing.crop > 0 else free
        left, top, width, height = left - free, top - free, width + 2 * free, height + free + below
        own = width / height
        aspect = min(2.2, max(0.45, framing.aspect or own))
        # Another aspect than the object's own adds at most a third of empty frame.
        aspect = min(1.33 * own, max(own / 1.33, aspect))
        wider = max(width, height * aspect)
        taller = max(height, width / aspect)
        # A cropped object stands on the lower edge; any other sits in the middle.
        drop = taller - height if framing.crop > 0 else (taller - height) / 2
        shift_x, shift_y = framing.shift
        if framing.crop > 0:
            shift_y = 0.0
        return (
            left - (wider - width) / 2 + shift_x * wider,
            top - drop + shift_y * taller,
            wider,
            taller,
        )

    def paint(self, size: int, framing: Framing, *, samples: int = 2, lens: float = 0.45) -> Layer:
        """Paint everything and return premultiplied colour and alpha.

        Parameters
        ----------
        size
            Long side in pixels.
        framing
            What is seen.
        samples
            Samples a pixel and axis; 3 or 4 for fine strands.
        lens
            Blur of the lens in pixels.
        """
        return self.paint_window(size, self.window(framing), samples=samples, lens=lens)

    def paint_window(
        self,
        size: int,
        window: tuple[float, float, float, float],
        *,
        samples: int = 2,
        lens: float = 0.45,
    ) -> Layer:
        """Paint what lies in a window of the world: left, top, width, height."""
        canvas = Canvas(window, size, samples)
        surfaces: dict[Material, Field] = {}
        for number, item in enumerate(self.items):
            if isinstance(item, Shape):
                if item.material not in surfaces:
                    rows, columns = canvas.pixels.shape[:2]
                    surfaces[item.material] = realise(item.material, rows, columns)
                self._paint_shape(canvas, item, surfaces[item.material])
            elif isinstance(item, Strands):
                _paint_strands(canvas, item)
            else:
                grow_coat(canvas, item, self.draws.child("coat", number))
        return canvas.develop(lens)

    def _paint_shape(self, canvas: Canvas, shape: Shape, surface: Field) -> None:
        mask, rectangle = canvas.coverage(shape.pieces)
        if mask.size < 9:
            return
        left, top, right, bottom = rectangle
        colour = surface[top:bottom, left:right] * np.float32(shape.brightness)
        if shape.relief > 0:
            facing = _facing(mask, shape.relief * self.depth, self.light)
            shade = np.float32(self.ambient) + np.float32(1.06 - self.ambient) * facing
            shade = shade + np.float32(shape.material.gloss) * facing ** np.float32(24)
            colour = colour * shade[..., None]
        canvas.blend(clip(colour), mask * np.float32(shape.opacity), rectangle)


def _facing(mask: Field, relief: float, light: NDArray[np.float64]) -> Field:
    """Return the cosine between the light and a cushion as high as its edge is far."""
    distance = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    radius = max(float(distance.max()), 1.0)
    near = 1 - np.minimum(distance / np.float32(radius), 1)
    dome = np.sqrt(np.maximum(1 - near * near, 0)) * np.float32(radius * relief)
    dome = blur(dome, max(1.0, radius * 0.08))
    across, down = slope_x(dome), slope_y(dome)
    x, y, z = (np.float32(v) for v in light)
    return clip((z - across * x - down * y) / np.sqrt(across**2 + down**2 + 1))


def _paint_strands(canvas: Canvas, strands: Strands, bundle: int = 5) -> None:
    count, knots = strands.paths.shape[:2]
    cuts = np.linspace(0, knots - 1, 4).astype(int)
    for start in range(0, count, bundle):
        paths = strands.paths[start : start + bundle]
        for part, (begin, end) in enumerate(itertools.pairwise(cuts)):
            width = strands.root + (strands.tip - strands.root) * part / 2
            tone = strands.colours[start] * (0.85 + 0.15 * part)
            canvas.lines(paths[:, begin : end + 1], tone, width)
