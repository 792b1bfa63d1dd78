"""A two-level preconditioner for matting systems, whose coarse functions know the colours.

α = a·colour + b costs a matting Laplacian next to nothing for any slowly changing a and b, and no
function that is merely smooth can follow it. So the coarse level spans hat functions on every sixth
pixel, each times 1, red, green and blue. A Gauss-Seidel sweep each way does the rest. Against
bilinear multigrid, iterations fall about fivefold.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

# Pixels between coarse points. Closer ones cost factorisation, wider ones iterations; six took the
# least time on two photographs (docs/baselines.md).
SPACING = 6


class TwoLevel:
    """A symmetric approximate inverse, applied to a residual.

    Parameters
    ----------
    matrix
        scipy CSR, n×n, symmetric positive definite.
    index
        int32 H×W: the row of an unknown pixel, -1 where known.
    image
        uint8 H×W×3 RGB.
    spacing
        Pixels between coarse points.

    References
    ----------
    Near-null vectors as coarse functions: Vaněk, Mandel, Brezina, "Algebraic multigrid by smoothed
    aggregation", Computing 1996. Those of the matting Laplacian: Levin et al., PAMI 2008, section
    3.
    """

    def __init__(
        self,
        matrix: Any,
        index: npt.NDArray[np.int32],
        image: npt.NDArray[np.uint8],
        spacing: int = SPACING,
    ) -> None:
        from scipy.sparse import identity

        # Columns of P are the coarse functions. With A = L + D + U (lower part, diagonal, upper):
        #     x = (L + D)⁻¹ r                       forward sweep
        #     x += P (P'AP)⁻¹ P' (r - Ax)           coarse correction
        #     x += (D + U)⁻¹ (r - Ax)               backward sweep
        from baselines.laplacian.basic_solvers import factorise
        from baselines.laplacian.two_level_kernels import diagonal_places

        self.matrix = matrix
        self.places = diagonal_places(matrix.indptr, matrix.indices)
        self.coarse = colour_functions(index, image, spacing)
        self.coarse_transposed = self.coarse.T.tocsr()
        product = (self.coarse_transposed @ (matrix @ self.coarse)).tocsr()
        # On grey pixels the functions of one coarse point depend on each other: a ridge of 1e-12 of
        # the largest diagonal keeps P'AP invertible.
        product = product + 1e-12 * product.diagonal().max() * identity(product.shape[0])
        product = product.tocsr()
        product.sort_indices()
        self.solve_coarse = factorise(product)

    def __call__(self, residual: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return an approximate solution, float64 n."""
        from baselines.laplacian.two_level_kernels import sweep_backward, sweep_from_zero

        parts = (self.matrix.indptr, self.matrix.indices, self.matrix.data, self.places)
        solution, left = np.empty_like(residual), np.empty_like(residual)
        sweep_from_zero(*parts, residual, solution, left)
        solution += self.coarse @ self.solve_coarse(self.coarse_transposed @ left)
        sweep_backward(*parts, residual, solution)  # backward: the whole stays symmetric
        return solution


def colour_functions(
    index: npt.NDArray[np.int32], image: npt.NDArray[np.uint8], spacing: int
) -> Any:
    """Return hat functions times 1 and the three colours, restricted to the unknown pixels.

    Parameters
    ----------
    index
        int32 H×W: the row of an unknown pixel, -1 where known.
    image
        uint8 H×W×3 RGB.
    spacing
        Pixels between coarse points.

    Returns
    -------
    scipy.sparse.csr_matrix
        n×m, columns of norm 1; each coarse point's colours are taken from their mean under its
        hat. Points without support and colours that do not vary under a hat are left out.
    """
    from scipy.sparse import csr_matrix, hstack

    hats = bilinear_hats(index, spacing)
    weight = np.asarray(hats.sum(axis=0)).ravel()
    colours = image[index >= 0] / 255.0
    functions = [hats]
    for channel in range(3):
        mean = (hats.T @ colours[:, channel]) / weight
        own = np.repeat(colours[:, channel], np.diff(hats.indptr))
        data = hats.data * (own - mean[hats.indices])
        functions.append(csr_matrix((data, hats.indices, hats.indptr), shape=hats.shape))
    kept = []
    for function in functions:
        norm = np.sqrt(np.bincount(function.indices, function.data**2, function.shape[1]))
        columns = np.flatnonzero(norm > 1e-4)  # less is rounding: the colour does not vary there
        scaled = function[:, columns]
        scaled.data /= norm[columns][scaled.indices]
        kept.append(scaled)
    return hstack(kept, format="csr")


def bilinear_hats(index: npt.NDArray[np.int32], spacing: int) -> Any:
    """Return bilinear hat functions of a coarse grid on the unknown pixels.

    Parameters
    ----------
    index
        int32 H×W: the row of an unknown pixel, -1 where known.
    spacing
        Pixels between coarse points.

    Returns
    -------
    scipy.sparse.csr_matrix
        n×m; each row sums to 1, each column has support.

    Examples
    --------
    >>> bilinear_hats(np.array([[-1, 0, 1]], np.int32), 2).toarray().tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """
    from scipy.sparse import coo_matrix

    rows, columns = np.nonzero(index >= 0)
    width = index.shape[1] // spacing + 2
    number = np.arange(rows.size, dtype=np.int32)
    pixels, points, weights = [], [], []
    for down in (0, 1):
        for right in (0, 1):
            share = np.abs(1 - down - rows % spacing / spacing)
            share *= np.abs(1 - right - columns % spacing / spacing)
            kept = share > 0
            pixels.append(number[kept])
            points.append(((rows // spacing + down) * width + columns // spacing + right)[kept])
            weights.append(share[kept])
    supported, renumbered = np.unique(np.concatenate(points), return_inverse=True)
    entries = (np.concatenate(weights), (np.concatenate(pixels), renumbered.astype(np.int32)))
    return coo_matrix(entries, shape=(rows.size, supported.size)).tocsr()
