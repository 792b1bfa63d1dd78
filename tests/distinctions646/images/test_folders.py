"""Listing and matching pictures by name."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from distinctions646.checks.notes import collect, describe
from distinctions646.images.folders import find_images, list_images, match_images


def fill(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def test_pictures_are_sorted_by_name_and_other_files_left_out(tmp_path):
    fill(tmp_path, "b.PNG", "a (1).x.jpg", "notes.txt", ".hidden.png")
    fill(tmp_path / "deeper", "c.png")
    assert [path.name for path in list_images(tmp_path)] == ["a (1).x.jpg", "b.PNG"]
    assert list(find_images(tmp_path)) == ["a (1).x", "b"]


def test_two_files_of_one_stem_are_refused(tmp_path):
    fill(tmp_path, "a.png", "a.jpg")
    with pytest.raises(ValueError, match=r"a\.jpg and a\.png share the name a"):
        find_images(tmp_path)


def test_missing_and_empty_folders_are_named(tmp_path):
    with pytest.raises(ValueError, match=re.escape(f"{tmp_path / 'x'}: no such folder")):
        list_images(tmp_path / "x")
    with pytest.raises(ValueError, match=re.escape(f"{tmp_path}: has no images")):
        list_images(tmp_path)


def test_matching_across_suffixes(tmp_path):
    folders = {
        "image": fill(tmp_path / "image", "b.jpg", "a.jpg"),
        "alpha": fill(tmp_path / "alpha", "a.png", "b.png"),
    }
    matched = match_images(folders)
    assert list(matched) == ["a", "b"]
    assert {kind: path.name for kind, path in matched["b"].items()} == {
        "image": "b.jpg",
        "alpha": "b.png",
    }


@pytest.mark.parametrize(("lonely", "kind"), [("image", "alpha"), ("alpha", "image")])
def test_a_picture_without_partner_is_named(tmp_path, lonely, kind):
    folders = {name: fill(tmp_path / name, "a.png") for name in ("image", "alpha")}
    fill(folders[lonely], "b.png", "c.png")
    message = rf"b\.png: {lonely} has no {kind} of the same name in .*{kind} \(and 1 more\)"
    with pytest.raises(ValueError, match=message):
        match_images(folders)


def test_what_is_named_like_a_picture_and_is_no_file_is_told(tmp_path):
    fill(tmp_path, "a.png")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "nothing.png").symlink_to("gone")
    (tmp_path / "folder.png").mkdir()
    with collect() as notes:
        assert [path.name for path in list_images(tmp_path)] == ["a.png"]
    told = describe(notes)
    assert "left out, no files: folders, pipes, devices or links to nothing" in told
    assert all(name in told for name in ("pipe.png", "nothing.png", "folder.png"))
