"""The embedded dataset through the builder, cut down to a few tiny pictures."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import datasets
import pytest

from distinctions646.build import building
from distinctions646.build.building import build, main
from distinctions646.loading.opening import load, open_split
from distinctions646.mini import plans
from distinctions646.plan import embedded
from distinctions646.plan.arguments import parse_args
from distinctions646.plan.build_plan import resolve
from distinctions646.plan.embedded import (
    CONFIGS,
    TABLES,
    generator_sha256,
    mini_config,
    vendored_sha256,
)
from distinctions646.plan.settings import BuildConfig

SIZE = 40


@pytest.fixture
def tiny(monkeypatch):
    """Cut every configuration down to two foregrounds, or three, and as few backgrounds."""

    def cut(split, size, *, count=None, seed=0):
        chosen = {"test": ["creature", "smoke"], "validation": ["fire", "tool"]}
        if split in chosen:
            planned = list(whole(split, size))
            return [next(p for p in planned if p.subject == name) for name in chosen[split]]
        return whole(split, size, count=3, seed=seed)

    whole = plans.plan_foregrounds
    monkeypatch.setattr(plans, "plan_foregrounds", cut)
    for name, config in CONFIGS.items():
        per_foreground = min(config.per_foreground, 2)
        small = replace(config, size=SIZE, per_foreground=per_foreground, backgrounds=4)
        monkeypatch.setitem(CONFIGS, name, small)


def settings(out, name, **more):
    amount = {key: more.pop(key) for key in ("foregrounds", "seed") if key in more}
    return BuildConfig(out, mini_config(name, **amount), **more)


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_bare_command_builds_mini(capsys, tmp_path, monkeypatch, tiny):
    monkeypatch.chdir(tmp_path)
    assert main(["--workers", "1"]) == 0
    assert capsys.readouterr().out.startswith("mini: built: test, 2 composites of 2 foregrounds")
    split = open_split(tmp_path / "mini")
    assert (split.name, split.trimap_rule) == ("mini", "dilate-25/v1")
    assert [sample.foreground.split("_")[0] for sample in split.samples] == ["creature", "smoke"]
    files = {"README.md", "build.json", "croissant.json", "foregrounds.csv", "photographs.csv"}
    folders = {"data", "recipe", "sources", "test"}
    assert {path.name for path in (tmp_path / "mini").iterdir()} == files | folders
    assert main(["--workers", "1"]) == 0
    assert capsys.readouterr().out.startswith("mini: already built: test, 2 composites")
    assert [path.name for path in tmp_path.iterdir()] == ["mini"]


@pytest.mark.parametrize(
    ("arguments", "built"),
    [
        (["--config", "validation"], "mini: built: validation, 4 composites of 2 foregrounds"),
        (["--config", "train", "--foregrounds", "3"], "mini: built: train, 6 composites of 3"),
    ],
)
def test_the_command_says_what_it_built(arguments, built, capsys, tmp_path, monkeypatch, tiny):
    monkeypatch.chdir(tmp_path)
    assert main([*arguments, "--workers", "1"]) == 0
    assert capsys.readouterr().out.startswith(built)


def test_attributes_cover_all_splits_of_the_folder(tmp_path, tiny):
    for name in ("test-small", "validation"):
        build(settings(tmp_path / "mini", name))
    with (tmp_path / "mini" / "foregrounds.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["name", "class", "group", "opaque_part", "unseen", "source"]
    assert [row["class"] for row in rows] == ["creature", "smoke", "fire", "tool"]
    for split in ("test", "validation"):
        named = {sample.foreground for sample in open_split(tmp_path / "mini", split).samples}
        assert named < {row["name"] for row in rows}


def test_test_small_is_a_part_of_test(tmp_path, tiny):
    roots = {name: tmp_path / name for name in ("test-small", "test")}
    for name, root in roots.items():
        build(settings(root, name))
    small, whole = (
        {sample.name: sample for sample in open_split(root).samples} for root in roots.values()
    )
    assert len(small) == 2
    assert len(whole) == 4
    for name, sample in small.items():
        for look in ("image", "alpha_u8", "trimap"):
            assert (getattr(sample, look)() == getattr(whole[name], look)()).all()


@pytest.mark.parametrize("name", ["test-small", "test", "validation"])
def test_every_configuration_loads_through_datasets(name, tmp_path, tiny):
    root = tmp_path / "mini"
    build(settings(root, name))
    rows = datasets.load_dataset(
        str(root), "mini", split=CONFIGS[name].split, cache_dir=str(tmp_path / "cache")
    )
    assert set(rows.column_names) >= {"id", "foreground", "background", "image", "alpha", "trimap"}
    assert max(rows[0]["image"].size) == SIZE


def test_training_is_virtual_and_as_large_as_asked(tmp_path, tiny):
    root = tmp_path / "mini"
    build(settings(root, "train", foregrounds=3, write=("virtual",)))
    assert (root / "backgrounds").is_dir()
    rows = load(root, split="train", mode="virtual", backgrounds=root / "backgrounds")
    assert len(rows) == 6
    assert max(rows[0]["image"].size) == SIZE


def test_virtual_keeps_the_backgrounds(tmp_path, tiny):
    for form in ("virtual", "webdataset"):
        build(settings(tmp_path / form, "test-small", write=(form,)))
    assert (tmp_path / "virtual" / "backgrounds").is_dir()
    root = open_split(tmp_path / "webdataset").root
    assert open_split(tmp_path / "virtual").compute_root() == root


def test_the_same_again_is_equal_to_the_byte(tmp_path, tiny):
    for name in ("first", "second"):
        build(settings(tmp_path / name, "validation"))
    assert contents(tmp_path / "first") == contents(tmp_path / "second")


@pytest.mark.slow
def test_workers_do_not_change_a_byte(tmp_path, monkeypatch):
    monkeypatch.setitem(CONFIGS, "test-small", replace(CONFIGS["test-small"], size=64))
    for workers in (1, 2):
        build(settings(tmp_path / str(workers), "test-small", workers=workers))
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_another_generator_is_another_dataset(tmp_path, monkeypatch, tiny):
    config = settings(tmp_path / "mini", "test-small")
    build(config)
    monkeypatch.setattr(building, "generator_sha256", lambda: "another")
    with pytest.raises(ValueError, match=r"mini: holds something else \(a build with other sour"):
        build(config)


@pytest.mark.parametrize(
    ("options", "difference"),
    [
        (["--foregrounds", "5"], "3 foregrounds, not 5"),
        ([], "3 foregrounds, not 64"),
        (["--foregrounds", "3", "--seed", "1"], "other sources: another seed, or another version"),
    ],
)
def test_another_training_set_is_told_apart(options, difference, capsys, tmp_path, tiny):
    command = ["--config", "train", "--out", str(tmp_path / "mini"), "--workers", "1"]
    assert main([*command, "--foregrounds", "3"]) == 0
    before = contents(tmp_path / "mini")
    capsys.readouterr()
    assert main([*command, *options]) == 2
    assert f"mini: holds something else (a build with {difference}" in capsys.readouterr().err
    assert contents(tmp_path / "mini") == before


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """A copy of the package's sources and of mini's tables."""
    root = tmp_path_factory.mktemp("copy")
    here = Path(embedded.__file__).parents[2]
    paths = sorted((here / "distinctions646").rglob("*.py"))
    paths += [here / "distinctions646" / "mini" / name for name in TABLES]
    for path in paths:
        (root / path.relative_to(here)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, root / path.relative_to(here))
    return root


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_move_or_a_comment_leaves_the_generator_hash(package):
    mini = package / "distinctions646" / "mini"
    (mini / "painting").mkdir()
    (mini / "drawing" / "coat.py").rename(mini / "painting" / "furs.py")
    for path in mini.rglob("*.py"):
        text = path.read_text().replace("mini.drawing.coat import", "mini.painting.furs import")
        path.write_text(f"{text}\n# a comment\n")
    edit(mini / "catalogue.py", '"""Render a foreground.', '"""Draw a foreground.')
    assert generator_sha256(package) == generator_sha256()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("pictures.py", "_RANGE = 1_000_000", "_RANGE = 1_000_001"),
        ("catalogue.py", "hair, weight=6", "hair, weight=7"),
        ("chosen.csv", "fur", "hair"),
    ],
)
def test_a_constant_or_a_choice_alters_the_generator_hash(package, name, old, new):
    path = package / "distinctions646" / "mini" / name
    before = path.read_text()
    edit(path, old, new)
    try:
        assert generator_sha256(package) != generator_sha256()
    finally:
        path.write_text(before)


def test_a_split_hangs_on_its_own_path_traced_pictures():
    test, validation, train = (
        vendored_sha256(replace(CONFIGS[name], foregrounds=count))
        for name, count in (("test-small", None), ("validation", None), ("train", 1000))
    )
    assert len(test) >= 18
    assert test == vendored_sha256(CONFIGS["test"])
    assert not set(train) & {*test, *validation}


def test_what_is_asked_for_is_checked():
    with pytest.raises(ValueError, match="mini is 'huge'; expected one of test-small"):
        mini_config("huge")
    with pytest.raises(ValueError, match="test-small is fixed; expected foregrounds and seed for"):
        mini_config("test-small", 3)
    with pytest.raises(ValueError, match="foregrounds is 0; expected 1 or more"):
        mini_config("train", 0)
    with pytest.raises(ValueError, match="seed is -1; expected 0 or more"):
        mini_config("train", 5, -1)


def test_the_command_line_asks_for_a_training_set():
    config = parse_args(["--config", "train", "--foregrounds", "5000", "--seed", "3"])
    assert config.sources == mini_config("train", 5000, 3)
    assert (config.out.name, resolve(config).write) == ("mini", ("virtual",))
    assert parse_args(["--config", "test"]).out.name == "mini-test"


def test_a_folder_is_no_number_of_foregrounds(capsys):
    with pytest.raises(SystemExit):
        parse_args(["--config", "train", "--foregrounds", "pictures"])
    assert "mini wants a number of foregrounds" in capsys.readouterr().err
