"""Measure the steps of `make demo` without pip and with nothing compiled, by the clock.

    python -m perf.demo --rival CHECKOUT

The steps are those that ``make -n demo`` lists, run in an empty folder by this suite and by an
earlier commit in turn. Processor seconds of all processes go beside the clock's to
perf/points/1-demo.json.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from distinctions646.process.commandline import make_parser, run_command
from perf.machine import ROOT
from perf.points.recording import children_seconds, row, write_point

COMMAND = "python -m perf.demo --rival CHECKOUT"


def steps(checkout: Path) -> list[list[str]]:
    """Return the arguments of Python in each step of a checkout's demo."""
    listed = subprocess.run(
        ["make", "-n", "demo"], cwd=checkout, check=True, capture_output=True, text=True
    ).stdout
    found = re.findall(r"^\S*python -m (?!pip |venv )(.*)$", listed, flags=re.MULTILINE)
    return [["-m", *shlex.split(words)] for words in found]


def demonstrate(checkout: Path) -> tuple[float, float, str]:
    """Run a demo: seconds of the clock, processor seconds, and both of each step in words."""
    shown = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        environment = {
            **os.environ,
            "PYTHONPATH": str(checkout),
            "NUMBA_CACHE_DIR": f"{place}/loops",
        }
        start, before = time.perf_counter(), children_seconds()
        for arguments in steps(checkout):
            began, used = time.perf_counter(), children_seconds()
            subprocess.run(
                [sys.executable, *arguments],
                cwd=folder,
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            taken = time.perf_counter() - began, children_seconds() - used
            shown.append(f"{arguments[1]} {taken[0]:.0f} s, {taken[1]:.0f} CPU s")
        return time.perf_counter() - start, children_seconds() - before, "; ".join(shown)


def compare(rival: Path) -> None:
    """Run both demos, and write the point."""
    before = demonstrate(rival.resolve())
    after = demonstrate(ROOT)
    note = f"{after[2]}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    clock = (round(before[0], 1), round(after[0], 1))
    processor = (round(before[1], 1), round(after[1], 1))
    rows = [
        row("by the clock", "s", clock, rival, COMMAND, target="60 s", note=note),
        row("processor", "CPU s", processor, rival, COMMAND),
    ]
    write_point("1-demo", 1, "`make demo` without pip, nothing compiled", rows)
    sys.stdout.write(f"{clock[0]} s before, {clock[1]} s after: {note}\n")


def main() -> int:
    """Run the command."""
    parser = make_parser("python -m perf.demo", __doc__)
    parser.add_argument("--rival", type=Path, required=True, help="checkout of an earlier commit")
    given = parser.parse_args()
    return run_command(lambda: compare(given.rival))


if __name__ == "__main__":
    sys.exit(main())
