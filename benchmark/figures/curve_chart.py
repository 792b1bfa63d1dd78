"""Trimap sensitivity as curves: means with intervals over foregrounds, a CSV and a figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.board.curves import _dilation
from distinctions646.images.png import write_bytes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_SHOWN = "sad"
# Okabe and Ito's colours, told apart by the colour-blind; the line style changes with each round.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_STYLES = ("-", "--", ":")
_MARKERS = "os^Dv<>"


def write_curves(path: Path, table: pd.DataFrame) -> None:
    """Write the summary as CSV, numbers to nine digits."""
    text = table.astype({"dilation": "Int64"}).to_csv(
        index=False, float_format="%.9g", lineterminator="\n"
    )
    write_bytes(path, text.encode())


def draw_curves(folder: Path, table: pd.DataFrame) -> list[Path]:
    """Draw SAD against the dilation, a panel a region, as ``curves.pdf`` and ``curves.png``.

    Methods without trimaps are level lines; bands and bars are 95 % intervals. Rules with mistakes
    stand at the right, apart.
    """
    import io

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    metrics = [one for one in dict.fromkeys(table["metric"]) if one.startswith(f"{_SHOWN}/")]
    metrics.sort(key=lambda metric: "/whole/" not in metric)
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


def render_curves(table: pd.DataFrame) -> str:
    """Lay out mean SAD over the whole image for the screen: a row a method, a column a rule."""
    shown = table[table["metric"].str.startswith(f"{_SHOWN}/whole/")]
    rules = [rule for rule in dict.fromkeys(shown["trimap_rule"]) if isinstance(rule, str)]
    heads = [_short(rule) for rule in rules]
    width = max(16, *(len(name) for name in shown["method"]))
    cells = [max(len(head), 8) + 2 for head in heads]
    lines = [
        f"{shown['dataset'].iloc[0]}: SAD over the whole image by trimap (dilation in pixels of a "
        "full-size image), mean over images",
        "",
        f"{'method':{width}}" + "".join(f"{h:>{c}}" for h, c in zip(heads, cells, strict=True)),
    ]
    for method, part in shown.groupby("method", sort=False):
        means = {row["trimap_rule"]: row["mean"] for row in part.to_dict("records")}
        if len(part) == 1 and not isinstance(part["trimap_rule"].iloc[0], str):
            body = f"  {part['mean'].iloc[0]:.3f} without trimap"
        else:
            body = "".join(f"{means[rule]:>{c}.3f}" for rule, c in zip(rules, cells, strict=True))
        lines.append(f"{method!s:{width}}{body}")
        failed = part[part["not_applicable"] > 0].to_dict("records")
        if failed:
            where = ", ".join(
                f"{row['not_applicable']} at {_short(str(row['trimap_rule']))}" for row in failed
            )
            lines.append(f"  n/a of {part['images'].max()}: {where}; their trimaps are scored")
    return "\n".join(lines) + "\n"


def _draw_panel(axis: Axes, table: pd.DataFrame, metric: str) -> None:
    dilations = sorted({int(one) for one in table["dilation"].dropna()})
    others = [
        rule for rule in dict.fromkeys(table["trimap_rule"])
        if isinstance(rule, str) and _dilation(rule) is None
    ]  # fmt: skip
    right = max(dilations, default=0)
    step = max(right / 8, 1.0)
    places = {rule: right + (number + 1.2) * step for number, rule in enumerate(others)}
    for number, (method, part) in enumerate(table.groupby("method", sort=False)):
        look: dict[str, Any] = {
            "color": _COLOURS[number % len(_COLOURS)],
            "linestyle": _STYLES[number // len(_COLOURS) % len(_STYLES)],
        }
        level = part[part["trimap_rule"].isna()]
        if len(level):
            row = level.iloc[0]
            axis.axhline(row["mean"], label=f"{method} (no trimap)", linewidth=1.5, **look)
            axis.axhspan(row["low"], row["high"], color=look["color"], alpha=0.08, linewidth=0)
            continue
        marker = _MARKERS[number % len(_MARKERS)]
        curve = part[part["dilation"].notna()].sort_values("dilation")
        axis.plot(curve["dilation"], curve["mean"], marker=marker, markersize=4, label=str(method),
                  linewidth=1.5, **look)  # fmt: skip
        axis.fill_between(
            curve["dilation"].astype(float), curve["low"], curve["high"], color=look["color"],
            alpha=0.12, linewidth=0,
        )  # fmt: skip
        for point in part[part["trimap_rule"].isin(others)].to_dict("records"):
            ends = [[point["mean"] - point["low"]], [point["high"] - point["mean"]]]
            axis.errorbar(places[point["trimap_rule"]], point["mean"], ends, fmt=marker,
                          markersize=4, capsize=2, elinewidth=0.8, color=look["color"])  # fmt: skip
    if others:
        axis.axvline(right + 0.6 * step, color="0.8", linewidth=0.8)
    ticks = [*dilations, *places.values()]
    axis.set_xticks(ticks, [*map(str, dilations), *map(_short, others)])
    for label in axis.get_xticklabels()[len(dilations) :]:
        label.set(rotation=60, ha="right", rotation_mode="anchor")
    axis.set_xlabel("dilation of the trimap, pixels of a full-size image")
    axis.set_ylabel("SAD in thousands, lower is better")
    axis.set_title(_title(metric), fontsize=10)
    axis.set_ylim(bottom=0)
    axis.grid(axis="y", color="0.92")
    axis.spines[["top", "right"]].set_visible(False)


def _title(metric: str) -> str:
    region = metric.split("/")[1]
    if region == "whole":
        return "whole image"
    return region.replace("unknown-of-", "unknown region of ").replace("-v1", "/v1")


def _short(rule: str) -> str:
    dilation = _dilation(rule)
    return rule.partition("/")[0] if dilation is None else f"{dilation}"
