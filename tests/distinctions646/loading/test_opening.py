"""What was built comes back: as samples, as ``datasets`` rows, and from plain folders."""

from __future__ import annotations

import json
import pickle
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from distinctions646.build.building import build
from distinctions646.images.fingerprint import pixel_sha256, split_root
from distinctions646.loading.opening import load, open_split
from distinctions646.plan.recipe import read_recipe

RULE = {"trimap_rule": "dilate-25/v1", "trimap_seed": 3}


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("write", [("folder",), ("parquet",)])
def test_samples_equal_the_build(tmp_path, tiny, write):
    out = tmp_path / "out"
    manifest = build(tiny.config(out, write=write, dataset="pets", **RULE)).manifest
    split = open_split(out, "test")
    assert (split.name, split.split) == ("pets", "test")
    assert (split.trimap_rule, split.trimap_seed) == ("dilate-25/v1", 3)
    assert split.root == manifest["splits"]["test"]["root"] == split.compute_root()
    rows = read_recipe(out / "recipe" / "test.parquet")
    assert len(split.samples) == 4
    for sample, row in zip(split.samples, rows, strict=True):
        assert (sample.id, sample.name) == (row.id, row.name)
        assert (sample.foreground, sample.background) == (row.foreground, row.background)
        assert sample.trimap_rule == "dilate-25/v1"
        assert pixel_sha256(sample.image()) == row.image_sha256
        assert pixel_sha256(sample.alpha_u8()) == row.alpha_sha256
        assert sample.alpha().dtype == np.float32
        np.testing.assert_array_equal(np.rint(sample.alpha() * 255), sample.alpha_u8())
        assert sample.trimap().shape == (row.height, row.width)


def test_both_forms_give_the_same_arrays(tmp_path, tiny):
    out = tmp_path / "out"
    build(tiny.config(out, write=("folder", "parquet"), **RULE))
    pairs = zip(
        open_split(out, mode="folder").samples,
        open_split(out, mode="parquet").samples,
        strict=True,
    )
    for plain, embedded in pairs:
        np.testing.assert_array_equal(plain.image(), embedded.image())
        np.testing.assert_array_equal(plain.trimap(), embedded.trimap())


def test_samples_travel_to_other_processes(tmp_path, tiny):
    build(tiny.config(tmp_path / "out", write=("parquet",)))
    sample = open_split(tmp_path / "out").samples[1]
    again = pickle.loads(pickle.dumps(sample))
    np.testing.assert_array_equal(again.image(), sample.image())
    assert sample.trimap() is None


def test_a_dataset_in_several_files_and_row_groups(tmp_path, tiny, monkeypatch):
    monkeypatch.setattr("distinctions646.forms.parquet._FILE_PIXELS", 100)
    monkeypatch.setattr("distinctions646.forms.parquet._GROUP_PIXELS", 60)
    out = tmp_path / "out"
    build(tiny.config(out, write=("parquet", "folder")))
    # 48, 48, 20 and 20 pixels: two rows to the first file, two to the second.
    assert [path.name for path in sorted((out / "data").iterdir())] == [
        "test-00000-of-00002.parquet",
        "test-00001-of-00002.parquet",
    ]
    assert open_split(out, mode="parquet").compute_root() == open_split(out).root
    assert load(out, mode="parquet")["id"] == ["cat_0", "cat_1", "dog (1).b_0", "dog (1).b_1"]


