"""Information-flow matting: four kinds of connections between pixels in one linear system."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from baselines.information_flow.mixture_preconditioner import MixturePreconditioner
from baselines.information_flow.trimming import (
    is_highly_transparent,
    trim_by_edges,
    trim_by_patches,
)
from baselines.laplacian.assembly import matting_system, spread, unknown_index
from baselines.laplacian.basic_solvers import conjugate_gradients
from baselines.neighbours.features import pixel_features
from baselines.neighbours.groups import nearest_points
from baselines.policy import Alpha, Image, Notes, Trimap, TrimapMethod, make_card
from distinctions646.trimap.values import trimap_as_alpha

# Constants of Aksoy et al. 2017, but for the tolerance.
MIXTURE_NEIGHBOURS = 20
LOCAL_EPSILON = 1e-6  # of the matting Laplacian
INTRA_WEIGHT = 0.01  # of intra-unknown flow, against the colour mixture's 1
INTRA_NEIGHBOURS = ((5, 0.05), (1, 0.0005))  # how many, at which weight of position
KNOWN_WEIGHT = 0.05  # of known-to-unknown flow
KNOWN_NEIGHBOURS = 7  # of each side
KNOWN_POSITION_WEIGHT = 10.0
TOLERANCE = 1e-5  # leaves alpha within 5e-4 on GT11, an eighth of an 8-bit step


@dataclass(frozen=True)
class Mixture:
    """α ≈ Wα + outside over the unknown pixels: each a mixture of its neighbours.

    Attributes
    ----------
    numbers, weights
        n×K: the unknown pixels in each row of W and their shares; known neighbours have weight 0.
    outside
        float64 n: what known neighbours contribute.
    """

    numbers: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    outside: npt.NDArray[np.float64]


def colour_mixture(image: Image, trimap: Trimap) -> Mixture:
    """Return each unknown pixel as a mixture of its 20 nearest in colour and position."""
    from baselines.information_flow.information_flow_kernels import mixture_weights, split_mixture

    features = pixel_features(image / 255.0, 1.0)
    unknown = (trimap == 128).ravel()
    own = np.flatnonzero(unknown).astype(np.int32)
    neighbours = nearest_points(features, own, MIXTURE_NEIGHBOURS)
    colours = np.ascontiguousarray(features[:, :3])
    del features
    weights = mixture_weights(colours[own], colours, neighbours)
    fixed = trimap_as_alpha(trimap).ravel()
    numbers, inside, outside = split_mixture(
        neighbours, weights, unknown_index(trimap).ravel(), fixed
    )
    return Mixture(numbers, inside, outside)


def intra_unknown(
    image: Image, trimap: Trimap
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Return the ties between like-coloured unknown pixels: neighbours' numbers and weights, n×K.

    A tie counts half from either side: two pixels that found each other have its full weight.
    """
    from baselines.information_flow.information_flow_kernels import likeness

    unknown = (trimap == 128).ravel()
    own = np.arange(int(unknown.sum()), dtype=np.int32)
    numbers, weights = [], []
    for count, position_weight in INTRA_NEIGHBOURS:
        features = pixel_features(image / 255.0, position_weight)[unknown]
        numbers.append(nearest_points(features, own, count))
        weights.append(likeness(features, numbers[-1]) / 2)
    return np.concatenate(numbers, axis=1), np.concatenate(weights, axis=1)


