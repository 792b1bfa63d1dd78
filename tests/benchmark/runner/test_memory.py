"""A method that needs more memory than there is: not applicable, said in one line, tried again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from baselines.trivial import Distance
from benchmark.methods.memory import VARIABLE
from benchmark.results import result_table as results


def test_too_little_memory_is_a_state_of_the_row(
    dataset: Path,
    tmp_path: Path,
    start: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Distance, "memory_needs", (1e7, 0), raising=False)
    monkeypatch.setenv(VARIABLE, "3")
    runs = tmp_path / "runs"
    assert start(dataset, runs, "--method", "distance") == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "not applicable" in line]
    assert "distance, image a: not applicable: needs 7.2 GB for 0.0 megapixels" in said[0]
    assert "this machine has 3.0 GB free" in said[0]
    table = results.read(next(runs.glob("*/distance-*/results.parquet")))
    assert set(table["status"]) == {"n/a"}

    monkeypatch.setenv(VARIABLE, "8")
    next(runs.glob("*/distance-*/results.parquet")).unlink()
    assert start(dataset, runs, "--method", "distance") == 0
    table = results.read(next(runs.glob("*/distance-*/results.parquet")))
    assert set(table[table["image_id"] == "a"]["status"]) == {"ok"}
