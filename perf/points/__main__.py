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
WAITING = POINTS.parent / "waiting.json"
QUICK = POINTS.parent / "quick" / "quick.json"
_OF_QUICK = {  # of the quick cases, those that no other command measures: point and target
    "four metrics of both regions, 2 MP": (4, "1.4 ×"),
    "66 comparisons of methods": (6, ""),
}
_READING = {"read a matte": 2, "read a picture": 2, "write a matte": 3}  # point of each


def read_points(folder: Path) -> list[dict[str, Any]]:
    """Return the points of a folder by number."""
    points = [read_json(path) for path in sorted(folder.glob("*.json"))]
    return sorted(points, key=lambda point: int(point["point"]))


def points_of_waiting(measured: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the points that `perf.waiting` measures: what stood before is its unnamed rival's.

    Before there was a reader and an encoder of the suite's own for these, both were Pillow's.
    """
    about = measured["about"]
    common = {
        "commits": [about["rival"], about["commit"]],
        "command": "python -m perf.waiting docs/speed.md --dataset mini --rival CHECKOUT",
    }
    first = [
        {"what": what, "unit": "CPU s", "before": row["rival"], "after": row["this"], **common}
        for what, row in measured["first"].items()
    ]
    points = [{"point": 1, "what": "nothing compiled", "rows": first}]
    for what, row in measured["pictures"].items():
        times = {"unit": "ms", "before": row["Pillow"], "after": row["this"]}
        rows = [{"what": what, **times, **common}]
        points.append({"point": _READING[what], "what": "1080 × 1920", "rows": rows})
    return points


def points_of_quick(measured: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the points that `perf.quick` measures: before is what it is compared with."""
    commit = measured["about"]["commit"]
    points = []
    for name, (point, target) in _OF_QUICK.items():
        case = measured["rows"][name]
        row = {
            "what": f"before is {case['rival']}",
            "unit": "ms",
            "before": round(1000 * case["theirs"], 1),
            "after": round(1000 * case["ours"], 1),
            "commits": [commit, commit],
            "command": f"python -m perf.quick --only '{name}'",
            "target": target,
        }
        points.append({"point": point, "what": name, "rows": [row]})
    return points


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
        points = [
            *points_of_waiting(read_json(WAITING)),
            *points_of_quick(read_json(QUICK)),
            *read_points(POINTS),
        ]
        table = to_markdown(sorted(points, key=lambda point: int(point["point"])))
        fill(parser.parse_args().document, {"points": table})

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
