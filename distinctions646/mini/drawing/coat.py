"""Fur that grows on what a canvas already shows, in the colours it shows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from distinctions646.mini.drawing.canvas import Canvas
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field, blur, slope_x, slope_y
from distinctions646.mini.drawing.noise import fractal_noise


@dataclass(frozen=True)
class Coat:
    """A coat of hair.

    `length` in world units; `density` in hairs per square of that length; `cover` is True for a
    whole coat and False for a fringe along the outline; `comb` turns all hairs (radians) and
    `mess` is the standard deviation of their angles.
    """

    length: float
    density: float = 12.0
    cover: bool = True
    comb: float = 0.0
    mess: float = 0.35
    width: float = 0.004


def _outward(alpha: Field, reach: float) -> Field:
    """Return the angle that points out of the object at each sample (reduced resolution)."""
    soft = blur(alpha, max(1.0, reach))
    return np.asarray(np.arctan2(-slope_y(soft), -slope_x(soft)), np.float32)


def _roots(inside: NDArray[np.bool_], coat: Coat, length: float, draws: Draws) -> NDArray[np.int64]:
    """Return row and column of each hair's root, those deep inside first."""
    distance = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 3)
    rim = max(2.0, 0.3 * length)
    picked_rows, picked_columns = [], []
    # The outline needs more hairs than the inside: there each one is seen alone.
    for depth, density in ((np.inf, coat.density if coat.cover else 0.0), (rim, 2 * coat.density)):
        rows, columns = np.nonzero((distance > 0.5) & (distance <= depth))
        count = int(min(density * len(rows) / max(length, 2.0) ** 2, 30000))
        picked = (draws.unit(count) * len(rows)).astype(np.int64)
        picked_rows.append(rows[picked])
        picked_columns.append(columns[picked])
    roots = np.stack([np.concatenate(picked_rows), np.concatenate(picked_columns)], axis=1)
    # Jittered depth: hairs overlap like tiles, with no visible contour lines between rows.
    jitter = draws.uniforms(0, length, len(roots))
    order = np.argsort(jitter - distance[roots[:, 0], roots[:, 1]], kind="stable")
    return roots[order]


def grow_coat(canvas: Canvas, coat: Coat, draws: Draws) -> None:
    """Paint a coat onto the canvas; each hair takes the colour at its root."""
    step = 2
    rows, columns = canvas.pixels.shape[:2]
    small = cv2.resize(canvas.pixels, (columns // step, rows // step), interpolation=cv2.INTER_AREA)
    alpha = small[..., 3].astype(np.float32) / 255
    length = coat.length * canvas.scale / step
    roots = _roots(alpha > 0.9, coat, length, draws)
    if len(roots) == 0:
        return
    swirl = fractal_noise(alpha.shape[0], alpha.shape[1], draws, 4, 3)
    row, column = roots.T
    outward = _outward(alpha, max(length * 0.8, 3.0))[row, column]
    count = len(roots)
    angle = outward + coat.comb + (swirl[row, column] - 0.5) * 3 + draws.normals(coat.mess, count)
    bend = draws.normals(0.35, count) + (swirl[row, column] - 0.5) * 2
    reach = length * draws.uniforms(0.4, 1.1, count)
    t = np.linspace(-0.25, 1, 6)
    turn = angle[:, None] + bend[:, None] * t
    x = column[:, None] + np.cos(turn) * reach[:, None] * t
    y = row[:, None] + (np.sin(turn) * t + 0.12 * np.abs(t) * t) * reach[:, None]
    paths = np.stack([x, y], axis=-1) * step
    tones = small[row, column, :3].astype(np.float64) * draws.uniforms(0.65, 1.3, (count, 1))
    _stroke(canvas, paths, np.clip(tones, 0, 255), coat.width)


def _stroke(
    canvas: Canvas, paths: NDArray[np.float64], tones: NDArray[np.float64], width: float
) -> None:
    fixed = np.round(paths * 16).astype(np.int32)
    thick = max(1, round(width * canvas.scale))
    for path, tone in zip(fixed, tones, strict=True):
        colour = (*tone.tolist(), 255.0)
        cv2.polylines(canvas.pixels, [path[:4]], False, colour, thick, cv2.LINE_8, 4)
        cv2.polylines(canvas.pixels, [path[3:]], False, colour, max(1, thick // 2), cv2.LINE_8, 4)
