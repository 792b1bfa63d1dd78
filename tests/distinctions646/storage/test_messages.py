"""Commands on stores name the address, never the folder of this machine that stands in."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from benchmark.run import main as run
from benchmark.score import main as score
from benchmark.verify import main as verify_results
from distinctions646.audit.auditing import main as audit
from distinctions646.build.building import main as build
from distinctions646.checks.addresses import check_address
from distinctions646.images.png import write_png
from distinctions646.storage.copying import list_objects, publish
from distinctions646.storage.locations import open_store
from distinctions646.storage.staging import try_to_write
from distinctions646.verify.verifying import main as verify


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Return a folder with a foreground, its alpha and a background."""
    folder, random = tmp_path / "sources", np.random.default_rng(0)
    for kind, shape in (("fg", (9, 11, 3)), ("alpha", (9, 11)), ("bg", (12, 12, 3))):
        (folder / kind).mkdir(parents=True)
        write_png(folder / kind / "p0.png", random.integers(0, 256, shape, np.uint8))
    return folder


@pytest.fixture
def built(memory: str, sources: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the address of a built dataset."""
    words = f"--dataset custom --foregrounds {sources}/fg --alphas {sources}/alpha --workers 1"
    words += f" --backgrounds {sources}/bg --per-foreground 1 --write folder --out {memory}/own"
    assert build(words.split()) == 0
    capsys.readouterr()
    return f"{memory}/own"


def remove(url: str) -> None:
    system, path = open_store(url)
    system.rm_file(path)


def test_verify_names_the_dataset_and_what_is_missing(
    built: str, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify([built, "--workers", "1"]) == 0
    assert capsys.readouterr().out.startswith(f"{built}: test, 1 composites as built")
    remove(f"{built}/test/alpha/p0_0.png")
    assert verify([built, "--workers", "1"]) == 2
    told = capsys.readouterr()
    assert f"error: {built}/test/alpha/p0_0.png: no such file" in told.err
    assert str(cache) not in told.out + told.err


def test_a_damaged_object_is_named_and_made_again_once_removed(
    built: str, memory: str, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--method", "trimap", "--dataset", built, "--out", f"{memory}/runs", "--workers", "1"]
    assert run(words) == 0
    assert f"\n{memory}/runs/custom-test" in capsys.readouterr().out
    assert verify_results([f"{memory}/runs"]) == 0
    assert capsys.readouterr().out.startswith(f"{memory}/runs: 1 runs, ")
    name = next(name for name in list_objects(f"{memory}/runs") if name.endswith("results.parquet"))
    system, path = open_store(f"{memory}/runs/{name}")
    system.pipe_file(path, b"damaged")
    assert verify_results([f"{memory}/runs"]) == 1
    assert run(words) == 2
    told = capsys.readouterr()
    assert f"damaged: {memory}/runs/{name}" in told.out
    assert f"error: {memory}/runs/{name}: " in told.err
    assert str(cache) not in told.out + told.err
    remove(f"{memory}/runs/{name}")
    assert run(words) == 0
    assert verify_results([f"{memory}/runs"]) == 0


@pytest.mark.parametrize("kind", ["disk", "store"])
@pytest.mark.parametrize("damaged", ["image", "matte"])
def test_a_store_treats_damage_as_a_disk_does(
    kind: str,
    damaged: str,
    sources: Path,
    tmp_path: Path,
    memory: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = f"{tmp_path}/disk" if kind == "disk" else memory
    words = f"--dataset custom --foregrounds {sources}/fg --alphas {sources}/alpha --workers 1"
    words += f" --backgrounds {sources}/bg --per-foreground 1 --write folder --out {root}/own"
    running = ["--method", "trimap", "--dataset", f"{root}/own", "--out", f"{root}/runs"]
    running += ["--workers", "1"]
    assert build(words.split()) == 0
    assert run(running) == 0
    folder = f"{root}/own" if damaged == "image" else f"{root}/runs"
    pattern = "/image/" if damaged == "image" else "mattes/"
    system, path = open_store(folder)
    names = [name for name in system.find(path) if pattern in name and name.endswith(".png")]
    content = system.cat_file(names[0])
    system.pipe_file(names[0], content[:60])
    capsys.readouterr()
    assert build(words.split()) == 0  # recognised by its manifest, not by its pixels
    assert ": already built: " in capsys.readouterr().out
    check = verify if damaged == "image" else verify_results
    assert check([folder]) != 0
    assert Path(names[0]).name in "".join(capsys.readouterr())
    if damaged == "matte":
        assert run(running) == 0  # its numbers are there


def test_what_is_in_memory_has_no_next_command(
    memory: str, sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"--dataset custom --foregrounds {sources}/fg --alphas {sources}/alpha --workers 1"
    words += f" --backgrounds {sources}/bg --per-foreground 1 --write folder --out {memory}/own"
    assert build(words.split()) == 0
    assert "next:" not in capsys.readouterr().err


@pytest.mark.parametrize("address", ["s3://bucket/../x", "s3://b/a/./x", "memory://a/../x"])
def test_a_key_with_dots_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"is \. or \.\."):
        check_address(address)


def test_a_bucket_that_denies_removal_says_what_stays(
    memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(type(open_store(memory)[0]), "rm_file", denied)
    with pytest.raises(OSError, match=r"no right to remove .* so \S+matting-probe-\d+ stays there"):
        try_to_write(memory)


def test_requests_that_nobody_waits_for_are_not_news(
    memory: str, caplog: pytest.LogCaptureFixture
) -> None:
    open_store(memory)
    log = logging.getLogger("asyncio")
    for error, text in (
        (ConnectionError("gone"), "Task exception was never retrieved"),
        (KeyError("ours"), "Task exception was never retrieved"),
    ):
        log.error(text, exc_info=(type(error), error, None))
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [KeyError]


def test_score_and_audit_name_what_they_wrote(
    memory: str, sources: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(sources, f"{memory}/src")
    pair = ["--alpha", f"{sources}/alpha", "--alpha-gt", f"{memory}/src/alpha", "--workers", "1"]
    assert score([*pair, "--out", f"{memory}/table.csv"]) == 0
    assert f"written: {memory}/table.csv\n" in capsys.readouterr().err
    audited = ["--set", "a", f"{memory}/src/fg", f"{memory}/src/alpha"]
    assert audit([*audited, "--out", f"{memory}/audit"]) == 0
    assert f"{memory}/audit: foregrounds.csv" in capsys.readouterr().out
    assert "audit.json" in list_objects(f"{memory}/audit")


def test_a_file_address_keeps_its_slashes(
    sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"--dataset custom --foregrounds {sources}/fg --alphas {sources}/alpha --workers 1"
    words += f" --backgrounds {sources}/bg --per-foreground 1 --out file://{tmp_path}/own"
    assert build(words.split()) == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"file://{tmp_path}/own: built")
    assert f"--dataset file://{tmp_path}/own" in told.err
