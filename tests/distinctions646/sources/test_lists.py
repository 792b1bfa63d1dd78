"""The official lists are known by their hashes; others are told apart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from distinctions646.plan.recipe import output_name
from distinctions646.sources.datasets import DATASETS, archive_names, layout_of, splits_in_table
from distinctions646.sources.files import read_names
from distinctions646.sources.lists import check_counts, in_order, judge
from distinctions646.sources.locations import ArchiveSources

FILES = {
    "composition1k": "adobe",
    "distinctions646": "distinctions646",
    "distinctions646-github80": "distinctions646",
}
LISTS = [
    (dataset, split, kind)
    for dataset in FILES
    for split in splits_in_table(dataset)
    for kind in ("foregrounds", "backgrounds")
]


@pytest.mark.parametrize(("dataset", "split", "kind"), LISTS)
def test_the_official_lists(oracle, dataset, split, kind):
    expected = getattr(layout_of(dataset, split), kind)
    names = read_names(oracle / "lists" / FILES[dataset] / expected.file)
    if expected.sha256 is None:  # the archive's own list of 59,600 names, which nobody here has
        assert judge(names, expected) == "47680 names, the official list has 59600"
        assert judge([*names, *names[:11_920]], expected).startswith("the right count; no hash")
        return
    assert judge(names, expected) == "official"
    assert judge(names[:-1], expected) == (
        f"{len(names) - 1} names, the official list has {len(names)}"
    )
    assert (
        judge([names[1], names[0], *names[2:]], expected) == "the official names in another order"
    )
    assert judge(["x.png", *names[1:]], expected) == "the right count, but not the official names"


@pytest.mark.parametrize(("dataset", "split", "kind"), LISTS)
def test_the_official_orders_come_from_folders(oracle, dataset, split, kind):
    expected = getattr(layout_of(dataset, split), kind)
    if expected.order is None:
        return
    names = read_names(oracle / "lists" / FILES[dataset] / expected.file)
    assert in_order(set(names), expected.order) == names


def sources(dataset):
    return ArchiveSources(dataset, "train", Path("archive"))


def test_the_80_or_100_trap_is_named():
    message = (
        "the lists have 596 foregrounds and 47680 backgrounds (80 for each); distinctions646 train "
        "is 596 × 100 = 59600; these lists fit --dataset distinctions646-github80 --split train"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check_counts(sources("distinctions646"), 596, 47_680)
    with pytest.raises(
        ValueError, match=r"these lists fit --dataset distinctions646 --split train$"
    ):
        check_counts(sources("distinctions646-github80"), 596, 59_600)


def test_lists_that_fit_nothing(monkeypatch):
    message = (
        "the lists have 431 foregrounds and 68850 backgrounds; composition1k train is 431 × 100"
    )
    with pytest.raises(ValueError, match=re.escape(message) + " = 43100$"):
        check_counts(sources("composition1k"), 431, 68_850)


def test_the_recipes_make_the_numbers_of_the_papers():
    made = {
        (dataset, split): (
            layout.foregrounds.count,
            layout.per_foreground,
            layout.backgrounds.count,
        )
        for dataset in archive_names()
        for split, layout in DATASETS[dataset].archive.items()
    }
    assert made["composition1k", "train"] == (431, 100, 43_100)
    assert made["distinctions646", "train"] == (596, 100, 59_600)
    assert made["distinctions646-github80", "train"] == (596, 80, 47_680)
    assert {made[dataset, "test"] for dataset in archive_names()} == {(50, 20, 1000)}
    assert all(count * each == total for count, each, total in made.values())


def test_the_official_names_of_the_distinctions_646_test(oracle):
    names = read_names(oracle / "lists" / "distinctions646" / "fg_test.txt")
    made = [output_name(names[i // 20], i % 20, i, "d646") for i in range(1000)]
    assert made == [f"test_{index}" for index in range(1000)]
