"""Word the measured deviations of the ports as the tables of docs/metric-ports.md."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

METRICS = ("sad", "mse", "grad", "conn")
MODES = ("whole", "masked", "filled")
NATURAL = ("o02_hair", "o03_blobs", "o20_large")


def tables(measured: Path, facts: Path) -> str:
    """Word all filed results as Markdown."""
    ports = tomllib.loads(facts.read_text())
    results = json.loads(measured.read_text())
    lines = []
    for metric in METRICS:
        lines += [
            f"### {metric.upper() if metric in ('sad', 'mse') else metric.title()}",
            "",
            "| port | whole image | unknown region | unknown, filled | worst | worst natural "
            "| explained | why |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for name, entry in results.items():
            if metric in entry["metrics"]:
                lines.append(_line(name, entry, metric, ports[name]))
        lines.append("")
    lines += ["### Versions measured", "", "| port | repository | commit |", "|---|---|---|"]
    for name, entry in results.items():
        lines.append(
            f"| {name} | {ports[name]['repository']} | `{(entry['commit'] or '?')[:10]}` |"
        )
    packages = {json.dumps(entry["packages"], sort_keys=True) for entry in results.values()}
    for one in sorted(packages):
        named = ", ".join(f"{key} {value}" for key, value in json.loads(one).items())
        lines += ["", f"Run with {named}."]
    return "\n".join(lines) + "\n"


def _line(name: str, entry: dict[str, Any], metric: str, facts: dict[str, Any]) -> str:
    modes = entry["metrics"][metric]
    cells = []
    for mode in MODES:
        if mode not in modes:
            cells.append("-")
            continue
        failed = _failures(modes[mode])
        cells.append(f"{len(modes[mode]['off'])}" + (f" (+ {failed} refused)" if failed else ""))
    worst = max(modes.values(), key=lambda counts: counts["worst_relative"])
    off = sum(len(counts["off"]) for counts in modes.values())
    explained = "-"
    if off and worst["explained_by"]:
        total = sum(counts["explained"] for counts in modes.values())
        explained = f"{total} of {off} by " + ", ".join(f"`{key}`" for key in worst["explained_by"])
    reached = "where undefined" if off else "-"
    if worst["worst_relative"]:
        reached = f"{100 * worst['worst_relative']:.3g} % (`{worst['worst_case']}`)"
    why = (
        facts["why"].get(metric, "")
        if off or any(_failures(counts) for counts in modes.values())
        else ""
    )
    natural = _worst_natural(modes)
    return f"| {name} | {' | '.join(cells)} | {reached} | {natural} | {explained} | {why} |"


def _failures(counts: dict[str, Any]) -> int:
    return sum(len(cases) for cases in counts["failed"].values())


def _worst_natural(modes: dict[str, Any]) -> str:
    worst = max(
        (
            (abs(float(one["value"]) / one["official"] - 1), one["value"], one["official"])
            for counts in modes.values()
            for one in counts["off"]
            if one["case"] in NATURAL
        ),
        default=None,
    )
    if worst is None:
        return "-"
    return f"{100 * (float(worst[1]) / worst[2] - 1):+.3g} %"
