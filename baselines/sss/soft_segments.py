"""Few soft segments, nearly 0 or 1 everywhere, from smooth functions of a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.laplacian.basic_solvers import conjugate_gradients

SPARSITY = 0.8  # the exponent of |α| and |1 - α|
FLOOR = 0.02  # keeps the weights of the reweighted squares finite
ROUNDS = 20  # of reweighting
SAMPLES = 4000  # pixels at which sparsity is asked for while segments lie in the eigenvectors' span
FAINT = 0.1  # a segment that is nowhere stronger is dropped
RELAXATIONS = 6  # rounds of leaving the span
FIDELITY = 0.1  # of the final segments to the grouped ones


def sparse_segments(
    vectors: npt.NDArray[np.float64], features: npt.NDArray[np.float64], count: int
) -> npt.NDArray[np.float64]:
    """Return soft segments in the span of the vectors, HW×K with rows that sum to 1.

    From k-means of the features on, Σ |α|^0.8 + |1 - α|^0.8 is lowered by reweighted least squares.
    With α = E y_k, weights u to 0 and v to 1, and e the constant's coordinates, each round solves

        min Σ_k  y_k'E' diag(u_k) E y_k + (1 - E y_k)' diag(v_k) (1 - E y_k)   with  Σ_k y_k = e

    The sum is kept by a multiplier λ, so that each segment has a small system of its own:
    H_k = E' diag(u_k + v_k) E, c_k = H_k⁻¹ E'v_k, y_k = c_k + H_k⁻¹λ, λ = (Σ H_k⁻¹)⁻¹ (e - Σ c_k).

    Parameters
    ----------
    vectors
        float64 HW×n, orthonormal; the constant lies in their span.
    features
        float64 HW×C, for k-means.
    count
        Segments to begin with; faint ones are dropped.

    References
    ----------
    Levin, Rav-Acha, Lischinski, "Spectral matting", PAMI 2008: the criterion. It
    eliminates one segment instead, which couples all the others' unknowns.
    """
    first = np.eye(count)[cluster(features, count)]
    segments = vectors.T @ first
    sampled = vectors[:: max(1, len(vectors) // SAMPLES)]
    whole = vectors.T @ np.ones(len(vectors))
    for number in range(ROUNDS):
        alpha = sampled @ segments
        inverses, pulls = [], []
        for k in range(segments.shape[1]):
            to_zero, to_one = reweight(alpha[:, k]), reweight(1 - alpha[:, k])
            hessian = (sampled * (to_zero + to_one)[:, None]).T @ sampled
            hessian += 1e-9 * np.trace(hessian) * np.eye(len(hessian))
            inverses.append(np.linalg.inv(hessian))
            pulls.append(inverses[-1] @ (sampled.T @ to_one))
        lack = whole - np.sum(pulls, axis=0)
        multiplier = np.linalg.solve(np.sum(inverses, axis=0), lack)
        columns = [
            pull + inverse @ multiplier for pull, inverse in zip(pulls, inverses, strict=True)
        ]
        segments = np.stack(columns, axis=1)
        if number % (ROUNDS // 4) == ROUNDS // 4 - 1:
            kept = (sampled @ segments).max(axis=0) > FAINT
            segments = segments[:, kept]
            segments += (whole - segments.sum(axis=1))[:, None] / segments.shape[1]
    alpha = np.clip(vectors @ segments, 0, None)
    result: npt.NDArray[np.float64] = alpha / np.maximum(alpha.sum(axis=1), 1e-9)[:, None]
    return result


def group_segments(
    segments: npt.NDArray[np.float64], features: npt.NDArray[np.float64], count: int
) -> npt.NDArray[np.float64]:
    """Return the sums of segments with like mean features, HW×count or fewer."""
    mass = segments.sum(axis=0)
    means = (segments.T @ features) / np.maximum(mass, 1e-9)[:, None]
    count = min(count, segments.shape[1])
    labels = cluster(means, count)
    groups = segments @ np.eye(count)[labels]
    return groups[:, groups.sum(axis=0) > 0]


def relax_segments(
    groups: npt.NDArray[np.float64], laplacian: Any
) -> tuple[npt.NDArray[np.float64], dict[str, Any]]:
    """Return the groups freed from the eigenvectors' span: smooth, sparse, summing to 1.

    Each round solves, for every group g with weights u to 0 and v to 1 (`reweight`),

        (L + 0.1 (1 + u + v)) α = 0.1 (g + v)

    and spreads what is missing to 1 evenly; the last round has u = v = 0, as in the paper.

    Returns
    -------
    tuple
        Segments HW×K in [0, 1], rows summing to 1, and notes: iterations, converged.
    """
    from scipy.sparse import diags

    current = groups
    diagonal = laplacian.diagonal()
    iterations, converged = 0, True
    for number in range(RELAXATIONS):
        solved = np.empty_like(current)
        for k in range(current.shape[1]):
            pull, to_one = np.full(len(current), FIDELITY), np.zeros(len(current))
            if number < RELAXATIONS - 1:
                to_one = FIDELITY * reweight(1 - current[:, k])
                pull += FIDELITY * reweight(current[:, k]) + to_one
            matrix = (laplacian + diags(pull)).tocsr()
            right = FIDELITY * groups[:, k] + to_one - matrix @ current[:, k]
            jacobi = 1 / (diagonal + pull)
            change, notes = conjugate_gradients(
                matrix, right, lambda residual, jacobi=jacobi: jacobi * residual, 1e-3, 200
            )
            iterations += notes["iterations"]
            converged = converged and notes["converged"]
            solved[:, k] = current[:, k] + change
        solved += (1 - solved.sum(axis=1))[:, None] / solved.shape[1]
        solved = np.clip(solved, 0, 1)
        current = solved / solved.sum(axis=1)[:, None]
    return current, {"iterations": iterations, "converged": converged}


def reweight(alpha: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the weights w with which w·α² stands for |α|^0.8.

    Examples
    --------
    >>> float(reweight(np.array([1.0]))[0])
    1.0
    """
    weights: npt.NDArray[np.float64] = np.maximum(np.abs(alpha), FLOOR) ** (SPARSITY - 2)
    return weights


def cluster(values: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.int32]:
    """Return labels of k-means from a fixed seed, int32 n."""
    from scipy.cluster.vq import kmeans2

    labels: npt.NDArray[np.int32] = kmeans2(values, count, 20, minit="++", rng=0)[1]
    return labels
