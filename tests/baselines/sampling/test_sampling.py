"""Expansion, global and shared sampling, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from baselines.laplacian.refinement import guided_filter, refine_by_laplacian
from baselines.sampling.expansion import disc, expand_known
from baselines.sampling.global_matting import sample_globally
from baselines.sampling.global_matting_kernels import pair_cost
from baselines.sampling.pair_kernels import projected_alpha, squared_distortion
from baselines.sampling.shared import share_samples
from baselines.sampling.shared_kernels import colour_variance, gather, walk


def row_of_greys(*values: int) -> Any:
    """One row of grey pixels."""
    return np.repeat(np.array([values], np.uint8)[..., None], 3, axis=2)


def test_expansion_needs_nearness_and_likeness() -> None:
    image = row_of_greys(10, 11, 30, 99, 100)
    trimap = np.array([[0, 128, 128, 128, 255]], np.uint8)
    assert expand_known(image, trimap, [(1, 5)]).tolist() == [[0, 0, 128, 255, 255]]
    assert expand_known(image, trimap, [(2, 40)]).tolist() == [[0, 0, 0, 255, 255]]
    assert expand_known(image, trimap, [(1, 1.7)]).tolist() == trimap.tolist()  # √3 apart
    assert trimap.tolist() == [[0, 128, 128, 128, 255]]


def test_a_round_sees_only_earlier_rounds() -> None:
    image, trimap = row_of_greys(5, 5, 5, 5), np.array([[0, 128, 128, 255]], np.uint8)
    assert expand_known(image, trimap, [(1, 0)]).tolist() == [[0, 0, 255, 255]]
    longer = np.array([[0, 128, 128, 128]], np.uint8)
    assert expand_known(image, longer, [(1, 0)]).tolist() == [[0, 0, 128, 128]]
    assert expand_known(image, longer, [(1, 0), (1, 0)]).tolist() == [[0, 0, 0, 128]]


def test_disc_counts() -> None:
    assert len(disc(2)) == 12
    assert len(disc(5.7)) == pytest.approx(100, abs=4)


def test_projection_and_distortion() -> None:
    foreground, background = np.array([1.0, 0.0, 0.0]), np.zeros(3)
    colour = np.array([0.25, 0.5, 0.0])
    assert projected_alpha(colour, foreground, background) == 0.25
    assert squared_distortion(colour, foreground, background, 0.25) == 0.25
    assert projected_alpha(np.array([2.0, 0, 0]), foreground, background) == 1.0
    assert projected_alpha(colour, background, background) == 0.5


def test_pair_cost_by_hand() -> None:
    """Distortion 3; the foreground 5 pixels away of at least 2.5, the background 4 of 4."""
    colour = np.array([50.0, 3.0, 0.0])
    foreground, background = np.array([100.0, 0, 0, 3, 4]), np.array([0.0, 0, 0, 4, 0])
    assert pair_cost(colour, 0.0, 0.0, foreground, background, 2.5, 4.0) == pytest.approx(6.0)


def test_global_sampling_finds_two_colours(edge: Any) -> None:
    matte = sample_globally(edge.image, edge.trimap)
    assert np.abs(matte.alpha - edge.alpha_gt).max() < 0.01
    assert matte.confidence.min() > 0.4
    assert (matte.confidence[edge.trimap != 128] == 1).all()


def test_global_sampling_depends_on_its_seed_alone(noise: Any) -> None:
    first, second = (sample_globally(noise.image, noise.trimap, seed=7) for _ in range(2))
    assert np.array_equal(first.alpha, second.alpha)
    assert np.array_equal(first.confidence, second.confidence)


def test_a_side_without_boundary_still_gives_samples() -> None:
    """The unknown pixel touches background only; foreground lies in the corner."""
    image = row_of_greys(0, 0, 90, 0, 0, 180)
    trimap = np.array([[0, 0, 128, 0, 0, 255]], np.uint8)
    matte = sample_globally(image, trimap)
    assert matte.samples == (1, 4)
    assert matte.alpha[0, 2] == pytest.approx(0.5)


def test_a_ray_meets_both_sides() -> None:
    image = row_of_greys(0, 51, 102, 102, 255) / 255.0
    trimap = np.array([[128, 128, 255, 128, 0]], np.uint8)
    found = np.zeros((2, 4))
    walk(image, trimap, 0, 0, 0.0, found)
    # Two steps of 0.2 in each of three channels; then none, then one of 0.6.
    assert found[0].tolist() == pytest.approx([0, 2, 2, 6 * 0.04])
    assert found[1].tolist() == pytest.approx([0, 4, 4, 6 * 0.04 + 3 * 0.36])
    walk(image, trimap, 0, 0, np.pi, found)
    assert found[:, 2].tolist() == [-1, -1]


def test_gathering_prefers_the_pair_that_explains_the_colour() -> None:
    """Of the foregrounds on either side, only the bright one mixes to the pixel's grey."""
    image = row_of_greys(40, 0, 120, 0, 240) / 255.0
    trimap = np.array([[255, 0, 128, 0, 255]], np.uint8)
    pairs, places = gather(image, trimap, np.array([[0, 2]], np.int32), 1)
    assert places[0, 0].tolist() == [0, 4]
    assert places[0, 1].tolist() in ([0, 1], [0, 3])  # as near and as dark
    assert pairs[0, 0].tolist() == pytest.approx([240 / 255] * 3)


def test_colour_variance_counts_its_own_side() -> None:
    image = row_of_greys(0, 51, 255) / 255.0
    trimap = np.array([[255, 255, 0]], np.uint8)
    assert colour_variance(image, trimap, 0, 0) == pytest.approx(3 * 0.04 / 2)


def test_shared_sampling_finds_two_colours(edge: Any) -> None:
    alpha, confidence = share_samples(edge.image, edge.trimap)
    assert np.abs(alpha - edge.alpha_gt).max() < 0.03
    assert confidence.min() > 0.5


def test_a_pixel_that_no_ray_helps_takes_its_neighbours_alpha() -> None:
    """Known pixels lie a knight's move away, off the rays of every angle that a 1×1 tile has."""
    image = np.random.default_rng(4).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    trimap = np.full((9, 9), 128, np.uint8)
    trimap[0, 0], trimap[8, 8] = 255, 0
    alpha, confidence = share_samples(image, trimap)
    assert np.isfinite(alpha).all()
    assert np.isfinite(confidence).all()


def test_guided_filter_keeps_what_is_linear_in_the_image(noise: Any) -> None:
    plane = 0.2 + noise.image[..., 0] / 510.0
    assert np.allclose(guided_filter(noise.image, plane, radius=2, epsilon=1e-9), plane, atol=1e-4)
    assert np.allclose(guided_filter(noise.image, np.full((9, 11), 0.3)), 0.3)


def test_sure_alphas_survive_the_laplacian(edge: Any) -> None:
    """The matte that the windows want, offered as the sampled one, stays."""
    alpha, _ = refine_by_laplacian(
        edge.image, edge.trimap, edge.alpha_gt, np.ones_like(edge.alpha_gt)
    )
    unknown = edge.trimap == 128
    assert np.abs(alpha - edge.alpha_gt)[unknown].max() < 0.01
