"""Fractal noise."""

from __future__ import annotations

import cv2
import numpy as np

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field


def fractal_noise(
    height: int, width: int, draws: Draws, cells: float = 4, octaves: int = 6, gain: float = 0.55
) -> Field:
    """Return a sum of smoothly interpolated random grids (value noise), about [0, 1].

    Parameters
    ----------
    height, width
        Size of the field in pixels.
    draws
        Where the grids come from.
    cells
        Grid cells along the longer side in the first octave; doubled in each further one.
    octaves
        Number of octaves; those finer than the pixels are left out.
    gain
        Weight of an octave relative to the one before.

    Returns
    -------
    ndarray
        float32 height x width, mean about 0.5.
    """
    field = np.zeros((height, width), np.float32)
    longer = max(height, width)
    weight, total = 1.0, 0.0
    for octave in range(octaves):
        count = cells * 2**octave
        if octave and count > longer:
            break
        rows = max(2, round(count * height / longer) + 2)
        columns = max(2, round(count * width / longer) + 2)
        grid = draws.unit((rows, columns)).astype(np.float32)
        field += weight * cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        total += weight
        weight *= gain
    return field / np.float32(total)
