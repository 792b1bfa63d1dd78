"""The graph of spectral soft segmentation, and its smoothest functions.

Pixels are tied by the matting Laplacian. Superpixels are tied too, by their middle pixels: to
adjacent ones that a network sees as the same (and pushed apart where it does not), and to those
farther away of the same colour.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.laplacian.assembly import matting_system
from baselines.laplacian.basic_solvers import factorise

SUPERPIXEL_PIXELS = 34  # pixels in one, on average
FAR_WEIGHT = 0.01  # of both kinds of ties between superpixels
COLOUR_REACH = 0.2  # farthest tie by colour, as part of the image's longer side
SHIFT = -1e-4  # near 0, the constant's eigenvalue, where the matrix itself is singular


def smooth_functions(
    image: npt.NDArray[np.uint8],
    features: npt.NDArray[np.float64],
    count: int,
) -> tuple[npt.NDArray[np.float64], Any, bool]:
    """Return the eigenvectors of eigenvalues nearest 0, and the graph Laplacian.

    Ties that push apart make a few eigenvalues negative.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    features
        float64 H×W×3 in [0, 1]: equal where the picture means the same.
    count
        Number of eigenvectors.

    Returns
    -------
    vectors : ndarray
        float64 HW×count, orthonormal, the constant in their span; fewer where not all converged.
    laplacian : scipy.sparse.csr_matrix
        HW×HW.
    converged : bool

    References
    ----------
    Aksoy, Oh, Paris, Pollefeys, Matusik, "Semantic soft segmentation",
    SIGGRAPH 2018.
    """
    from scipy.sparse import identity
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    # With every pixel unknown, the matting system's matrix is the whole Laplacian. Lanczos runs on
    # (L - SHIFT)⁻¹, whose largest eigenvalues are those of L nearest to SHIFT.
    everything = np.full(image.shape[:2], 128, np.uint8)
    laplacian = matting_system(image, everything).matrix + far_ties(image / 255.0, features)
    laplacian = laplacian.tocsr()
    laplacian.sort_indices()
    size = laplacian.shape[0]
    shifted = (laplacian - SHIFT * identity(size)).tocsr()
    inverse = LinearOperator((size, size), matvec=factorise(shifted), dtype=np.float64)
    start = np.random.default_rng(0).random(size)
    options = {"sigma": SHIFT, "OPinv": inverse, "which": "LM", "v0": start, "tol": 1e-4}
    try:
        values, vectors = eigsh(laplacian, k=count, **options)
    except ArpackNoConvergence as error:
        return _with_constant(error.eigenvectors), laplacian, False
    return vectors[:, np.argsort(values)], laplacian, True


def _with_constant(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return an orthonormal basis of the vectors and the constant."""
    constant = np.ones((len(vectors), 1))
    basis: npt.NDArray[np.float64] = np.linalg.qr(np.hstack([constant, vectors]))[0]
    return basis


def far_ties(colour: npt.NDArray[np.float64], features: npt.NDArray[np.float64]) -> Any:
    """Return the graph Laplacian of the ties between superpixels, scipy CSR HW×HW."""
    from scipy.sparse import coo_matrix, diags

    from baselines.sss.spectral_graph_kernels import superpixels

    # Pairs of superpixels: adjacent ones, weighed by features, and near ones, weighed by colour.
    # Each becomes a tie w of the two middle pixels, and the Laplacian is diag(Σ w) - w.
    height, width = colour.shape[:2]
    labels = superpixels(colour, round(SUPERPIXEL_PIXELS**0.5))
    names, renumbered = np.unique(labels, return_inverse=True)
    labels = renumbered.astype(np.int32).reshape(height, width)
    places = np.stack(np.divmod(np.arange(height * width), width), axis=1).astype(np.float64)
    centres = _means(places, labels, names.size)
    middles = np.rint(centres).astype(np.int64) @ [width, 1]
    pairs, weights = [], []
    beside = adjacent(labels)
    apart = _distances(_means(features.reshape(-1, features.shape[2]), labels, names.size), beside)
    pairs.append(beside)
    weights.append(semantic_affinity(apart))
    near = _pairs_within(centres, COLOUR_REACH * max(height, width))
    apart = _distances(_means(colour.reshape(-1, 3), labels, names.size), near)
    pairs.append(near)
    weights.append(colour_affinity(apart))
    ends = middles[np.concatenate(pairs)]
    values = FAR_WEIGHT * np.concatenate(weights)
    kept = np.abs(values) > 1e-6 * FAR_WEIGHT
    shape = (height * width, height * width)
    ties = coo_matrix((values[kept], (ends[kept, 0], ends[kept, 1])), shape=shape).tocsr()
    ties = ties + ties.T
    return diags(np.asarray(ties.sum(axis=1)).ravel()) - ties


def semantic_affinity(apart: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return affinities from 1 for equal features to -1 for unlike ones (Aksoy et al.).

    Examples
    --------
    >>> semantic_affinity(np.array([0.0, 0.15, 1.0])).round(3).tolist()
    [1.0, 0.0, -1.0]
    """
    from scipy.special import erf

    affinity: npt.NDArray[np.float64] = erf(20 * (0.15 - apart))
    return affinity


def colour_affinity(apart: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return affinities from 1 for equal colours to 0 for unlike ones (Aksoy et al.).

    Examples
    --------
    >>> colour_affinity(np.array([0.0, 0.05, 0.2])).round(3).tolist()
    [1.0, 0.5, 0.0]
    """
    from scipy.special import erf

    affinity: npt.NDArray[np.float64] = (erf(50 * (0.05 - apart)) + 1) / 2
    return affinity


def adjacent(labels: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.int64]:
    """Return the pairs of labels that are adjacent somewhere, each once, m×2.

    Examples
    --------
    >>> adjacent(np.array([[0, 0, 2], [1, 1, 2]])).tolist()
    [[0, 1], [0, 2], [1, 2]]
    """
    across = np.stack([labels[:, :-1].ravel(), labels[:, 1:].ravel()], axis=1)
    down = np.stack([labels[:-1].ravel(), labels[1:].ravel()], axis=1)
    pairs = np.sort(np.concatenate([across, down]).astype(np.int64), axis=1)
    unique: npt.NDArray[np.int64] = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return unique


def _pairs_within(points: npt.NDArray[np.float64], reach: float) -> npt.NDArray[np.int64]:
    from scipy.spatial import cKDTree

    pairs: npt.NDArray[np.int64] = cKDTree(points).query_pairs(reach, output_type="ndarray")
    return pairs.astype(np.int64).reshape(-1, 2)


def _means(
    values: npt.NDArray[np.float64], labels: npt.NDArray[np.integer[Any]], count: int
) -> npt.NDArray[np.float64]:
    sizes = np.bincount(labels.ravel(), minlength=count)
    sums = [np.bincount(labels.ravel(), column, count) for column in values.T]
    means: npt.NDArray[np.float64] = np.stack(sums, axis=1) / sizes[:, None]
    return means


def _distances(
    values: npt.NDArray[np.float64], pairs: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    distances: npt.NDArray[np.float64] = np.linalg.norm(
        values[pairs[:, 0]] - values[pairs[:, 1]], axis=1
    )
    return distances
