"""What a user may have meant: near names of datasets and folders, and collections mixed up."""

from __future__ import annotations

from pathlib import Path

import pytest

from distinctions646.sources.archives import _background_folders
from distinctions646.sources.datasets import explain_missing, parse_address
from distinctions646.sources.locations import ArchiveSources


def sources(split: str, **folders: Path) -> ArchiveSources:
    return ArchiveSources("composition1k", split, Path("archive"), **folders)


@pytest.mark.parametrize(
    ("inside", "names", "split", "given", "message"),
    [
        ("VOC2012/JPEGImages", ["2008_000001.jpg"], "train", "coco", "this is VOC, not COCO"),
        ("train2014", ["COCO_train2014_000000000009.jpg"], "test", "voc", "this is COCO, not VOC"),
        ("", ["2008_000001.jpg"], "train", "coco", "as --coco DIR"),
    ],
)
def test_the_other_collection_is_recognised(tmp_path, inside, names, split, given, message):
    (tmp_path / inside).mkdir(parents=True, exist_ok=True)
    for name in names:
        (tmp_path / inside / name).touch()
    wanted = sources(split, **{given: tmp_path})
    with pytest.raises(ValueError, match=message):
        _background_folders(wanted, wanted.layout)


def test_the_right_collection_and_an_empty_folder_are_taken(tmp_path):
    wanted = sources("test", voc=tmp_path)
    assert _background_folders(wanted, wanted.layout) == [tmp_path]
    (tmp_path / "JPEGImages").mkdir()
    (tmp_path / "JPEGImages" / "2008_000001.jpg").touch()
    assert tmp_path / "JPEGImages" in _background_folders(wanted, wanted.layout)


def test_what_is_no_folder_is_explained(tmp_path):
    (tmp_path / "composites").mkdir()
    near = explain_missing(tmp_path / "composite")
    assert near.endswith("; did you mean composites?")
    assert "python -m distinctions646.build --dataset composition1k" in explain_missing(
        "composition1k"
    )
    assert explain_missing("am-2k").startswith("no such folder; expected am-2k:DIR")
    assert "python -m distinctions646.build" in explain_missing("mini")


def test_an_address_names_a_known_dataset_and_a_folder():
    assert parse_address("composition1k:built") == ("composition1k", Path("built"))
    assert parse_address("composition1k:") is None
    assert parse_address("custom:folder") is None
