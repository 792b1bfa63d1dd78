"""Processes of this machine, for tests of how they end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def workers_of() -> Callable[[int], list[int]]:
    """Return the worker processes that a process started; skip where there is no ``/proc``."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("looks into /proc")

    def find(parent: int) -> list[int]:
        return [child for child, command in _children(parent).items() if "spawn_main" in command]

    return find


@pytest.fixture
def still_there() -> Callable[[list[int]], list[int]]:
    """Return those of some processes that have not ended after half a minute."""

    def wait(processes: list[int]) -> list[int]:
        end = time.monotonic() + 30
        left = list(processes)
        while left and time.monotonic() < end:
            left = [one for one in left if _runs(one)]
            time.sleep(0.05)
        return left

    return wait


def _children(parent: int) -> dict[int, str]:
    """Return the process id and the command line of all that a process started."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(status[1]) == parent and status[0] != "Z":
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except (OSError, IndexError, ValueError):
            continue
    return found


def _runs(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
