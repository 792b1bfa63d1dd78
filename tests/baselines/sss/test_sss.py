"""Spectral soft segmentation: the graph, the segments and the rule, on pictures of plain parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse.linalg import ArpackNoConvergence

from baselines.sss.deep_features import BackboneFeatures, three_planes
from baselines.sss.soft_segments import cluster, group_segments, relax_segments, sparse_segments
from baselines.sss.spectral_graph import adjacent, far_ties, smooth_functions
from baselines.sss.spectral_graph_kernels import superpixels
from baselines.sss.sss import Sss, enlarge, merge_foreground, shrink
from distinctions646.trimap.values import NotApplicable


def disc() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """A red disc with a soft edge on textured green, 40×56, and its alpha."""
    y, x = np.mgrid[:40, :56]
    alpha = np.clip(13.5 - np.hypot(y - 19.5, x - 27.5), 0, 1)
    random = np.random.default_rng(7)
    green = np.array([40, 150, 60]) + random.normal(0, 6, (40, 56, 1))
    red = np.array([210, 40, 40]) + random.normal(0, 6, (40, 56, 1))
    image = alpha[..., None] * red + (1 - alpha[..., None]) * green
    return image.clip(0, 255).astype(np.uint8), alpha


def colours(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Features that see colour only."""
    return image / 255.0


def test_a_disc_is_cut_out_without_a_trimap() -> None:
    image, alpha_gt = disc()
    alpha, notes = Sss(colours)(image)
    assert np.abs(alpha - alpha_gt).mean() < 0.08
    assert alpha[alpha_gt == 1].mean() > 0.8
    assert alpha[alpha_gt == 0].mean() < 0.05
    assert alpha.dtype == np.float32
    assert notes["converged"]
    assert notes["comparable"] == "no: trimap-free"
    assert "boundary connectivity below 1" in notes["rule"]
    assert notes["working_size"] == "40×56"


def test_two_runs_agree_and_the_trimap_is_not_looked_at() -> None:
    image, _ = disc()
    trimap = np.full((40, 56), 128, np.uint8)
    assert np.array_equal(Sss(colours)(image)[0], Sss(colours)(image, trimap)[0])


def test_the_card_names_the_rule_and_the_weights() -> None:
    card = Sss().card
    assert "not comparable" in card["implementation"]
    assert "sha256:" in card["weights"]
    assert Sss(colours).card["weights"] == "not stated"


def test_bad_input_is_refused() -> None:
    method = Sss(colours)
    image, _ = disc()
    with pytest.raises(ValueError, match="image is 40×56×4 uint8; expected H×W×3 uint8"):
        method(np.dstack([image, image[..., 0]]))
    with pytest.raises(ValueError, match="image is 40×56×3 float64; expected H×W×3 uint8"):
        method(np.full((40, 56, 3), np.nan))  # type: ignore[arg-type]
    with pytest.raises(NotApplicable, match="at least 16×16 pixels; got 1×1"):
        method(image[:1, :1])


def test_one_colour_everywhere_stays_in_range() -> None:
    alpha, _ = Sss(colours)(np.full((20, 24, 3), 77, np.uint8))
    assert np.isfinite(alpha).all()
    assert alpha.min() >= 0
    assert alpha.max() <= 1


def test_smooth_functions_span_the_constant_and_the_object() -> None:
    image, alpha = disc()
    vectors, laplacian, converged = smooth_functions(image, colours(image), 5)
    assert converged
    assert np.allclose(vectors.T @ vectors, np.eye(5), atol=1e-6)
    assert np.abs(vectors @ vectors.sum(axis=0) - 1).max() < 1e-3
    assert np.abs(laplacian.sum(axis=1)).max() < 1e-6
    fitted = vectors @ (vectors.T @ alpha.ravel())
    assert np.abs(fitted - alpha.ravel()).mean() < 0.1


