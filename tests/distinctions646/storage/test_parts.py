"""Parts of one build on machines that share nothing but a store: the bytes of one whole build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from distinctions646.build import building, work
from distinctions646.build.building import main as build
from distinctions646.images.png import write_png
from distinctions646.storage.copying import fetch, list_objects, publish, read_object
from distinctions646.storage.locations import open_store
from distinctions646.storage.parts import StoreParts
from distinctions646.storage.staging import CACHE_VARIABLE

FOREGROUNDS = 5


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a folder with some foregrounds, their alphas and backgrounds."""
    folder, random = tmp_path / "sources", np.random.default_rng(0)
    for kind, shape in (("fg", (9, 11, 3)), ("alpha", (9, 11)), ("bg", (12, 12, 3))):
        (folder / kind).mkdir(parents=True)
        for number in range(FOREGROUNDS):
            pixels = random.integers(0, 256, shape, np.uint8)
            write_png(folder / kind / f"p{number}.png", pixels)
    return folder


Command = Callable[..., int]


@pytest.fixture
def command(sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return a function that gives the command of a build on one of several machines."""

    def give(out: str, *more: str, machine: int = 0, write: str = "folder") -> int:
        monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / f"cache{machine}"))
        folders = {"foregrounds": "fg", "alphas": "alpha", "backgrounds": "bg"}
        words = [f"--{flag}={sources / name}" for flag, name in folders.items()]
        words += ["--dataset=custom", "--per-foreground=1", "--workers=1", "--write", write]
        return build([*words, "--out", out, *more])

    return give


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".seen-")
    }


def assert_whole(store: str, command: Command, tmp_path: Path, write: str = "folder") -> None:
    """Check that the store holds what a whole build makes, and nothing unfinished."""
    assert command(str(tmp_path / "whole" / "built"), write=write) == 0
    fetch(f"{store}/built", tmp_path / "copy")
    assert content(tmp_path / "copy") == content(tmp_path / "whole" / "built")
    assert list_objects(f"{store}/built.partial") == {}


@pytest.mark.parametrize("write", ["folder", "parquet", "virtual"])
def test_parts_on_their_own_machines(
    store: str, command: Command, tmp_path: Path, capsys: Any, write: str
) -> None:
    for part in (2, 0, 1):
        assert f"{store}/built/build.json" not in list_objects(f"{store}/built")
        assert command(f"{store}/built", "--shard", f"{part}/3", machine=part, write=write) == 0
    told = capsys.readouterr().out
    assert f"part 0/3 done; 3 of {FOREGROUNDS} foregrounds are finished in all" in told
    assert f"{store}/built: built: test, {FOREGROUNDS} composites" in told
    assert_whole(store, command, tmp_path, write)
    before = list_objects(f"{store}/built")
    assert command(f"{store}/built", "--shard", "0/3", machine=9, write=write) == 0
    assert f"part 0/3 done; {FOREGROUNDS} of {FOREGROUNDS}" in capsys.readouterr().out
    assert list_objects(f"{store}/built") == before
    assert list_objects(f"{store}/built.partial") == {}


def test_of_parts_that_end_at_once_one_joins(
    store: str, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """The first ends while the second is about to look: both see all shards."""
    real, first = StoreParts.finished, []

    def finished(self: StoreParts, total: int) -> int:
        if not first:
            first.append(True)
            assert command(f"{store}/built", "--shard", "1/2", machine=1) == 2
            return total  # as it was listed before the other joined
        return real(self, total)

    monkeypatch.setattr(StoreParts, "finished", finished)
    monkeypatch.setattr(building, "_join", lambda *_: None)  # it is broken off there
    monkeypatch.setattr(building, "written", lambda *_, **__: pytest.MonkeyPatch.context())
    assert command(f"{store}/built", "--shard", "0/2") == 0
    assert "note: part 1/2 puts the whole together" in capsys.readouterr().err
    monkeypatch.undo()
    assert command(f"{store}/built", "--shard", "0/2") == 0  # not the one
    assert list_objects(f"{store}/built") == {}
    assert command(f"{store}/built", "--shard", "1/2", machine=7) == 0  # it was lost, and is back
    assert_whole(store, command, tmp_path)


def test_another_machine_goes_on_with_a_part(
    store: str, command: Command, tmp_path: Path, breaking: list[str]
) -> None:
    assert command(f"{store}/built", "--shard", "0/2") == 2
    assert sum("markers/" in name for name in list_objects(f"{store}/built.partial")) == 1
    (tmp_path / "mended").touch()
    assert command(f"{store}/built", "--shard", "0/2", machine=1) == 0
    assert breaking == ["p0.png", "p2.png", "p4.png"]
    assert command(f"{store}/built", machine=2) == 0  # without --shard: the rest, and the whole
    assert breaking == ["p0.png", "p2.png", "p4.png", "p1.png", "p3.png"]
    assert_whole(store, command, tmp_path)


def test_old_pictures_without_a_marker_are_not_published(
    store: str, command: Command, tmp_path: Path, sources: Path
) -> None:
    """A machine was killed between a picture and its marker; the source was changed since."""
    assert command(f"{store}/built", "--shard", "0/2", machine=1) == 0
    old = StoreParts(Path(f"{store}/built"))
    picture = (
        old.partial
        / "final"
        / "test"
        / "image"
        / next(
            name.rpartition("/")[2] for name in list_objects(old.unfinished) if "/image/" in name
        )
    )
    assert command(f"{store}/other", "--shard", "1/2") == 0  # makes the cache of this machine
    here = StoreParts(Path(f"{store}/built")).partial
    stale = here / picture.relative_to(old.partial)
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"old")
    (here / "tag").write_bytes(read_object(f"{old.unfinished}/tag") or b"")
    assert command(f"{store}/built", "--shard", "0/2") == 0
    assert command(f"{store}/built", "--shard", "1/2") == 0
    assert_whole(store, command, tmp_path)


def test_what_is_not_this_build_is_refused_before_work(
    store: str, command: Command, sources: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    publish(sources, f"{store}/sources")
    monkeypatch.setattr(work, "render_shard", lambda *_: pytest.fail("work has begun"))
    assert command(f"{store}/sources", "--shard", "0/2") == 2
    assert f"error: {store}/sources: holds something else (alpha/p0" in capsys.readouterr().err
    system, path = open_store(f"{store}/built.partial/tag")
    system.pipe_file(path, b"another")
    assert command(f"{store}/built", "--shard", "0/2") == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error: {store}/built.partial: holds the unfinished work of another")
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--trimap-rule=radius-3/v1",), "trimap_rule dilate-25/v1, not radius-3/v1"),
        (("--preset=cv2-cubic",), "preset adobe, not cv2-cubic"),
        (("--write=parquet",), "write folder, not parquet"),
    ],
)
def test_a_part_of_other_settings_is_refused_and_nothing_lost(
    memory: str, command: Command, tmp_path: Path, capsys: Any, flags: Any, message: str
) -> None:
    assert command(f"{memory}/built", "--shard", "0/2") == 0
    before = list_objects(f"{memory}/built.partial")
    capsys.readouterr()
    for machine in (0, 1):
        assert command(f"{memory}/built", *flags, "--shard", "1/2", machine=machine) == 2
        told = capsys.readouterr().err
        assert f"error: {memory}/built.partial: holds parts of a build with {message}" in told
        assert len(told.splitlines()) == 1
    assert list_objects(f"{memory}/built.partial") == before
    assert command(f"{memory}/built", "--shard", "1/2") == 0
    assert_whole(memory, command, tmp_path)


def test_a_store_that_holds_another_build_is_refused(
    store: str, command: Command, sources: Path, capsys: Any
) -> None:
    assert command(f"{store}/built") == 0
    random = np.random.default_rng(1).integers(0, 256, (9, 11, 3), np.uint8)
    write_png(sources / "fg" / "p0.png", random)
    assert command(f"{store}/built", "--shard", "0/2", machine=1) == 2
    told = capsys.readouterr().err
    assert f"error: {store}/built: holds something else (another build of test)" in told


def test_a_join_that_another_process_holds_up_loses_no_shard(
    memory: str, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(building, "_join", lambda *_: None)
    assert command(f"{memory}/built", "--shard", "0/1") == 2
    assert "another build is writing it" in capsys.readouterr().err
    assert (
        sum("markers/" in name for name in list_objects(f"{memory}/built.partial")) == FOREGROUNDS
    )
    monkeypatch.undo()
    assert command(f"{memory}/built", "--shard", "0/1") == 0
    assert_whole(memory, command, tmp_path)