@pytest.mark.parametrize("write", [("folder",), ("parquet",), ("folder", "parquet")])
@pytest.mark.parametrize("rule", ["none", "dilate-3/v1"])
def test_load_dataset_reads_the_folder_offline(tmp_path, tiny, write, rule):
    import datasets

    out = tmp_path / "out"
    build(tiny.config(out, write=write, trimap_rule=rule, dataset="pets"))
    expected = open_split(out).samples
    by_datasets = datasets.load_dataset(str(out), "pets", split="test")
    for rows in (by_datasets, load(out, "pets"), load(out)):
        columns = ["id", "foreground", "background", "image", "alpha", "trimap"]
        assert rows.column_names == columns
        assert len(rows) == 4
        for row, sample in zip(rows, expected, strict=True):
            texts = (row["id"], row["foreground"], row["background"])
            assert texts == (sample.id, sample.foreground, sample.background)
            assert (row["image"].mode, row["alpha"].mode) == ("RGB", "L")
            np.testing.assert_array_equal(np.asarray(row["image"]), sample.image())
            np.testing.assert_array_equal(np.asarray(row["alpha"]), sample.alpha_u8())
            if rule == "none":
                assert row["trimap"] is None
            else:
                np.testing.assert_array_equal(np.asarray(row["trimap"]), sample.trimap())


@pytest.mark.parametrize(
    ("test", "train"),
    [
        (("parquet",), ("virtual",)),
        (("parquet",), ("parquet",)),
        (("folder",), ("folder",)),
        (("webdataset",), ("webdataset",)),
        (("folder", "parquet", "webdataset", "virtual"), ("virtual",)),
        (("virtual",), ("virtual",)),
    ],
)
def test_every_config_of_the_card_loads_offline(tmp_path, tiny, test, train):
    import datasets
    import yaml

    out = tmp_path / "out"
    build(tiny.config(out, write=test, **RULE))
    build(tiny.config(out, write=train, split="train"))
    configs = yaml.safe_load((out / "README.md").read_text().split("---")[1])["configs"]
    loaded = {
        (one["config_name"], part["split"]): len(
            datasets.load_dataset(str(out), one["config_name"], split=part["split"])
        )
        for one in configs
        for part in one["data_files"]
    }
    written = {name: form for name, form in (("test", test), ("train", train))}
    shown = next((form for form in ("parquet", "folder", "webdataset") if form in test), None)
    expected = {("custom", name): 4 for name, forms in written.items() if shown in forms}
    if shown in (None, "parquet"):
        expected |= {("recipe", name): 4 for name in written}
        expected |= {("sources", name): 8 for name in written}
    assert loaded == expected


def test_load_gives_the_same_features_whatever_was_written(tmp_path, tiny):
    for write in ("folder", "parquet"):
        build(tiny.config(tmp_path / write, write=(write,)))
    assert load(tmp_path / "folder").features == load(tmp_path / "parquet").features


def test_embedded_paths_are_base_names(tmp_path, tiny):
    import datasets

    build(tiny.config(tmp_path / "out", write=("parquet",)))
    rows = load(tmp_path / "out").cast_column("image", datasets.Image(decode=False))
    assert [row["image"]["path"] for row in rows][:2] == ["cat_0.png", "cat_1.png"]


@pytest.mark.parametrize("write", [("folder",), ("parquet",)])
def test_recipe_and_sources_are_tables(tmp_path, tiny, write):
    out = tmp_path / "out"
    build(tiny.config(out, write=write))
    assert load(out, "recipe")["name"] == ["cat_0", "cat_1", "dog (1).b_0", "dog (1).b_1"]
    assert load(out, "sources")["role"] == ["alpha"] * 2 + ["background"] * 4 + ["foreground"] * 2


def test_the_recipe_is_a_config_of_its_own(tmp_path, tiny):
    import datasets

    build(tiny.config(tmp_path / "out", write=("parquet",)))
    recipe = datasets.load_dataset(str(tmp_path / "out"), "recipe", split="test")
    assert recipe["k"] == [0, 1, 0, 1]


@pytest.fixture
def plain(tmp_path):
    folder = tmp_path / "photos"
    random = np.random.default_rng(0)
    for kind, suffix in (("image", "bmp"), ("alpha", "png"), ("trimap", "png")):
        (folder / kind).mkdir(parents=True)
        for name in ("b", "a 1"):
            shape = (3, 4, 3) if kind == "image" else (3, 4)
            pixels = random.integers(0, 256, shape, np.uint8)
            if kind == "trimap":
                pixels = np.array([0, 128, 255], np.uint8)[pixels % 3]
            Image.fromarray(pixels).save(folder / kind / f"{name}.{suffix}")
    return folder


