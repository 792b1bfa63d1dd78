"""Measure what starting costs: tiny images in a run, a second worker, a second pool.

    python -m perf.start --rival CHECKOUT

Every command runs in a process of its own, this suite's and an earlier commit's in turn; the least
of --rounds counts, after a first run that compiles. Tiny images: processor seconds of a run over
1,000 of them less those of a run over one (``--limit 1``, whose start hashes the whole folder), a
millisecond an image. Two workers: wall time of closed-form on small and on larger images with
``--workers 1`` and 2. The second pool: wall time of a second piece of work for two workers in one
process. The results go to perf/points/5-start.json, which ``python -m perf.points docs/speed.md``
shows.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from distinctions646.images.png import write_png
from distinctions646.process.commandline import make_parser, run_command
from perf.machine import ROOT, conditions
from perf.points.recording import cpu_seconds_in, row, run_in, write_point

LIBRARIES = ("numpy", "numba", "scipy", "Pillow", "pandas", "pyarrow")
COMMAND = "python -m perf.start --rival CHECKOUT"
TINY = {"32": 1000}
"""Side of the tiny pictures, and their number."""
WORK = {"small": (20, 96), "larger": (6, 320)}
"""Number and side of the pictures that one and two workers do."""
COMPILE = """
import numpy as np
from benchmark.metrics import evaluate

try:
    from benchmark.metrics.kernels.choosing import CHOICE
except ImportError:  # an earlier commit always compiles
    pass
else:
    CHOICE.compile()
alpha = np.tile(np.arange(256, dtype=np.uint8), (64, 1))
for region in ("whole", "unknown"):
    evaluate(alpha, alpha[:, ::-1].copy(), np.full_like(alpha, 128), region=region)
"""
POOL = """
import contextlib, operator, sys, time
from distinctions646.process import pool

try:
    from distinctions646.process.workers.kept import keeping_workers
except ImportError:  # an earlier commit, which keeps none
    keeping_workers = contextlib.nullcontext

def main():
    with keeping_workers():
        for _ in range(2):
            start = time.perf_counter()
            list(pool.map_ordered(operator.neg, range(8), workers=2))
            sys.stdout.write(f"{time.perf_counter() - start}\\n")

if __name__ == "__main__":
    main()
