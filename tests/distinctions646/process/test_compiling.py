"""The first run says that it compiles, one line in all; a run that need not says nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from distinctions646.process import compiling
from distinctions646.process.compiling import COMPILING

KERNELS = """
from numba import njit

@njit(cache=True)
def twice(number):
    return 2 * number

@njit(cache=True)
def thrice(number):
    return 3 * number
"""
COMMAND = """
from distinctions646.process.compiling import tell_compiling
tell_compiling()
tell_compiling()
import kernels
print(kernels.twice(2) + kernels.thrice(2) + kernels.twice(0.5))
"""


def test_only_a_run_that_compiles_says_so(tmp_path: Path) -> None:
    (tmp_path / "kernels.py").write_text(KERNELS)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    environment["NUMBA_CACHE_DIR"] = str(tmp_path / "cache")
    runs = [
        subprocess.run(
            [sys.executable, "-c", COMMAND],
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        )
        for _ in range(2)
    ]
    assert [run.stdout for run in runs] == ["11.0\n"] * 2
    assert [run.stderr for run in runs] == [COMPILING, ""]


def test_a_process_without_bars_makes_no_lock_of_bars(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A worker is ended at once, and would leave the semaphore behind."""
    monkeypatch.delattr("tqdm.tqdm.external_write_mode")
    compiling._write(COMPILING)
    assert capsys.readouterr().err == COMPILING
