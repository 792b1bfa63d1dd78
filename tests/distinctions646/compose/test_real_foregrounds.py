"""Real cut-outs with soft alpha (not ours to ship) through the whole build."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from distinctions646.build.building import BuildConfig, build
from distinctions646.compose.composite import composite, fit_background
from distinctions646.images.reading import read_foreground_with_alpha, read_image
from distinctions646.loading.opening import open_split
from distinctions646.sources.locations import CustomSources

NAMES = ("tux_crowned_crane.png", "tux_glass.png", "tux_birch.png", "cyc_feather_2.png")


@pytest.fixture
def real(oracle):
    folder = oracle / "realdata"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    return folder


def test_real_foregrounds_over_real_photographs(tmp_path, real):
    (tmp_path / "names.txt").write_text("\n".join(NAMES))
    config = BuildConfig(
        tmp_path / "out",
        CustomSources(
            foregrounds=real / "fg",
            foreground_list=tmp_path / "names.txt",
            backgrounds=real / "bg",
            per_foreground=1,
        ),
        trimap_rule="dilate-25/v1",
        write=("parquet",),
    )
    surplus = build(config).surplus
    backgrounds = sorted(path.name for path in (real / "bg").iterdir() if path.suffix == ".jpg")
    assert surplus == len(backgrounds) - len(NAMES)
    split = open_split(tmp_path / "out")
    assert [sample.background for sample in split.samples] == backgrounds[: len(NAMES)]
    for sample in split.samples:
        foreground, alpha_u8 = read_foreground_with_alpha(real / "fg" / sample.foreground)
        background = read_image(real / "bg" / sample.background)
        expected = composite(foreground, alpha_u8, fit_background(background, *alpha_u8.shape))
        np.testing.assert_array_equal(sample.image(), expected)
        np.testing.assert_array_equal(sample.alpha_u8(), alpha_u8)
        assert (sample.trimap()[(alpha_u8 > 0) & (alpha_u8 < 255)] == 128).all()


def test_every_real_foreground_opens_with_its_alpha(real):
    paths = sorted((real / "fg").glob("*.png"))
    assert len(paths) == 47
    for path in paths[::6]:
        foreground, alpha_u8 = read_foreground_with_alpha(path)
        with Image.open(path) as picture:
            assert foreground.shape == (picture.height, picture.width, 3)
        assert alpha_u8.max() > 200
