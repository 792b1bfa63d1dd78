"""A second start does nothing again, also after an error or a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from baselines.trivial import Distance
from benchmark.results.journal import read_journals


def test_second_start_skips(
    dataset: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    start: Callable[..., int],
    only: Callable[..., Path],
    count_calls: Callable[[type], list[int]],
) -> None:
    calls = count_calls(Distance)
    runs = tmp_path / "runs"
    assert start(dataset, runs, "--method", "distance", "--limit", "2") == 0
    assert len(calls) == 2
    start(dataset, runs, "--method", "distance")
    assert len(calls) == 3
    whole = (only(runs, "distance") / "results.parquet").read_bytes()
    first = capsys.readouterr().out.splitlines()[-5:]
    assert start(dataset, runs, "--method", "distance") == 0
    assert len(calls) == 3
    assert capsys.readouterr().out.splitlines()[-5:] == first
    assert (only(runs, "distance") / "results.parquet").read_bytes() == whole
    (only(runs, "distance") / "results.parquet").unlink()  # cached mattes alone suffice
    start(dataset, runs, "--method", "distance")
    assert len(calls) == 3
    assert (only(runs, "distance") / "results.parquet").read_bytes() == whole


def test_a_stopped_run_keeps_what_is_done(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: Callable[..., int],
    only: Callable[..., Path],
) -> None:
    """An error in the third image: the first two are not called again, and the bytes are equal."""
    runs = tmp_path / "runs"
    original = Distance.__call__
    calls: list[int] = []

    def failing(self: Distance, *arguments: np.ndarray) -> np.ndarray:
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("the power went")
        return original(self, *arguments)

    monkeypatch.setattr(Distance, "__call__", failing)
    assert start(dataset, runs, "--method", "distance") == 2
    folder = only(runs, "distance")
    assert len(read_journals(folder)) == 2 * 8
    assert not (folder / "results.parquet").exists()
    assert start(dataset, runs, "--method", "distance") == 0
    assert len(calls) == 4
    resumed = (folder / "results.parquet").read_bytes()
    assert not (folder / "parts").exists()
    (folder / "results.parquet").unlink()
    start(dataset, runs, "--method", "distance")
    assert (folder / "results.parquet").read_bytes() == resumed


KILLED = """
import os, signal
from pathlib import Path
import numpy as np

class Killed:
    name, needs_trimap, card = "killed", False, {}

    def __call__(self, image, trimap=None):
        calls = Path(os.environ["CALLS"])
        with calls.open("a") as file:  # workers append at the same time
            file.write("x")
        if calls.stat().st_size == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return image[..., 0] / 255
"""


@pytest.mark.slow
def test_kill_and_resume(dataset: Path, tmp_path: Path, only: Callable[..., Path]) -> None:
    """SIGKILL in the second image; then another number of workers, and equal bytes."""
    (tmp_path / "killed_method.py").write_text(KILLED)
    calls = tmp_path / "calls"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "CALLS": str(calls)}

    def command(workers: str) -> int:
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "benchmark.run",
                "--method",
                "killed_method:Killed",
                "--dataset",
                str(dataset),
                "--out",
                str(tmp_path / "runs"),
                "--workers",
                workers,
            ],
            env=environment,
            check=False,
            capture_output=True,
        ).returncode

    assert command("1") == -signal.SIGKILL
    folder = only(tmp_path / "runs", "killed")
    assert len(read_journals(folder)) == 8
    assert command("2") == 0
    assert calls.read_text() == "xxxx"  # three images, and the one that was lost
    resumed = (folder / "results.parquet").read_bytes()
    (folder / "results.parquet").unlink()
    assert command("1") == 0
    assert calls.read_text() == "xxxx"
    assert (folder / "results.parquet").read_bytes() == resumed


def test_rows_that_wait_in_a_journal_bring_a_new_card(
    dataset: Path,
    tmp_path: Path,
    start: Callable[..., int],
    only: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A disk that fails as the rows are joined must not leave a card of fewer images."""
    from benchmark.runner import running

    runs = tmp_path / "runs"
    assert start(dataset, runs, "--method", "constant", "--limit", "1") == 0

    def fail(path: Path, rows: object) -> None:
        raise OSError("the disk fails")

    card = only(runs, "constant") / "run.json"
    monkeypatch.setattr(running, "_write_card", fail)
    assert start(dataset, runs, "--method", "constant") == 2
    monkeypatch.undo()
    assert json.loads(card.read_text())["images"] == 1
    assert start(dataset, runs, "--method", "constant") == 0
    assert json.loads(card.read_text())["images"] == 3
