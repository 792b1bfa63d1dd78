"""A worker ends when its parent is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import multiprocessing, os, sys, time
from pathlib import Path
from distinctions646.process.workers import end_with_parent

def work(place):
    end_with_parent()
    Path(place).write_text(str(os.getpid()))
    time.sleep(600)

if __name__ == "__main__":
    multiprocessing.get_context("spawn").Process(target=work, args=(sys.argv[1],)).start()
"""


@pytest.mark.slow
def test_a_worker_ends_with_its_parent(tmp_path: Path) -> None:
    script, place = tmp_path / "program.py", tmp_path / "pid"
    script.write_text(PROGRAM)
    parent = subprocess.Popen([sys.executable, str(script), str(place)])
    while not (place.exists() and place.read_text()):
        assert parent.poll() is None
        time.sleep(0.05)
    worker = int(place.read_text())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    for _ in range(600):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        if "Z" in Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[0]:
            return  # ended, and nobody has asked yet
        time.sleep(0.05)
    os.kill(worker, signal.SIGKILL)
    raise AssertionError("the worker outlived its parent")
