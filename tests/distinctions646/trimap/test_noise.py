"""Trimaps with mistakes: what they may get wrong, how much, and that they never change."""

from __future__ import annotations

import numpy as np
import pytest

from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.trimap.making import make_trimap
from distinctions646.trimap.noise import noisy_trimap, smooth_noise


def disc(size: int = 300) -> np.ndarray:
    y, x = np.mgrid[:size, :size] - size // 2
    return np.where(np.hypot(y, x) < size // 3, 255, 0).astype(np.uint8)


def test_without_reach_the_boundary_is_at_the_radius():
    """A half plane: the first pixel inside lies at distance 1, so radius 3 forgets three."""
    alpha_u8 = np.zeros((4, 20), np.uint8)
    alpha_u8[:, 10:] = 255
    trimap = noisy_trimap(alpha_u8, 3, 0, scale=1, key="k")
    assert trimap[0].tolist() == [0] * 7 + [128] * 6 + [255] * 7


def test_reach_within_the_radius_is_uneven_and_never_wrong():
    alpha_u8 = disc()
    trimap = make_trimap(alpha_u8, "noisy-40-40/v1", image_id="a")  # 8 and 8 pixels at this size
    known = trimap != 128
    assert (trimap[known] == alpha_u8[known]).all()
    widths = [(row == 128).sum() for row in trimap[110:190]]
    assert min(widths) < 24 < 40 < max(widths)  # an even band would have 32 in every row


def test_reach_beyond_the_radius_is_wrong_somewhere():
    alpha_u8 = disc()
    trimap = make_trimap(alpha_u8, "noisy-20-60/v1", image_id="a")
    known = trimap != 128
    wrong = (trimap[known] != alpha_u8[known]).mean()
    assert 0.001 < wrong < 0.05


@pytest.mark.parametrize("percent", [5, 50])
def test_patches_forget_their_share(percent: int):
    alpha_u8 = disc()
    whole = make_trimap(alpha_u8, "radius-10/v1", image_id="a")
    patched = make_trimap(alpha_u8, f"patchy-10-{percent}/v1", image_id="a")
    known = whole != 128
    forgotten = known & (patched == 128)
    np.testing.assert_array_equal(patched[~forgotten], whole[~forgotten])
    share = forgotten.sum() / known.sum()
    assert percent / 100 <= share < percent / 100 + 0.002  # a disc here has 113 of 86,000 pixels


def test_noise_is_smooth_and_fills_its_range():
    noise = smooth_noise((200, 300), 20, "k")
    assert noise.shape == (200, 300)
    assert -1 <= noise.min() < -0.9
    assert 0.9 < noise.max() <= 1
    assert np.abs(np.diff(noise, axis=1)).max() < 0.16  # at most 2 × 1.5 / 20 a pixel


def test_all_and_nothing_known():
    for value in (0, 255):
        alpha_u8 = np.full((30, 40), value, np.uint8)
        trimap = make_trimap(alpha_u8, "noisy-10-30/v1", image_id="a")
        np.testing.assert_array_equal(trimap, alpha_u8)
    soft = np.full((30, 40), 7, np.uint8)
    for rule_id in ("noisy-10-5/v1", "patchy-10-20/v1"):
        assert (make_trimap(soft, rule_id, image_id="a") == 128).all()


# What the rules mean; these hashes may never change.
PINNED = {
    ("noisy-15-30/v1", 0): "0415f1cf9e37f4f9",
    ("noisy-15-30/v1", 1): "51104db07db020b6",
    ("patchy-15-20/v1", 0): "b8aad9089731ed53",
}


@pytest.mark.parametrize(("rule_id", "seed"), PINNED)
def test_pixels_are_pinned(rule_id: str, seed: int):
    trimap = make_trimap(disc(), rule_id, image_id="Über (1)_19", seed=seed)
    assert pixel_sha256(trimap)[:16] == PINNED[rule_id, seed]
