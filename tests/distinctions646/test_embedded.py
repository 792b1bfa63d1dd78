"""The embedded dataset through the builder, its generator replaced by a quick stub."""

from __future__ import annotations

import numpy as np
import pytest

from distinctions646.build import build, main
from distinctions646.embedded import generator_sha256
from distinctions646.images import write_png
from distinctions646.loading import open_split
from distinctions646.settings import BuildConfig

CLASSES = ("creature", "hair")


@pytest.fixture
def generator(monkeypatch):
    """Stand in for `distinctions646.mini.write_sources`; collects its calls."""
    calls = []

    def write_sources(folder, split, *, size, per_class, seed, workers, backgrounds):
        calls.append((split, size, per_class, backgrounds))
        random = np.random.default_rng(seed)
        for kind in ("foregrounds", "backgrounds"):
            (folder / kind).mkdir(parents=True)
        for name in CLASSES:
            pixels = random.integers(0, 256, (6, 8, 4), np.uint8)
            write_png(folder / "foregrounds" / f"{name}_00.png", pixels)
        for index in range(len(CLASSES) * per_class):
            pixels = random.integers(0, 256, (6, 8, 3), np.uint8)
            write_png(folder / "backgrounds" / f"room_{index:02d}.png", pixels)
        (folder / "foregrounds.csv").write_text("name,class\n")

    monkeypatch.setattr("distinctions646.mini.CLASSES", dict.fromkeys(CLASSES))
    monkeypatch.setattr("distinctions646.mini.write_sources", write_sources)
    return calls


def test_the_bare_command_builds_mini(capsys, tmp_path, monkeypatch, generator):
    monkeypatch.chdir(tmp_path)
    assert main(["--workers", "1"]) == 0
    assert capsys.readouterr().out.startswith("mini: built: test, 2 composites of 2 foregrounds")
    split = open_split(tmp_path / "mini")
    assert (split.name, split.trimap_rule) == ("mini", "dilate-25/v1")
    assert [sample.foreground for sample in split.samples] == ["creature_00.png", "hair_00.png"]
    files = {"README.md", "build.json", "croissant.json", "foregrounds.csv"}
    folders = {"data", "recipe", "sources", "test"}
    assert {path.name for path in (tmp_path / "mini").iterdir()} == files | folders
    assert main(["--workers", "1"]) == 0
    assert capsys.readouterr().out.startswith("mini: already built: test, 2 composites")
    assert generator == [("test", 384, 1, 2)]
    assert [path.name for path in tmp_path.iterdir()] == ["mini"]


def test_virtual_keeps_the_generated_backgrounds(tmp_path, generator):
    for form in ("virtual", "webdataset"):
        build(BuildConfig(tmp_path / form, dataset="mini", mini="test-small", write=(form,)))
    assert (tmp_path / "virtual" / "backgrounds").is_dir()
    root = open_split(tmp_path / "webdataset").root
    assert open_split(tmp_path / "virtual").compute_root() == root


def test_another_generator_is_another_dataset(tmp_path, monkeypatch, generator):
    config = BuildConfig(tmp_path / "mini", dataset="mini", mini="test-small")
    build(config)
    monkeypatch.setattr("distinctions646.build.generator_sha256", lambda: "another")
    with pytest.raises(ValueError, match=r"mini: holds something else \(a build with other sour"):
        build(config)


def test_the_generator_hash_is_that_of_its_files():
    assert len(generator_sha256()) == 64
    assert generator_sha256() == generator_sha256()


def test_an_unknown_configuration_is_named(tmp_path):
    with pytest.raises(ValueError, match="mini is 'huge'; expected one of None, test-small"):
        build(BuildConfig(tmp_path / "mini", mini="huge"))
