"""Linear systems of the unknown pixels alone, from the matting Laplacians of 3×3 windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from distinctions646.trimap.values import trimap_as_alpha

Kind: TypeAlias = Literal["closed-form", "learning-based"]


@dataclass(frozen=True)
class System:
    """A·α = b over the unknown pixels in reading order.

    Attributes
    ----------
    matrix
        scipy CSR, n×n, symmetric positive definite, sorted indices of 32 bits.
    right
        float64, n.
    index
        int32 H×W: the number of an unknown pixel, -1 where known.
    """

    matrix: Any
    right: npt.NDArray[np.float64]
    index: npt.NDArray[np.int32]


def spread(
    values: npt.NDArray[np.float64], index: npt.NDArray[np.int32]
) -> npt.NDArray[np.float64]:
    """Return the values of the unknown pixels as a picture, float64 H×W, 0 where known."""
    picture = np.zeros(index.shape)
    picture[index >= 0] = values
    return picture


def unknown_index(trimap: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """Return the numbers of the unknown pixels, in reading order.

    Parameters
    ----------
    trimap
        uint8 H×W of 0, 128, 255.

    Returns
    -------
    ndarray
        int32 H×W; -1 where known.

    Examples
    --------
    >>> unknown_index(np.array([[0, 128, 128, 255]], np.uint8)).tolist()
    [[-1, 0, 1, -1]]
    """
    unknown = trimap == 128
    index = np.full(trimap.shape, -1, np.int32)
    index[unknown] = np.arange(int(unknown.sum()), dtype=np.int32)
    return index


def matting_system(
    image: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8],
    kind: Kind = "closed-form",
    epsilon: float = 1e-7,
) -> System:
    """Assemble the system whose solution is the matte.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB, at least 3×3 pixels.
    trimap
        uint8 H×W of 0, 128, 255 with at least one unknown pixel.
    kind
        ``"closed-form"``: windows of the colour-line model; ``"learning-based"``: windows of ridge
        regression.
    epsilon
        Ridge on a window's covariance (divided by 9 there) or on its kernel; 1e-7 is the value of
        both papers' programs.

    Returns
    -------
    System
        Without data terms: alpha is fixed where the trimap is known, free elsewhere.

    References
    ----------
    Levin, Lischinski, Weiss, "A closed-form solution to natural image matting", PAMI 2008, eq. 12;
    Zheng, Kambhamettu, "Learning based digital matting", ICCV 2009, eq. 9-13.
    """
    from scipy.sparse import csr_matrix

    from baselines.laplacian.assembly_kernels import (
        closed_form_stencil,
        learning_based_stencil,
        stencil_system,
    )

    # With the pixels ordered unknown (U), known (K), the matte minimises α'Lα for fixed α_K:
    #
    #     [ L_UU  L_UK ] [ α_U ]
    #     [ L_KU  L_KK ] [ α_K ]   →   L_UU α_U = -L_UK α_K
    #
    # L is the sum over 3×3 windows w of S_w' M_w S_w, with S_w picking the window's nine pixels.
    # Only windows that touch U reach L_UU and L_UK, so no other window is looked at.
    index = unknown_index(trimap)
    unknowns = int(index.max()) + 1
    assemble = {"closed-form": closed_form_stencil, "learning-based": learning_based_stencil}[kind]
    stencil = assemble(image, index, unknowns, epsilon)
    indptr, indices, data, right = stencil_system(stencil, index, trimap_as_alpha(trimap))
    matrix = csr_matrix((data, indices, indptr), shape=(unknowns, unknowns))
    return System(matrix, right, index)


def with_data_term(
    system: System, alpha_hat: npt.NDArray[np.float64], weight: npt.NDArray[np.float64]
) -> System:
    """Return a system that also minimises Σ weight·(α - alpha_hat)² over the unknown pixels.

    Parameters
    ----------
    system
        From `matting_system`; not changed.
    alpha_hat, weight
        float64, n: what each unknown pixel is drawn to, and how strongly.
    """
    from scipy.sparse import diags

    # (L_UU + D) α_U = b + D α̂, with D = diag(weight).
    matrix = (system.matrix + diags(weight)).tocsr()
    return System(matrix, system.right + weight * alpha_hat, system.index)
