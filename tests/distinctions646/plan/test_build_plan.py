"""Settings resolved once: what each kind of dataset brings, and what a user may choose."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from distinctions646.plan.arguments import parse_args
from distinctions646.plan.build_plan import resolve
from distinctions646.plan.embedded import mini_config
from distinctions646.plan.recipe import Rules
from distinctions646.plan.settings import BuildConfig
from distinctions646.sources.locations import ArchiveSources, CustomSources, OpenSetSources

OUT = Path("out")
CUSTOM = CustomSources(Path("fg"), Path("bg"), per_foreground=3)


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (CUSTOM, ("custom", "test", 3, "adobe")),
        (ArchiveSources("composition1k", "train", OUT), ("composition1k", "train", 100, "adobe")),
        (ArchiveSources("distinctions646", "test", OUT), ("distinctions646", "test", 20, "d646")),
        (
            ArchiveSources("distinctions646-github80", "train", OUT),
            ("distinctions646-github80", "train", 80, "d646"),
        ),
        (OpenSetSources("aim-500", "test", OUT), ("aim-500", "test", 1, "adobe")),
        (mini_config("validation"), ("mini", "validation", 2, "adobe")),
    ],
)
def test_each_kind_brings_its_own_pairing_and_names(sources, expected):
    plan = resolve(BuildConfig(OUT, sources))
    assert (plan.dataset, plan.split, plan.per_foreground, plan.names) == expected


def test_the_description_has_what_pixels_and_files_depend_on_and_no_path():
    config = BuildConfig(
        OUT, CUSTOM, trimap_rule="dilate-3/v1", trimap_seed=7, write=("parquet", "folder", "folder")
    )
    plan = resolve(config)
    assert plan.rules == Rules(trimap_rule="dilate-3/v1", trimap_seed=7)
    assert plan.description == {
        "preset": "adobe",
        "exif": "ignore",
        "alpha_cleanup": None,
        "image_format": "png",
        "trimap_rule": "dilate-3/v1",
        "trimap_seed": 7,
        "names": "adobe",
        "per_foreground": 3,
        "write": ["folder", "parquet"],
    }
    assert json.loads(plan.work_tag) == ["test", True, False, "dilate-3/v1"]


def test_a_plan_cannot_be_changed():
    plan = resolve(BuildConfig(OUT, CUSTOM))
    with pytest.raises(FrozenInstanceError):
        plan.split = "train"


@pytest.mark.parametrize(("write", "alone"), [(("virtual",), True), (("virtual", "folder"), False)])
def test_virtual_alone_composes_nothing(write, alone):
    assert resolve(BuildConfig(OUT, CUSTOM, write=write)).virtual_only is alone


def test_only_the_embedded_dataset_makes_its_sources():
    assert resolve(BuildConfig(OUT, mini_config("test"))).generated
    assert not resolve(BuildConfig(OUT, CUSTOM)).generated


def test_the_command_line_makes_one_type_a_kind():
    archive = ["--source", "s", "--voc", "v", "--out", "o"]
    for arguments, kind in (
        (["--dataset", "custom", "--foregrounds", "f", "--backgrounds", "b", "--out", "o"], "Cust"),
        (["--dataset", "composition1k", *archive], "Archive"),
        (["--dataset", "aim-500", "--source", "s", "--out", "o"], "OpenSet"),
        ([], "Mini"),
    ):
        assert type(parse_args(arguments).sources).__name__.startswith(kind)


def test_an_open_set_has_no_backgrounds(capsys):
    with pytest.raises(SystemExit):
        parse_args(["--dataset", "aim-500", "--source", "s", "--coco", "c", "--out", "o"])
    assert "--coco needs an official --dataset" in capsys.readouterr().err
