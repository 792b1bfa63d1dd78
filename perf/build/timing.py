"""Time what is handed in: processor seconds of a process of its own, and its peak memory."""

from __future__ import annotations

import multiprocessing
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """Pictures made, CPU seconds they took, and the peak memory of the process."""

    count: int
    seconds: float
    peak_mb: float = 0.0


def timed(work: Callable[[], int]) -> Measured:
    """Time work that returns how many pictures it made."""
    start = time.process_time()
    count = work()
    return Measured(count, time.process_time() - start)


def alone(run: Callable[[Path], Measured], folder: Path) -> Measured:
    """Run in a process of its own, on one thread, and add its peak memory."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        measured, peak = pool.apply(_run_and_look, (run, folder))
    return Measured(measured.count, measured.seconds, peak)


def _run_and_look(run: Callable[[Path], Measured], folder: Path) -> tuple[Measured, float]:
    measured = run(folder)
    # Not getrusage: there a process begins with the peak of the one that started it.
    status = Path("/proc/self/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return measured, int(peak[1]) / 1024 if peak else float("nan")


def summary(rows: list[Measured]) -> dict[str, float]:
    """Return the median rate of several runs, its range, and the highest peak."""
    rates = [row.count / row.seconds for row in rows]
    return {
        "per_cpu_second": round(statistics.median(rates), 2),
        "lowest": round(min(rates), 2),
        "highest": round(max(rates), 2),
        "peak_mb": round(max(row.peak_mb for row in rows), 1),
    }
