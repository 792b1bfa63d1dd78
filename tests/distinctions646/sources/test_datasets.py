"""The table of known datasets: complete, consistent, and in the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.board.protocols import known_dataset
from distinctions646.build import main as build_command
from distinctions646.doctor import main as examine_command
from distinctions646.sources import datasets
from distinctions646.sources.datasets import (
    DATASETS,
    archive_names,
    open_set_names,
    related_dataset,
    splits_in_table,
    terms_of,
)
from distinctions646.sources.layouts import KnownDataset, NameList, SplitLayout
from distinctions646.sources.terms import Terms

DOCS = (Path(__file__).parents[3] / "docs" / "datasets.md").read_text(encoding="utf-8")
LISTS = [
    (name, split, kind)
    for name, known in DATASETS.items()
    for split in known.archive
    for kind in ("foregrounds", "backgrounds")
]


@pytest.mark.parametrize("name", DATASETS)
def test_the_documentation_names_every_dataset(name):
    assert f"`{name}`" in DOCS


@pytest.mark.parametrize(("name", "split", "kind"), LISTS)
def test_the_documentation_has_every_known_hash(name, split, kind):
    listed = getattr(DATASETS[name].archive[split], kind)
    if listed.sha256 is not None:
        row = next(line for line in DOCS.splitlines() if f"`{listed.sha256}`" in line)
        assert f"`{listed.file}`" in row
        assert f"| {listed.count:,} |" in row


@pytest.mark.parametrize("name", open_set_names())
def test_the_documentation_has_the_size_of_every_open_set(name):
    row = next(line for line in DOCS.splitlines() if line.startswith("|") and f"`{name}`" in line)
    counts = [layout.count for layout in DATASETS[name].photographs.values()]
    for count in counts:
        assert "not counted" in row if count is None else f"{count:,}" in row


def test_a_dataset_is_of_one_kind():
    for name, known in DATASETS.items():
        assert not (known.archive and known.photographs)
        assert bool(splits_in_table(name)) == (name != "mini")
    assert {"mini", *archive_names(), *open_set_names()} == set(DATASETS)


@pytest.mark.parametrize("name", DATASETS)
def test_every_entry_can_be_shown(name):
    known = DATASETS[name]
    assert known.title
    assert known.test_images_of in (None, *DATASETS)
    assert not known.terms.foregrounds.endswith(".")


def test_the_pairing_makes_the_number_of_backgrounds():
    for name in archive_names():
        for layout in DATASETS[name].archive.values():
            assert layout.foregrounds.count * layout.per_foreground == layout.backgrounds.count


def test_the_two_that_had_no_title():
    assert DATASETS["transparent-460"].title == "Transparent-460"
    assert DATASETS["transparent-460"].test_images == 1000
    github = DATASETS["distinctions646-github80"]
    assert (github.test_images, github.test_images_of) == (1000, "distinctions646")
    assert github.archive["test"] == DATASETS["distinctions646"].archive["test"]


def test_a_dataset_is_added_by_one_entry(trees, tmp_path, monkeypatch, capsys):
    layout = SplitLayout(
        bases=("", "Pets-2/Test"),
        folders=(("colour", "matte"),),
        foregrounds=NameList("fg.txt", 2),
        backgrounds=NameList("bg.txt", 4),
        background_source="voc",
        per_foreground=2,
        trimap_rule="dilate-2/v1",
    )
    entry = KnownDataset("Pets-2", Terms("pets of our own"), archive={"test": layout})
    monkeypatch.setattr(datasets, "DATASETS", {**DATASETS, "pets-2": entry})
    names = [f"2007_{number:06d}.jpg" for number in range(4)]
    trees.archive("pets-2", "test", ["cat.png", "dog.png"], names)
    voc, out = trees.voc(names), tmp_path / "out"
    sources = ["--dataset", "pets-2", "--source", str(trees.root / "source"), "--voc", str(voc)]
    assert examine_command([*sources, "--workers", "1"]) == 0
    assert build_command([*sources, "--workers", "1", "--out", str(out)]) == 0
    assert "built: test, 4 composites of 2 foregrounds" in capsys.readouterr().out
    assert "pets of our own" in (out / "README.md").read_text()
    known = known_dataset("pets-2")
    assert (known.title, known.test_images, known.official_trimaps) == ("Pets-2", 4, False)


def test_variants_share_the_terms():
    assert terms_of("composition1k-cleaned") == DATASETS["composition1k"].terms
    assert related_dataset("mini-larger").synthetic
    assert terms_of("pets") == Terms()
