"""A preconditioner for matting systems that also mix each pixel of far neighbours.

(I - W)'(I - W) ties a pixel to neighbours anywhere. W takes means of twenty pixels, so for most
functions that product is close to I, and the inverse of L + I is close to that of the system: a
fixed polynomial in L, whose eigenvalues are known to be in [0, 9], is close to it in turn. The rest
are the matting Laplacian's slow functions, alpha linear in colour with slowly changing
coefficients, because the weights of W reproduce colours. They are the coarse level, with the
mixture's share in its matrix, and added: one product with the whole system an iteration.

Tried without gain, on a megapixel that takes 28 iterations: a direct solve of L + I in place of the
polynomial (26), the diagonal as a scale in it (29), coarse points 16 pixels apart (26, and a matrix
of twice the size), 32 and 48 (29 and 33), every sixteenth row of the mixture (2 more), the coarse
correction between two sweeps instead of beside one (more products), both far flows in one pass and
the processor's gathers in them (no faster).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.information_flow.local_flow import Runs
from baselines.laplacian.basic_solvers import factorise

SPACING = 24  # pixels between coarse points
EVERY = 4  # every fourth row of I - W stands for all in the coarse matrix, at a quarter of the time
SHIFT = 0.4  # what stands for (I - W)'(I - W) beside L; a third to one does as well
RIDGE = 1e-6  # times the diagonal of the coarse matrix: sampling may leave a function without a row
LEAST_ENERGY = 1e-20  # of a coarse function; less is rounding: its colour does not vary


class MixturePreconditioner:
    """An approximate inverse of L + (I - W)'(I - W), applied to a residual.

    Parameters
    ----------
    halves
        L, of `local_flow.local_flow`.
    numbers, weights
        n×K: the columns and values of W's rows, numbered as in `runs`.
    runs
        Of the trimap.
    image
        uint8 H×W×3 RGB.
    """

    def __init__(
        self,
        halves: npt.NDArray[np.float32],
        numbers: npt.NDArray[np.uint32],
        weights: npt.NDArray[np.float32],
        runs: Runs,
        image: npt.NDArray[np.uint8],
    ) -> None:
        # M⁻¹ = p(L) + P (P'AP)⁻¹ P', A = L + (I - W)'(I - W), P the coarse functions;
        # P'(I - W)'(I - W)P = E'E with E = P - WP, of which every fourth row is made.
        self.halves, self.table = halves, runs.table
        self.colours = np.zeros((3, runs.size), np.float32)
        self.colours[:, runs.places] = image[runs.index >= 0].T / np.float32(255)
        self.width = image.shape[1] // SPACING + 2
        self.points = (image.shape[0] // SPACING + 2) * self.width
        sums = self._restrict(runs.spread(np.ones(runs.places.size)))
        self.means = sums / np.maximum(sums[:, :1], np.finfo(np.float64).tiny)
        self.means[:, 0] = 0
        product = self._coarse_matrix(numbers, weights, runs)
        energies = product.diagonal()
        self.kept = np.flatnonzero(energies > LEAST_ENERGY)
        self.scales = 1 / np.sqrt(energies[self.kept])
        self.solve_coarse = factorise(self._scaled(product))

    def _coarse_matrix(
        self, numbers: npt.NDArray[np.uint32], weights: npt.NDArray[np.float32], runs: Runs
    ) -> Any:
        from scipy.sparse import bsr_matrix

        from baselines.information_flow.coarse_matrix_kernels import (
            half_product,
            local_blocks,
            mixture_rows,
        )

        common = runs.where, self.colours, self.means, SPACING, self.width
        blocks = local_blocks(self.halves, self.table, *common)
        rows = mixture_rows(numbers, weights, runs.places, *common, EVERY)
        indptr, indices, data = half_product(blocks, *rows, float(EVERY), self.width)
        size = 4 * self.points
        parts = data.reshape(-1, 4, 4), indices, indptr
        half = bsr_matrix(parts, shape=(size, size)).tocsr()
        return (half + half.T).tocsr()

    def _scaled(self, product: Any) -> Any:
        from scipy.sparse import diags

        scaling = diags(self.scales)
        scaled = scaling @ product[self.kept][:, self.kept] @ scaling
        scaled = (scaled + RIDGE * diags(np.ones(self.kept.size))).tocsr()
        scaled.sort_indices()
        return scaled

    def _restrict(self, residual: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        from baselines.information_flow.coarse_kernels import between_points

        sums = np.zeros((self.points, 4))
        between_points(self.table, self.colours, SPACING, self.width, sums, residual, True)
        return sums

    def __call__(self, residual: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return an approximate solution, float64 N with zeros in the margin."""
        from baselines.information_flow.coarse_kernels import between_points
        from baselines.information_flow.local_flow_kernels import smooth

        # The functions are those of the colours less their means: sums without them come first.
        sums = self._restrict(residual)
        sums -= self.means * sums[:, :1]
        right = sums.ravel()[self.kept] * self.scales
        values = np.zeros_like(sums)
        values.ravel()[self.kept] = self.solve_coarse(right) * self.scales
        values[:, 0] -= (values * self.means).sum(axis=1)
        solution = smooth(self.halves, self.table, SHIFT, residual).astype(np.float64)
        between_points(self.table, self.colours, SPACING, self.width, values, solution, False)
        return solution
