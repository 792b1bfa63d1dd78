"""Time a small set in minutes, and compare its ratios with those that were kept.

    python -m perf.quick
    python -m perf.quick --keep --document docs/speed.md

Each case is timed beside a rival in the same run, in turn, after one run that does not count:
processor seconds of one thread, the least of several. What counts is how many times as fast ours
is. A ratio that is more than 15 % below the kept one is marked *slower*; the exit status stays 0,
as a loaded machine may cause it: run it again before believing it. --keep writes
perf/quick/quick.json, and points for `perf.points`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.statistics.one_thread import on_one_thread
from distinctions646.checks.files import read_json
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from perf.documents import fill
from perf.machine import ROOT, conditions
from perf.points.recording import row, write_point
from perf.quick.cases import CASES
from perf.quick.pair import Pair

KEPT = Path(__file__).with_name("quick.json")
DROP = 0.15
_POINTS = {  # of the cases that no other command measures: file, point and target
    "four metrics of both regions, 2 MP": ("4-regions", 4, "1.4 ×"),
    "66 comparisons of methods": ("6-comparisons", 6, ""),
}
LIBRARIES = ("numpy", "numba", "scipy", "torch", "PyMatting", "Pillow", "opencv-python-headless")


@dataclass(frozen=True)
class Inputs:
    """Which cases, and what is written."""

    only: tuple[str, ...]
    keep: bool
    document: Path | None


def time_pair(pair: Pair) -> tuple[float, float]:
    """Return the least processor seconds of ours and of the rival's call, timed in turn."""
    best = [float("inf"), float("inf")]
    for turn in range(pair.repeats + 1):
        for place, call in enumerate((pair.ours, pair.theirs)):
            started = time.process_time()
            call()
            seconds = time.process_time() - started
            if turn > 0:
                best[place] = min(best[place], seconds)
    return best[0], best[1]


@on_one_thread
def measure(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return seconds and ratio of each case."""
    rows: dict[str, dict[str, Any]] = {}
    for name in names:
        pair = CASES[name]()
        ours, theirs = time_pair(pair)
        rows[name] = {
            "rival": pair.rival,
            "ours": round(ours, 4),
            "theirs": round(theirs, 4),
            "ratio": round(theirs / ours, 2),
        }
        sys.stderr.write(f"{name}: {rows[name]['ratio']}\n")
    return rows


def to_markdown(rows: Mapping[str, Mapping[str, Any]], kept: Mapping[str, Any] | None) -> str:
    """Lay the ratios out beside the kept ones.

    Parameters
    ----------
    rows
        As `measure` returns them.
    kept
        What an earlier run kept, with its ``rows`` and ``about``; None if there is nothing.
    """
    before = {} if kept is None else kept["rows"]
    lines = [
        "| what | beside what | ms | times as fast | kept | |",
        "|---|---|--:|--:|--:|---|",
    ]
    for name, case in rows.items():
        old = before.get(name, {}).get("ratio")
        slower = old is not None and case["ratio"] < (1 - DROP) * old
        lines.append(
            f"| {name} | {case['rival']} | {1000 * case['ours']:.1f} | {case['ratio']:.2f} | "
            f"{'' if old is None else f'{old:.2f}'} | {'slower' if slower else ''} |"
        )
    return "\n".join(lines) + "\n"


def report(inputs: Inputs) -> None:
    """Measure, print the table, and write what is asked for."""
    started = time.process_time()
    rows = measure(inputs.only or CASES)
    kept = read_json(KEPT) if KEPT.is_file() else None
    sys.stdout.write(to_markdown(rows, kept))
    if inputs.keep:
        kept_rows = {**(kept or {}).get("rows", {}), **rows}
        kept = {"about": conditions("quick", LIBRARIES), "rows": kept_rows}
        write_bytes(KEPT, (json.dumps(kept, indent=1) + "\n").encode())
        write_points(rows, None if inputs.only else time.process_time() - started)
    if inputs.document is not None and kept is not None:
        about = kept["about"]
        words = f"\n{about['processor']}, load {about['load']} on {about['cores']} cores.\n"
        fill(inputs.document, {"quick": to_markdown(kept["rows"], None) + words})


def write_points(rows: Mapping[str, Mapping[str, Any]], seconds: float | None) -> None:
    """Write the points of the cases that no other command measures, and that of the whole set.

    Parameters
    ----------
    rows
        As `measure` returns them.
    seconds
        Processor seconds of the whole set; None where only some cases ran.
    """
    for name, (file, point, target) in _POINTS.items():
        if name in rows:
            case = rows[name]
            times = round(1000 * case["theirs"], 1), round(1000 * case["ours"], 1)
            what, command = f"before is {case['rival']}", f"python -m perf.quick --only '{name}'"
            write_point(file, point, name, [row(what, "ms", times, ROOT, command, target=target)])
    if seconds is not None:
        note = f"there was no such command; it times {'; '.join(rows)}"
        times = None, round(seconds)
        what = f"{len(rows)} cases, each beside a rival and its kept ratio"
        whole = row(what, "CPU s", times, ROOT, "python -m perf.quick", target="minutes", note=note)
        write_point("9-quick", 9, "staying fast", [whole])


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.quick", __doc__)
    parser.add_argument("--only", nargs="*", default=[], choices=list(CASES), help="cases")
    parser.add_argument("--keep", action="store_true", help="keep these ratios for later runs")
    parser.add_argument("--document", type=Path, help="Markdown file to write the kept ones into")
    given = parser.parse_args(arguments)
    inputs = Inputs(tuple(given.only), given.keep, given.document)
    return run_command(lambda: report(inputs))


if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    sys.exit(main())
