"""Composites composed on reading: the goldens, crops, the datasets object, and every refusal."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from distinctions646.build.building import build
from distinctions646.build.pairing import hash_sources, pair_sources
from distinctions646.build.work import render_shards
from distinctions646.compose.bicubic import enlarge_window
from distinctions646.forms.raw_foregrounds import foreground_file
from distinctions646.forms.virtual import virtual_samples
from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.loading.opening import load, open_split
from distinctions646.plan.build_plan import resolve
from distinctions646.plan.recipe import read_recipe


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def golden(tmp_path, golden_sources):
    build(golden_sources.config(tmp_path / "golden", write=("virtual",)))
    return open_split(tmp_path / "golden", backgrounds=golden_sources.folder / "bg")


@pytest.fixture
def tiny_virtual(tmp_path, tiny):
    build(tiny.config(tmp_path / "out", write=("virtual",), trimap_rule="dilate-3/v1"))
    return tmp_path / "out"


def test_sixteen_composites_equal_the_official_script(golden, golden_sources):
    rows = golden_sources.manifest["composites"]
    assert len(golden.samples) == len(rows) == 16
    for sample, row in zip(golden.samples, rows, strict=True):
        assert f"{sample.name}.png" == row["merged"]
        assert pixel_sha256(sample.image()) == row["sha256_pixels"], row["merged"]


def test_crops_equal_those_of_the_whole_golden(golden, golden_sources):
    random = np.random.default_rng(5)
    for sample, row in zip(golden.samples, golden_sources.manifest["composites"], strict=True):
        image, alpha_u8 = sample.image(), sample.alpha_u8()
        assert pixel_sha256(image) == row["sha256_pixels"]
        for _ in range(8):
            top, left = (int(random.integers(side)) for side in sample.size())
            height = int(random.integers(1, sample.size()[0] - top + 1))
            width = int(random.integers(1, sample.size()[1] - left + 1))
            window = (slice(top, top + height), slice(left, left + width))
            crop_image, crop_alpha = sample.crop(top, left, height, width)
            np.testing.assert_array_equal(crop_image, image[window])
            np.testing.assert_array_equal(crop_alpha, alpha_u8[window])


@given(*[st.integers(1, 40)] * 2, *[st.integers(0, 60)] * 2, st.data())
def test_a_window_is_that_of_pillows_whole_picture(height, width, more_rows, more_columns, data):
    seed, extreme = data.draw(st.integers(0, 99)), data.draw(st.booleans())
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    if extreme:  # black and white, where the filter overshoots
        picture = np.where(picture > 127, np.uint8(255), np.uint8(0))
    size = (height + more_rows, width + more_columns)
    whole = np.asarray(Image.fromarray(picture).resize(size[::-1], Image.Resampling.BICUBIC))
    top, left = data.draw(st.integers(0, size[0] - 1)), data.draw(st.integers(0, size[1] - 1))
    rows = data.draw(st.integers(1, size[0] - top))
    columns = data.draw(st.integers(1, size[1] - left))
    window = enlarge_window(picture, size, top, left, rows, columns)
    np.testing.assert_array_equal(window, whole[top : top + rows, left : left + columns])


def test_windows_that_cannot_be_are_refused():
    picture = np.zeros((3, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="size is 3×3; expected at least 3×4, as the picture"):
        enlarge_window(picture, (3, 3), 0, 0, 1, 1)
    for window in ((-1, 0, 1, 1), (0, 0, 0, 1), (0, 5, 1, 2), (5, 0, 2, 1)):
        with pytest.raises(ValueError, match=r"window is .*; expected one inside 6×6"):
            enlarge_window(picture, (6, 6), *window)


def test_virtual_equals_materialised(tmp_path, tiny, tiny_virtual):
    build(tiny.config(tmp_path / "folder", trimap_rule="dilate-3/v1"))
    split = open_split(tiny_virtual, backgrounds=tiny.folder / "bg")
    assert split.built_root is None
    assert split.root == open_split(tmp_path / "folder").root
    for composed, written in zip(
        split.samples, open_split(tmp_path / "folder").samples, strict=True
    ):
        assert (composed.id, composed.background) == (written.id, written.background)
        assert composed.size() == written.size() == written.image().shape[:2]
        np.testing.assert_array_equal(composed.trimap(), written.trimap())
        np.testing.assert_array_equal(composed.alpha(), written.alpha())
    rows = read_recipe(tiny_virtual / "recipe" / "test.parquet")
    assert [row.image_sha256 for row in rows] == [None] * 4
    assert rows[0].alpha_sha256 == pixel_sha256(split.samples[0].alpha_u8())


def test_what_a_virtual_dataset_holds(tiny, tiny_virtual, files_of):
    names = set(files_of(tiny_virtual))
    assert {name for name in names if name.startswith("virtual")} == {
        "virtual/test/foreground/cat.png.npy",
        "virtual/test/foreground/dog (1).b.png.npy",
    }
    assert not {name for name in names if name.startswith(("data", "test", "backgrounds"))}
    kept = np.load(tiny_virtual / "virtual" / "test" / "foreground" / foreground_file("cat.png"))
    expected = np.asarray(Image.open(tiny.folder / "fg" / "cat.png"))
    np.testing.assert_array_equal(kept[..., :3], expected)


def test_two_workers_keep_the_same_bytes(tmp_path, tiny, tiny_virtual, files_of):
    changes = {"write": ("virtual",), "trimap_rule": "dilate-3/v1", "workers": 2}
    build(tiny.config(tmp_path / "two", **changes))
    assert files_of(tmp_path / "two") == files_of(tiny_virtual)


def test_virtual_beside_plain_files(tmp_path, tiny):
    out = tmp_path / "both"
    facts = build(tiny.config(out, write=("folder", "virtual"))).manifest["splits"]["test"]
    assert facts["root"] is not None
    split = open_split(out, mode="virtual", backgrounds=tiny.folder / "bg")
    assert split.compute_root() == facts["root"] == open_split(out).compute_root()
    assert build(tiny.config(out, write=("folder", "virtual"))).was_there
    with pytest.raises(ValueError, match="both: backgrounds are given; folder has its pictures"):
        open_split(out, backgrounds=tiny.folder / "bg")


@pytest.mark.parametrize("preset", ["cv2-cubic", "linear-plus1"])
def test_deviating_presets_are_composed_too(tmp_path, golden_sources, preset):
    changes = {"preset": preset, "write": ("folder", "virtual")}
    build(golden_sources.config(tmp_path / "out", **changes))
    backgrounds = golden_sources.folder / "bg"
    composed = open_split(tmp_path / "out", mode="virtual", backgrounds=backgrounds).samples
    for sample, written in zip(composed, open_split(tmp_path / "out").samples, strict=True):
        np.testing.assert_array_equal(sample.image(), written.image())
        height, width = sample.size()
        image, _ = sample.crop(height // 3, width // 4, height // 2, width // 2)
        whole = written.image()[height // 3 :, width // 4 :]
        np.testing.assert_array_equal(image, whole[: height // 2, : width // 2])


def test_trimaps_are_made_of_the_whole_alpha(tiny, tiny_virtual):
    for sample in open_split(tiny_virtual, backgrounds=tiny.folder / "bg").samples:
        assert sample.trimap().shape == sample.size()
        assert sample.trimap_rule == "dilate-3/v1"


def test_trimaps_that_came_with_the_pictures_are_kept(tmp_path, tiny):
    config = tiny.config(tmp_path / "out", write=("virtual",), trimap_rule="dilate-3/v1")
    shards = []
    for shard in hash_sources(pair_sources(resolve(config)).shards):
        given = []
        for row in shard.rows:
            trimap = np.full((row.height, row.width), 128, np.uint8)
            trimap[0, row.k] = 255
            given.append(tmp_path / f"given {row.name}.png")
            Image.fromarray(trimap).save(given[-1])
        shards.append(replace(shard, trimaps=tuple(given)))
    folder = tmp_path / "out" / "virtual" / "test"
    rows = render_shards(shards, folder, tmp_path / "markers")
    backgrounds = tiny.folder / "bg"
    for sample in virtual_samples(tmp_path / "out", rows, backgrounds):
        expected = np.full(sample.size(), 128)
        expected[0, sample.row.k] = 255
        np.testing.assert_array_equal(sample.trimap(), expected)


def test_the_datasets_object(tmp_path, tiny, tiny_virtual):
    build(tiny.config(tmp_path / "folder", trimap_rule="dilate-3/v1"))
    rows = load(tiny_virtual, backgrounds=tiny.folder / "bg")
    written = load(tmp_path / "folder")
    assert rows.column_names == written.column_names
    for row, other in zip(rows, written, strict=True):
        assert row.keys() == other.keys()
        for name, value in row.items():
            if name in ("image", "alpha", "trimap"):
                assert value.mode == other[name].mode
                np.testing.assert_array_equal(np.asarray(value), np.asarray(other[name]))
            else:
                assert value == other[name]
    assert rows.shuffle(seed=1)[0]["id"] in set(rows["id"])
    chosen = rows.select([2])[0]
    np.testing.assert_array_equal(np.asarray(chosen["image"]), np.asarray(written[2]["image"]))
    assert rows[1:3]["id"] == ["cat_1", "dog (1).b_0"]


def test_the_datasets_object_without_trimaps(tmp_path, tiny):
    build(tiny.config(tmp_path / "bare", write=("virtual",)))
    assert load(tmp_path / "bare", backgrounds=tiny.folder / "bg")[0]["trimap"] is None


def test_the_tables_load_offline(tmp_path, tiny, tiny_virtual):
    import datasets

    recipe = datasets.load_dataset(str(tiny_virtual), "recipe", split="test")
    assert recipe["k"] == [0, 1, 0, 1]
    sources = datasets.load_dataset(str(tiny_virtual), "sources", split="test")
    assert len(sources) == 8
    assert load(tiny_virtual, "recipe")["name"] == recipe["name"]


def test_samples_travel_to_other_processes(tiny, tiny_virtual):
    sample = open_split(tiny_virtual, backgrounds=tiny.folder / "bg").samples[1]
    again = pickle.loads(pickle.dumps(sample))
    np.testing.assert_array_equal(again.image(), sample.image())


def test_several_folders_and_the_names_of_coco_2017(tmp_path, tiny, tiny_virtual):
    (tmp_path / "more").mkdir()
    (tiny.folder / "bg" / "b3.png").rename(tmp_path / "more" / "b3.png")
    folders = [tiny.folder / "bg", tmp_path / "more"]
    assert len(open_split(tiny_virtual, backgrounds=folders).samples) == 4
    for path in sorted((tiny.folder / "bg").iterdir()):
        path.rename(path.with_name(f"COCO_train2014_{path.name}"))
    (tmp_path / "more" / "b3.png").rename(tiny.folder / "bg" / "COCO_train2014_b3.png")
    build(tiny.config(tmp_path / "coco", write=("virtual",)))
    for path in sorted((tiny.folder / "bg").iterdir()):
        path.rename(path.with_name(path.name.removeprefix("COCO_train2014_")))
    samples = open_split(tmp_path / "coco", backgrounds=tiny.folder / "bg").samples
    assert samples[0].background == "COCO_train2014_b0.png"
    assert samples[0].image().shape == (6, 8, 3)


def test_backgrounds_inside_the_dataset_need_no_naming(tiny, tiny_virtual):
    with pytest.raises(ValueError, match=r"out: was written as virtual; expected the folder of"):
        open_split(tiny_virtual)
    shutil.copytree(tiny.folder / "bg", tiny_virtual / "backgrounds")
    assert len(open_split(tiny_virtual).samples) == 4


def test_missing_and_changed_files_are_told(tmp_path, tiny, tiny_virtual):
    backgrounds = tiny.folder / "bg"
    with pytest.raises(ValueError, match=r"no: no such folder; expected the backgrounds"):
        open_split(tiny_virtual, backgrounds=tmp_path / "no")
    sample = open_split(tiny_virtual, backgrounds=backgrounds).samples[0]
    with pytest.raises(ValueError, match="window is 2×9 at 0, 0; expected one inside 6×8"):
        sample.crop(0, 0, 2, 9)
    Image.new("RGB", (3, 3)).save(backgrounds / "b0.png")
    with pytest.raises(ValueError, match=r"b0\.png: background is 3×3 pixels; expected one that"):
        sample.image()
    kept = tiny_virtual / "virtual" / "test" / "foreground" / "cat.png.npy"
    whole = kept.read_bytes()
    for content in (b"", whole[:40], whole[:-1]):
        kept.write_bytes(content)
        with pytest.raises(ValueError, match=r"cat\.png\.npy: cannot be read as an array"):
            sample.alpha_u8()
    np.save(kept, np.zeros((6, 7, 4), np.uint8))
    with pytest.raises(ValueError, match=r"cat\.png\.npy: is 6×7×4 uint8; expected 6×8×4 uint8"):
        sample.alpha_u8()
    (backgrounds / "b2.png").rename(tmp_path / "b2.png")
    with pytest.raises(ValueError, match=r"bg: has no b2\.png, a background of the recipe \(1 of"):
        open_split(tiny_virtual, backgrounds=backgrounds)
    (tmp_path / "b2.png").rename(backgrounds / "b2.png")
    kept.unlink()
    with pytest.raises(ValueError, match=r"cat\.png\.npy: no such file, but the recipe has it"):
        open_split(tiny_virtual, backgrounds=backgrounds)


def test_a_finished_build_with_a_file_missing_is_told(tiny, tiny_virtual):
    changes = {"write": ("virtual",), "trimap_rule": "dilate-3/v1"}
    assert build(tiny.config(tiny_virtual, **changes)).was_there
    (tiny_virtual / "virtual" / "test" / "foreground" / "cat.png.npy").unlink()
    with pytest.raises(ValueError, match=r"virtual/test/foreground/cat\.png\.npy is missing"):
        build(tiny.config(tiny_virtual, **changes))


def test_a_killed_build_goes_on(tmp_path, tiny, tiny_virtual, files_of, monkeypatch):
    from distinctions646.build import render

    made = []

    def fail_at_the_second(path, *arrays):
        made.append(path.name)
        if len(made) == 2:
            raise KeyboardInterrupt
        real(path, *arrays)

    real = render.write_foreground
    monkeypatch.setattr(render, "write_foreground", fail_at_the_second)
    changes = {"write": ("virtual",), "trimap_rule": "dilate-3/v1"}
    out = tmp_path / "again"
    with pytest.raises(KeyboardInterrupt):
        build(tiny.config(out, **changes))
    assert not out.exists()
    build(tiny.config(out, **changes))
    assert made == ["cat.png.npy", "dog (1).b.png.npy", "dog (1).b.png.npy"]
    assert files_of(out) == files_of(tiny_virtual)
