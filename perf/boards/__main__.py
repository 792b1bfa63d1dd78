"""Measure the leaderboard with many methods: seconds of the table and of the page, and its bytes.

    python -m perf.boards --out perf/boards/boards.json
    python -m perf.boards --rival CHECKOUT

Results of 100 made-up methods on 1,000 images are written (`perf.boards.synthetic`), and each
command runs in a process of its own with one BLAS thread: processor seconds, user and system, the
least of --repeats. --page keeps the page, to be looked at. With --rival, a checkout of an earlier
commit, the table and the page of the same results run by its code in turn with these, and all goes
to perf/points/6-boards.json.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from perf.boards.synthetic import make_results
from perf.machine import ROOT, conditions
from perf.points.recording import cpu_seconds_in, row, write_point

LIBRARIES = ("numpy", "pandas", "pyarrow", "scipy", "Jinja2")
TABLE = """
import sys, pathlib
from benchmark.formats.screen import show
sys.stdout.write(show([pathlib.Path(sys.argv[1])]))
"""
PAGE = """
import sys, pathlib
from benchmark.board.loading import load_boards
from benchmark.page.writing import write_page
write_page(load_boards([pathlib.Path(sys.argv[1])]), pathlib.Path(sys.argv[2]), datasets={})
"""


@dataclass(frozen=True)
class Inputs:
    """How large a board, how often, and where the results go."""

    methods: int
    images: int
    repeats: int
    page: Path | None
    out: Path | None
    rival: Path | None


def measure(inputs: Inputs) -> dict[str, Any]:
    """Return seconds and bytes."""
    with tempfile.TemporaryDirectory() as name:
        results = make_results(Path(name) / "results", inputs.methods, inputs.images)
        page = inputs.page or Path(name) / "page"
        checkouts = [ROOT] if inputs.rival is None else [ROOT, inputs.rival.resolve()]
        tables: dict[Path, list[float]] = {checkout: [] for checkout in checkouts}
        pages: dict[Path, list[float]] = {checkout: [] for checkout in checkouts}
        for _ in range(inputs.repeats):
            for checkout in reversed(checkouts):  # the page that stays is this one's
                tables[checkout].append(cpu_seconds_in(checkout, ["-c", TABLE, str(results)]))
                arguments = ["-c", PAGE, str(results), str(page)]
                pages[checkout].append(cpu_seconds_in(checkout, arguments))
        sizes = [path.stat().st_size for path in page.rglob("*") if path.is_file()]
    least = {
        checkout: (round(min(tables[checkout]), 2), round(min(pages[checkout]), 2))
        for checkout in checkouts
    }
    measured = {
        "about": conditions("boards", LIBRARIES),
        "methods": inputs.methods,
        "images": inputs.images,
        "table_seconds": least[ROOT][0],
        "page_seconds": least[ROOT][1],
        "page_mb": round(sum(sizes) / 1e6, 1),
        "page_files": len(sizes),
        "largest_file_mb": round(max(sizes) / 1e6, 2),
    }
    if inputs.rival is not None:
        before = least[inputs.rival.resolve()]
        write_point(
            "6-boards",
            6,
            f"boards of {inputs.methods} methods × {inputs.images:,} images",
            rows(measured, before, inputs.rival),
        )
    return measured


def rows(
    measured: dict[str, Any], before: tuple[float, float], rival: Path
) -> list[dict[str, Any]]:
    """Return the point's rows."""
    command = "python -m perf.boards --rival CHECKOUT"
    table = (before[0], measured["table_seconds"])
    page = (before[1], measured["page_seconds"])
    return [
        row("the table on the screen, whole process", "CPU s", table, rival, command, target="6"),
        row("the page, whole process", "CPU s", page, rival, command, target="30"),
        row("the page's files", "MB", (None, measured["page_mb"]), rival, command, target="25"),
    ]


def report(inputs: Inputs) -> None:
    """Measure; print, and write the JSON where one is asked for."""
    text = json.dumps(measure(inputs), indent=1) + "\n"
    sys.stdout.write(text)
    if inputs.out is not None:
        write_bytes(inputs.out, text.encode())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.boards", __doc__)
    parser.add_argument("--methods", type=int, default=100, help="rows of the board")
    parser.add_argument("--images", type=int, default=1000, help="images of each")
    parser.add_argument("--repeats", type=int, default=1, help="runs of each; the least counts")
    parser.add_argument("--page", type=Path, help="folder to keep the page in")
    parser.add_argument("--out", type=Path, help="JSON to write")
    parser.add_argument("--rival", type=Path, help="checkout of an earlier commit")
    inputs = Inputs(**vars(parser.parse_args(arguments)))
    return run_command(lambda: report(inputs))


if __name__ == "__main__":
    sys.exit(main())
