"""The tables of `perf.baselines.growth`: seconds, memory and exponents; needs; before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Rows = Mapping[str, Mapping[str, Any]]
METHODS = (
    "closed-form",
    "learning-based",
    "knn",
    "shared",
    "global",
    "information-flow",
    "sss",
)
SHOWN = ("0.3", "1", "3", "6", "12")  # megapixels, in the tables


def growth_tables(kept: Mapping[str, Any]) -> dict[str, str]:
    """Return Markdown by the name of its marker lines, from what growth.json holds."""
    rows: Rows = kept["rows"]
    parts = [
        _conditions(kept),
        _table(rows, "CPU seconds", lambda row: row["cpu_seconds"], "{:.2f}"),
        _table(rows, "Peak memory of the process, GB", _peak_gb, "{:.2f}"),
        _ratios(kept),
    ]
    return {"growth": "\n\n".join(part for part in parts if part) + "\n", "needs": _needs()}


def _peak_gb(row: Mapping[str, Any]) -> float:
    return float(row["peak_mb"]) / 1024


def _conditions(kept: Mapping[str, Any]) -> str:
    about = kept["about"]
    measured = [row for row in kept["rows"].values() if "unknown" in row]
    shares = [row["unknown"] / (row["height"] * row["width"]) for row in measured]
    loads = [row["load"] for row in measured]
    versions = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    return (
        f"One furry animal over a meadow, enlarged, with grain; {100 * min(shares):.0f} % of the "
        f"pixels are unknown. One thread, the least of up to five runs where they are short, at a "
        f"load of {min(loads):.0f} to {max(loads):.0f} on {about['cores']} cores; {versions}. The "
        "exponent is the slope of the logarithm over that of the megapixels, fitted to all sizes: "
        "1 is growth in proportion. Memory is that of the process with its libraries."
    )


def _table(rows: Rows, title: str, value: Any, form: str) -> str:
    lines = [
        f"| {title} | " + " | ".join(f"{size} MP" for size in SHOWN) + " | exponent |",
        "|---|" + "--:|" * (len(SHOWN) + 1),
    ]
    for method in METHODS:
        cells, points = [], []
        for size in SHOWN:
            row = rows.get(f"{method}/{size}/narrow")
            if row is None:
                cells.append("")
            elif "unfinished" in row:
                cells.append(row["unfinished"])
            else:
                cells.append(form.format(value(row)))
                points.append((float(size), value(row)))
        lines.append(f"| `{method}` | " + " | ".join(cells) + f" | {exponent(points)} |")
    return "\n".join(lines)


def exponent(points: list[tuple[float, float]]) -> str:
    """Return the slope of log value over log size, by least squares.

    Examples
    --------
    >>> exponent([(1.0, 3.0), (2.0, 6.0), (4.0, 12.0)])
    '1.00'
    """
    if len(points) < 2:
        return ""
    sizes, values = np.log(np.array(points)).T
    return f"{np.polyfit(sizes, values, 1)[0]:.2f}"


def _ratios(kept: Mapping[str, Any]) -> str:
    """Return the ratios that the suite has targets for, now and before, where measured."""
    pairs = (
        ("closed-form-pymatting", "closed-form", "0.2"),
        ("information-flow", "closed-form", "3"),
    )
    lines = ["| CPU seconds of | MP | before | now |", "|---|--:|--:|--:|"]
    for top, bottom, size in pairs:
        cells = [ratio(kept[which], top, bottom, size) for which in ("before", "rows")]
        shown = ["" if cell is None else f"{cell:.2f}" for cell in cells]
        lines.append(f"| `{top}` over `{bottom}` | {size} | {shown[0]} | {shown[1]} |")
    return "\n".join(lines)


def ratio(rows: Rows, top: str, bottom: str, size: str) -> float | None:
    """Return the ratio of two methods' CPU seconds at a size, None where one is not measured."""
    above, below = (rows.get(f"{name}/{size}/narrow", {}) for name in (top, bottom))
    if "cpu_seconds" not in above or "cpu_seconds" not in below:
        return None
    return float(above["cpu_seconds"]) / float(below["cpu_seconds"])


def _needs() -> str:
    """Return what the methods state that they need."""
    from benchmark.methods.finding import load_method
    from benchmark.methods.memory import needed_bytes

    lines = [
        "| method | bytes a pixel | bytes an unknown pixel | GB at 12 MP, 16 % unknown | 40 % |",
        "|---|--:|--:|--:|--:|",
    ]
    for name in METHODS:
        method = load_method(name)
        needs = method.memory_needs  # type: ignore[attr-defined]
        gigabytes = [needed_bytes(method, 12_000_000, share * 120_000) / 1e9 for share in (16, 40)]
        lines.append(
            f"| `{name}` | {needs[0]:g} | {needs[1]:g} | {gigabytes[0]:.1f} | {gigabytes[1]:.1f} |"
        )
    return "\n".join(lines)
