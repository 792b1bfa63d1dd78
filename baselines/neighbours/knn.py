"""KNN matting, on the unknown pixels alone: each is like its neighbours in colour and position."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from baselines.laplacian.assembly import System, spread, unknown_index
from baselines.laplacian.basic_solvers import conjugate_gradients
from baselines.neighbours.features import neighbour_matrix, pixel_features
from baselines.neighbours.groups import PointTree
from baselines.policy import Alpha, Image, Notes, Trimap, TrimapMethod, make_card
from distinctions646.images.opencv import load_cv2
from distinctions646.trimap.values import trimap_as_alpha

PAPER = "Chen et al. 2013, doi:10.1109/TPAMI.2013.18"


def knn_system(
    colour: npt.NDArray[np.float64],
    trimap: npt.NDArray[np.uint8],
    neighbours: tuple[tuple[int, float], ...],
    kernel_range: float | None,
) -> System:
    """Return the system that minimises Σ w_pq (α_p - α_q)² over pixels p and their neighbours q.

    Unknown pixels look for neighbours among all, and the known pixels they find look in turn. The
    other known pixels hardly ever find an unknown one, and most of the time would go there.

    Parameters
    ----------
    colour
        float64 H×W×C: what neighbours are compared by, beside position.
    trimap
        uint8 H×W of 0, 128, 255.
    neighbours
        Pairs (how many, weight of position); the weights of a neighbour found twice add up.
    kernel_range
        Affinity is 1 - |f_p - f_q|₁ / this; None stands for a binary affinity.

    Returns
    -------
    System
        Known alphas moved to the right-hand side.
    """
    from scipy.sparse import diags

    # With W the weights from each pixel (row) to its neighbours, W_UU those between unknown pixels:
    #     L_UU = diag(all weights that touch the pixel) - W_UU - W_UU'
    #     b    = W_UK α_K + W_KU' α_K
    # `total` gathers the diagonal, `right` is b, `inside` is W_UU.
    unknown = (trimap == 128).ravel()
    own = np.flatnonzero(unknown).astype(np.int32)
    index = unknown_index(trimap)
    number = np.maximum(index.ravel(), 0)
    known_alpha = np.where(unknown, 0.0, trimap_as_alpha(trimap).ravel())
    total, right = np.zeros(own.size), np.zeros(own.size)
    inside: Any = None
    for count, position_weight in neighbours:
        features = pixel_features(colour, position_weight)
        tree = PointTree(features)
        found = tree.nearest_others(own, count)
        weights = _affinity(features, own, found, kernel_range)
        total += weights.sum(axis=1)
        right += (weights * known_alpha[found]).sum(axis=1)
        is_unknown = unknown[found]
        among = np.where(is_unknown, weights, 0.0)
        matrix = neighbour_matrix(number[found], among, own.size)
        inside = matrix if inside is None else inside + matrix
        asks = np.zeros(unknown.size, np.bool_)
        asks[found[~is_unknown]] = True
        asked = np.flatnonzero(asks).astype(np.int32)
        answers = tree.nearest_others(asked, count)
        returned = unknown[answers]
        weights = _affinity(features, asked, answers, kernel_range)[returned]
        to = number[answers[returned]]
        total += np.bincount(to, weights, own.size)
        from_alpha = np.broadcast_to(known_alpha[asked][:, None], answers.shape)[returned]
        right += np.bincount(to, weights * from_alpha, own.size)
    total += np.asarray(inside.sum(axis=0)).ravel()
    laplacian = diags(total) - (inside + inside.T)
    return System(laplacian.tocsr(), right, index)


def _affinity(
    features: npt.NDArray[np.float64],
    own: npt.NDArray[np.int32],
    found: npt.NDArray[np.int32],
    kernel_range: float | None,
) -> npt.NDArray[np.float64]:
    if kernel_range is None:
        return np.ones(found.shape)
    apart = np.zeros(found.shape)
    for k in range(features.shape[1]):
        apart += np.abs(features[found, k] - features[own, k][:, None])
    return 1.0 - apart / kernel_range


class Knn(TrimapMethod):
    """KNN matting on RGB: 20 and 10 neighbours at position weights 2 and 0.1, binary affinity.

    References
    ----------
    Chen, Li, Tang, "KNN matting", CVPR 2012 and PAMI 2013, with the features, neighbours and
    affinity of pymatting's ``estimate_alpha_knn``. Differs from both in its constraints (hard) and
    in that known pixels no unknown one found look for no neighbours.
    """

    name = "knn"
    memory_gb_per_megapixel = 0.6
    memory_needs = (140, 1650)  # bytes of a pixel, and more of an unknown one
    smallest_side = 1
    card = make_card(PAPER, "ours: unknown pixels only; RGB")
    neighbours: ClassVar[tuple[tuple[int, float], ...]] = ((20, 2.0), (10, 0.1))
    kernel_range: ClassVar[float | None] = None

    def colour(self, image: Image) -> npt.NDArray[np.float64]:
        """Return what neighbours are compared by, beside position: RGB, float64 H×W×3 in [0, 1]."""
        return image / 255.0

    def solve(self, image: Image, trimap: Trimap) -> tuple[Alpha, Notes]:
        """Assemble the graph of the unknown pixels and solve by conjugate gradients."""
        system = knn_system(self.colour(image), trimap, self.neighbours, self.kernel_range)
        diagonal = system.matrix.diagonal()
        # Start at 0.5, which stays where a group of pixels finds only itself: nothing decides it.
        start = np.full(diagonal.size, 0.5)
        change, notes = conjugate_gradients(
            system.matrix,
            system.right - system.matrix @ start,
            lambda residual: residual / diagonal,
        )
        notes = {"solver": "conjugate gradients, Jacobi", **notes}
        return spread(start + change, system.index), notes


class KnnHsv(Knn):
    """KNN matting as in its paper: (cos h, sin h, s, v, x, y), 10 and 2 neighbours, L1 affinity.

    References
    ----------
    Chen, Li, Tang, "KNN matting", CVPR 2012 and PAMI 2013. Differs in its constraints, which are
    hard; the two farther neighbours have a hundredth of the others' weight of position.
    """

    name = "knn-hsv"
    card = make_card(PAPER, "ours: unknown pixels only; HSV")
    neighbours = ((10, 1.0), (2, 0.01))
    # The largest L1 distance of two features: 2√2 on the circle of hues, 1 for each of the others.
    kernel_range = 2 * 2**0.5 + 4

    def colour(self, image: Image) -> npt.NDArray[np.float64]:
        """Return hue as a point on the circle, saturation and value, float64 H×W×4."""
        cv2 = load_cv2()
        hue, saturation, value = cv2.split(
            cv2.cvtColor(image.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2HSV)
        )
        angle = np.deg2rad(hue.astype(np.float64))
        return np.stack([np.cos(angle), np.sin(angle), saturation, value], axis=2)