def test_a_plain_folder(plain):
    split = open_split(plain)
    assert split.name == "photos"
    assert split.trimap_rule == "given"
    assert [(sample.id, sample.foreground) for sample in split.samples] == [
        ("a 1", "a 1"),
        ("b", "b"),
    ]
    expected = [
        (sample.name, pixel_sha256(sample.image()), pixel_sha256(sample.alpha_u8()))
        for sample in split.samples
    ]
    assert split.root == split_root(expected)
    assert set(np.unique(split.samples[0].trimap())) <= {0, 128, 255}
    assert load(plain)["id"] == ["a 1", "b"]
    shutil.rmtree(plain / "trimap")
    assert open_split(plain).trimap_rule is None
    assert load(plain)["trimap"] == [None, None]


def test_a_plain_folder_of_splits(plain, tmp_path):
    (tmp_path / "set").mkdir()
    plain.rename(tmp_path / "set" / "val")
    assert open_split(tmp_path / "set", "val").name == "set"
    with pytest.raises(ValueError, match="set: neither a built dataset"):
        open_split(tmp_path / "set", "test")


def test_plain_folders_with_gaps_are_refused(plain):
    (plain / "alpha" / "b.png").unlink()
    with pytest.raises(ValueError, match=r"b\.bmp: image has no alpha of the same name"):
        open_split(plain)
    Image.new("L", (3, 4)).save(plain / "alpha" / "b.png")
    with pytest.raises(ValueError, match=r"b\.png: alpha is 4×3 pixels; expected 3×4, as its im"):
        open_split(plain)


def test_wrong_names_are_told(tmp_path, tiny):
    out = tmp_path / "out"
    build(tiny.config(out))
    (tmp_path / "empty").mkdir()
    for call, message in (
        (lambda: open_split(out, "train"), "out: has no split 'train'; expected one of test"),
        (lambda: load(out, split="train"), "out: has no split 'train'; expected one of test"),
        (lambda: load(out, "recipe", "train"), "out: has no split 'train'; expected one of test"),
        (lambda: open_split(out, mode="parquet"), "was not written as 'parquet'; expected folder"),
        (lambda: load(out, "cats"), "has no config 'cats'; expected one of custom, recipe, sourc"),
        (lambda: open_split(tmp_path / "no"), "no: no such folder; expected a built dataset"),
        (lambda: load(tmp_path / "no"), "no: no such folder; expected a built dataset"),
        (lambda: open_split(tmp_path / "empty"), "empty: neither a built dataset (build.json)"),
        (lambda: load("no-owner/no-name"), "no-owner/no-name: no such folder, and no dataset of"),
    ):
        with pytest.raises(ValueError, match=re.escape(message)):
            call()


def test_damaged_builds_are_told(tmp_path, tiny):
    out = tmp_path / "out"
    build(tiny.config(out, write=("folder", "parquet")))
    (out / "test" / "image" / "cat_0.png").unlink()
    with pytest.raises(ValueError, match=r"cat_0\.png: no such file, but the recipe has it"):
        open_split(out)
    shutil.rmtree(out / "data")
    with pytest.raises(ValueError, match=r"data/test-\*\.parquet is missing; build again"):
        open_split(out, mode="parquet")
    (out / "build.json").write_text("{")
    with pytest.raises(ValueError, match=r"build\.json: cannot be read as JSON"):
        open_split(out)
    (out / "build.json").write_text(json.dumps({"a": 1}))
    with pytest.raises(ValueError, match=r"build\.json: not the manifest of a build"):
        open_split(out)


@pytest.mark.parametrize("value", [{"a": {"b": [1]}}, "3", True, 0, 2.5, None, [3]])
def test_the_format_of_a_manifest_is_a_number(tmp_path, tiny, value):
    build(tiny.config(tmp_path / "out"))
    path = tmp_path / "out" / "build.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": value}))
    with pytest.raises(ValueError, match=r"build\.json: format is .*expected a whole number"):
        open_split(tmp_path / "out")
