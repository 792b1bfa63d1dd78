"""Both archives at full list length, under the official names, with real cut-outs as stand-ins.

The lists and the pictures are not ours to ship: the oracle folder has them.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from distinctions646.build.building import build
from distinctions646.doctor.examining import examine
from distinctions646.loading.opening import open_split
from distinctions646.plan.recipe import read_recipe
from distinctions646.sources.files import read_names
from distinctions646.verify.verifying import verify_split

pytestmark = pytest.mark.slow
PICTURES = ("tux_crowned_crane", "tux_glass", "tux_birch", "cyc_feather_2", "tux_fire")
SIZE = 96
LISTS = {
    "composition1k": {
        "train": ("adobe/training_fg_names.txt", "adobe/training_bg_names.txt"),
        "test": ("adobe/test_fg_names.txt", "adobe/test_bg_names.txt"),
    },
    "distinctions646": {
        "train": ("distinctions646/fg_train.txt", "distinctions646/bg_train.txt"),
        "test": ("distinctions646/fg_test.txt", "distinctions646/bg_test.txt"),
    },
}


def thumbnails(oracle: Path, folder: Path) -> dict[str, list[Path]]:
    """Real foregrounds and backgrounds, small, as an archive keeps them."""
    folder.mkdir()
    made: dict[str, list[Path]] = {}
    for name in PICTURES:
        with Image.open(oracle / "realdata" / "fg" / f"{name}.png") as picture:
            rgba = picture.convert("RGBA")
        rgba.thumbnail((SIZE, SIZE))
        pixels = np.asarray(rgba)
        planes = {"foreground": pixels[..., :3], "alpha": pixels[..., 3]}
        planes["trimap"] = np.select([planes["alpha"] == 255, planes["alpha"] == 0], [255, 0], 128)
        for kind, plane in planes.items():
            for suffix in (".png", ".jpg"):
                path = folder / f"{kind}-{name}{suffix}"
                Image.fromarray(np.ascontiguousarray(plane.astype(np.uint8))).save(path)
                made.setdefault(kind + suffix, []).append(path)
    for source in sorted((oracle / "realdata" / "bg").glob("*.jpg"))[:6]:
        with Image.open(source) as picture:
            picture.thumbnail((SIZE, SIZE))
            picture.save(folder / source.name)
        made.setdefault("background.jpg", []).append(folder / source.name)
    return made


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def full(oracle, trees, tmp_path):
    """Both splits of both archives; what the 59,600-line list has is anybody's guess."""
    trees.pictures.update(thumbnails(oracle, tmp_path / "thumbnails"))
    backgrounds: set[str] = set()
    for dataset, splits in LISTS.items():
        for split, files in splits.items():
            foregrounds, listed = (read_names(oracle / "lists" / file) for file in files)
            if (dataset, split) == ("distinctions646", "train"):
                more = 59_600 - len(listed)
                listed += [f"COCO_train2014_{900_000 + index:012d}.jpg" for index in range(more)]
            base = trees.archive(dataset, split, foregrounds, listed)
            if split == "train":
                backgrounds.update(listed)
            if (dataset, split) == ("composition1k", "test"):
                match_trimaps(trees, base, foregrounds)
    trees.coco(sorted(backgrounds))
    trees.voc(read_names(oracle / "lists" / "adobe" / "test_bg_names.txt"))
    return trees


def match_trimaps(trees, base, foregrounds):
    """Give each foreground the trimaps of its own stand-in."""
    folder = base / "Adobe-licensed images" / "trimaps"
    shutil.rmtree(folder)
    folder.mkdir()
    pictures = trees.pictures["trimap.png"]
    for index, name in enumerate(foregrounds):
        for k in range(20):
            target = folder / f"{Path(name).stem}_{k}.png"
            os.link(pictures[index % len(pictures)], target)


@pytest.mark.parametrize(
    ("dataset", "composites"), [("composition1k", 43_100), ("distinctions646", 59_600)]
)
def test_an_archive_from_end_to_end(full, tmp_path, dataset, composites):
    import datasets

    out = tmp_path / "out"
    for split in ("test", "train"):
        report = examine(full.config(dataset, split, out))
        assert report.complete
        assert report.lists["foreground"] == "official"
        built = build(full.config(dataset, split, out))
        assert built.manifest["splits"][split]["lists"] == report.lists
    assert built.manifest["splits"]["test"]["composites"] == 1000
    assert built.manifest["splits"]["train"]["composites"] == composites
    verified = verify_split(out, "test")
    assert verified.root == built.manifest["splits"]["test"]["root"]
    for config, split, count in (
        (dataset, "test", 1000),
        ("recipe", "train", composites),
        ("recipe", "test", 1000),
    ):
        assert len(datasets.load_dataset(str(out), config, split=split)) == count
    train = open_split(out, "train", backgrounds=full.root / "coco" / "train2014")
    rows = read_recipe(out / "recipe" / "train.parquet")
    last = train.samples[-1]
    assert (last.name, last.background) == (rows[-1].name, rows[-1].background)
    assert last.image().shape == (rows[-1].height, rows[-1].width, 3)


def test_80_for_each_with_the_lists_of_the_repository(full, oracle, tmp_path):
    out, lists = tmp_path / "out", oracle / "lists" / "distinctions646"
    with pytest.raises(ValueError, match=r"59600 .*fit --dataset distinctions646 --split train"):
        build(full.config("distinctions646-github80", "train", out))
    with pytest.raises(ValueError, match=r"47680 .*fit --dataset distinctions646-github80 --spl"):
        build(full.config("distinctions646", "train", out, lists=lists))
    facts = build(full.config("distinctions646-github80", "train", out, lists=lists)).manifest[
        "splits"
    ]["train"]
    assert facts["composites"] == 47_680
    assert facts["lists"] == {"foreground": "official", "background": "official"}
    (full.root / "source" / "Distinctions-646" / "Train" / "fg_train.txt").unlink()
    made = examine(full.config("distinctions646", "train", tmp_path / "other"))
    assert made.complete
    assert made.lists["foreground"] == "official"
