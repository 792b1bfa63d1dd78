"""What is done to sources first: EXIF orientation, and clean-up of alphas that were JPEG."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from distinctions646.build.building import build
from distinctions646.doctor.examining import examine
from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.images.headers import orientation, picture_size
from distinctions646.images.reading import (
    clean_alpha,
    read_alpha,
    read_foreground_with_alpha,
    read_image,
)
from distinctions646.loading.opening import open_split
from distinctions646.plan.recipe import read_recipe
from distinctions646.verify.verifying import verify_split

# Pixels that the Distinctions-646 generator (utils/gen_dataset.py of the authors' repository with
# OpenCV 5.0.0) made of the goldens whose backgrounds have an EXIF orientation of 6; all others it
# makes as the official Composition-1k script does.
OF_THE_GENERATOR = {
    "gray_14": "4641d8ccf42527099fdc660933e5f7c1bcdd1d08f89bfda5e858de6cc7f15ab8",
    "gray_15": "31f7bf0556558a65b6c5351a7a2127df3b2d3fc1731272bff5e039e5ef9b54f8",
}


def tagged(path, value, *, colour=True, **settings):
    """Store a picture as a JPEG or PNG with an orientation."""
    pixels = np.random.default_rng(value).integers(0, 256, (5, 9, 3), np.uint8)
    pixels[:, 0] = 0
    picture = Image.fromarray(pixels if colour else pixels[..., 0])
    exif = Image.Exif()
    exif[0x0112] = value
    picture.save(path, exif=exif, **settings)
    return path


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_applied_as_opencv_does(tmp_path, value, suffix):
    path = tagged(tmp_path / f"a.{suffix}", value)
    expected = cv2.imread(str(path))[..., ::-1]
    image = read_image(path, exif="apply")
    assert np.abs(image.astype(int) - expected).max() <= (2 if suffix == "jpg" else 0)
    with Image.open(path) as picture:
        assert picture_size(picture, "apply") == image.shape[:2]
        assert picture_size(picture) == read_image(path).shape[:2] == (5, 9)
    np.testing.assert_array_equal(read_alpha(path, exif="apply", channel="first"), image[..., 0])


def test_what_is_no_orientation_turns_nothing(tmp_path):
    for value in (0, 9):
        with Image.open(tagged(tmp_path / "a.jpg", value)) as picture:
            assert orientation(picture) == 1
    Image.new("RGBA", (2, 3)).save(tmp_path / "plain.png")
    foreground, alpha_u8 = read_foreground_with_alpha(tmp_path / "plain.png", exif="apply")
    assert (foreground.shape, alpha_u8.shape) == ((3, 2, 3), (3, 2))


def test_applied_all_goldens_equal_the_distinctions_646_generator(tmp_path, golden_sources):
    build(golden_sources.config(tmp_path / "out", exif="apply", names="d646"))
    expected = {
        row["d646_name"].removesuffix(".png"): row["sha256_pixels"]
        for row in golden_sources.manifest["composites"]
    }
    samples = open_split(tmp_path / "out").samples
    found = {sample.name: pixel_sha256(sample.image()) for sample in samples}
    assert found == {**expected, **OF_THE_GENERATOR}


@pytest.mark.parametrize("write", [("folder",), ("virtual",)])
def test_every_source_is_turned_alike(tmp_path, tiny, write):
    for kind, suffix in (("fg", "jpg"), ("alpha", "png")):
        (tiny.folder / kind / "cat.png").unlink()
        tagged(tiny.folder / kind / f"cat.{suffix}", 6, colour=kind == "fg")
    tagged(tiny.folder / "bg" / "b0.png", 8)
    config = tiny.config(tmp_path / "out", exif="apply", write=write)
    facts = build(config).manifest["splits"]["test"]
    assert facts["exif"] == "apply"
    rows = read_recipe(tmp_path / "out" / "recipe" / "test.parquet")
    assert (rows[0].height, rows[0].width, rows[0].exif) == (9, 5, "apply")
    backgrounds = tiny.folder / "bg" if write == ("virtual",) else None
    split = open_split(tmp_path / "out", backgrounds=backgrounds)
    expected = read_alpha(tiny.folder / "alpha" / "cat.png", exif="apply")
    np.testing.assert_array_equal(split.samples[0].alpha_u8(), expected)
    background = read_image(tiny.folder / "bg" / "b0.png", exif="apply")
    clear = expected == 0
    assert clear.any()
    np.testing.assert_array_equal(split.samples[0].image()[clear], background[clear])
    assert verify_split(tmp_path / "out", backgrounds=backgrounds).composites == 4
    report = examine(config)
    assert report.complete
    assert "foregrounds with an EXIF orientation, which is applied" in str(report.findings)
    with pytest.raises(ValueError, match=r"a build with exif apply, not ignore"):
        build(tiny.config(tmp_path / "out", write=write))


def test_the_limits_of_the_cleanup():
    alpha_u8 = np.arange(256, dtype=np.uint8).reshape(16, 16)
    cleaned = clean_alpha(alpha_u8, "clip-10-245/v1").reshape(-1)
    assert cleaned[:10].tolist() == [0] * 10
    assert cleaned[10:246].tolist() == list(range(10, 246))
    assert cleaned[246:].tolist() == [255] * 10
    with pytest.raises(ValueError, match=r"alpha clean-up is 'x'; expected clip-10-245/v1"):
        clean_alpha(alpha_u8, "x")


@pytest.mark.parametrize("write", [("folder",), ("virtual",)])
def test_cleaned_alphas_make_another_dataset(tmp_path, tiny, write):
    roots = set()
    for cleanup in (None, "clip-10-245/v1"):
        out = tmp_path / str(cleanup is None)
        config = tiny.config(out, alpha_cleanup=cleanup, write=write, split="train")
        facts = build(config).manifest["splits"]["train"]
        assert facts["alpha_cleanup"] == cleanup
        roots.add((facts["root"], facts["source_root"]))
        backgrounds = tiny.folder / "bg" if write == ("virtual",) else None
        split = open_split(out, "train", backgrounds=backgrounds)
        raw = read_alpha(tiny.folder / "alpha" / "cat.png")
        expected = raw if cleanup is None else clean_alpha(raw, cleanup)
        np.testing.assert_array_equal(split.samples[0].alpha_u8(), expected)
        assert ("clip-10-245/v1" in (out / "README.md").read_text()) == (cleanup is not None)
    assert len(roots) == 2
