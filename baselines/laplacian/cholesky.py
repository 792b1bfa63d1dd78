"""A direct solver for unknowns on a grid: Cholesky's factorisation by nested dissection.

Unknown pixels are tied to others at most two pixels away, so a strip two pixels wide separates a
region. Cutting it again and again gives an order of elimination with little fill, whose work is
dense blocks, done by LAPACK: half the time of a general sparse LU or less.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

LEAF = 64  # most unknowns of a piece that is not cut further: fewer cost calls, more cost work


class GridCholesky:
    """The factorisation A = L L' of a sparse matrix over a grid, which solves when called.

    Parameters
    ----------
    matrix
        scipy CSR, n×n, symmetric positive definite.
    rows, columns
        n: the place of each unknown on the grid.
    reach
        Farthest distance of two unknowns with an entry, along either axis.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the matrix is not positive definite, be it by rounding.

    References
    ----------
    George, "Nested dissection of a regular finite element mesh", SIAM Journal on Numerical
    Analysis 1973: the order; Duff, Reid, "The multifrontal solution of indefinite sparse symmetric
    linear equations", ACM TOMS 1983: the fronts.
    """

    def __init__(
        self,
        matrix: Any,
        rows: npt.NDArray[np.integer[Any]],
        columns: npt.NDArray[np.integer[Any]],
        reach: int = 2,
    ) -> None:
        from baselines.laplacian.cholesky_kernels import dissect, find_structure

        count = len(rows)
        grid = np.stack([rows, columns]).astype(np.int32)
        marks = np.zeros(count, np.bool_)
        self.order, room = np.arange(count, dtype=np.int32), np.empty(count, np.int32)
        histogram = np.empty(int(grid.max()) + 1, np.int32)
        dissect(grid, reach, LEAF, self.order, room, histogram, marks)
        self.starts = np.append(np.flatnonzero(marks), count).astype(np.int32)
        blocks = self.starts.size - 1
        places, seen = np.empty(count, np.int32), np.full(count, -1, np.int32)
        links = np.full((3, blocks), -1, np.int32)
        self.bounds = bounds = np.empty(blocks + 1, np.int64)
        below = find_structure(
            matrix.indptr,
            matrix.indices,
            self.order,
            self.starts,
            places,
            room,
            seen,
            links,
            bounds,
            np.empty(8 * count, np.int32),
        )
        owner = np.repeat(np.arange(blocks) * count, np.diff(bounds))
        self.below = (np.sort(owner + below[: bounds[-1]]) - owner).astype(np.int32)
        sizes, under = np.diff(self.starts).astype(np.int64), np.diff(bounds)
        self.offsets = np.concatenate([[0], np.cumsum(sizes * (sizes + under))])
        self.factor = np.zeros(self.offsets[-1])
        self._factorise(matrix, links[0], places)

    def _factorise(
        self, matrix: Any, parents: npt.NDArray[np.int32], places: npt.NDArray[np.int32]
    ) -> None:
        from scipy.linalg.blas import dsyrk, dtrsm
        from scipy.linalg.lapack import dpotrf

        from baselines.laplacian.cholesky_kernels import add_update, fill_front

        # The front of a block holds its own columns and what they pass on to later ones:
        #
        #     [ F11      ]      L11 L11' = F11,   L21 = F21 L11'⁻¹
        #     [ F21  F22 ]      F22 - L21 L21' is the update that the parent takes up
        parts = (matrix.indptr, matrix.indices, matrix.data, self.order, places)
        local = np.empty(places.size, np.int32)
        updates: dict[int, list[Any]] = {}
        for block, parent in enumerate(parents.tolist()):
            start, stop = int(self.starts[block]), int(self.starts[block + 1])
            below = self.below[self.bounds[block] : self.bounds[block + 1]]
            size, under = stop - start, below.size
            at = self.offsets[block]
            own = self.factor[at : at + size * size]
            lower = self.factor[at + size * size : self.offsets[block + 1]]
            rest = np.zeros(under * under)
            fill_front(*parts, start, stop, below, local, own, lower)
            for its_places, update in updates.pop(block, ()):
                add_update(update, its_places, start, stop, under, local, own, lower, rest)
            square, strip = own.reshape((size, size)).T, lower.reshape((size, under)).T
            failed = dpotrf(square, lower=1, clean=0, overwrite_a=1)[1]
            if failed:
                raise np.linalg.LinAlgError("the matrix is not positive definite")
            if under:
                dtrsm(1.0, square, strip, side=1, lower=1, trans_a=1, overwrite_b=1)
                update = rest.reshape((under, under)).T
                dsyrk(-1.0, strip, beta=1.0, c=update, lower=1, overwrite_c=1)
                updates.setdefault(parent, []).append((below, rest))

    def __call__(self, right: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return A⁻¹ times `right`, float64 n."""
        from baselines.laplacian.cholesky_kernels import substitute

        ordered = right[self.order]
        substitute(self.starts, self.bounds, self.below, self.offsets, self.factor, ordered)
        solution = np.empty_like(ordered)
        solution[self.order] = ordered
        return solution
