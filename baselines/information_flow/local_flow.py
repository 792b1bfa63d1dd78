"""Local flow for iterations: the matting Laplacian of the unknown pixels, half of it, in runs.

Unknown pixels are numbered together with a margin of two pixels around them, in reading order.
Along a run of unknown pixels of one row, the neighbours of all rows within reach then have
consecutive numbers: a product is a few passes over consecutive numbers, without an index.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from baselines.laplacian.assembly import unknown_index
from distinctions646.images.opencv import load_cv2
from distinctions646.trimap.values import trimap_as_alpha

REACH = 2  # pixels between two that share a 3×3 window


@dataclass(frozen=True)
class Runs:
    """The numbers of the unknown pixels and their margin.

    Attributes
    ----------
    places
        uint32 n: the number of each unknown pixel, in reading order.
    index
        int32 H×W: the number of an unknown pixel, -1 where known.
    where
        int32 2×N: row and column of each number; the margin may lie outside of the picture.
    table
        int32 R×8, a run of unknown pixels a row: its first number, its length, the numbers of
        the pixels two rows and one row above its first one, one row and two rows below it, and
        its first pixel's row and column.
    """

    places: npt.NDArray[np.uint32]
    index: npt.NDArray[np.int32]
    where: npt.NDArray[np.int32]
    table: npt.NDArray[np.int32]

    @property
    def size(self) -> int:
        """The length N of a vector over the numbers."""
        return int(self.where.shape[1])

    def spread(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return values of the unknown pixels, n, as a vector with zeros in the margin, N."""
        spread = np.zeros(self.size)
        spread[self.places] = values
        return spread


def find_runs(trimap: npt.NDArray[np.uint8]) -> Runs:
    """Return the numbers of a trimap's unknown pixels and their margin.

    Examples
    --------
    >>> runs = find_runs(np.array([[0, 128, 128, 255]], np.uint8))
    >>> runs.size, runs.places.tolist(), runs.table.tolist()
    (30, [14, 15], [[14, 2, 2, 8, 20, 26, 0, 1]])
    """
    unknown = np.pad(trimap == 128, REACH)
    square = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    near = load_cv2().dilate(unknown.astype(np.uint8), square) > 0
    numbers = np.cumsum(near, dtype=np.int32) - np.int32(1)
    flat, width = unknown.ravel(), unknown.shape[1]
    places = numbers[flat]
    index = np.full(trimap.shape, -1, np.int32)
    index[trimap == 128] = places
    firsts = np.flatnonzero(flat[1:] & ~flat[:-1]) + 1
    lengths = np.flatnonzero(flat[:-1] & ~flat[1:]) + 1 - firsts
    beside = [numbers[firsts + down * width] for down in (-2, -1, 1, 2)]
    rows, columns = np.divmod(firsts, width)
    first = numbers[firsts]
    table = np.stack([first, lengths, *beside, rows - REACH, columns - REACH], axis=1)
    where = np.stack(np.nonzero(near)).astype(np.int32) - np.int32(REACH)
    return Runs(places.astype(np.uint32), index, where, table.astype(np.int32))


def local_flow(
    image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8], runs: Runs, epsilon: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Return the matting Laplacian of the unknown pixels, and what known pixels give them.

    Returns
    -------
    halves : ndarray
        float32 13×N: each pixel's diagonal entry and those of the twelve pixels after it in reading
        order, of the 5×5 around it; zeros where either pixel is known.
    right : ndarray
        float64 N.
    """
    from baselines.information_flow.local_flow_kernels import halve_stencil
    from baselines.laplacian.assembly_kernels import closed_form_stencil

    index = unknown_index(trimap)
    stencil = closed_form_stencil(image, index, runs.places.size, epsilon)
    return halve_stencil(stencil, index, trimap_as_alpha(trimap), runs.table, runs.size)
