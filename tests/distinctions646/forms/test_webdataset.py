"""Tar files: their bytes, what other loaders read in them, and damage."""

from __future__ import annotations

import io
import json
import tarfile

import numpy as np
import pytest
from PIL import Image

from distinctions646.build.building import build
from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.loading.opening import load, open_split


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))


def test_the_goldens_through_tar_files(tmp_path, golden_sources):
    build(golden_sources.config(tmp_path / "out", write=("webdataset",)))
    samples = open_split(tmp_path / "out").samples
    for sample, row in zip(samples, golden_sources.manifest["composites"], strict=True):
        assert pixel_sha256(sample.image()) == row["sha256_pixels"], row["merged"]


def test_members_and_their_order(tmp_path, tiny):
    out = tmp_path / "out"
    build(tiny.config(out, write=("webdataset",), trimap_rule="dilate-3/v1"))
    with tarfile.open(out / "webdataset" / "test-00000-of-00001.tar") as tar:
        names = tar.getnames()
        assert names[:5] == [
            "00000000.image.png",
            "00000000.alpha.png",
            "00000000.trimap.png",
            "00000000.json",
            "00000001.image.png",
        ]
        assert len(names) == 16
        facts = json.load(tar.extractfile("00000002.json"))
        image = Image.open(io.BytesIO(tar.extractfile("00000002.image.png").read()))
        assert {(member.mtime, member.uid, member.uname) for member in tar} == {(0, 0, "")}
    assert facts == {
        "id": "dog (1).b_0",
        "foreground": "dog (1).b.png",
        "background": "b2.png",
        "name": "dog (1).b_0",
    }
    np.testing.assert_array_equal(np.asarray(image), open_split(out).samples[2].image())


def test_the_same_build_gives_the_same_bytes(tmp_path, tiny, files_of):
    for name, workers in (("one", 1), ("two", 2)):
        build(tiny.config(tmp_path / name, write=("webdataset",), workers=workers))
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_several_files(tmp_path, tiny, monkeypatch):
    monkeypatch.setattr("distinctions646.forms.parquet._FILE_PIXELS", 100)
    build(tiny.config(tmp_path / "out", write=("webdataset", "folder")))
    assert [path.name for path in sorted((tmp_path / "out" / "webdataset").iterdir())] == [
        "test-00000-of-00002.tar",
        "test-00001-of-00002.tar",
    ]
    tarred = open_split(tmp_path / "out", mode="webdataset")
    assert tarred.compute_root() == open_split(tmp_path / "out", mode="folder").compute_root()


@pytest.mark.parametrize("rule", [None, "dilate-3/v1"])
def test_rows_are_those_of_the_other_forms(tmp_path, tiny, rule):
    for form in ("webdataset", "parquet"):
        build(tiny.config(tmp_path / form, write=(form,), trimap_rule=rule))
    tarred, embedded = load(tmp_path / "webdataset"), load(tmp_path / "parquet")
    assert tarred.features == embedded.features
    for row, other in zip(tarred, embedded, strict=True):
        for name in ("id", "foreground", "background"):
            assert row[name] == other[name]
        for name in ("image", "alpha", "trimap"):
            if other[name] is None:
                assert row[name] is None
            else:
                np.testing.assert_array_equal(np.asarray(row[name]), np.asarray(other[name]))


def test_load_dataset_reads_the_folder_offline(tmp_path, tiny):
    import datasets

    out = tmp_path / "out"
    build(tiny.config(out, write=("webdataset",), dataset="pets"))
    rows = datasets.load_dataset(str(out), "pets", split="test")
    assert rows["json"][1]["id"] == "cat_1"
    expected = open_split(out).samples[1].image()
    np.testing.assert_array_equal(np.asarray(rows[1]["image.png"]), expected)
    assert load(out, "recipe")["k"] == [0, 1, 0, 1]


def test_damage_is_told(tmp_path, tiny):
    out = tmp_path / "out"
    build(tiny.config(out, write=("webdataset",)))
    path = out / "webdataset" / "test-00000-of-00001.tar"
    path.write_bytes(b"\1" * 2048)
    with pytest.raises(ValueError, match=r"\.tar: cannot be read as a tar file"):
        open_split(out)
    with tarfile.open(path, "w"):
        pass
    with pytest.raises(ValueError, match=r"webdataset: has no 00000000\.image\.png \(cat_0\); bui"):
        open_split(out)
    path.unlink()
    with pytest.raises(ValueError, match=r"webdataset/test-\*\.tar is missing; build again"):
        open_split(out)
    with pytest.raises(ValueError, match=r"webdataset/test-\*\.tar is missing from the build"):
        build(tiny.config(out, write=("webdataset",)))
