"""Composites stored as JPEG: refused where methods are measured, and otherwise another dataset."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from distinctions646.build.building import build, main
from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.images.reading import read_image
from distinctions646.loading.opening import load, open_split
from distinctions646.plan.recipe import read_recipe
from distinctions646.verify.verifying import verify_split

JPEG = {"image_format": "jpeg-80", "split": "train", "trimap_rule": "dilate-3/v1"}
FORMS = [("folder",), ("parquet",), ("webdataset",)]


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("form", FORMS)
def test_images_are_jpeg_and_the_rest_is_png(tmp_path, tiny, form):
    build(tiny.config(tmp_path / "exact"))
    out = tmp_path / "out"
    facts = build(tiny.config(out, write=form, **JPEG)).manifest["splits"]["train"]
    exact = open_split(tmp_path / "exact").samples
    rows = read_recipe(out / "recipe" / "train.parquet")
    samples = open_split(out, "train").samples
    for sample, original, row in zip(samples, exact, rows, strict=True):
        buffer = io.BytesIO()
        picture = Image.fromarray(original.image())
        picture.save(buffer, "JPEG", quality=80, subsampling=0)
        expected = np.asarray(Image.open(buffer))
        np.testing.assert_array_equal(sample.image(), expected)
        assert row.image_sha256 == pixel_sha256(expected) != pixel_sha256(original.image())
        assert row.image_format == facts["image_format"] == "jpeg-80"
        np.testing.assert_array_equal(sample.alpha_u8(), original.alpha_u8())
    assert verify_split(out, "train").root == facts["root"]
    assert build(tiny.config(out, write=form, **JPEG)).was_there
    loaded = load(out, split="train")
    np.testing.assert_array_equal(np.asarray(loaded[1]["image"]), samples[1].image())
    assert loaded.column_names == ["id", "foreground", "background", "image", "alpha", "trimap"]


def test_the_names_on_the_disk(tmp_path, tiny):
    build(tiny.config(tmp_path / "out", write=("folder",), **JPEG))
    for kind, name in (("image", "cat_0.jpg"), ("alpha", "cat_0.png"), ("trimap", "cat_0.png")):
        path = tmp_path / "out" / "train" / kind / name
        with Image.open(path) as picture:
            assert picture.format == {"jpg": "JPEG", "png": "PNG"}[name[-3:]]


def test_it_is_part_of_the_identity(tmp_path, tiny):
    for name, changes in (("png", {"split": "train"}), ("jpeg", JPEG)):
        build(tiny.config(tmp_path / name, write=("parquet",), **changes))
    facts = {
        name: json.loads((tmp_path / name / "build.json").read_text())["splits"]["train"]
        for name in ("png", "jpeg")
    }
    for root in ("root", "source_root", "key"):
        assert facts["png"][root] != facts["jpeg"][root]
    card = (tmp_path / "jpeg" / "README.md").read_text()
    assert "train: **images are jpeg-80 and not exact**; results on them are not comparable" in card
    assert "not exact" not in (tmp_path / "png" / "README.md").read_text()
    described = json.loads((tmp_path / "jpeg" / "croissant.json").read_text())["description"]
    assert "Stored with loss: train jpeg-80." in described
    changes = {**JPEG, "image_format": "png"}
    with pytest.raises(ValueError, match=r"a build with image_format jpeg-80, not png"):
        build(tiny.config(tmp_path / "jpeg", write=("parquet",), **changes))


def test_a_test_split_is_refused_unless_forced(tmp_path, tiny, capsys):
    out = tmp_path / "out"
    arguments = [*tiny.arguments(out), "--image-format", "jpeg-95", "--workers", "1"]
    assert main(arguments) == 2
    assert capsys.readouterr().err == (
        "error: image_format is jpeg-95, and test is to be measured on: JPEG would make another "
        "dataset of it; expected png, the split train, or --force-jpeg\n"
    )
    assert not out.exists()
    assert main([*arguments, "--force-jpeg", "--write", "folder"]) == 0
    read_image(out / "test" / "image" / "cat_0.jpg")
    assert main([*arguments[:-2], "--split", "train", "--out", str(tmp_path / "train")]) == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_format": "jpeg"}, "image_format is 'jpeg'; expected png or jpeg-N, as jpeg-95"),
        ({"image_format": "jpeg-0"}, "image_format is 'jpeg-0'; expected png or"),
        ({"image_format": "jpeg-101"}, "image_format is 'jpeg-101'; expected png or"),
        (
            {"image_format": "jpeg-90", "split": "train", "write": ("virtual",)},
            "image_format is jpeg-90; what is composed on reading is exact: expected png",
        ),
    ],
)
def test_what_cannot_be_is_named(tmp_path, tiny, changes, message):
    with pytest.raises(ValueError, match=message):
        build(tiny.config(tmp_path / "out", **changes))
