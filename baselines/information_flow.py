"""Information-flow matting: four kinds of connections between pixels in one linear system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.laplacian import matting_system, spread, unknown_index
from baselines.linear_solver import conjugate_gradients
from baselines.neighbours import (
    nearest,
    nearest_others,
    neighbour_matrix,
    neighbour_tree,
    pixel_features,
)
from baselines.policy import Alpha, Image, Notes, Trimap, TrimapMethod
from baselines.trimming import is_highly_transparent, trim_by_edges, trim_by_patches
from distinctions646.trimap import trimap_as_alpha

MIXTURE_NEIGHBOURS = 20
LOCAL_EPSILON = 1e-6
INTRA_WEIGHT = 0.01
INTRA_NEIGHBOURS = ((5, 0.05), (1, 0.0005))  # how many, at which weight of position
KNOWN_WEIGHT = 0.05
KNOWN_NEIGHBOURS = 7  # of each side
KNOWN_POSITION_WEIGHT = 10.0


@dataclass(frozen=True)
class Mixture:
    """α_U ≈ inside·α_U + outside: each unknown pixel as a mixture of neighbours."""

    inside: Any
    outside: npt.NDArray[np.float64]


def colour_mixture(image: Image, trimap: Trimap) -> Mixture:
    """Mix each unknown pixel of its 20 nearest neighbours in colour and position."""
    from baselines.mixture_kernels import mixture_weights

    features = pixel_features(image / 255.0, 1.0)
    unknown = (trimap == 128).ravel()
    own = np.flatnonzero(unknown).astype(np.int32)
    neighbours = nearest_others(neighbour_tree(features), own, MIXTURE_NEIGHBOURS)
    colours = np.ascontiguousarray(features[:, :3])
    del features
    weights = mixture_weights(colours[own], colours, neighbours)
    known_alpha = np.where(unknown, 0.0, trimap_as_alpha(trimap).ravel())
    outside = (weights * known_alpha[neighbours]).sum(axis=1)
    inside = np.where(unknown[neighbours], weights, 0.0)
    number = np.maximum(unknown_index(trimap).ravel(), 0)
    matrix = neighbour_matrix(number[neighbours], inside, own.size)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return Mixture(matrix, outside)


def intra_unknown(image: Image, trimap: Trimap) -> Any:
    """Return the graph Laplacian of like-coloured unknown pixels, scipy CSR n×n."""
    from scipy.sparse import csr_matrix, diags

    unknown = (trimap == 128).ravel()
    own = np.arange(int(unknown.sum()), dtype=np.int32)
    affinity = csr_matrix((own.size, own.size))
    if own.size > 1:
        for count, position_weight in INTRA_NEIGHBOURS:
            features = pixel_features(image / 255.0, position_weight)[unknown]
            neighbours = nearest_others(neighbour_tree(features), own, count)
            apart = np.abs(features[neighbours] - features[:, None]).sum(axis=2)
            weights = np.maximum(0.0, 1.0 - apart / features.shape[1])
            affinity = affinity + neighbour_matrix(neighbours, weights, own.size)
    affinity = (affinity + affinity.T) / 2
    return diags(np.asarray(affinity.sum(axis=1)).ravel()) - affinity


def known_to_unknown(
    image: Image, trimap: Trimap
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Estimate alpha of every unknown pixel as the share of foreground in its known neighbours.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    trimap
        uint8 H×W of 0, 128, 255 with both known sides, as given; trimmed here.

    Returns
    -------
    alpha_hat, confidence : ndarray
        float64 n, in [0, 1]; confidence is 1 where trimming by edges decides.
    """
    from baselines.mixture_kernels import mixture_weights

    unknown = (trimap == 128).ravel()
    # What patches decide may lend its colours, but its own alpha is estimated like any other.
    known = trim_by_patches(image, trimap).ravel()
    features = pixel_features(image / 255.0, KNOWN_POSITION_WEIGHT)
    found = []
    for value in (255, 0):
        side = np.flatnonzero(known == value)
        found.append(
            side[nearest(neighbour_tree(features[side]), features[unknown], KNOWN_NEIGHBOURS)]
        )
    colours = np.ascontiguousarray(features[:, :3])
    neighbours = np.concatenate(found, axis=1).astype(np.int32)
    weights = mixture_weights(colours[unknown], colours, neighbours)
    of_foreground = np.arange(neighbours.shape[1]) < found[0].shape[1]
    alpha_hat = weights[:, of_foreground].sum(axis=1)
    means = []
    for share, chosen in ((alpha_hat, of_foreground), (1 - alpha_hat, ~of_foreground)):
        mixed = (weights[:, chosen, None] * colours[neighbours[:, chosen]]).sum(axis=1)
        # A side without weight has no colour of its own; what it gives is then no evidence.
        means.append(mixed / np.where(np.abs(share) > 1e-6, share, np.inf)[:, None])
    confidence = np.minimum(((means[0] - means[1]) ** 2).sum(axis=1) / 3, 1.0)
    decided = trim_by_edges(image, trimap).ravel()[unknown]
    sure = decided != 128
    alpha_hat = np.where(sure, decided / 255.0, np.clip(alpha_hat, 0, 1))
    return alpha_hat, np.where(sure, 1.0, confidence)


class InformationFlow(TrimapMethod):
    """Information-flow matting: colour mixture, local, intra-unknown and known-to-unknown flow.

    Known-to-unknown flow is left out where the transparency test says so.

    References
    ----------
    Aksoy, Aydin, Pollefeys, "Designing effective inter-pixel information flow for natural image
    matting", CVPR 2017. Differs from the paper in its constraints (hard here, weight 100 there).
    """

    name = "information-flow"
    memory_gb_per_megapixel = 0.8
    card = {  # noqa: RUF012
        "paper": "Aksoy et al. 2017, doi:10.1109/CVPR.2017.32",
        "implementation": "ours",
        "licence": "MIT",
        "weights": "none",
        "trained_on": "nothing",
    }

    def solve(self, image: Image, trimap: Trimap) -> tuple[Alpha, Notes]:
        """Assemble the flows and solve by preconditioned conjugate gradients."""
        from scipy.sparse.linalg import LinearOperator

        local = matting_system(image, trimap, epsilon=LOCAL_EPSILON)
        rest = local.matrix + INTRA_WEIGHT * intra_unknown(image, trimap)
        right = local.right
        transparent = is_highly_transparent(image, trimap)
        if not transparent:
            from scipy.sparse import diags

            alpha_hat, confidence = known_to_unknown(image, trimap)
            rest = rest + KNOWN_WEIGHT * diags(confidence)
            right = right + KNOWN_WEIGHT * confidence * alpha_hat
        mixture = colour_mixture(image, trimap)
        rest = rest.tocsr()

        def residual(alpha: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            return alpha - mixture.inside @ alpha  # type: ignore[no-any-return]

        backwards = mixture.inside.T.tocsr()

        def apply(alpha: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            error = residual(alpha)
            return rest @ alpha + error - backwards @ error  # type: ignore[no-any-return]

        right = right + mixture.outside - backwards @ mixture.outside
        squares = backwards.multiply(backwards).sum(axis=1)
        diagonal = rest.diagonal() + 1 - 2 * mixture.inside.diagonal() + np.asarray(squares).ravel()
        matrix = LinearOperator(rest.shape, matvec=apply, dtype=np.float64)
        alpha, notes = conjugate_gradients(matrix, right, lambda error: error / diagonal)
        notes = {
            "solver": "conjugate gradients, Jacobi",
            **notes,
            "known_to_unknown": "left out: highly transparent" if transparent else "used",
        }
        return spread(alpha, local.index), notes
