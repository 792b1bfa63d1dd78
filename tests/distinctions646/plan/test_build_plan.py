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


@pytest.mark.parametrize(
    ("sources", "flags", "rule", "write"),
    [
        (mini_config("test-small"), "", "dilate-25/v1", ("folder", "parquet")),
        (mini_config("test"), "--config test", "dilate-25/v1", ("parquet",)),
        (mini_config("validation"), "--config validation", "dilate-25/v1", ("parquet",)),
        (
            mini_config("train", 9, 3),
            "--config train --foregrounds 9 --seed 3",
            "dilate-25/v1",
            ("virtual",),
        ),
        (
            CustomSources(Path("fg"), Path("bg")),
            "--dataset custom --foregrounds fg --backgrounds bg",
            "dilate-25/v1",
            ("parquet",),
        ),
        (
            CustomSources(Path("fg"), Path("bg"), split="train"),
            "--dataset custom --foregrounds fg --backgrounds bg --split train",
            None,
            ("parquet",),
        ),
        *(
            (kind(name, split, OUT), f"--dataset {name} --split {split} --source out", rule, write)
            for kind, name, split, rule, write in (
                (ArchiveSources, "composition1k", "test", "adobe", ("parquet",)),
                (ArchiveSources, "composition1k", "train", None, ("virtual",)),
                (ArchiveSources, "distinctions646", "test", "dilate-25/v1", ("parquet",)),
                (OpenSetSources, "aim-500", "test", "given", ("parquet",)),
                (OpenSetSources, "ppm-100", "test", "dilate-25/v1", ("parquet",)),
            )
        ),
    ],
)
def test_python_and_the_command_line_give_the_same_plan(sources, flags, rule, write):
    plan = resolve(BuildConfig(OUT, sources))
    assert (plan.rules.trimap_rule, plan.write) == (rule, write)
    command = parse_args([*flags.split(), "--out", "out", "--workers", "1"])
    assert resolve(command) == plan


def test_a_dataset_s_default_can_be_refused():
    sources = ArchiveSources("composition1k", "test", OUT)
    assert resolve(BuildConfig(OUT, sources, trimap_rule="none")).rules.trimap_rule is None
    with pytest.raises(ValueError, match="write is ; expected some of folder"):
        resolve(BuildConfig(OUT, sources, write=()))


def test_a_default_form_is_checked():
    sources = ArchiveSources("composition1k", "train", OUT)
    with pytest.raises(ValueError, match="what is composed on reading is exact"):
        resolve(BuildConfig(OUT, sources, image_format="jpeg-80"))


def test_an_open_set_has_no_backgrounds(capsys):
    with pytest.raises(SystemExit):
        parse_args(["--dataset", "aim-500", "--source", "s", "--coco", "c", "--out", "o"])
    assert "--coco needs an official --dataset" in capsys.readouterr().err