"""


def write_dataset(folder: Path, count: int, side: int) -> Path:
    """Write a plain folder of discs with soft edges before noise, with trimaps."""
    generator = np.random.default_rng(side)
    y, x = np.mgrid[:side, :side] - side / 2
    for kind in ("image", "alpha", "trimap"):
        (folder / kind).mkdir(parents=True)
    for number in range(count):
        radius = side * generator.uniform(0.2, 0.4)
        alpha = np.clip((radius - np.hypot(y, x)) * 40 + 128, 0, 255).astype(np.uint8)
        noise = generator.integers(0, 64, (side, side, 3)) + alpha[..., None] // 2
        trimap = np.full((side, side), 128, np.uint8)
        far = np.hypot(y, x) - radius
        trimap[far > side / 10], trimap[far < -side / 10] = 0, 255
        for kind, pixels in (("image", noise.astype(np.uint8)), ("alpha", alpha)):
            write_png(folder / kind / f"{number:04}.png", pixels)
        write_png(folder / "trimap" / f"{number:04}.png", trimap)
    return folder


def run_seconds(checkout: Path, arguments: list[str]) -> tuple[float, float]:
    """Return processor and wall seconds of ``benchmark.run`` of a checkout, into a new folder."""
    with tempfile.TemporaryDirectory() as place:
        command = ["-m", "benchmark.run", *arguments, "--out", f"{place}/runs"]
        start = time.perf_counter()
        seconds = cpu_seconds_in(checkout, command, Path(place), _compiled())
        return seconds, time.perf_counter() - start


def _compiled() -> dict[str, str]:
    """Return where all runs find compiled loops."""
    return {"NUMBA_CACHE_DIR": str(Path(tempfile.gettempdir()) / "perf-start-compiled")}


def pool_seconds(checkout: Path) -> list[float]:
    """Return wall seconds of a first and a second piece of work for two workers."""
    with tempfile.TemporaryDirectory() as place:
        script = Path(place) / "twice.py"
        script.write_text(POOL)
        printed = run_in(checkout, [str(script)], variables=_compiled())
    return [float(line) for line in printed.split()]


def measure(checkouts: dict[str, Path], folder: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Return the least seconds of each case, by checkout."""
    least: dict[str, dict[str, float]] = {}

    def note(name: str, which: str, seconds: float) -> None:
        case = least.setdefault(name, {})
        case[which] = min(seconds, case.get(which, seconds))

    tiny = {side: write_dataset(folder / side, count, int(side)) for side, count in TINY.items()}
    work = {name: write_dataset(folder / name, *size) for name, size in WORK.items()}
    for checkout in checkouts.values():
        run_in(checkout, ["-c", COMPILE], folder, _compiled())
        run_seconds(checkout, ["--method", "closed-form", "--dataset", str(work["small"])])
    cases: dict[str, tuple[int, list[str]]] = {}  # which of both times counts, and the arguments
    for side, dataset in tiny.items():
        trimap = ["--method", "trimap", "--dataset", str(dataset)]
        cases |= {
            f"tiny {side} one": (0, [*trimap, "--limit", "1"]),
            f"tiny {side} all": (0, trimap),
        }
    for name, dataset in work.items():
        closed_form = ["--method", "closed-form", "--dataset", str(dataset), "--workers"]
        cases |= {f"{name} {workers}": (1, [*closed_form, workers]) for workers in ("1", "2")}
    for _ in range(rounds):
        for name, (time_, arguments) in cases.items():
            for which, checkout in checkouts.items():
                note(name, which, run_seconds(checkout, arguments)[time_])
        for which, checkout in checkouts.items():
            for name, seconds in zip(
                ("first pool", "second pool"), pool_seconds(checkout), strict=True
            ):
                note(name, which, seconds)
    return least


def to_rows(least: dict[str, dict[str, float]], rival: Path) -> list[dict[str, Any]]:
    """Return the measurements as the rows that `perf.points` shows."""
    rows: list[dict[str, Any]] = []

    def add(what: str, unit: str, values: dict[str, float], target: str = "") -> None:
        both = round(values["rival"], 2), round(values["this"], 2)
        rows.append(row(what, unit, both, rival, COMMAND, target=target))

    for side, count in TINY.items():
        one, every = least[f"tiny {side} one"], least[f"tiny {side} all"]
        each = {which: (every[which] - one[which]) / (count - 1) * 1e3 for which in one}
        add(f"a {side} × {side} image more, trimap", "CPU ms", each, target="1.5 ms")
        add(f"{count} images of {side} × {side} in all, trimap", "CPU s", every)
    for name, (number, pixels) in WORK.items():
        two, one = least[f"{name} 2"], least[f"{name} 1"]
        ratio = {which: two[which] / one[which] for which in one}
        add(
            f"time with 2 workers over that with 1, closed-form, {number} of {pixels} × {pixels}",
            "×",
            ratio,
            target="1",
        )
    for name in ("first pool", "second pool"):
        milliseconds = {which: seconds * 1e3 for which, seconds in least[name].items()}
        add(f"{name} of two workers in one process", "ms", milliseconds)
    return rows


def report(given: argparse.Namespace) -> None:
    """Measure and write the record."""
    checkouts = {"this": ROOT, "rival": given.rival.resolve()}
    with tempfile.TemporaryDirectory() as folder:
        least = measure(checkouts, Path(folder), given.rounds)
    about = conditions("start", LIBRARIES) | {"rounds": given.rounds, "seconds": least}
    rows = to_rows(least, given.rival)
    write_point("5-start", 5, "start once", rows, about)
    for each in rows:
        sys.stdout.write(f"{each['before']} {each['after']} {each['unit']}: {each['what']}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.start", __doc__)
    parser.add_argument("--rival", type=Path, required=True, help="checkout of an earlier commit")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each; the least counts")
    given = parser.parse_args(arguments)
    return run_command(lambda: report(given))


if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    sys.exit(main())
