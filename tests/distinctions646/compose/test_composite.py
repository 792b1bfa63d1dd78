"""Fit and blend against the official script.

The expected hashes are those of Adobe's ``Composition_code.py`` (Pillow 13.0.0); see
``tests/golden/composition/README.md``.
"""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from distinctions646.compose.composite import composite, fit_background, resized_size
from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.images.reading import read_alpha, read_image


def test_sixteen_composites_equal_the_official_script(golden_sources):
    for row in golden_sources.manifest["composites"]:
        foreground = read_image(golden_sources.folder / "fg" / row["fg"])
        alpha_u8 = read_alpha(golden_sources.folder / "alpha" / row["fg"])
        background = read_image(golden_sources.folder / "bg" / row["bg"])
        merged = composite(foreground, alpha_u8, fit_background(background, *alpha_u8.shape))
        assert pixel_sha256(merged) == row["sha256_pixels"], row["merged"]


def test_other_modes_of_the_same_pictures_give_the_same_composite(tmp_path, golden_sources):
    row = golden_sources.manifest["composites"][12]
    with Image.open(golden_sources.folder / "fg" / row["fg"]) as grey:
        assert grey.mode == "L"
        noise = Image.effect_noise(grey.size, 90)
        Image.merge("LA", (grey, noise)).save(tmp_path / "LA.png")
        Image.merge("RGBA", (grey, grey, grey, noise)).save(tmp_path / "RGBA.png")
        grey.convert("P").save(tmp_path / "P.png")
    alpha_u8 = read_alpha(golden_sources.folder / "alpha" / row["fg"])
    background = read_image(golden_sources.folder / "bg" / row["bg"])
    fitted = fit_background(background, *alpha_u8.shape)
    for mode in ("LA", "RGBA", "P"):
        merged = composite(read_image(tmp_path / f"{mode}.png"), alpha_u8, fitted)
        assert pixel_sha256(merged) == row["sha256_pixels"], mode


def test_every_oracle_composite_from_the_untouched_sources(oracle):
    folder = oracle / "composition"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    for row in json.loads((folder / "manifest.json").read_text())["rows"]:
        for alphas in ("alpha", "alpha_rgb"):
            alpha_u8 = read_alpha(folder / alphas / row["fg"])
            background = read_image(folder / "bg" / row["bg"])
            merged = composite(
                read_image(folder / "fg" / row["fg"]),
                alpha_u8,
                fit_background(background, *alpha_u8.shape),
            )
            assert pixel_sha256(merged) == row["sha256_pixels"], row["merged"]


def test_the_sizes_of_enlarged_backgrounds(golden_sources):
    for row in golden_sources.manifest["composites"]:
        with Image.open(golden_sources.folder / "fg" / row["fg"]) as foreground:
            with Image.open(golden_sources.folder / "bg" / row["bg"]) as background:
                height, width = resized_size(
                    foreground.height, foreground.width, background.height, background.width
                )
        assert [width, height] == row["resized_bg_size"], row["merged"]


def test_a_ceil_that_overshoots():
    # 157 * (333 / 157) is a little above 333 in double precision.
    assert resized_size(301, 333, 150, 157) == (319, 334)


def test_a_large_background_is_cropped_at_the_top_left_and_never_made_smaller():
    background = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    np.testing.assert_array_equal(fit_background(background, 3, 2), background[:3, :2])


@given(*[st.integers(1, 3000)] * 4)
def test_an_enlarged_background_always_covers_the_foreground(height, width, high, wide):
    new_height, new_width = resized_size(height, width, high, wide)
    assert new_height >= height
    assert new_width >= width
    # No more than the larger ratio asks for: the excess in one direction is below two pixels.
    if max(width / wide, height / high) > 1:
        assert min(new_height - height, new_width - width) <= 1


@given(*[st.integers(1, 40)] * 4, st.integers(0, 9))
def test_a_fitted_background_is_pillows_bicubic_resize_and_crop(height, width, high, wide, seed):
    background = np.random.default_rng(seed).integers(0, 256, (high, wide, 3), np.uint8)
    new_height, new_width = resized_size(height, width, high, wide)
    picture = Image.fromarray(background)
    resized = picture.resize((new_width, new_height), Image.Resampling.BICUBIC)
    expected = np.asarray(resized.crop((0, 0, width, height)))
    np.testing.assert_array_equal(fit_background(background, height, width), expected)


