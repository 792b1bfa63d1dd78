"""Memory kept between units, whatever Dask sets for its workers."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from distinctions646.cluster.allocation import TRIM_VARIABLE, keep_memory

FREED = """
import sys
from pathlib import Path
import numpy as np
from distinctions646.cluster.allocation import keep_memory
changed = keep_memory() if sys.argv[1] == "keep" else False
def pages():
    return int(Path("/proc/self/statm").read_text().split()[1])
picture = np.ones(24 << 20, np.uint8)
before = pages()
del picture
print(changed, before - pages())
"""


def pages_given_back(how: str) -> tuple[bool, int]:
    """Return whether anything was changed, and what the end of an array of 24 MB gives back."""
    told = subprocess.run(
        [sys.executable, "-c", FREED, how],
        env={**os.environ, TRIM_VARIABLE: "65536"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return told[0] == "True", int(told[1])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's mallopt")
def test_a_worker_keeps_the_memory_of_a_picture_for_the_next() -> None:
    assert pages_given_back("leave")[1] > 5000  # 24 MB are 6,144 pages
    changed, given_back = pages_given_back("keep")
    assert changed
    assert given_back < 500


def test_without_dasks_setting_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TRIM_VARIABLE, raising=False)
    keep_memory.cache_clear()
    assert not keep_memory()