def test_eigenvectors_that_do_not_converge_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found is used, and the constant with it."""
    found = np.random.default_rng(9).normal(size=(2240, 3))

    def give_up(*_: Any, **__: Any) -> None:
        raise ArpackNoConvergence("no", np.zeros(3), found)

    monkeypatch.setattr("scipy.sparse.linalg.eigsh", give_up)
    image, _ = disc()
    vectors, _, converged = smooth_functions(image, colours(image), 30)
    assert not converged
    assert vectors.shape == (2240, 4)
    assert np.abs(vectors @ vectors.sum(axis=0) - 1).max() < 1e-9
    assert not Sss(colours)(image)[1]["converged"]


def test_far_ties_join_like_parts_that_do_not_touch() -> None:
    """Of red, blue, red: to part the reds costs more than to part the colours."""
    image = np.zeros((24, 36, 3))
    image[:, :12, 0] = image[:, 24:, 0] = 1
    image[:, 12:24, 2] = 1
    graph = far_ties(image, image)
    assert abs(graph - graph.T).max() < 1e-12
    by_colour, one_red = np.zeros((24, 36)), np.zeros((24, 36))
    by_colour[:, 12:24] = 1
    one_red[:, :12] = 1
    cost = [float(part.ravel() @ (graph @ part.ravel())) for part in (by_colour, one_red)]
    assert cost[0] < 0  # unlike neighbours are pushed apart
    assert cost[0] < cost[1]


def test_superpixels_follow_edges() -> None:
    image = np.zeros((20, 30, 3))
    image[:, 13:] = 1
    labels = superpixels(image, 5)
    assert not set(labels[:, :13].ravel()) & set(labels[:, 13:].ravel())
    assert len(adjacent(labels)) > 20


def test_segments_sum_to_one_and_are_sparser_than_k_means() -> None:
    image, alpha = disc()
    vectors, laplacian, _ = smooth_functions(image, colours(image), 12)
    features = colours(image).reshape(-1, 3)
    segments = sparse_segments(vectors, features, 4)
    assert np.allclose(segments.sum(axis=1), 1)
    hard = np.eye(4)[cluster(features, 4)]
    start = np.clip(vectors @ (vectors.T @ hard), 0, 1)
    assert (segments * (1 - segments)).sum() < 0.9 * (start * (1 - start)).sum()
    groups = group_segments(segments, features, 2)
    assert groups.shape[1] == 2
    relaxed, notes = relax_segments(groups, laplacian)
    assert notes["converged"]
    assert np.allclose(relaxed.sum(axis=1), 1)
    inside = relaxed[:, int(np.argmax(relaxed[20 * 56 + 28]))]
    assert np.abs(inside - alpha.ravel()).mean() < 0.05


def test_the_rule_never_takes_all_or_nothing() -> None:
    halves = np.zeros((8, 8, 2))
    halves[:, :3, 0] = halves[:, 3:, 1] = 1
    alpha, chosen = merge_foreground(halves)  # both touch the border: the less connected one
    assert chosen == 1
    connected = [
        half[[0, -1]].sum() + half[1:-1, [0, -1]].sum() for half in halves.transpose(2, 0, 1)
    ]
    share = connected / np.sqrt(halves.sum(axis=(0, 1)))
    assert np.array_equal(alpha, halves[..., np.argmin(share)])
    assert merge_foreground(np.ones((4, 4, 1)))[1] == 1


def test_small_pictures_keep_their_size_and_large_ones_come_back() -> None:
    image, alpha = disc()
    assert shrink(image, 256) is image
    assert shrink(image, 28).shape == (20, 28, 3)
    large = np.kron(image, np.ones((8, 8, 1), np.uint8))
    assert np.abs(enlarge(alpha, large) - np.kron(alpha, np.ones((8, 8)))).mean() < 0.02


def test_planes_are_scaled_and_independent_of_flipped_signs(noise: Any) -> None:
    channels = np.random.default_rng(8).normal(size=(5, 6, 12))
    planes = three_planes(channels, noise.image)
    assert planes.shape == (9, 11, 3)
    assert planes.min() == 0
    assert planes.max() == 1
    assert np.isfinite(three_planes(np.zeros((5, 6, 2)), noise.image)).all()


@pytest.mark.parametrize("checkpoint", ["hatt-lite", "hatt-mini"])
def test_features_of_every_checkpoint_that_ships(
    checkpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a ResNet, which returns two maps, and of an encoder that returns one per stride."""
    monkeypatch.setattr("hattmatting.method.Hatt.default", checkpoint)
    image = np.random.default_rng(0).integers(0, 256, (40, 64, 3), dtype=np.uint8)
    planes = BackboneFeatures()(image)
    assert planes.shape == (40, 64, 3)
    assert planes.min() >= 0
    assert planes.max() <= 1
