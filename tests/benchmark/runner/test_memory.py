"""A method that needs more memory than there is: not applicable, said in one line, tried again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from baselines.trivial import Constant, Distance
from benchmark.board.loading import load_boards
from benchmark.formats.screen import render_board
from benchmark.methods.memory import VARIABLE
from benchmark.results import result_table as results
from distinctions646.images.png import write_png

Start = Callable[..., int]


class Hungry(Distance):
    """Needs 20 MB an unknown pixel; the worker processes import it."""

    name = "hungry"
    memory_needs: ClassVar = (0, 2e7)


class Bright(Constant):
    """A trimap-free first stage whose made trimaps have both sides."""

    name = "bright"

    def __call__(self, image: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        return image[..., 0] / np.float32(255)


def statuses(out: Path, method: str = "") -> dict[str, str]:
    (path,) = out.glob(f"*/{method}*/results.parquet")
    table = results.read(path)
    assert table.groupby("image_id")["status"].nunique().max() == 1
    return dict(zip(table["image_id"], table["status"], strict=True))


@pytest.mark.parametrize("options", [(), ("--trimap-from", f"{__name__}:Bright@rembg-150-60-1/v1")])
def test_the_next_start_does_what_lacked_memory(
    options: tuple[str, ...],
    dataset: Path,
    tmp_path: Path,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Also as the second of two stages, whose reason is another error's."""
    monkeypatch.setattr(Distance, "memory_needs", (1e7, 0), raising=False)
    runs = tmp_path / "runs"
    command = ("--method", "distance", *options)
    monkeypatch.setenv(VARIABLE, "3")
    for _ in range(2):  # a second start is no other
        assert start(dataset, runs, *command) == 0
        said = capsys.readouterr()
        assert "image a: not applicable: needs 7.2 GB for 0.0 megapixels" in said.err
        assert "this machine has 3.0 GB free" in said.err
        assert "3 images lacked memory; the same command does them again" in said.err
        assert "could not work" not in said.out
        assert "n/a, lacked memory: " in said.out
        assert set(statuses(runs).values()) == {"n/a"}
    (board,) = load_boards([runs])
    assert board.rows[0].lacked_memory == board.rows[0].not_applicable == 3
    assert "on 3 images" in render_board(board)

    monkeypatch.setenv(VARIABLE, "8")
    assert start(dataset, runs, *command, "--dry-run") == 0
    heads, counts = capsys.readouterr().out.splitlines()[:2]
    assert heads.split()[2:5] == ["images", "done", "cached"]
    assert counts.split()[2:6] == ["3", "0", "0", "3"]
    assert start(dataset, runs, *command) == 0
    assert "lacked" not in "".join(capsys.readouterr())
    assert statuses(runs)["a"] == "ok"
    (board,) = load_boards([runs])
    assert board.rows[0].lacked_memory == 0
    assert start(dataset, runs, *command) == 0
    assert "3 images done before" in capsys.readouterr().err


def test_a_matte_that_was_made_stays(
    dataset: Path, tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of other metrics that lacked memory go once the image has a matte."""
    monkeypatch.setattr(Distance, "memory_needs", (1e7, 0), raising=False)
    runs = tmp_path / "runs"
    command = ("--method", "distance", "--more-metrics", "mad")
    monkeypatch.setenv(VARIABLE, "3")
    start(dataset, runs, *command)
    monkeypatch.setenv(VARIABLE, "8")
    start(dataset, runs, *command[:2])
    assert statuses(runs)["a"] == "ok"
    monkeypatch.setenv(VARIABLE, "3")
    start(dataset, runs, *command)  # from the cache, whatever is free
    assert statuses(runs)["a"] == "ok"


@pytest.mark.parametrize("value", ["abc", "0", "1_0", "inf", ""])
def test_a_bad_value_is_refused_before_any_work(
    value: str,
    dataset: Path,
    tmp_path: Path,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(VARIABLE, value)
    assert start(dataset, tmp_path / "runs", "--method", "distance") == 2
    said = capsys.readouterr().err
    assert f"{VARIABLE} is {value!r}; expected a number of gigabytes above 0" in said
    assert len(said.splitlines()) == 1
    assert "image" not in said
    assert not list(tmp_path.glob("runs/*"))


@pytest.mark.slow
@pytest.mark.parametrize("beside", [(), ("constant",)])
def test_what_exceeds_a_share_is_done_alone(
    beside: tuple[str, ...],
    dataset: Path,
    tmp_path: Path,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """12 GB of 13: more than one of two workers may use, and than they were counted by.

    Beside another method it waits until the workers are free.
    """
    trimap = np.full((24, 30), 128, np.uint8)
    trimap[:2] = 0
    trimap[12, 10:20] = 255
    write_png(dataset / "trimap" / "a.png", trimap)
    monkeypatch.setenv(VARIABLE, "13.2")
    runs = tmp_path / "runs"
    methods = ("--method", f"{__name__}:Hungry", *beside)
    assert start(dataset, runs, *methods, "--workers", "2") == 0
    said = capsys.readouterr().err
    assert "workers instead" not in said
    assert "not applicable" not in said
    assert statuses(runs, "hungry")["a"] == "ok"
    for method in beside:
        assert len(statuses(runs, method)) == len(statuses(runs, "hungry"))
