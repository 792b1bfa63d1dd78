"""Commands on stores: the same bytes as on folders, resumed anywhere, one error line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from distinctions646.build import building
from distinctions646.build.building import main as build
from distinctions646.checks.addresses import local_path, shown, split_prefix, url_of
from distinctions646.images.png import write_png
from distinctions646.storage import staging
from distinctions646.storage.copying import fetch, list_objects, publish
from distinctions646.storage.locations import open_store
from distinctions646.storage.staging import fetched, stand_in, written


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a folder with two foregrounds, their alphas and two backgrounds."""
    folder, random = tmp_path / "sources", np.random.default_rng(0)
    for kind, shape in (("fg", (9, 11, 3)), ("alpha", (9, 11)), ("bg", (12, 12, 3))):
        (folder / kind).mkdir(parents=True)
        for number in range(2):
            pixels = random.integers(0, 256, shape, np.uint8)
            write_png(folder / kind / f"p{number}.png", pixels)
    return folder


@pytest.fixture
def arguments(sources: Path) -> Callable[..., list[str]]:
    """Return a function that makes a build's command line."""

    def make(where: Path | str, out: Path | str) -> list[str]:
        folders = {"foregrounds": "fg", "alphas": "alpha", "backgrounds": "bg"}
        words = [
            word for flag, name in folders.items() for word in (f"--{flag}", f"{where}/{name}")
        ]
        more = ["--per-foreground", "1", "--write", "folder", "--workers", "1", "--out", str(out)]
        return ["--dataset", "custom", *words, *more]

    return make


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".seen-")
    }


def test_addresses_among_paths() -> None:
    assert url_of(Path("s3://bucket/a")) == "s3://bucket/a"
    assert url_of("memory://a") == "memory://a"
    assert url_of(Path("folder/a")) is None
    assert url_of(Path("composition1k:/data")) is None  # NAME:DIR
    assert split_prefix(str(Path("composition1k:s3://b"))) == ("composition1k:", "s3:/b")
    assert local_path(Path("file:///a/b")) == Path("/a/b")
    assert shown(Path("s3://bucket/a")) == "s3://bucket/a"
    with pytest.raises(ValueError, match=r"^s3://…@bucket/a: holds credentials") as error:
        url_of("s3://key:secret@bucket/a")
    assert "secret" not in str(error.value)


def test_a_build_from_and_to_a_store_has_the_same_bytes(
    store: str,
    sources: Path,
    arguments: Callable[..., list[str]],
    tmp_path: Path,
    cache: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert build(arguments(sources, tmp_path / "built")) == 0
    publish(sources, f"{store}/sources")
    to_store = arguments(f"{store}/sources", f"{store}/built")
    assert build(to_store) == 0
    fetch(f"{store}/built", tmp_path / "copy")
    assert content(tmp_path / "copy") == content(tmp_path / "built")
    assert list_objects(f"{store}/built.partial") == {}
    shutil.rmtree(cache)  # as on another machine
    assert build(to_store) == 0
    assert f"{store}/built: already built" in capsys.readouterr().out


def test_a_file_address_is_a_path(
    sources: Path, arguments: Callable[..., list[str]], tmp_path: Path, cache: Path
) -> None:
    assert build(arguments(f"file://{sources}", f"file://{tmp_path}/built")) == 0
    assert (tmp_path / "built" / "build.json").is_file()
    assert not cache.exists()


def test_another_machine_resumes_with_the_finished_shards(
    store: str,
    sources: Path,
    arguments: Callable[..., list[str]],
    tmp_path: Path,
    cache: Path,
    breaking: list[str],
) -> None:
    command = arguments(sources, f"{store}/built")
    assert build(command) == 2
    assert "markers/0.json" in list_objects(f"{store}/built.partial")
    assert "build.json" not in list_objects(f"{store}/built")
    shutil.rmtree(cache)
    (tmp_path / "mended").touch()
    assert build(command) == 0
    assert breaking == ["p0.png", "p1.png"]
    fetch(f"{store}/built", tmp_path / "copy")
    assert build(arguments(sources, tmp_path / "built")) == 0
    assert content(tmp_path / "copy") == content(tmp_path / "built")


def test_something_else_at_the_address_is_refused(
    store: str, sources: Path, arguments: Callable[..., list[str]], capsys: Any
) -> None:
    publish(sources, f"{store}/built")
    assert build(arguments(sources, f"{store}/built")) == 2
    assert f"{store}/built: holds something else (alpha/p0.png" in capsys.readouterr().err


@pytest.mark.parametrize("error", [PermissionError("AccessDenied"), OSError("no route")])
def test_an_address_without_rights_is_one_line_before_work(
    error: OSError,
    memory: str,
    sources: Path,
    arguments: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    system, _ = open_store(memory)

    def refuse(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(type(system), "pipe_file", refuse)
    monkeypatch.setattr(building, "pair_sources", lambda *_: pytest.fail("work has begun"))
    assert build(arguments(sources, f"{memory}/built")) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0].startswith(f"error: {memory}/built: ")
    assert str(error) in told[0]


def test_a_bucket_that_is_not_there_is_named(
    bucket: str, sources: Path, arguments: Callable[..., list[str]], capsys: Any
) -> None:
    assert build(arguments(sources, "s3://nobody-has-this/built")) == 2
    assert "s3://nobody-has-this/built: cannot write there" in capsys.readouterr().err
    assert build(arguments(f"{bucket}/none", "built")) == 2
    assert f"error: {bucket}/none/fg: cannot read it" in capsys.readouterr().err


def test_a_single_file_goes_and_comes(store: str, tmp_path: Path) -> None:
    with written(Path(f"{store}/table.csv")) as out:
        out.write_text("a,b\n")
    assert fetched(Path(f"{store}/table.csv")).read_text() == "a,b\n"


def test_a_command_for_folders_refuses_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    from distinctions646.generate import main

    with pytest.raises(SystemExit) as ended:
        main(["--out", "s3://bucket/made"])
    assert ended.value.code == 2
    assert "out is s3://bucket/made; this command reads and writes folders of this" in (
        capsys.readouterr().err
    )
    with pytest.raises(SystemExit):
        main(["--out", "s3://key:secret@bucket/made"])
    told = capsys.readouterr().err
    assert "holds credentials" in told
    assert "secret" not in told


def test_stores_of_one_name_stand_apart() -> None:
    assert stand_in("s3://a/x", "read") != stand_in("s3://b/x", "read")
    assert stand_in("s3://a/x", "read").name == "x"
    assert staging.staging_folder().name == "cache"
