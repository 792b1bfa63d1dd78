"""The compiled loops of `spectral_graph`: superpixels by local k-means."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

ROUNDS = 5  # of assignment and new centres
COMPACTNESS = 0.1  # colour distance on 0-1 that weighs as much as one spacing of the grid


@njit(cache=True, nogil=True)
def superpixels(colour: npt.NDArray[np.float64], spacing: int) -> npt.NDArray[np.int32]:
    """Return each pixel's superpixel, int32 H×W, numbered from 0; some numbers may have no pixel.

    Parameters
    ----------
    colour
        float64 H×W×3 in [0, 1].
    spacing
        Pixels between the centres that the rounds begin with.

    References
    ----------
    Achanta et al., "SLIC superpixels compared to state-of-the-art superpixel methods", PAMI 2012;
    without its joining of stray pixels, since only means and centres of superpixels are used here.
    """
    height, width = colour.shape[:2]
    down, across = (height + spacing - 1) // spacing, (width + spacing - 1) // spacing
    count = down * across
    centres = np.empty((count, 5))
    for at in range(count):
        row = min((at // across) * spacing + spacing // 2, height - 1)
        column = min((at % across) * spacing + spacing // 2, width - 1)
        centres[at, 0], centres[at, 1] = row, column
        centres[at, 2:] = colour[row, column]
    # Each round: every centre claims the pixels within one spacing that are nearer to it than to
    # any centre before, by (colour distance)² + pull · (distance in pixels)²; then centres move to
    # the means of what they claimed.
    labels = np.zeros((height, width), np.int32)
    nearest = np.empty((height, width))
    pull = (COMPACTNESS / spacing) ** 2
    for _ in range(ROUNDS):
        nearest[:] = np.inf
        for at in range(count):
            middle_row, middle_column = int(centres[at, 0]), int(centres[at, 1])
            for row in range(max(0, middle_row - spacing), min(height, middle_row + spacing + 1)):
                for column in range(
                    max(0, middle_column - spacing), min(width, middle_column + spacing + 1)
                ):
                    apart = pull * ((row - centres[at, 0]) ** 2 + (column - centres[at, 1]) ** 2)
                    for k in range(3):
                        apart += (colour[row, column, k] - centres[at, 2 + k]) ** 2
                    if apart < nearest[row, column]:
                        nearest[row, column] = apart
                        labels[row, column] = at
        sums, sizes = np.zeros((count, 5)), np.zeros(count)
        for row in range(height):
            for column in range(width):
                at = labels[row, column]
                sums[at, 0] += row
                sums[at, 1] += column
                for k in range(3):
                    sums[at, 2 + k] += colour[row, column, k]
                sizes[at] += 1
        for at in range(count):
            if sizes[at] > 0:
                centres[at] = sums[at] / sizes[at]
    return labels
