"""Write the measured tables of docs/baselines.md.

    python -m perf.baselines.tables docs/baselines.md

reads results/baselines-speed.json and results/baselines-alphamatting.json, and replaces what stands
between the document's marker lines.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from distinctions646.process.commandline import run_command
from perf.baselines.measure import table
from perf.documents import document_parser, fill

RESULTS = Path(__file__).parents[2] / "results"
PICTURES = 1000  # of Composition-1k's test set


def speed_table(speed: dict[str, Any]) -> str:
    """Return one row a case and method, pymatting's beside ours."""
    rows = speed["rows"]
    lines = [
        "| picture | method | CPU s | peak GB | times faster than pymatting's | memory of "
        "pymatting's | solver |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in rows.items():
        case, method = name.split("/")
        ratio = speed["ratios"].get(f"{name}-pymatting")
        lower = not rows.get(f"{name}-pymatting", {"finished": True})["finished"]
        faster = share = ""
        if ratio is not None:
            faster = f"{'> ' if lower else ''}{ratio['times_faster']:.1f}"
            share = f"{'< ' if lower else ''}{100 * ratio['memory_share']:.0f} %"
        notes = row.get("notes", {})
        solver = notes.get("solver", "")
        if "iterations" in notes:
            solver += f", {notes['iterations']} iterations"
        if notes.get("converged") is False:
            solver += ", not converged"
        more = "" if row["finished"] else "> "
        seconds = f"{more}{row['cpu_seconds']:.1f}"
        memory = f"{more}{row['peak_mb'] / 1024:.2f}"
        lines.append(
            f"| {case} | `{method}` | {seconds} | {memory} | {faster} | {share} | {solver} |"
        )
    return "\n".join(lines)


def cases_text(speed: dict[str, Any]) -> str:
    """Say what the cases are, and under what load they were measured."""
    parts = []
    for case in ("narrow", "wide"):
        row = speed["rows"][f"{case}/closed-form"]
        parts.append(
            f"*{case}*: {row['megapixels']:.2f} megapixels, {row['unknown']:,} unknown pixels "
            f"({row['unknown'] / row['megapixels'] / 1e4:.0f} %)"
        )
    loads = [row["load"] for row in speed["rows"].values()]
    flows = [
        f"{found['over_closed_form']:.1f} ({name.split('/')[0]})"
        for name, found in speed["ratios"].items()
        if "over_closed_form" in found
    ]
    return (
        f"{'; '.join(parts)}. One run each, one thread, at a load of {min(loads):.0f} to "
        f"{max(loads):.0f} on {speed['about']['cores']} cores. Time of "
        f"`information-flow` over that of our `closed-form`: {', '.join(flows)}. A figure "
        "with > is of a method that was stopped unfinished: a lower bound."
    )


def hours_table(speed: dict[str, Any], accuracy: dict[str, Any]) -> str:
    """Return hours for a thousand pictures: measured, or else in proportion."""
    lines = [
        "| method | CPU s a megapixel at 800 px | hours, narrow | hours, wide |",
        "|---|---|---|---|",
    ]
    size = {case: speed["rows"][f"{case}/closed-form"]["megapixels"] for case in ("narrow", "wide")}
    for method, measured in accuracy["rows"].items():
        unit = sum(row["cpu_seconds"] for row in measured)
        unit /= sum(row["megapixels"] for row in measured)
        row = speed["rows"].get(f"narrow/{method}")
        seconds, sign = (row["cpu_seconds"], "") if row else (unit * size["narrow"], "≈ ")
        narrow = f"{sign}{PICTURES * seconds / 3600:.1f}"
        row = speed["rows"].get(f"wide/{method}")
        wide = ""
        if row:
            wide = f"{'' if row['finished'] else '> '}{PICTURES * row['cpu_seconds'] / 3600:.1f}"
        lines.append(f"| `{method}` | {unit:.2f} | {narrow} | {wide} |")
    return "\n".join(lines)


def tables() -> str:
    """Word all measurements of the baselines."""
    speed = json.loads((RESULTS / "baselines-speed.json").read_text(encoding="utf-8"))
    accuracy = json.loads((RESULTS / "baselines-alphamatting.json").read_text(encoding="utf-8"))
    libraries = ", ".join(f"{name} {is_at}" for name, is_at in speed["about"]["packages"].items())
    return "\n\n".join(
        [
            "### Large pictures",
            cases_text(speed),
            speed_table(speed),
            f"With {libraries}.",
            "### Hours for 1,000 pictures",
            "What a row takes on one core for as many pictures as Composition-1k's test set has, "
            "if they are like the narrow or the wide one. ≈ stands for time by proportion of "
            "megapixels to the photographs of 800 pixels.",
            hours_table(speed, accuracy),
            "### Photographs with measured mattes",
            table(accuracy["rows"]),
        ]
    )


def main() -> int:
    """Run the command."""
    parser = document_parser("perf.baselines.tables", __doc__)
    return run_command(lambda: fill(parser.parse_args().document, {"measured": tables()}))


if __name__ == "__main__":
    sys.exit(main())
