"""Word what was measured of mini for its datasheet.

    python -m perf.mini.tables docs/mini.md [TABLE ...]

Fills the places between the markers, all or those named, from what statistics.py,
ranking.py and transfer.py left beside this one, and from the photographs' attribution.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

from distinctions646.mini.photographs import list_photographs
from distinctions646.process.commandline import run_command
from perf.documents import document_parser, fill

HERE = Path(__file__).parent
MEASURES = 6  # columns of the statistics before the histogram's bins


def _rows(name: str) -> list[list[str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def _markdown(rows: list[list[str]]) -> str:
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def statistics() -> str:
    """Return shares of mini, its groups and the real foregrounds."""
    return _markdown([row[: 1 + MEASURES] for row in _rows("statistics.csv")])


def histogram() -> str:
    """Return the spread of alpha over the soft pixels, where it says something of its own."""
    head, *body = _rows("statistics.csv")
    kept = [row for row in body if not row[0].startswith("group ")]
    bins = ["", *(f"{index / 10:.1f}" for index in range(len(head) - 1 - MEASURES))]
    return _markdown([bins, *([row[0], *row[1 + MEASURES :]] for row in kept)])


def ranking() -> str:
    """Return the methods' errors, the best of each column in bold."""
    head, *body = _rows("ranking.csv")
    plain = ("", "method", "n/a", "wins")
    bold = []
    for name, column in zip(head, zip(*body, strict=True), strict=True):
        values = [float(cell) for cell in column if cell] if name not in plain else []
        bold.append(min(values) if values else None)
    lines = [["", *("best" if name == "wins" else name for name in head[1:])]]
    for row in body:
        cells = [
            f"**{cell}**" if best is not None and cell and float(cell) == best else cell
            for cell, best in zip(row, bold, strict=True)
        ]
        lines.append(cells)
    return _markdown(lines)


def transfer() -> str:
    """Return the errors of the trainings, and what they cost."""
    facts = json.loads((HERE / "transfer.json").read_text(encoding="utf-8"))
    families = list(next(iter(facts["results"].values())))
    head = ["", *(f"{name}: {metric}" for name in families for metric in ("SAD", "MSE"))]
    lines = [head]
    for name, found in facts["results"].items():
        cells = [(f"{found[one]['sad']:.1f}", f"{found[one]['mse']:.3f}") for one in families]
        lines.append([name, *(cell for pair in cells for cell in pair)])
    spent = ", ".join(f"{name} {seconds} s" for name, seconds in facts["cpu_seconds"].items())
    return (
        f"{facts['steps']} steps of {facts['batch']} samples of {facts['side']} pixels, "
        f"{facts['foregrounds']} foregrounds; processor time of one thread: {spent}.\n\n"
        + _markdown(lines)
    )


def photographs() -> str:
    """Return one line a photograph."""
    lines = [["file", "split", "title", "author", "licence", "taken from"]]
    lines += [
        [
            one.name,
            one.split,
            one.title,
            one.author,
            one.licence,
            f"{one.package}, `{one.original}`",
        ]
        for one in list_photographs()
    ]
    return _markdown(lines)


TABLES: dict[str, Callable[[], str]] = {
    "statistics": statistics,
    "histogram": histogram,
    "ranking": ranking,
    "transfer": transfer,
    "photographs": photographs,
}


def main() -> int:
    """Run the command."""
    parser = document_parser("perf.mini.tables", __doc__)
    parser.add_argument("names", nargs="*", metavar="TABLE", help=f"default: {' '.join(TABLES)}")
    options = parser.parse_args()
    return run_command(lambda: fill(options.document, _chosen(options.names or list(TABLES))))


def _chosen(names: list[str]) -> dict[str, str]:
    for name in names:
        if name not in TABLES:
            raise ValueError(f"table is {name!r}; expected one of {', '.join(TABLES)}")
    return {name: TABLES[name]() for name in names}


if __name__ == "__main__":
    sys.exit(main())
