"""Parts of one run on machines that share nothing but a store: the last to end joins the rows."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmark.run import main
from benchmark.runner import image
from distinctions646.images.png import write_png
from distinctions646.storage.copying import fetch, list_objects
from distinctions646.storage.staging import CACHE_VARIABLE

IMAGES = 5
Command = Callable[..., int]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return a function that gives the command of a run on one of several machines."""
    random = np.random.default_rng(0)
    for kind, shape in (("image", (8, 9, 3)), ("alpha", (8, 9)), ("trimap", (8, 9))):
        (tmp_path / "plain" / kind).mkdir(parents=True)
        for number in range(IMAGES):
            pixels = random.integers(0, 256, shape, np.uint8)
            if kind == "trimap":
                pixels = pixels // 128 * np.uint8(128)
            write_png(tmp_path / "plain" / kind / f"p{number}.png", pixels)

    def give(out: str, *more: str, machine: int = 0) -> int:
        monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / f"cache{machine}"))
        words = ["--method", "constant", "--dataset", str(tmp_path / "plain"), "--out", out]
        return main([*words, "--workers", "1", *more])

    return give


def results(folder: Path) -> pd.DataFrame:
    (path,) = folder.rglob("results.parquet")
    return pd.read_parquet(path).drop(columns="seconds")


def test_parts_on_their_own_machines_end_in_one_table(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = f"memory://{uuid.uuid4().hex[:12]}/runs"
    assert command(store, "--shard", "0/3") == 0
    assert "3 images are other ranks'" in capsys.readouterr().err
    assert command(store, "--shard", "2/3", machine=2) == 0
    assert not any(name.endswith("results.parquet") for name in list_objects(store))
    assert command(store, "--shard", "1/3", machine=1) == 0
    assert "constant" in capsys.readouterr().out
    there = list_objects(store)
    assert not [name for name in there if "/parts/" in name]
    assert sum("/alpha/" in name for name in there) == IMAGES
    assert command(str(tmp_path / "whole")) == 0
    fetch(store, tmp_path / "copy")
    pd.testing.assert_frame_equal(results(tmp_path / "copy"), results(tmp_path / "whole"))


def test_a_part_that_is_given_again_changes_nothing(command: Command, tmp_path: Path) -> None:
    store = f"memory://{uuid.uuid4().hex[:12]}/runs"
    assert command(store, "--shard", "0/2") == 0
    assert command(store, "--shard", "1/2", machine=1) == 0
    before = list_objects(store)
    assert command(store, "--shard", "0/2") == 0  # whose own copies are older than the table
    assert command(store, "--shard", "0/2", machine=5) == 0
    assert {name: facts[0] for name, facts in list_objects(store).items()} == {
        name: facts[0] for name, facts in before.items()
    }


def test_another_machine_takes_the_mattes_of_a_broken_run(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = f"memory://{uuid.uuid4().hex[:12]}/runs"
    predicted: list[str] = []
    real = image._predict

    def breaking(*arguments: Any) -> Any:
        if len(predicted) == 2:
            predicted.append("none")
            raise OSError("the machine breaks down")
        predicted.append("a matte")
        return real(*arguments)

    monkeypatch.setattr(image, "_predict", breaking)
    assert command(store) == 2
    assert sum(name.startswith("cache/") for name in list_objects(store)) == 2
    assert command(store, machine=1) == 0
    assert predicted == ["a matte", "a matte", "none", "a matte", "a matte", "a matte"]
