"""Word the measured timings of the metrics for the documentation.

    python -m perf.metrics.timing_tables docs/metrics.md

Ratios come first: absolute times of a shared machine say little.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from distinctions646.process.commandline import run_command
from perf.documents import document_parser, fill

TIMINGS = Path(__file__).parent / "metrics.json"
METRICS = ("sad", "mse", "grad", "conn", "all")


def table(measured: Path) -> str:
    """Return one row an input: times faster than the rival, and our own processor time."""
    timings = json.loads(measured.read_text())
    lines = [
        f"Times faster than {timings['rival']}'s in the same run (medians of processor time, one "
        f"thread, {timings['processor']}, load {timings['load']:.0f} on {timings['cores']} cores, "
        f"{timings['date']}):",
        "",
        "| input | SAD | MSE | Grad | Conn | all four | ours, all four | reading the arrays once |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, found in timings["inputs"].items():
        ratios = " | ".join(f"{found['times_faster'][metric]:.0f}" for metric in METRICS)
        ours = 1000 * found["ours"]["all"]["median"]
        once = 1000 * found["read_once"]["median"]
        lines.append(f"| {name} | {ratios} | {ours:.1f} ms | {once:.2f} ms |")
    return "\n".join(lines)


def main() -> int:
    """Run the command."""
    parser = document_parser("perf.metrics.timing_tables", __doc__)
    return run_command(lambda: fill(parser.parse_args().document, {"measured": table(TIMINGS)}))


if __name__ == "__main__":
    sys.exit(main())
