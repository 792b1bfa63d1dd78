"""Ranks without collectives: each does its share, the last joins, a second start mends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.results import result_table as results
from benchmark.results.journal import read_journals
from benchmark.run import main


def start_rank(
    monkeypatch: pytest.MonkeyPatch, rank: int, world: int, dataset: Path, out: Path
) -> int:
    monkeypatch.setenv("RANK", str(rank))
    monkeypatch.setenv("WORLD_SIZE", str(world))
    return main(["--method", "distance", "--dataset", str(dataset), "--out", str(out)])


def test_the_last_rank_joins(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs = tmp_path / "runs"
    assert start_rank(monkeypatch, 1, 2, dataset, runs) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "2 images are other ranks'; the last to end joins them" in printed.err
    (folder,) = runs.glob("discs-*/distance-*")
    assert {row["image_id"] for row in read_journals(folder)} == {"b"}
    assert start_rank(monkeypatch, 0, 2, dataset, runs) == 0
    assert "distance" in capsys.readouterr().out
    joined = (folder / "results.parquet").read_bytes()
    assert not (folder / "parts").exists()
    assert len(results.read(folder / "results.parquet")) == 3 * 8
    monkeypatch.delenv("RANK")
    monkeypatch.delenv("WORLD_SIZE")
    (folder / "results.parquet").unlink()
    assert main(["--method", "distance", "--dataset", str(dataset), "--out", str(runs)]) == 0
    assert (folder / "results.parquet").read_bytes() == joined


def test_a_dead_rank_is_mended_by_any_other_number(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tmp_path / "runs"
    start_rank(monkeypatch, 0, 3, dataset, runs)  # ranks 1 and 2 never ran
    start_rank(monkeypatch, 1, 2, dataset, runs)
    (folder,) = runs.glob("discs-*/distance-*")
    assert not (folder / "results.parquet").exists()
    start_rank(monkeypatch, 0, 1, dataset, runs)
    assert results.read(folder / "results.parquet")["image_id"].nunique() == 3


@pytest.mark.slow
def test_ranks_at_the_same_time(dataset: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    command = [
        sys.executable,
        "-m",
        "benchmark.run",
        "--method",
        "distance",
        "trimap",
        "--dataset",
        str(dataset),
        "--out",
        str(runs),
    ]
    ranks = [
        subprocess.Popen(
            command,
            env={**os.environ, "RANK": str(rank), "WORLD_SIZE": "3"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(3)
    ]
    printed = [rank.communicate() for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0, 0], printed
    assert any("trimap  " in out for out, _ in printed)
    for path in runs.glob("discs-*/*/results.parquet"):
        assert len(results.read(path)) == 3 * 8
    assert len(list(runs.glob("discs-*/*/results.parquet"))) == 2
    assert not list(runs.glob("discs-*/*/parts"))
