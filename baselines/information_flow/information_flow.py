"""Information-flow matting: four kinds of connections between pixels in one linear system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.information_flow.local_flow import Runs, find_runs, local_flow
from baselines.information_flow.mixture_preconditioner import MixturePreconditioner
from baselines.information_flow.trimming import (
    is_highly_transparent,
    trim_by_edges,
    trim_by_patches,
)
from baselines.laplacian.assembly import spread, unknown_index
from baselines.laplacian.basic_solvers import conjugate_gradients
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

    numbers: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.float32]
    outside: npt.NDArray[np.float64]


def features_at(
    image: Image,
    rows: npt.NDArray[np.integer[Any]],
    columns: npt.NDArray[np.integer[Any]],
    position_weight: float,
) -> npt.NDArray[np.float32]:
    """Return r, g, b and weighted x / W, y / H of some pixels, m×5.

    Examples
    --------
    >>> features_at(np.zeros((1, 2, 3), np.uint8), np.array([0]), np.array([1]), 1.0).tolist()
    [[0.0, 0.0, 0.0, 0.5, 0.0]]
    """
    levels = (np.arange(256) / 255.0).astype(np.float32)
    features = np.empty((*np.broadcast_shapes(rows.shape, columns.shape), 5), np.float32)
    features[..., :3] = levels[image[rows, columns]]
    features[..., 3] = position_weight * columns / image.shape[1]
    features[..., 4] = position_weight * rows / image.shape[0]
    return features.reshape(-1, 5)


def all_features(image: Image, position_weight: float) -> npt.NDArray[np.float32]:
    """Return `features_at` all pixels, in reading order."""
    height, width = image.shape[:2]
    return features_at(image, np.arange(height)[:, None], np.arange(width), position_weight)


def colour_mixture(image: Image, trimap: Trimap, index: npt.NDArray[np.int32]) -> Mixture:
    """Return each unknown pixel as a mixture of its 20 nearest in colour and position.

    `index` are the numbers of the unknown pixels, H×W with -1 where known.
    """
    from baselines.information_flow.information_flow_kernels import mixture_weights, split_mixture

    own = np.flatnonzero(trimap == 128).astype(np.int32)
    neighbours = nearest_points(all_features(image, 1.0), own, MIXTURE_NEIGHBOURS)
    weights = mixture_weights(image.reshape(-1, 3), own, neighbours)
    fixed = trimap_as_alpha(trimap).ravel()
    return Mixture(*split_mixture(neighbours, weights, index.ravel(), fixed))


def intra_unknown(
    image: Image, trimap: Trimap
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Return the ties between like-coloured unknown pixels: neighbours and weights, n×K.

    Neighbours are numbered in reading order. A tie counts half from either side: two pixels that
    found each other have its full weight.
    """
    from baselines.information_flow.information_flow_kernels import likeness

    rows, columns = np.nonzero(trimap == 128)
    own = np.arange(rows.size, dtype=np.int32)
    numbers, weights = [], []
    for count, position_weight in INTRA_NEIGHBOURS:
        features = features_at(image, rows, columns, position_weight)
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
    features = all_features(image, KNOWN_POSITION_WEIGHT)
    found = [nearest_points(features, own, KNOWN_NEIGHBOURS, known == value) for value in (255, 0)]
    del features
    neighbours, colours = np.concatenate(found, axis=1), image.reshape(-1, 3)
    weights = mixture_weights(colours, own, neighbours)
    share, contrast = shares_and_contrasts(weights, colours, neighbours, found[0].shape[1])
    alpha_hat.ravel()[own] = np.clip(share, 0, 1)
    confidence.ravel()[own] = np.minimum(contrast, 1.0)
    return alpha_hat[unknown], confidence[unknown]


class Flows:
    """The matrix of the system, for its products with vectors over the numbers of `runs`.

    Parameters
    ----------
    runs, halves
        Of `local_flow`; `halves` with the confidences on its diagonal.
    mixture
        Numbered as in `runs`.
    ties, likenesses
        n×K: T, numbered as in `runs`.
    """

    def __init__(
        self,
        runs: Runs,
        halves: npt.NDArray[np.float32],
        mixture: Mixture,
        ties: npt.NDArray[np.uint32],
        likenesses: npt.NDArray[np.float32],
    ) -> None:
        self.local = halves, runs.table
        self.ties = runs.places, ties, likenesses
        none = np.zeros_like(mixture.outside)
        self.mixture = runs.places, mixture.numbers, mixture.weights, none

    def __matmul__(self, alpha: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the product with a vector, float64 N."""
        from baselines.information_flow.information_flow_kernels import (
            add_graph_pull,
            add_mixture_pull,
        )
        from baselines.information_flow.local_flow_kernels import local_pull

        pull: npt.NDArray[np.float64] = local_pull(*self.local, alpha)
        add_graph_pull(*self.ties, alpha, pull)
        add_mixture_pull(*self.mixture, alpha, pull)
        return pull


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
    memory_needs = (110, 550)  # bytes of a pixel, and more of an unknown one
    card = make_card("Aksoy et al. 2017, doi:10.1109/CVPR.2017.32")

    def solve(self, image: Image, trimap: Trimap) -> tuple[Alpha, Notes]:
        """Return the matte by preconditioned conjugate gradients over the four flows."""
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
        from baselines.information_flow.information_flow_kernels import add_mixture_pull

        runs = find_runs(trimap)
        halves, right = local_flow(image, trimap, runs, LOCAL_EPSILON)
        transparent = is_highly_transparent(image, trimap)
        if not transparent:
            alpha_hat, confidence = known_to_unknown(image, trimap)
            halves[0, runs.places] += KNOWN_WEIGHT * confidence
            right[runs.places] += KNOWN_WEIGHT * confidence * alpha_hat
        mixture = colour_mixture(image, trimap, runs.index)
        rows = runs.places, mixture.numbers, mixture.weights
        ties, likenesses = intra_unknown(image, trimap)
        flows = Flows(runs, halves, mixture, runs.places[ties], INTRA_WEIGHT * likenesses)
        precondition = MixturePreconditioner(halves, mixture.numbers, mixture.weights, runs, image)
        pull = np.zeros_like(right)
        add_mixture_pull(*rows, mixture.outside, np.zeros_like(right), pull)
        alpha, notes = conjugate_gradients(flows, right - pull, precondition, TOLERANCE)
        notes = {
            "solver": "conjugate gradients, additive two-level",
            **notes,
            "known_to_unknown": "left out: highly transparent" if transparent else "used",
        }
        return spread(alpha[runs.places], unknown_index(trimap)), notes
