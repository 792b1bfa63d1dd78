"""A preconditioner for matting systems that also mix each pixel of far neighbours.

(I - W)'(I - W) ties a pixel to neighbours anywhere, so no sweep over the local part can stand for
it; even a direct solve of that part leaves many iterations. But its slow functions are those of the
matting Laplacian, alpha linear in colour with slowly changing coefficients, because the weights of
W reproduce colours. So the coarse level of `laplacian.two_level` is kept, with the mixture's share
in its matrix, and added to the diagonal's inverse: one product with the system an iteration.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.laplacian.basic_solvers import factorise

SPACING = 16  # pixels between coarse points
EVERY = 4  # every fourth row of I - W stands for all in the coarse matrix, at a quarter of the time
RIDGE = 1e-6  # times the diagonal of the coarse matrix: sampling may leave a function without a row


class MixturePreconditioner:
    """An approximate inverse of L + (I - W)'(I - W), applied to a residual.

    Parameters
    ----------
    matrix
        L, scipy CSR n×n, symmetric positive definite.
    numbers, weights
        n×K: the columns and values of W's rows.
    index
        int32 H×W: the row of an unknown pixel, -1 where known.
    image
        uint8 H×W×3 RGB.
    """

    def __init__(
        self,
        matrix: Any,
        numbers: npt.NDArray[np.int32],
        weights: npt.NDArray[np.floating[Any]],
        index: npt.NDArray[np.int32],
        image: npt.NDArray[np.uint8],
    ) -> None:
        from scipy.sparse import csr_matrix, diags

        from baselines.information_flow.coarse_kernels import colour_hats
        from baselines.neighbours.features import neighbour_matrix

        # M⁻¹ = diag(A)⁻¹ + P (P'AP)⁻¹ P', A = L + (I - W)'(I - W), P the coarse functions;
        # P'(I - W)'(I - W)P = E'E with E = P - WP, of which every fourth row is made.
        rows = numbers.shape[0]
        self.diagonal = matrix.diagonal() + 1
        self.diagonal += np.bincount(numbers.ravel(), weights.ravel() ** 2, rows)
        *parts, functions = colour_hats(index, image, SPACING)
        self.coarse = csr_matrix(tuple(parts), shape=(rows, functions))
        self.coarse_transposed = self.coarse.T.tocsr()
        mixed = neighbour_matrix(numbers[::EVERY], weights[::EVERY], rows)
        error = self.coarse[::EVERY] - mixed @ self.coarse
        product = self.coarse_transposed @ (matrix @ self.coarse) + EVERY * (error.T @ error)
        product = (product + RIDGE * diags(product.diagonal())).tocsr()
        product.sort_indices()
        self.solve_coarse = factorise(product)

    def __call__(self, residual: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return an approximate solution, float64 n."""
        correction = self.coarse @ self.solve_coarse(self.coarse_transposed @ residual)
        solution: npt.NDArray[np.float64] = residual / self.diagonal + correction
        return solution
