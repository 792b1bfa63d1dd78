"""Measure how the classical methods grow from 0.3 to 12 megapixels: CPU seconds, peak memory.

    python -m perf.baselines.growth --document docs/baselines.md
    python -m perf.baselines.growth --rival CHECKOUT --methods closed-form --sizes 3
    python -m perf.baselines.growth --methods --point perf/points/7-growth.json

Each cell, a method on a picture of one size (`growth_cell.make_scene`), is measured in a process of
its own on one thread and kept in perf/baselines/growth.json while the method's hash stays the same:
a run that was broken off goes on. --rival measures the packages of another checkout of the suite on
the same pictures, and keeps them apart. --wait CMD is put before each process, to queue for a
machine that others use too. --methods without a name measures nothing: it writes the files only.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from distinctions646.checks.files import read_json
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from perf.baselines.growth_point import growth_point
from perf.baselines.growth_tables import METHODS, growth_tables
from perf.baselines.measure import LIBRARIES
from perf.documents import fill
from perf.machine import ROOT, commit_of, conditions

KEPT = Path(__file__).with_name("growth.json")
CELL = Path(__file__).with_name("growth_cell.py")
SIZES = ("0.2", "0.3", "1", "3", "6", "12")  # megapixels
BORDERS = {"narrow": 0.02, "wide": 0.06}  # heights: how far beyond mixed pixels trimaps are unknown
MOST_BYTES = 20 * 10**9  # of address space: beyond it a cell ends with what it needed and no more
Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Config:
    """Which cells, of which checkout, and what is written."""

    methods: tuple[str, ...]
    sizes: tuple[str, ...]
    border: str
    rival: Path | None
    wait: tuple[str, ...]
    limit: int
    again: bool
    document: Path | None
    point: Path | None


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    return run_command(lambda: grow(parse_args(arguments)))


def parse_args(arguments: list[str] | None) -> Config:
    """Read the command line."""
    parser: argparse.ArgumentParser = make_parser("python -m perf.baselines.growth", __doc__)
    add = parser.add_argument
    add("--methods", nargs="*", default=METHODS, metavar="NAME", help="methods")
    add("--sizes", nargs="*", default=SIZES, choices=SIZES, help="megapixels")
    add("--border", default="narrow", choices=BORDERS, help="width of the trimap's unknown part")
    add("--rival", type=Path, metavar="CHECKOUT", help="measure another checkout of the suite")
    add("--wait", default="", metavar="CMD", help="a command that each process is started by")
    add("--limit", type=int, default=480, help="CPU seconds for one cell")
    add("--again", action="store_true", help="measure again what is kept")
    add("--document", type=Path, help="Markdown file to write the tables into")
    add("--point", type=Path, metavar="FILE", help="JSON file to write for perf.points")
    given = parser.parse_args(arguments)
    return Config(
        tuple(given.methods),
        tuple(given.sizes),
        given.border,
        given.rival,
        tuple(shlex.split(given.wait)),
        given.limit,
        given.again,
        given.document,
        given.point,
    )


def grow(config: Config) -> None:
    """Measure the cells that are not kept, smallest pictures first; write after each."""
    checkout = config.rival or ROOT
    for size in config.sizes:
        for method in config.methods:
            digest = run_python(checkout, method)
            name = f"{method}/{size}/{config.border}"
            row = None if config.again else find_cell(name, digest)
            if row is None:
                row = {"method_hash": digest, **measure(config, checkout, method, size)}
            keep(name, row, config.rival is not None)
            sys.stderr.write(f"{name} {row}\n")
    if config.document is not None:
        fill(config.document, growth_tables(read_kept()))
    if config.point is not None:
        point = json.dumps(growth_point(read_kept()), indent=1, ensure_ascii=False)
        write_bytes(config.point, (point + "\n").encode())


def measure(config: Config, checkout: Path, method: str, size: str) -> dict[str, Any]:
    """Measure one cell in a process of its own.

    Raises
    ------
    ValueError
        If the process fails for another reason than its limits.
    """
    cell = (method, size, str(BORDERS[config.border]), str(config.limit))
    facts = {
        "commit": commit_of(checkout),
        "date": datetime.now(UTC).date().isoformat(),
        "load": round(os.getloadavg()[0], 1),
    }
    try:
        measured: dict[str, Any] = json.loads(run_python(checkout, *cell, wait=config.wait))
    except subprocess.CalledProcessError as error:
        if error.returncode in (-signal.SIGXCPU, -signal.SIGKILL, 128 + signal.SIGXCPU):
            return {"unfinished": f"not done after {config.limit} CPU seconds", **facts}
        if "MemoryError" in error.stderr or "Unable to allocate" in error.stderr:
            return {"unfinished": f"more than {MOST_BYTES / 1e9:.0f} GB", **facts}
        last = error.stderr.strip().rsplit("\n", 1)[-1]
        raise ValueError(f"{method} at {size} megapixels failed: {last}") from None
    return measured | facts


def run_python(checkout: Path, *cell: str, wait: tuple[str, ...] = ()) -> str:
    """Run the cell's file with a checkout's packages; return what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "NUMBA_NUM_THREADS": "1"}
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [*wait, sys.executable, str(CELL), *cell],
        capture_output=True,
        check=True,
        env=environment,
        preexec_fn=_limit_memory,
        text=True,
    )
    return done.stdout


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def read_kept() -> dict[str, Any]:
    """Return what the JSON file holds."""
    return read_json(KEPT) if KEPT.is_file() else {"about": {}, "rows": {}, "before": {}}


def find_cell(name: str, digest: str) -> dict[str, Any] | None:
    """Return a kept cell of either checkout that was measured with a method's very code."""
    kept = read_kept()
    cells = [rows_of(kept, rival).get(name) for rival in (False, True)]
    return next((cell for cell in cells if cell and cell["method_hash"] == digest), None)


def rows_of(kept: Mapping[str, Any], rival: bool) -> Rows:
    """Return this checkout's cells, or the rival's."""
    rows: Rows = kept["before" if rival else "rows"]
    return rows


def keep(name: str, row: Mapping[str, Any], rival: bool) -> None:
    """Write one cell into the JSON file as it is now: another process may add its own."""
    kept = read_kept()
    rows_of(kept, rival)[name] = dict(row)
    kept["about"] = conditions("baselines growth", LIBRARIES)
    write_bytes(KEPT, (json.dumps(kept, indent=1) + "\n").encode())


if __name__ == "__main__":
    sys.exit(main())
