"""Trimap rules: hand-worked erosions, pinned draws, and goldens of five projects' own functions.

How the goldens were made: ``tests/golden/composition/README.md``.
"""

from __future__ import annotations

import re

import numpy as np
import pytest

from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.images.reading import read_alpha
from distinctions646.trimap.dilation import scaled_radius
from distinctions646.trimap.making import make_trimap
from distinctions646.trimap.rule import Draws
from distinctions646.trimap.rules import RULES, parse_rule
from distinctions646.trimap.values import check_trimap


def square(size: int, margin: int) -> np.ndarray:
    alpha_u8 = np.zeros((size, size), np.uint8)
    alpha_u8[margin:-margin, margin:-margin] = 255
    return alpha_u8


def test_radius_one_erodes_both_sides_by_a_cross():
    alpha_u8 = np.zeros((7, 7), np.uint8)
    alpha_u8[2:5, 2:5] = 255
    trimap = make_trimap(alpha_u8, "gca-3-3/v1", image_id="a")
    u = 128
    # A 3×3 ellipse is a cross: one pixel of the square stays known, and its corners' diagonal
    # neighbours stay background.
    assert trimap.tolist() == [
        [0, 0, 0, 0, 0, 0, 0],
        [0, 0, u, u, u, 0, 0],
        [0, u, u, u, u, u, 0],
        [0, u, u, 255, u, u, 0],
        [0, u, u, u, u, u, 0],
        [0, 0, u, u, u, 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ]


def test_soft_pixels_are_unknown_and_the_border_does_not_erode():
    alpha_u8 = np.full((9, 9), 255, np.uint8)
    assert (make_trimap(alpha_u8, "gca-9-9/v1", image_id="a") == 255).all()
    alpha_u8[4, 4] = 254
    trimap = make_trimap(alpha_u8, "gca-1-1/v1", image_id="a")
    assert (trimap == 128).sum() == 1
    assert trimap[4, 4] == 128


# What the rules mean; these numbers may never change.
RANDOM_1_50 = [45, 43, 11, 47]
GCA_RANDOM = [(9, 14), (9, 7), (13, 12)]
RULE_OF_TAG = {
    "gca_fg1_bg1": "gca-1-1/v1",
    "gca_fg7_bg12": "gca-7-12/v1",
    "gca_fg15_bg15": "gca-15-15/v1",
    "gca_fg29_bg20": "gca-29-20/v1",
    "mm_e5x1_d5x1": "mmagic-5x1-5x1/v1",
    "mm_e25x1_d25x1": "mmagic-25x1-25x1/v1",
    "mm_e3x5_d3x8": "mmagic-3x5-3x8/v1",
    "mmdist_10": "distance-10/v1",
    "sim_k3_i5": "sim-3x5/v1",
    "indexnet_10": "distance-10/v1",
    "foamliu_it10": "foamliu-10/v1",
}


def test_goldens_of_five_projects(golden_sources):
    rows = golden_sources.manifest["trimaps"]
    assert len(rows) == 44
    for row in rows:
        alpha_u8 = read_alpha(golden_sources.folder / "alpha" / row["alpha"])
        trimap = make_trimap(alpha_u8, RULE_OF_TAG[row["tag"]], image_id="any")
        assert pixel_sha256(trimap) == row["sha256_pixels"], row


def test_a_hard_alpha_has_no_unknown_by_distance():
    alpha_u8 = square(9, 3)
    np.testing.assert_array_equal(make_trimap(alpha_u8, "distance-5/v1", image_id="a"), alpha_u8)


def test_a_fixed_radius_is_an_ellipse_of_twice_the_radius_and_one():
    alpha_u8 = np.zeros((40, 1600), np.uint8)
    alpha_u8[:, 800:] = 255
    dilated = make_trimap(alpha_u8, "dilate-7/v1", image_id="a")
    np.testing.assert_array_equal(dilated, make_trimap(alpha_u8, "gca-15-15/v1", image_id="b"))
    assert np.flatnonzero(dilated[20] == 128).tolist() == list(range(793, 807))


def test_small_images_scale_the_radius_by_their_long_side_over_1500():
    radii = {
        side: scaled_radius(10, (side, 5)) for side in (1500, 4000, 1499, 750, 375, 1, 824, 826)
    }
    # 10 * 375 / 1500 = 2.5 rounds up; 10 * 824 / 1500 = 5.49, 10 * 826 / 1500 = 5.51.
    expected = {1500: 10, 4000: 10, 1499: 10, 750: 5, 375: 3, 1: 1, 824: 5, 826: 6}
    assert radii == expected


def radius_of(rule_id: str, image_id: str, seed: int = 0) -> int:
    """Return the radius by which a rule dilates an edge of a full-size image."""
    alpha_u8 = np.zeros((3, 1500), np.uint8)
    alpha_u8[:, 700:] = 255
    trimap = make_trimap(alpha_u8, rule_id, image_id=image_id, seed=seed)
    unknown = int((trimap[1] == 128).sum())
    assert unknown % 2 == 0
    return unknown // 2


def test_drawn_radii_are_pinned():
    # What dilate-25/v1 means; these numbers may never change.
    images = (("test_0", 0), ("test_1", 0), ("test_0", 1), ("Über (1)_19", 0))
    drawn = [radius_of("dilate-25/v1", image_id, seed) for image_id, seed in images]
    assert drawn == [23, 2, 21, 22]


def test_draws_are_uniform():
    drawn = [Draws("dilate-25/v1", 3, f"i{index}").integer(1, 25) for index in range(5000)]
    counts = np.bincount(drawn, minlength=26)
    assert counts[0] == 0
    assert len(counts) == 26
    chi_square = float(((counts[1:] - 200) ** 2 / 200).sum())
    assert chi_square < 51.2  # the 99.9 % point for 24 degrees of freedom


def test_random_radii_stay_within_their_limits():
    drawn = [radius_of("random-1-50/v1", f"i{index}") for index in range(1000)]
    assert set(drawn) == set(range(1, 51))
    assert drawn[:4] == RANDOM_1_50
    assert radius_of("random-7-7/v1", "a") == 7


def test_gca_random_draws_both_kernels():
    alpha_u8 = np.zeros((100, 200), np.uint8)
    alpha_u8[:, 100:] = 255
    widths = []
    for index in range(400):
        trimap = make_trimap(alpha_u8, "gca-random/v1", image_id=f"i{index}", seed=1)
        unknown = np.flatnonzero(trimap[50] == 128)
        widths.append(((unknown < 100).sum(), (unknown >= 100).sum()))
    backgrounds, foregrounds = zip(*widths, strict=True)
    # A kernel of size K, anchored at its middle, reaches K // 2 pixels to one side and
    # (K - 1) // 2 to the other; K is 1 to 29.
    assert set(foregrounds) == set(range(15))
    assert set(backgrounds) == set(range(15))
    assert len(set(widths)) > 100
    assert widths[:3] == GCA_RANDOM


def test_the_default_is_the_paper_s_rule():
    alpha_u8 = square(99, 30)
    made = make_trimap(alpha_u8, image_id="x_3", seed=9)
    same = make_trimap(alpha_u8, "dilate-25/v1", image_id="x_3", seed=9)
    np.testing.assert_array_equal(made, same)


def test_a_translucent_alpha_has_no_known_foreground():
    trimap = make_trimap(np.full((5, 5), 100, np.uint8), image_id="a")
    assert (trimap == 128).all()


@pytest.mark.parametrize(
    "rule_id", ["dilate-0/v1", "dilate-25", "dilate-25/v2", "random-9-3/v1", "gca-0-3/v1", "none"]
)
def test_unknown_rules_are_named(rule_id):
    with pytest.raises(ValueError, match=f"trimap rule is '{re.escape(rule_id)}'; expected one of"):
        make_trimap(square(9, 3), rule_id, image_id="a")


@pytest.mark.parametrize(
    ("trimap", "message"),
    [
        (np.array([[0, 127, 255]], np.uint8), "trimap has 127; expected 0, 128, 255"),
        (np.arange(9, dtype=np.uint8)[None], "trimap has 1, 2, 3, 4, 5…; expected 0, 128, 255"),
        (np.zeros((2, 2, 3), np.uint8), "trimap is 2×2×3 uint8; expected H×W uint8"),
        (np.zeros((2, 2)), "trimap is 2×2 float64; expected H×W uint8"),
        (np.zeros((2, 3), np.uint8), "trimap is 2×3 pixels; expected 2×2, as the image"),
    ],
)
def test_check_trimap_names_what_is_wrong(trimap, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        check_trimap(trimap, (2, 2, 3) if trimap.shape == (2, 3) else None)


def test_radius_25_is_no_draw():
    alpha_u8 = np.zeros((10, 1600), np.uint8)
    alpha_u8[:, 800:] = 255
    for radius in (1, 25, 50):
        made = make_trimap(alpha_u8, f"radius-{radius}/v1", image_id="a")
        unknown = np.flatnonzero(made[5] == 128)
        assert unknown.tolist() == list(range(800 - radius, 800 + radius))
    same = make_trimap(alpha_u8, "dilate-10/v1", image_id="b")
    np.testing.assert_array_equal(make_trimap(alpha_u8, "radius-10/v1", image_id="c"), same)


def test_rules_beyond_their_limits_are_none():
    for rule_id in ("radius-201/v1", "radius-0/v1", "patchy-10-51/v1", "noisy-10/v1"):
        with pytest.raises(ValueError, match=f"trimap rule is '{rule_id}'; expected one of"):
            parse_rule(rule_id)


@pytest.mark.parametrize("form", RULES)
def test_every_rule_is_found_by_its_id_and_described(form, pytestconfig):
    rule_id = re.sub("[A-Z]", "3", form)
    assert parse_rule(rule_id).rule is RULES[form]
    assert set(np.unique(make_trimap(square(40, 9), rule_id, image_id="a"))) <= {0, 128, 255}
    docs = (pytestconfig.rootpath / "docs" / "datasets.md").read_text(encoding="utf-8")
    assert f"`{form}`" in docs, f"docs/datasets.md does not describe {form}"
