"""Word what was measured of mini for its datasheet.

    python perf/mini_tables.py docs/mini.md [TABLE ...]

Fills the places between the markers, all or those named, from what the scripts mini_statistics.py,
mini_ranking.py and mini_transfer.py left beside this one, and from the photographs' attribution.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

from distinctions646.images.png import write_bytes
from distinctions646.mini.photographs import list_photographs

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
    return _markdown([row[: 1 + MEASURES] for row in _rows("mini_statistics.csv")])


def histogram() -> str:
    """Return the spread of alpha over the soft pixels, where it says something of its own."""
    head, *body = _rows("mini_statistics.csv")
    kept = [row for row in body if not row[0].startswith("group ")]
    bins = ["", *(f"{index / 10:.1f}" for index in range(len(head) - 1 - MEASURES))]
    return _markdown([bins, *([row[0], *row[1 + MEASURES :]] for row in kept)])


def ranking() -> str:
    """Return the methods' errors, the best of each column in bold."""
    head, *body = _rows("mini_ranking.csv")
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
    facts = json.loads((HERE / "mini_transfer.json").read_text(encoding="utf-8"))
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


def main(path: Path, names: list[str]) -> int:
    """Fill the document."""
    text = path.read_text(encoding="utf-8")
    for name in names or TABLES:
        table = TABLES[name]
        start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
        if start not in text or end not in text:
            raise ValueError(f"{path}: has no {start} and {end}")
        before, rest = text.split(start)
        after = rest.split(end)[1]
        text = f"{before}{start}\n{table()}\n{end}{after}"
    write_bytes(path, text.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
