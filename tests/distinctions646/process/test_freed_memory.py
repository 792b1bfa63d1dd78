"""Memory that is freed is kept for the next picture, in commands and in Dask's workers."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's mallopt")
LIMITS = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")
FREED = """
import sys
from pathlib import Path
import numpy as np
from distinctions646.process.pool import keep_freed_memory
if sys.argv[1] != "leave":
    keep_freed_memory(anyway=sys.argv[1] == "anyway")
def pages():
    return int(Path("/proc/self/statm").read_text().split()[1])
picture = np.ones(24 << 20, np.uint8)
before = pages()
del picture
print(before - pages())
"""


def pages_given_back(how: str, **set_: str) -> int:
    """Return how many pages the end of an array of 24 MB gives back; it has 6,144."""
    environment = {name: value for name, value in os.environ.items() if name not in LIMITS} | set_
    command = [sys.executable, "-c", FREED, how]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_a_command_keeps_the_memory_of_a_picture_for_the_next():
    assert pages_given_back("leave") > 5000
    assert pages_given_back("keep") < 500


def test_what_the_user_sets_counts_but_not_what_dask_sets():
    assert pages_given_back("keep", **dict.fromkeys(LIMITS, "65536")) > 5000
    assert pages_given_back("anyway", MALLOC_TRIM_THRESHOLD_="65536") < 500