def test_the_fraction_is_cut_off_and_not_rounded():
    # 128/255 * 255 + 127/255 * 0 = 128; 128/255 * 101 + 127/255 * 50 = 75.6.
    foreground = np.array([[[255, 101, 0]]], np.uint8)
    background = np.array([[[0, 50, 0]]], np.uint8)
    merged = composite(foreground, np.array([[128]], np.uint8), background)
    assert merged.tolist() == [[[128, 75, 0]]]


def test_equal_colours_may_lose_one_level_as_in_the_official_script():
    # Of the 254 soft alphas, those where a/255 * v + (1 - a/255) * v falls just below v.
    values = np.arange(256, dtype=np.uint8)
    foreground = np.repeat(values[None, :, None], 254, 0).repeat(3, 2)
    alpha_u8 = np.repeat(np.arange(1, 255, dtype=np.uint8)[:, None], 256, 1)
    merged = composite(foreground, alpha_u8, foreground)
    lost = foreground[..., 0].astype(int) - merged[..., 0]
    assert set(np.unique(lost)) == {0, 1}
    assert int(lost.sum()) == 1270


def test_blend_equals_the_scalar_formula():
    random = np.random.default_rng(1)
    foreground, background = random.integers(0, 256, (2, 40, 50, 3), np.uint8)
    alpha_u8 = random.integers(0, 256, (40, 50), np.uint8)
    alpha_u8[0], alpha_u8[1] = 0, 255
    merged = composite(foreground, alpha_u8, background)
    for y, x, c in np.ndindex(merged.shape):
        a, f, b = int(alpha_u8[y, x]), int(foreground[y, x, c]), int(background[y, x, c])
        alpha = a / 255
        expected = f if a == 255 else b if a == 0 else math.trunc(alpha * f + (1 - alpha) * b)
        assert merged[y, x, c] == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"foreground": np.zeros((2, 3), np.uint8)}, "foreground is 2×3 uint8; expected H×W×3"),
        ({"alpha_u8": np.zeros((2, 3), np.float32)}, "alpha_u8 is 2×3 float32; expected H×W"),
        ({"background": np.zeros((2, 4, 3), np.uint8)}, "background is 2×4 pixels; expected 2×3"),
        ({"background": np.zeros((0, 3, 3), np.uint8)}, "background is 0×3×3 uint8"),
    ],
)
def test_wrong_arrays_are_named(changes, message):
    arrays = {
        "foreground": np.zeros((2, 3, 3), np.uint8),
        "alpha_u8": np.zeros((2, 3), np.uint8),
        "background": np.zeros((2, 3, 3), np.uint8),
    }
    with pytest.raises(ValueError, match=message):
        composite(**{**arrays, **changes})


def test_blend_of_every_level_and_layout_equals_the_formula():
    """All alphas and foregrounds over six backgrounds, contiguous, and as a view."""
    levels = np.arange(256, dtype=np.uint8)
    alpha_u8, front, back = (part.copy() for part in np.meshgrid(levels, levels, levels[::51]))
    alpha = alpha_u8 / 255
    expected = (alpha * front + (1 - alpha) * back).astype(np.uint8).reshape(256, -1)
    flat = alpha_u8.reshape(256, -1)
    foreground, background = (
        np.repeat(part.reshape(256, -1, 1), 3, axis=2) for part in (front, back)
    )
    for front in (foreground, np.dstack([foreground, flat])[..., :3]):
        image = composite(front, flat, background)
        np.testing.assert_array_equal(image, np.repeat(expected[..., None], 3, axis=2))


@pytest.mark.parametrize("width", [1, 127, 128, 129, 300])
def test_blocks_of_one_alpha_are_copied(width):
    draw = np.random.default_rng(width)
    foreground, background = draw.integers(0, 256, (2, 3, width, 3), dtype=np.uint8)
    for level, expected in ((0, background), (255, foreground)):
        alpha_u8 = np.full((3, width), level, np.uint8)
        np.testing.assert_array_equal(composite(foreground, alpha_u8, background), expected)
        alpha_u8[1, width // 2] = 128
        image = composite(foreground, alpha_u8, background)
        expected = expected.copy()
        mixed = 128 / 255 * foreground[1, width // 2] + (1 - 128 / 255) * background[1, width // 2]
        expected[1, width // 2] = mixed.astype(np.uint8)
        np.testing.assert_array_equal(image, expected)
