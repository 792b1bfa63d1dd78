"""A process whose clock of processor time stands still, so that results can be compared by bytes.

    python -m tests.reliability.cluster.still MODULE ARGUMENTS

runs a command so; ``dask worker --preload tests.reliability.cluster.still`` a worker. With
SLOW_UNITS in its environment a worker takes so many times longer for each unit, with PAUSE_UNITS so
many seconds longer, as if it waited for a disk.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from typing import Any

from distinctions646.cluster.dask_engine import Call

SLOW, PAUSE = "SLOW_UNITS", "PAUSE_UNITS"


def stand_still() -> None:
    """Stop the clock, and slow units down where the environment says so."""
    time.process_time = lambda: 0.0
    times, pause = float(os.environ.get(SLOW, "1")), float(os.environ.get(PAUSE, "0"))
    if times > 1 or pause:
        for module in ("distinctions646.build.render", "benchmark.runner.image"):
            importlib.import_module(module)  # what is done once is not a unit's
        quick = Call.__call__

        def slow(self: Call[Any, Any], item: Any) -> Any:
            start = time.thread_time()
            result = quick(self, item)
            time.sleep((times - 1) * (time.thread_time() - start) + pause)
            return result

        Call.__call__ = slow  # type: ignore[method-assign]


def dask_setup(worker: Any) -> None:
    """Be called by a Dask worker that preloads this module."""
    stand_still()


if __name__ == "__main__":
    from tests.reliability.commands import main_of

    stand_still()
    sys.exit(main_of(sys.argv[1])(sys.argv[2:]))
