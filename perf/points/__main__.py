"""Write the table of what became faster, before and after, from the measurements beside this file.

    python -m perf.points docs/speed.md

Each JSON file here is one point: ``point`` (its number), ``what``, and ``rows``, each with
``what``, ``unit``, ``before``, ``after``, ``commits`` (before and after), ``command`` and perhaps
``target`` and ``note``. A value that was not measured is null. The numbers of one row were taken in
the same minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from distinctions646.checks.files import read_json
from distinctions646.process.commandline import run_command
from perf.documents import document_parser, fill

POINTS = Path(__file__).parent


def read_points(folder: Path) -> list[dict[str, Any]]:
    """Return the points of a folder by number."""
    points = [read_json(path) for path in sorted(folder.glob("*.json"))]
    return sorted(points, key=lambda point: int(point["point"]))


def to_markdown(points: list[dict[str, Any]]) -> str:
    """Return one table with the rows of all points."""
    lines = [
        "| | what | before | after | gain | target | commits | command |",
        "|--:|---|--:|--:|--:|---|---|---|",
    ]
    notes = []
    for point in points:
        for row in point["rows"]:
            before, after = row["before"], row["after"]
            gain = f"{before / after:.2f} ×" if before and after else ""
            words = [f"{value:g} {row['unit']}" if value else "–" for value in (before, after)]
            commits = " → ".join(f"`{commit[:7]}`" for commit in row["commits"])
            lines.append(
                f"| {point['point']} | {point['what']}: {row['what']} | {words[0]} | {words[1]} | "
                f"{gain} | {row.get('target', '')} | {commits} | `{row['command']}` |"
            )
            if row.get("note"):
                notes.append(f"- {point['point']}, {row['what']}: {row['note']}")
    return "\n".join([*lines, "", *notes])


def main() -> int:
    """Run the command."""
    parser = document_parser("perf.points", __doc__)

    def command() -> None:
        fill(parser.parse_args().document, {"points": to_markdown(read_points(POINTS))})

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
