"""Card, Croissant and terms; what a push takes along, and what it refuses."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
import yaml

from distinctions646.build.building import build
from distinctions646.forms.manifest import read_manifest
from distinctions646.images.fingerprint import file_sha256
from distinctions646.publish.card import dataset_card
from distinctions646.publish.croissant import croissant
from distinctions646.publish.pushing import main
from distinctions646.sources.datasets import terms_of


@pytest.fixture
def built(tmp_path, tiny):
    out = tmp_path / "out"
    build(tiny.config(out, write=("parquet",), trimap_rule="dilate-3/v1", dataset="pets"))
    return out


def head(text):
    """The YAML head of a card."""
    return yaml.safe_load(text.split("---")[1])


def test_every_file_is_named_with_its_hash(built):
    described = json.loads((built / "croissant.json").read_text())
    files = {one["contentUrl"]: one for one in described["distribution"]}
    assert set(files) == {
        "recipe/test.parquet",
        "sources/test.parquet",
        "data/test-00000-of-00001.parquet",
    }
    for name, facts in files.items():
        assert facts["sha256"] == file_sha256(built / name)
        assert facts["contentSize"] == f"{(built / name).stat().st_size} B"
    root = read_manifest(built)["splits"]["test"]["root"]
    assert root in described["description"]


def test_columns_have_their_types(built):
    described = json.loads((built / "croissant.json").read_text())
    records = {one["name"]: one["field"] for one in described["recordSet"]}
    pictures = records["data-test-00000-of-00001-rows"]
    kinds = {one["source"]["extract"]["column"]: one["dataType"] for one in pictures}
    assert kinds == {
        **dict.fromkeys(("id", "foreground", "background"), "sc:Text"),
        **dict.fromkeys(("image", "alpha", "trimap"), "sc:ImageObject"),
    }
    recipe = {one["name"]: one["dataType"] for one in records["recipe-test-rows"]}
    assert recipe["recipe-test-rows/k"] == "sc:Integer"
    assert recipe["recipe-test-rows/name"] == "sc:Text"


def test_it_is_valid_and_readable_by_the_reference_library(built):
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(jsonld=str(built / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    rows = list(dataset.records("recipe-test-rows"))
    assert [row["recipe-test-rows/k"] for row in rows] == [0, 1, 0, 1]
    pictures = list(dataset.records("data-test-00000-of-00001-rows"))
    assert pictures[0]["data-test-00000-of-00001-rows/image"].size == (8, 6)


def test_two_splits_in_one_description(tmp_path, tiny):
    out = tmp_path / "out"
    build(tiny.config(out, write=("parquet",)))
    build(tiny.config(out, split="train", write=("virtual",)))
    described = json.loads((out / "croissant.json").read_text())
    assert {one["contentUrl"] for one in described["distribution"]} == {
        "recipe/test.parquet",
        "sources/test.parquet",
        "data/test-00000-of-00001.parquet",
        "recipe/train.parquet",
        "sources/train.parquet",
    }
    card = (out / "README.md").read_text()
    configs = {one["config_name"]: one for one in head(card)["configs"]}
    assert [one["split"] for one in configs["custom"]["data_files"]] == ["test"]
    assert [one["split"] for one in configs["recipe"]["data_files"]] == ["test", "train"]
    assert "composed on reading" in card
    assert 'load("PATH/OF/THIS/FOLDER", split="train", mode="virtual",' in card


def test_a_missing_table_is_told(built):
    manifest = read_manifest(built)
    (built / "recipe" / "test.parquet").unlink()
    with pytest.raises(ValueError, match=r"out: recipe/test\.parquet is missing; build again"):
        croissant(manifest, [built])


def test_cards_tell_the_terms():
    facts = {
        "foregrounds": 1,
        "composites": 1,
        "root": None,
        "preset": "adobe",
        "names": "adobe",
        "per_foreground": 1,
        "trimap_rule": None,
        "trimap_seed": 0,
        "write": ["virtual"],
    }
    card = dataset_card({"dataset": "composition1k", "splits": {"train": facts}})
    assert head(card)["license"] == "other"
    assert [one["config_name"] for one in head(card)["configs"]] == ["recipe", "sources"]
    assert "licence that forbids passing it on" in card
    assert "cocodataset.org" in card
    assert terms_of("mini").license == "cc0-1.0"
    assert terms_of("distinctions646-github80") == terms_of("distinctions646")
    assert terms_of("pets").may_be_public is None


class FakeHub:
    """What is asked of the Hub, and a repository that may be public."""

    def __init__(self, private):
        self.calls, self.private = [], private

    def create_repo(self, **settings):
        self.calls.append(("create", settings))

    def repo_info(self, **_):
        return SimpleNamespace(private=self.private)

    def upload_folder(self, **settings):
        self.calls.append(("folder", settings))

    def upload_file(self, **settings):
        self.calls.append(("file", settings))


@pytest.fixture
def hub(monkeypatch):
    fake = FakeHub(private=True)
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: fake)
    return fake


def test_a_push_takes_no_pixels_along(built, hub, capsys):
    assert main([str(built), "--repo", "lab/pets"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "lab/pets: pushed build.json, recipe/*.parquet, sources/*.parquet," in captured.out
    calls = dict(hub.calls[:2])
    assert calls["create"]["private"] is False
    assert calls["folder"]["allow_patterns"] == [
        "build.json",
        "recipe/*.parquet",
        "sources/*.parquet",
    ]
    files = {one["path_in_repo"]: one["path_or_fileobj"] for _, one in hub.calls[2:]}
    assert set(files) == {"croissant.json", "README.md"}
    configs = [one["config_name"] for one in head(files["README.md"].decode())["configs"]]
    assert configs == ["recipe", "sources"]
    assert b"data/" not in files["croissant.json"]


def test_what_the_patterns_take(tmp_path, tiny, hub, monkeypatch):
    from huggingface_hub.utils import filter_repo_objects

    monkeypatch.setattr("distinctions646.sources.stamps.settled", lambda stamp: True)
    out = tmp_path / "all"
    forms = ("parquet", "folder", "webdataset", "virtual")
    build(tiny.config(out, write=forms, trimap_rule="dilate-3/v1"))
    files = [str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()]
    assert "sources/.seen-test" in files
    assert main([str(out), "--repo", "lab/pets"]) == 0
    patterns = dict(hub.calls[:2])["folder"]["allow_patterns"]
    assert set(filter_repo_objects(files, allow_patterns=patterns)) == {
        "build.json",
        "recipe/test.parquet",
        "sources/test.parquet",
    }
    assert main([str(out), "--repo", "lab/pets", "--include-pixels"]) == 0
    patterns = [one for name, one in hub.calls if name == "folder"][1]["allow_patterns"]
    left = set(files) - set(filter_repo_objects(files, allow_patterns=patterns))
    assert left == {"README.md", "croissant.json", "sources/.seen-test"}


def test_pixels_go_with_a_warning(built, hub, capsys):
    assert main([str(built), "--repo", "lab/pets", "--include-pixels", "--private"]) == 0
    assert "licence warning: pixels are about to be pushed." in capsys.readouterr().err
    patterns = dict(hub.calls[:2])["folder"]["allow_patterns"]
    assert {"data/*.parquet", "virtual/*", "test/*"} <= set(patterns)


def test_what_must_not_be_public_is_refused(tmp_path, tiny, built, hub, capsys):
    out = tmp_path / "d646"
    manifest = json.loads((built / "build.json").read_text())
    built.rename(out)
    (out / "build.json").write_text(json.dumps({**manifest, "dataset": "distinctions646"}))
    assert main([str(out), "--repo", "lab/d646", "--include-pixels"]) == 2
    error = capsys.readouterr().err
    assert "the terms of distinctions646 forbid passing its pixels on" in error
    hub.private = False
    assert main([str(out), "--repo", "lab/d646", "--include-pixels", "--private"]) == 2
    assert "lab/d646: is public; expected a private repository" in capsys.readouterr().err
    assert [name for name, _ in hub.calls] == ["create"]
    assert main([str(tmp_path), "--repo", "lab/d646"]) == 2
    assert "no built dataset; expected a folder with build.json" in capsys.readouterr().err
