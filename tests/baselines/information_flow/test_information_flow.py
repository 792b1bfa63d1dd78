"""Information flow: weights, graphs and trimming against brute force and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from baselines.information_flow.information_flow import (
    Flows,
    InformationFlow,
    colour_mixture,
    intra_unknown,
    known_to_unknown,
)
from baselines.information_flow.information_flow_kernels import (
    RIDGE,
    add_graph_pull,
    add_mixture_pull,
    mixture_weights,
    shares_and_contrasts,
    split_mixture,
)
from baselines.information_flow.local_flow import find_runs, local_flow
from baselines.information_flow.trimming import (
    EDGE_ROUNDS,
    is_highly_transparent,
    trim_by_edges,
    trim_by_patches,
)
from baselines.information_flow.trimming_kernels import (
    bhattacharyya,
    least_patch_distance,
    patch_moments,
)
from baselines.laplacian.assembly import matting_system, unknown_index
from baselines.sampling.expansion import expand_known


def test_mixture_weights_equal_the_large_system() -> None:
    """K = 6 neighbours: the three-unknown form against the 6×6 solve of the definition."""
    random = np.random.default_rng(5)
    colours = random.integers(0, 256, (24, 3), dtype=np.uint8)
    own = np.arange(20, 24, dtype=np.int32)
    neighbours = random.permuted(np.tile(np.arange(20), (4, 1)), axis=1)[:, :6].astype(np.int32)
    weights = mixture_weights(colours, own, neighbours)
    for p in range(4):
        theirs, mine = colours[neighbours[p]].T / 255, colours[own[p]] / 255
        step = theirs - mine[:, None]
        expected = np.linalg.solve(step.T @ step + 1e-7 * np.eye(6), np.ones(6))
        assert np.allclose(weights[p], expected / expected.sum(), atol=1e-4)
        assert np.allclose(theirs @ weights[p], mine, atol=1e-6)
    assert RIDGE == 1e-10


def mixed(mixture: Any, alpha: Any) -> Any:
    """Return Wα + outside."""
    return (mixture.weights * alpha[mixture.numbers]).sum(axis=1) + mixture.outside


def test_mixture_holds_for_a_matte_linear_in_colour(edge: Any) -> None:
    mixture = colour_mixture(edge.image, edge.trimap, unknown_index(edge.trimap))
    alpha = edge.alpha_gt[edge.trimap == 128].astype(np.float64)
    assert np.abs(mixed(mixture, alpha) - alpha).max() < 0.01


def test_mixture_pull_is_the_product_with_the_normal_matrix(noise: Any) -> None:
    mixture = colour_mixture(noise.image, noise.trimap, unknown_index(noise.trimap))
    size = mixture.outside.size
    error = np.eye(size)
    for p in range(size):
        np.subtract.at(error[p], mixture.numbers[p], mixture.weights[p])
    alpha = np.linspace(0, 1, size)
    pull = np.ones(size)
    places = np.arange(size, dtype=np.uint32)
    add_mixture_pull(places, mixture.numbers, mixture.weights, mixture.outside, alpha, pull)
    assert np.allclose(pull, 1 + error.T @ (error @ alpha - mixture.outside))


def test_intra_unknown_is_a_graph_laplacian(noise: Any) -> None:
    numbers, weights = intra_unknown(noise.image, noise.trimap)
    assert numbers.shape == weights.shape == (30, 6)
    laplacian = np.zeros((30, 30))
    places = np.arange(30, dtype=np.uint32)
    for k in range(30):
        add_graph_pull(places, numbers.astype(np.uint32), weights, np.eye(30)[k], laplacian[k])
    assert np.allclose(laplacian, laplacian.T)
    assert np.allclose(laplacian.sum(axis=1), 0)
    assert (laplacian[~np.eye(30, dtype=bool)] <= 0).all()
    assert np.linalg.eigvalsh(laplacian)[0] > -1e-12
    assert -laplacian.sum(where=~np.eye(30, dtype=bool)) == pytest.approx(2 * weights.sum())


def test_the_system_is_the_sum_of_its_flows(noise: Any) -> None:
    """Numbered with a margin, which stays zero, and without."""
    runs = find_runs(noise.trimap)
    halves, _ = local_flow(noise.image, noise.trimap, runs, 1e-6)
    numbers, weights = intra_unknown(noise.image, noise.trimap)
    mixtures = [
        colour_mixture(noise.image, noise.trimap, index)
        for index in (runs.index, unknown_index(noise.trimap))
    ]
    flows = Flows(runs, halves, mixtures[0], runs.places[numbers], weights)
    alpha = np.linspace(0, 1, 30)
    product = flows @ runs.spread(alpha)
    places, none = np.arange(30, dtype=np.uint32), np.zeros(30)
    expected = matting_system(noise.image, noise.trimap, epsilon=1e-6).matrix @ alpha
    add_graph_pull(places, numbers.astype(np.uint32), weights, alpha, expected)
    add_mixture_pull(places, mixtures[1].numbers, mixtures[1].weights, none, alpha, expected)
    assert np.allclose(product[runs.places], expected, atol=1e-5)
    assert np.count_nonzero(product) == np.count_nonzero(expected)


def test_shares_and_contrasts_by_hand() -> None:
    """A quarter of white against three quarters of black; then all weight on one side."""
    colours = np.array([[255, 255, 255], [0, 0, 0]], np.uint8)
    neighbours = np.array([[0, 1], [0, 1]], np.int32)
    weights = np.array([[0.25, 0.75], [1.0, 0.0]])
    share, contrast = shares_and_contrasts(weights, colours, neighbours, 1)
    assert share.tolist() == [0.25, 1.0]
    assert contrast.tolist() == [1.0, 1.0]


def test_patches_have_the_moments_of_their_pixels(noise: Any) -> None:
    """At the left border the patch is mirrored: column 1 stands for column -1."""
    moments = np.empty(9)
    patch_moments(noise.image, 3 * 11, moments)
    colours = noise.image[2:5][:, [1, 0, 1]].reshape(9, 3) / 255.0
    covariance = np.cov(colours.T, bias=True) + 1e-8 * np.eye(3)
    assert moments[:3] == pytest.approx(colours.mean(axis=0))
    assert moments[3:] == pytest.approx(covariance[np.triu_indices(3)])


def test_bhattacharyya_by_hand(noise: Any) -> None:
    """16 / 8 between means four apart at unit covariance; log(1.25) 3/2 for 1 against 4."""
    unit = np.array([0.0, 0, 0, 1, 0, 0, 1, 0, 1])
    moved = unit + 4 * np.eye(9)[0]
    wide = unit * 4
    assert bhattacharyya(unit, moved) == pytest.approx(2)
    assert bhattacharyya(unit, wide) == pytest.approx(1.5 * np.log(1.25))
    own, found = np.array([40], np.int32), np.array([[20, 40]], np.int32)
    assert least_patch_distance(noise.image, own, found) == pytest.approx([0])


def test_one_unknown_pixel_has_nobody_inside(noise: Any) -> None:
    trimap = np.where(noise.trimap == 128, 0, noise.trimap).astype(np.uint8)
    trimap[4, 5] = 128
    assert intra_unknown(noise.image, trimap)[0].shape == (1, 0)
    alpha, notes = InformationFlow()(noise.image, trimap)
    assert notes["converged"]
    assert 0 <= alpha[4, 5] <= 1


def test_known_neighbours_tell_the_share_of_foreground(edge: Any) -> None:
    alpha_hat, confidence = known_to_unknown(edge.image, edge.trimap)
    unknown = edge.trimap == 128
    assert np.abs(alpha_hat - edge.alpha_gt[unknown]).max() < 0.02
    squared = ((np.array([220, 30, 40]) - np.array([20, 40, 200])) / 255.0) ** 2
    assert confidence[alpha_hat == alpha_hat.max()] == pytest.approx(squared.sum() / 3, abs=0.02)


def two_textures() -> tuple[Any, Any]:
    """Bright noise left, dark noise right, the middle unknown but plainly one or the other."""
    random = np.random.default_rng(6)
    image = random.integers(0, 30, (16, 24, 3), dtype=np.uint8)
    image[:, :12] += 200
    trimap = np.full((16, 24), 128, np.uint8)
    trimap[:, :6], trimap[:, 18:] = 255, 0
    return image, trimap


def test_patches_decide_plain_textures() -> None:
    image, trimap = two_textures()
    trimmed = trim_by_patches(image, trimap)
    assert np.isin(trimmed[:, :11], (255, 128)).all()
    assert np.isin(trimmed[:, 13:], (0, 128)).all()
    inside = trimmed[2:-2]
    assert (inside[:, 6:10] == 255).mean() > 0.5
    assert (inside[:, 14:18] == 0).mean() > 0.5


def test_edges_are_trimmed_as_in_the_whole_picture() -> None:
    """The trimming looks at a part of the picture; at its border and inside, nothing changes."""
    random = np.random.default_rng(3)
    for top, left in ((0, 0), (12, 20), (25, 37)):
        image = random.integers(0, 30, (30, 40, 3), dtype=np.uint8)
        trimap = np.where(random.random((30, 40)) < 0.5, 0, 255).astype(np.uint8)
        trimap[top : top + 5, left : left + 3] = 128
        trimmed = trim_by_edges(image, trimap)
        assert (trimmed == expand_known(image, trimap, EDGE_ROUNDS)).all()


def test_edges_are_trimmed_where_colours_agree() -> None:
    image, trimap = two_textures()
    flat = np.where(image > 100, 220, 20).astype(np.uint8)
    trimmed = trim_by_edges(flat, trimap)
    assert (trimmed[:, :12] == 255).all()
    assert (trimmed[:, 12:] == 0).all()


def test_foreign_colours_in_the_unknown_region_mean_transparent() -> None:
    image, trimap = two_textures()
    assert not is_highly_transparent(image, trimap)
    image[trimap == 128] = (10, 240, 120)
    assert is_highly_transparent(image, trimap)


def test_transparent_objects_do_without_known_neighbours() -> None:
    image, trimap = two_textures()
    assert InformationFlow()(image, trimap)[1]["known_to_unknown"] == "used"
    image[trimap == 128] = (10, 240, 120)
    notes = InformationFlow()(image, trimap)[1]
    assert notes["known_to_unknown"] == "left out: highly transparent"


def test_known_neighbours_of_a_mixture_go_outside() -> None:
    neighbours, weights = np.array([[0, 2]], np.int32), np.array([[0.25, 0.75]])
    index, alpha = np.array([-1, 0, 1], np.int32), np.array([1.0, 0.5, 0.5])
    numbers, inside, outside = split_mixture(neighbours, weights, index, alpha)
    assert numbers.tolist() == [[0, 1]]
    assert inside.tolist() == [[0.0, 0.75]]
    assert outside.tolist() == [0.25]
