"""The figure of trimap curves: error against dilation, with intervals over foregrounds."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.board.curves import dilation_of, short_rule
from benchmark.formats.layout import region_words
from benchmark.metrics.registry import name_in, region_of
from distinctions646.process.whole_files import write_bytes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_SHOWN = "sad"
# Okabe and Ito's colours, told apart by the colour-blind; the line style changes with each round.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_STYLES = ("-", "--", ":")
_MARKERS = "os^Dv<>"


def draw_curves(folder: Path, table: pd.DataFrame) -> list[Path]:
    """Draw SAD against the dilation, one panel per region, as ``curves.pdf`` and ``curves.png``.

    Methods without trimaps are level lines; bands and bars are 95 % intervals. Rules with mistakes
    are at the right, apart.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    metrics = [metric for metric in dict.fromkeys(table["metric"]) if name_in(metric) == _SHOWN]
    metrics.sort(key=lambda metric: region_of(metric) != "whole")
    figure = Figure(figsize=(4.6 * len(metrics), 3.9), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(metrics), squeeze=False)[0]
    for axis, metric in zip(axes, metrics, strict=True):
        _draw_panel(axis, table[table["metric"] == metric], metric)
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False
    )
    paths = []
    for suffix, metadata in (("pdf", {"CreationDate": None}), ("png", {"Software": None})):
        content = io.BytesIO()
        figure.savefig(content, format=suffix, dpi=160, metadata=metadata)
        paths.append(folder / f"curves.{suffix}")
        write_bytes(paths[-1], content.getvalue())
    return paths


def _draw_panel(axis: Axes, table: pd.DataFrame, metric: str) -> None:
    dilations = sorted({int(dilation) for dilation in table["dilation"].dropna()})
    others = [
        rule
        for rule in dict.fromkeys(table["trimap_rule"])
        if isinstance(rule, str) and dilation_of(rule) is None
    ]
    # Other rules follow the largest dilation, an eighth of the axis apart.
    right = max(dilations, default=0)
    step = max(right / 8, 1.0)
    positions = {rule: right + (number + 1.2) * step for number, rule in enumerate(others)}
    for number, (method, part) in enumerate(table.groupby("method", sort=False)):
        _draw_method(axis, number, str(method), part, positions)
    if others:
        axis.axvline(right + 0.6 * step, color="0.8", linewidth=0.8)
    ticks = [*dilations, *positions.values()]
    axis.set_xticks(ticks, [*map(str, dilations), *map(short_rule, others)])
    for label in axis.get_xticklabels()[len(dilations) :]:
        label.set(rotation=60, ha="right", rotation_mode="anchor")
    axis.set_xlabel("dilation of the trimap, pixels of a full-size image")
    axis.set_ylabel("SAD in thousands, lower is better")
    axis.set_title(region_words(region_of(metric)), fontsize=10)
    axis.set_ylim(bottom=0)
    axis.grid(axis="y", color="0.92")
    axis.spines[["top", "right"]].set_visible(False)


def _draw_method(
    axis: Axes, number: int, method: str, part: pd.DataFrame, positions: dict[str, float]
) -> None:
    """Draw a curve with its band and the bars of other rules, or a line without trimaps."""
    colour = _COLOURS[number % len(_COLOURS)]
    line: dict[str, Any] = {
        "color": colour,
        "linestyle": _STYLES[number // len(_COLOURS) % len(_STYLES)],
        "linewidth": 1.5,
    }
    level = part[part["trimap_rule"].isna()]
    if len(level):
        row = level.iloc[0]
        axis.axhline(row["mean"], label=f"{method} (no trimap)", **line)
        axis.axhspan(row["low"], row["high"], color=colour, alpha=0.08, linewidth=0)
        return
    marker: dict[str, Any] = {"color": colour, "markersize": 4}
    symbol = _MARKERS[number % len(_MARKERS)]
    curve = part[part["dilation"].notna()].sort_values("dilation")
    across = curve["dilation"].astype(float)
    axis.plot(curve["dilation"], curve["mean"], marker=symbol, markersize=4, label=method, **line)
    axis.fill_between(across, curve["low"], curve["high"], color=colour, alpha=0.12, linewidth=0)
    for point in part[part["trimap_rule"].isin(list(positions))].to_dict("records"):
        ends = [[point["mean"] - point["low"]], [point["high"] - point["mean"]]]
        x = positions[point["trimap_rule"]]
        axis.errorbar(x, point["mean"], ends, fmt=symbol, capsize=2, elinewidth=0.8, **marker)
