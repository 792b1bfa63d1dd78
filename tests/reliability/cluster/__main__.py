"""Commands on a cluster of four worker processes, with faults; the end must be that of one process.

    python -m tests.reliability.cluster --times 20 --record tests/reliability/cluster/faults.json
    python -m tests.reliability.cluster --fill docs/scale.md

The first makes every fault so many times in the middle of a build and of a run, gives the same
command again, and compares all files with those of one process without a cluster, byte by byte. It
records each try, and tries of the same code (of the engine, the build and this bench) that are
recorded count, so it can be broken off and gone on with (``--minutes`` breaks off). The second
writes the table of what was recorded.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from perf.documents import fill
from perf.machine import ROOT, conditions
from tests.reliability.cluster.machines import WORKERS, machines
from tests.reliability.cluster.tries import COMMANDS, FAULTS, Bench, Outcome

FIGURES = Path(__file__).with_name("faults.json")
CODE = ("distinctions646/cluster", "distinctions646/build", "tests/reliability/cluster")
"""Folders whose change makes all tries count as of other code."""


def table(figures: dict[str, Any]) -> str:
    """Return the Markdown table of what was recorded."""
    lines = [
        "| command | fault | times | ended by itself | told in one line, resumed | equal bytes |",
        "|:--|:--|--:|--:|--:|--:|",
    ]
    for command, faults in figures["commands"].items():
        for fault, row in faults.items():
            lines.append(
                f"| {command} | {FAULTS[fault].text} | {row['times']} | {row['through']} | "
                f"{row['resumed']} | {row['equal']} |"
            )
    about = figures["conditions"]
    commits = ", ".join(f"`{commit[:12]}`" for commit in figures["commits"])
    noun = "Commits" if figures["commits"][1:] else "Commit"
    return "\n".join([*lines, "", f"{noun} {commits}, {about['date']}, {about['cores']} cores.\n"])


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status: 1 where a try did not end equal."""
    parser = make_parser("python -m tests.reliability.cluster", __doc__)
    parser.add_argument("--times", type=int, default=1, help="of each fault and command, in all")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no try after")
    parser.add_argument("--fault", nargs="+", choices=tuple(FAULTS), default=tuple(FAULTS))
    parser.add_argument("--command", nargs="+", choices=tuple(COMMANDS), default=tuple(COMMANDS))
    parser.add_argument("--record", type=Path, metavar="FILE", help="figures to write to")
    parser.add_argument("--fill", type=Path, metavar="FILE", help="only write the table into this")
    given = parser.parse_args(arguments)

    def command() -> int:
        if given.fill is not None:
            fill(given.fill, {"cluster-faults": table(json.loads(FIGURES.read_text()))})
            return 0
        return _try_many(given)

    return run_command(command)


def _try_many(given: argparse.Namespace) -> int:
    os.environ["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS", "1")
    figures, end = _figures(given.record), time.monotonic() + 60 * given.minutes
    wrong = made = 0
    with tempfile.TemporaryDirectory(prefix="cluster-") as folder:
        bench: Bench | None = None
        for poor in dict.fromkeys(FAULTS[fault].poor for fault in given.fault):
            faults = [fault for fault in given.fault if FAULTS[fault].poor == poor]
            left = list(_left(figures["commands"], given, faults))
            if not left or time.monotonic() > end:
                continue
            if bench is None:
                sys.stderr.write("a build and a run by one process, to compare with\n")
                bench = Bench(Path(folder))
            sys.stderr.write(
                f"tries: {len(left)}, on a Dask scheduler and {WORKERS} worker processes: a "
                "command, a fault in the middle, the command again, all bytes compared\n"
            )
            with machines(bench.root, poor) as cluster:
                for number, command, fault in left:
                    if time.monotonic() > end:
                        break
                    outcome = bench.attempt(cluster, command, fault, number)
                    sys.stderr.write(f"{command}, {FAULTS[fault].text}: {_story(outcome)}\n")
                    _count(figures["commands"], command, fault, outcome)
                    wrong += bool(outcome.wrong)
                    made += 1
                    if given.record is not None:
                        text = json.dumps(figures, indent=1, sort_keys=True) + "\n"
                        write_bytes(given.record, text.encode())
    tries_left = sum(1 for _ in _left(figures["commands"], given, given.fault))
    more = f"; {tries_left} left: give the same command again" if tries_left else ""
    verdict = (
        f"tries: {made}, of which {wrong} went wrong" if wrong else f"tries: {made}, all ended well"
    )
    sys.stderr.write(f"{verdict}{more}\n")
    return int(wrong > 0)


def _story(outcome: Outcome) -> str:
    """Return in plain words what came of a try."""
    if outcome.wrong:
        return f"WRONG: {outcome.wrong}"
    end = "went through" if outcome.through else "ended in one line, resumed by the same command"
    files = f"all {outcome.files} files byte-equal to those of one process"
    return f"{end}; {files} ({outcome.seconds:.0f} s)"


def _left(
    commands: dict[str, Any], given: argparse.Namespace, faults: list[str]
) -> Iterator[tuple[int, str, str]]:
    """Yield number, command and fault of the tries that are not recorded yet."""
    for number in range(given.times):
        for command, fault in itertools.product(given.command, faults):
            if number >= commands.get(command, {}).get(fault, {"times": 0})["times"]:
                yield number, command, fault


def _figures(path: Path | None) -> dict[str, Any]:
    """Return what was recorded of this code so far, to go on with it."""
    about = {**conditions("cluster", ("distributed", "numpy")), "code": _code_hash()}
    if path is not None and path.exists():
        before: dict[str, Any] = json.loads(path.read_text())
        if before["conditions"].get("code") == about["code"]:
            before["conditions"] = about
            before["commits"] = list(dict.fromkeys([*before["commits"], about["commit"]]))
            return before
    return {"conditions": about, "commits": [about["commit"]], "commands": {}}


def _code_hash() -> str:
    digest = hashlib.sha256()
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _count(figures: dict[str, Any], command: str, fault: str, outcome: Outcome) -> None:
    row = figures.setdefault(command, {}).setdefault(
        fault, {"times": 0, "through": 0, "resumed": 0, "equal": 0}
    )
    row["times"] += 1
    row["through"] += outcome.through
    row["resumed"] += outcome.resumed
    row["equal"] += not outcome.wrong


if __name__ == "__main__":
    sys.exit(main())
