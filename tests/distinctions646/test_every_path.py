"""The official composites and five projects' trimaps come out equal whichever way they are made.

How the goldens were made: ``tests/golden/composition/README.md``.
"""

from __future__ import annotations

import numpy as np
import pytest

from distinctions646.build.building import build, build_part
from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.loading.opening import load, open_split
from distinctions646.plan.recipe import read_recipe
from distinctions646.process.part import Part
from distinctions646.verify.verifying import verify_split

PATHS = {
    "serial": {"write": ("folder",)},
    "two processes": {"write": ("folder",), "workers": 2},
    "parts": {"write": ("folder",)},
    "virtual": {"write": ("virtual",)},
    "parquet": {"write": ("parquet",)},
    "webdataset": {"write": ("webdataset",)},
}
TAGS_OF_RULE = {
    "gca-1-1/v1": ["gca_fg1_bg1"],
    "gca-7-12/v1": ["gca_fg7_bg12"],
    "gca-15-15/v1": ["gca_fg15_bg15"],
    "gca-29-20/v1": ["gca_fg29_bg20"],
    "mmagic-5x1-5x1/v1": ["mm_e5x1_d5x1"],
    "mmagic-25x1-25x1/v1": ["mm_e25x1_d25x1"],
    "mmagic-3x5-3x8/v1": ["mm_e3x5_d3x8"],
    "distance-10/v1": ["mmdist_10", "indexnet_10"],
    "sim-3x5/v1": ["sim_k3_i5"],
    "foamliu-10/v1": ["foamliu_it10"],
}


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))


def make(golden_sources, out, path, rule):
    """Build the goldens along a path, and open them again."""
    config = golden_sources.config(out, trimap_rule=rule, **PATHS[path])
    if path == "parts":
        for index in (2, 0, 1):
            changes = {**PATHS[path], "trimap_rule": rule, "part": Part(index, 3)}
            build_part(golden_sources.config(out, **changes))
    else:
        build(config)
    backgrounds = golden_sources.folder / "bg" if path == "virtual" else None
    return open_split(out, backgrounds=backgrounds)


def check(split, golden_sources, rule):
    """Compare all composites and trimaps; how many trimaps of the projects they are equal to."""
    composites = golden_sources.manifest["composites"]
    expected = {
        (row["alpha"], row["tag"]): row["sha256_pixels"]
        for row in golden_sources.manifest["trimaps"]
    }
    equal = set()
    assert len(split.samples) == len(composites) == 16
    for sample, row in zip(split.samples, composites, strict=True):
        assert f"{sample.name}.png" == row["merged"]
        assert pixel_sha256(sample.image()) == row["sha256_pixels"], row["merged"]
        trimap_sha256 = pixel_sha256(sample.trimap())
        for tag in TAGS_OF_RULE[rule]:
            assert trimap_sha256 == expected[row["fg"], tag], (row["merged"], tag)
            equal.add((row["fg"], tag))
    return len(equal)


@pytest.mark.parametrize(
    ("path", "rule"), list(zip(PATHS, TAGS_OF_RULE, strict=False)), ids=list(PATHS)
)
def test_sixteen_composites_along_each_path(tmp_path, golden_sources, path, rule):
    out = tmp_path / "out"
    split = make(golden_sources, out, path, rule)
    assert check(split, golden_sources, rule) == 4
    if path == "virtual":
        return
    rows = read_recipe(out / "recipe" / "test.parquet")
    assert all(row.trimap_sha256 for row in rows)
    assert verify_split(out).root == split.built_root


def test_all_paths_give_the_same_roots(tmp_path, golden_sources):
    roots = set()
    for path in PATHS.keys() - {"two processes"}:
        split = make(golden_sources, tmp_path / path, path, "sim-3x5/v1")
        roots.add((split.compute_root(), split.source_root))
    assert len(roots) == 1


@pytest.mark.parametrize("path", [path for path in PATHS if path != "two processes"])
def test_the_datasets_object_along_each_path(tmp_path, golden_sources, path):
    make(golden_sources, tmp_path / "out", path, "foamliu-10/v1")
    backgrounds = golden_sources.folder / "bg" if path == "virtual" else None
    rows = load(tmp_path / "out", backgrounds=backgrounds)
    for row, golden in zip(rows, golden_sources.manifest["composites"], strict=True):
        assert pixel_sha256(np.asarray(row["image"])) == golden["sha256_pixels"]


@pytest.mark.slow
@pytest.mark.parametrize("path", list(PATHS))
def test_44_trimaps_along_each_path(tmp_path, golden_sources, path):
    equal = 0
    for number, rule in enumerate(TAGS_OF_RULE):
        split = make(golden_sources, tmp_path / str(number), path, rule)
        equal += check(split, golden_sources, rule)
    assert equal == len(golden_sources.manifest["trimaps"]) == 44
