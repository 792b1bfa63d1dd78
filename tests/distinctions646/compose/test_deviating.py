"""The deviating presets against the programs they are named for.

The expected hashes are those of IndexNet's and huochaitiantang's own scripts; see
``tests/golden/composition/README.md``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from distinctions646.build.building import build
from distinctions646.compose.composite import PRESETS, composite, fit_background, resized_size
from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.images.reading import read_alpha, read_image
from distinctions646.loading.opening import load, open_split
from distinctions646.plan.recipe import read_recipe

GOLDEN = Path(__file__).parents[2] / "golden" / "composition" / "deviating.json"
DEVIATING = ("cv2-cubic", "linear-plus1")


@pytest.mark.parametrize("preset", DEVIATING)
def test_sixteen_composites_equal_the_other_program(tmp_path, golden_sources, preset):
    expected = json.loads(GOLDEN.read_text())[preset]
    facts = build(golden_sources.config(tmp_path / "out", preset=preset)).manifest["splits"]["test"]
    assert facts["preset"] == preset
    samples = open_split(tmp_path / "out").samples
    assert {f"{sample.name}.png" for sample in samples} == set(expected)
    for sample in samples:
        assert pixel_sha256(sample.image()) == expected[f"{sample.name}.png"], sample.name


@pytest.mark.parametrize("preset", DEVIATING)
def test_the_same_from_the_untouched_sources(oracle, preset):
    folder = oracle / "composition"
    expected = json.loads(GOLDEN.read_text())[preset]
    for row in json.loads((folder / "manifest.json").read_text())["rows"]:
        alpha_u8 = read_alpha(folder / "alpha" / row["fg"])
        background = read_image(folder / "bg" / row["bg"])
        fitted = fit_background(background, *alpha_u8.shape, preset)
        merged = composite(read_image(folder / "fg" / row["fg"]), alpha_u8, fitted, preset)
        assert pixel_sha256(merged) == expected[row["merged"]], row["merged"]


def test_the_sizes_of_each_preset():
    # 200 / 100 = 2 exactly: rounded up 200, and one more where the fraction is cut off after + 1.
    assert resized_size(150, 200, 80, 100) == (160, 200)
    assert resized_size(150, 200, 80, 100, "cv2-cubic") == (160, 200)
    assert resized_size(150, 200, 80, 100, "linear-plus1") == (161, 201)
    assert {resized_size(10, 10, 20, 30, preset) for preset in PRESETS} == {(20, 30)}


def test_the_recipe_has_the_presets_own_sizes(tmp_path, tiny):
    build(tiny.config(tmp_path / "out", preset="linear-plus1"))
    rows = read_recipe(tmp_path / "out" / "recipe" / "test.parquet")
    # A 6×8 foreground over 4×9 pixels: ratio 1.5, 4 * 1.5 + 1 and 9 * 1.5 + 1 cut off.
    assert (rows[0].resized_height, rows[0].resized_width) == (7, 14)


def test_rounding_tells_the_presets_apart():
    # 128/255 * 255 = 128 and 128/255 * 101 + 127/255 * 50 = 75.6: cut off, cut off, rounded.
    foreground = np.array([[[255, 101, 0]]], np.uint8)
    background = np.array([[[0, 50, 0]]], np.uint8)
    alpha_u8 = np.array([[128]], np.uint8)
    merged = {name: composite(foreground, alpha_u8, background, name).tolist() for name in PRESETS}
    assert merged == {
        "adobe": [[[128, 75, 0]]],
        "cv2-cubic": [[[128, 75, 0]]],
        "linear-plus1": [[[128, 76, 0]]],
    }


def test_unknown_presets_are_told(tmp_path, tiny):
    pixels = np.zeros((2, 2, 3), np.uint8)
    message = "preset is 'lanczos'; expected one of adobe, cv2-cubic, linear-plus1"
    for call in (
        lambda: composite(pixels, pixels[..., 0], pixels, "lanczos"),
        lambda: fit_background(pixels, 4, 4, "lanczos"),
        lambda: build(tiny.config(tmp_path / "out", preset="lanczos")),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_another_preset_is_another_dataset(tmp_path, tiny):
    out = tmp_path / "out"
    build(tiny.config(out, write=("parquet",)))
    with pytest.raises(ValueError, match=r"a build with preset adobe, not cv2-cubic"):
        build(tiny.config(out, preset="cv2-cubic", write=("parquet",)))
    assert len(load(out)) == 4
