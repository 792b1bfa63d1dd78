"""The figures of docs/reliability.md: what each suite has counted, and the tables of it.

    python -m tests.reliability.figures --fill docs/reliability.md

writes the tables anew from `figures.json`, which the suites write with ``--record``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from benchmark.results.run_card import find_commit
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from perf.documents import fill

FIGURES = Path(__file__).with_name("figures.json")
_WRITTEN = ("tests/reliability/figures.json", "docs/reliability.md")
Figures = dict[str, dict[str, Any]]


def read_figures(path: Path = FIGURES) -> Figures:
    """Return what is recorded, by suite and by what it tried."""
    figures: Figures = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return figures


def record(suite: str, rows: Mapping[str, Any], path: Path = FIGURES) -> None:
    """Put the rows of a suite, with the commit, in the place of those of the same names."""
    figures = read_figures(path)
    figures.setdefault(suite, {}).update(_with_commit(rows))
    write_bytes(path, (json.dumps(figures, indent=1, sort_keys=True) + "\n").encode())


@cache
def this_commit() -> str:
    """Return the commit that runs, with ``+`` where code differs from it."""
    commit, _ = find_commit(FIGURES)
    if commit is None:
        return "unknown"
    changed = subprocess.run(
        [
            "git",
            "status",
            "--porcelain",
            "--",
            ":/",
            *(f":(top,exclude){name}" for name in _WRITTEN),
        ],
        cwd=FIGURES.parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return commit[:8] + ("+" if changed else "")


def tables(figures: Figures) -> dict[str, str]:
    """Return a Markdown table for each suite that has figures."""
    made = {"faults": _faults, "fuzz": _fuzz, "kills": _kills, "versions": _versions}
    return {suite: made[suite](_with_commit(rows)) for suite, rows in figures.items()}


def _with_commit(rows: Mapping[str, Any]) -> dict[str, Any]:
    """Return rows with the commit that was run: this one where they are new."""
    return {name: {"commit": this_commit(), **row} for name, row in rows.items()}


def _faults(rows: Mapping[str, Any]) -> str:
    lines = [
        "| command | commit | fault | tries | of | survived |",
        "|:--|:--|:--|--:|--:|--:|",
    ]
    for name, row in rows.items():
        for fault, counts in row["faults"].items():
            lines.append(f"| {name} | {row['commit']} | {fault} | {_joined(counts)} |")
    every = [counts for row in rows.values() for counts in row["faults"].values()]
    sums = _joined(sum(column) for column in zip(*every, strict=True))
    return _text([*lines, f"| all | | | {sums} |"])


def _fuzz(rows: Mapping[str, Any]) -> str:
    names = ("inputs", "read", "refused", "escaped")
    lines = [f"| reader | commit | {' | '.join(names)} |", "|:--|:--|--:|--:|--:|--:|"]
    for reader, row in rows.items():
        lines.append(f"| {reader} | {row['commit']} | {_joined(row[name] for name in names)} |")
    sums = _joined(sum(row[name] for row in rows.values()) for name in names)
    return _text([*lines, f"| all | | {sums} |"])


def _kills(rows: Mapping[str, Any]) -> str:
    lines = ["| command | commit | signal | kills | processes left |", "|:--|:--|:--|--:|--:|"]
    for command, row in rows.items():
        for name, (kills, left) in row["signals"].items():
            lines.append(f"| {command} | {row['commit']} | {name} | {kills} | {left} |")
    counts = [pair for row in rows.values() for pair in row["signals"].values()]
    kills, left = (sum(column) for column in zip(*counts, strict=True))
    return _text([*lines, f"| all | | | {kills} | {left} |"])


def _versions(rows: Mapping[str, Any]) -> str:
    lines = [
        "| Python | versions | commit | of them | tests | passed | failed | skipped |",
        "|:--|:--|:--|:--|:--|--:|--:|--:|",
    ]
    names = ("python", "resolution", "commit", "packages", "tests")
    names += ("passed", "failed", "skipped")
    lines += [f"| {_joined(row[name] for name in names)} |" for row in rows.values()]
    return _text(lines)


def _joined(cells: Iterable[object]) -> str:
    return " | ".join(map(str, cells))


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m tests.reliability.figures", __doc__)
    parser.add_argument("--fill", type=Path, required=True, help="Markdown file with the tables")
    given = parser.parse_args(arguments)
    return run_command(lambda: fill(given.fill, tables(read_figures())))


if __name__ == "__main__":
    sys.exit(main())
