"""The folder of a training run: one process at a time, and a log without steps that never were."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from distinctions646.process.locks import BusyError
from hattmatting.training.loop import _own_folder
from hattmatting.training.progress import append_row, trim_log

HOLDER = """
import sys
from pathlib import Path
from distinctions646.process.locks import only_process
with only_process(Path(sys.argv[1]), "busy"):
    print("held", flush=True)
    sys.stdin.read()
"""


def steps_of(log: Path) -> list[str]:
    with log.open(newline="") as file:
        return [row["step"] for row in csv.DictReader(file)]


def test_two_processes_do_not_train_in_one_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    command = [sys.executable, "-c", HOLDER, str(out / ".lock")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=r"out: another process trains here; wait for its end"):
            with _own_folder(out, is_main=True):
                raise AssertionError
        other.kill()
    assert (out / ".lock").exists()
    with _own_folder(out, is_main=True):  # a dead process's lock is taken over
        (out / "log.csv").touch()
    assert [path.name for path in out.iterdir()] == ["log.csv"]


def test_a_folder_made_for_nothing_goes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no validation"):
        with _own_folder(tmp_path / "out", is_main=True):
            raise ValueError("no validation")
    assert list(tmp_path.iterdir()) == []


def test_steps_after_the_checkpoint_leave_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    trim_log(log, 0)
    for step in (3, 6, 9):
        append_row(log, {"step": f"{step}", "epoch": "0", "train_mse": "0.5"})
    whole = log.read_bytes()
    trim_log(log, 9)
    assert log.read_bytes() == whole
    trim_log(log, 6)
    assert steps_of(log) == ["3", "6"]
    append_row(log, {"step": "9", "epoch": "0", "train_mse": "0.5"})
    assert log.read_bytes() == whole
    trim_log(log, 2)
    assert not log.exists()


def test_a_log_of_something_else_is_refused(tmp_path: Path) -> None:
    for text, message in (
        ("name,value\na,1\n", "its rows or columns do not fit"),
        ("step,epoch\nthree,0\n", "a row has no step"),
    ):
        (tmp_path / "log.csv").write_text(text)
        with pytest.raises(ValueError, match=rf"log\.csv: {message}"):
            trim_log(tmp_path / "log.csv", 3)
        assert (tmp_path / "log.csv").read_text() == text