def known_to_unknown(
    image: Image, trimap: Trimap
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return alpha of every unknown pixel as the share of foreground in its known neighbours.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    trimap
        uint8 H×W of 0, 128, 255 with both known sides; it is trimmed here.

    Returns
    -------
    alpha_hat, confidence : ndarray
        float64 n, in [0, 1]; confidence is 1 where trimming by edges decides.
    """
    from baselines.information_flow.information_flow_kernels import (
        mixture_weights,
        shares_and_contrasts,
    )

    unknown = trimap == 128
    edges = trim_by_edges(image, trimap)
    alpha_hat = trimap_as_alpha(edges).astype(np.float64)
    confidence = np.ones(trimap.shape)
    # What patches decide may lend its colours, but its own alpha is estimated like any other.
    known = trim_by_patches(image, edges).ravel()
    own = np.flatnonzero(edges == 128).astype(np.int32)
    features = pixel_features(image / 255.0, KNOWN_POSITION_WEIGHT)
    found = [nearest_points(features, own, KNOWN_NEIGHBOURS, known == value) for value in (255, 0)]
    colours = np.ascontiguousarray(features[:, :3])
    del features
    neighbours = np.concatenate(found, axis=1)
    weights = mixture_weights(colours[own], colours, neighbours)
    share, contrast = shares_and_contrasts(weights, colours, neighbours, found[0].shape[1])
    alpha_hat.ravel()[own] = np.clip(share, 0, 1)
    confidence.ravel()[own] = np.minimum(contrast, 1.0)
    return alpha_hat[unknown], confidence[unknown]


class InformationFlow(TrimapMethod):
    """Information-flow matting: colour mixture, local, intra-unknown and known-to-unknown flow.

    Known-to-unknown flow is left out where the transparency test says so.

    References
    ----------
    Aksoy, Aydin, Pollefeys, "Designing effective inter-pixel information flow for natural image
    matting", CVPR 2017. Differs from the paper in its constraints (hard here, weight 100 there).
    """

    name = "information-flow"
    memory_gb_per_megapixel = 0.7
    memory_needs = (40, 1750)  # bytes of a pixel, and more of an unknown one
    card = make_card("Aksoy et al. 2017, doi:10.1109/CVPR.2017.32")

    def solve(self, image: Image, trimap: Trimap) -> tuple[Alpha, Notes]:
        """Return the matte by preconditioned conjugate gradients over the four flows."""
        from scipy.sparse import diags
        from scipy.sparse.linalg import LinearOperator

        # Over the unknown pixels, all known alphas on the right-hand side:
        #
        #     [ L + 0.05 C + 0.01 T + (I - W)'(I - W) ] α = b + 0.05 C α̂ + (I - W)' o
        #
        # L, b     matting Laplacian (local flow) and what known pixels give it
        # C, α̂     confidences and estimates of known-to-unknown flow
        # T        graph Laplacian of intra-unknown flow
        # W, o     colour mixture: α ≈ W α + o
        #
        # The last two terms are applied row by row and never assembled: their products are dense.
        from baselines.information_flow.information_flow_kernels import (
            add_graph_pull,
            add_mixture_pull,
        )

        local = matting_system(image, trimap, epsilon=LOCAL_EPSILON)
        right, matrix = local.right, local.matrix
        transparent = is_highly_transparent(image, trimap)
        if not transparent:
            alpha_hat, confidence = known_to_unknown(image, trimap)
            matrix = (matrix + KNOWN_WEIGHT * diags(confidence)).tocsr()
            right = right + KNOWN_WEIGHT * confidence * alpha_hat
        mixture = colour_mixture(image, trimap)
        shares = mixture.numbers, mixture.weights
        ties, likenesses = intra_unknown(image, trimap)
        likenesses *= INTRA_WEIGHT
        precondition = MixturePreconditioner(matrix, *shares, local.index, image)
        none = np.zeros_like(right)

        def apply(alpha: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            pull: npt.NDArray[np.float64] = matrix @ alpha
            add_graph_pull(ties, likenesses, alpha, pull)
            add_mixture_pull(*shares, none, alpha, pull)
            return pull

        pull = np.zeros_like(right)
        add_mixture_pull(*shares, mixture.outside, none, pull)
        operator = LinearOperator(matrix.shape, matvec=apply, dtype=np.float64)
        alpha, notes = conjugate_gradients(operator, right - pull, precondition, TOLERANCE)
        notes = {
            "solver": "conjugate gradients, additive two-level",
            **notes,
            "known_to_unknown": "left out: highly transparent" if transparent else "used",
        }
        return spread(alpha, local.index), notes
