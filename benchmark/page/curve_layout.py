"""Layout of trimap curves as SVG: error against dilation, in pixels of a drawing.

The template draws it in the page's own colours, light or dark.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from benchmark.board.curves import dilation_of, short_rule
from benchmark.formats.layout import name_of, region_words
from benchmark.metrics.registry import region_of
from benchmark.page.numbers import shown

if TYPE_CHECKING:
    import pandas as pd

WIDTH, HEIGHT = 820, 400
LEFT, RIGHT, TOP, BOTTOM = 52, 190, 14, 58
"""Margins around the plot; names of methods are in the right one."""
_SERIES = 6  # colours; with more methods the line's dashes change too
_DASHES = ("", "7 4", "2 3")
_RULE_WIDTH = 62  # of a trimap rule that is no dilation, right of the curves
Point = tuple[float, float]
Placed = list[tuple[float, dict[str, Any]]]  # x, and a record of `summarise_curves`


@dataclass(frozen=True)
class Series:
    """One method's line in a chart, in pixels.

    Attributes
    ----------
    title, style, dashes, shape
        Name, CSS class of its colour, dash pattern and number of its mark.
    line, area
        SVG points of the curve, and of the interval around it.
    marks
        Marks of curve and single trimaps: x, y, y of the interval's ends, and the words.
    label
        y of its name, right of the plot.
    """

    title: str
    style: str
    dashes: str
    shape: int
    line: str
    area: str
    marks: list[tuple[float, float, float, float, str]]
    label: float


@dataclass(frozen=True)
class Chart:
    """A chart of one metric, and the rows of its table.

    Attributes
    ----------
    metric, title
        Metric id, and its words for heading and menu.
    series
        The lines.
    x_ticks, y_ticks
        Position and text.
    divider
        x between the dilations and trimaps of other kinds; None without the latter.
    rules
        Trimap rules: headings of the table's columns.
    rows
        Rows of the table: method and, for each rule, a record of `summarise_curves` or None.
    """

    metric: str
    title: str
    series: list[Series]
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    divider: float | None
    rules: list[str]
    rows: list[tuple[str, list[dict[str, Any] | None]]]


def make_chart(table: pd.DataFrame, metric: str) -> Chart:
    """Return the chart of one metric.

    Parameters
    ----------
    table
        This metric's rows of `summarise_curves`.
    metric
        Id of the curve's method.
    """
    records: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    positions, divider = _x_positions(records)
    ends = [record[end] for record in records for end in ("mean", "high")]
    steps = round_ticks(max((end for end in ends if not math.isnan(end)), default=1.0))
    bottom, span = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP

    def y(value: float) -> float:
        return round(bottom - span * value / steps[-1], 2)

    methods = list(dict.fromkeys(record["method"] for record in records))
    series = [
        _series(number, [r for r in records if r["method"] == method], positions, y)
        for number, method in enumerate(methods)
    ]
    rules = list(positions)
    by_rule = {(r["method"], _rule(r)): r for r in records}
    return Chart(
        metric=metric,
        title=f"{name_of(metric)}, {region_words(region_of(metric))}",
        series=spread_labels(series),
        x_ticks=[(x, short_rule(rule)) for rule, x in positions.items()],
        y_ticks=[(y(step), f"{step:g}") for step in steps],
        divider=divider,
        rules=rules,
        rows=[
            (method, [by_rule.get((method, rule), by_rule.get((method, ""))) for rule in rules])
            for method in methods
        ],
    )


def _rule(record: dict[str, Any]) -> str:
    """Return a record's trimap rule, "" for a method without trimaps."""
    return record["trimap_rule"] if isinstance(record["trimap_rule"], str) else ""


def _x_positions(records: Sequence[dict[str, Any]]) -> tuple[dict[str, float], float | None]:
    """Return x by rule: dilations to scale, other trimaps apart at the right."""
    rules = [rule for rule in dict.fromkeys(map(_rule, records)) if rule]
    dilations = {rule: float(d) for rule in rules if (d := dilation_of(rule)) is not None}
    others = [rule for rule in rules if rule not in dilations]
    right = WIDTH - RIGHT - _RULE_WIDTH * len(others)
    top = max(dilations.values(), default=1.0)
    positions = {
        rule: round(LEFT + (right - LEFT) * dilation / top, 2)
        for rule, dilation in sorted(dilations.items(), key=lambda item: item[1])
    }
    positions |= {rule: right + float(_RULE_WIDTH) * (k + 1) - 14 for k, rule in enumerate(others)}
    return positions, (right + 18.0 if others and dilations else None)


def round_ticks(top: float) -> list[float]:
    """Return four to eight round steps from 0 that reach `top`.

    Examples
    --------
    >>> round_ticks(17.0)
    [0.0, 5.0, 10.0, 15.0, 20.0]
    """
    raw = max(top, 1e-9) / 5
    power = 10 ** math.floor(math.log10(raw))
    step = next(k * power for k in (1, 2, 2.5, 5, 10) if k * power >= raw * 0.999)
    return [float(f"{k * step:.6g}") for k in range(math.ceil(top / step - 1e-9) + 1)]


def _series(
    number: int,
    records: list[dict[str, Any]],
    positions: dict[str, float],
    y: Callable[[float], float],
) -> Series:
    """Return one method's line: level without trimaps, otherwise a curve and single marks."""
    level = [record for record in records if not _rule(record)]
    curve, single = _curve(records, positions)
    if level:
        curve, single = [(float(x), level[0]) for x in (LEFT, WIDTH - RIGHT)], []
    around = [(x, record) for x, record in curve if not math.isnan(record["low"])]
    upper = [(x, y(record["high"])) for x, record in around]
    lower = [(x, y(record["low"])) for x, record in reversed(around)]
    marks = [] if level else [_mark(x, record, y, bar=False) for x, record in curve]
    marks += [_mark(x, record, y, bar=not math.isnan(record["low"])) for x, record in single]
    return Series(
        title=str(records[0]["method"]) + (", no trimap" if level else ""),
        style=f"s{number % _SERIES + 1}",
        dashes=_DASHES[number // _SERIES % len(_DASHES)],
        shape=number % 4,
        line=_points([(x, y(record["mean"])) for x, record in curve]),
        area=_points(upper + lower),
        marks=marks,
        label=y((curve or single)[-1][1]["mean"]),
    )


def _curve(records: list[dict[str, Any]], positions: dict[str, float]) -> tuple[Placed, Placed]:
    """Return the records of dilations from left to right, and those of other trimaps."""
    placed = [(positions[_rule(record)], record) for record in records if _rule(record)]
    dilations = [entry for entry in placed if dilation_of(_rule(entry[1])) is not None]
    others = [entry for entry in placed if dilation_of(_rule(entry[1])) is None]
    return sorted(dilations, key=lambda entry: entry[0]), others


def _mark(
    x: float, record: dict[str, Any], y: Callable[[float], float], *, bar: bool
) -> tuple[float, float, float, float, str]:
    low, high = ("low", "high") if bar else ("mean", "mean")
    number = shown(record["mean"], record["metric"])
    words = f"{record['method']}, {short_rule(_rule(record))}: {number}"
    return x, y(record["mean"]), y(record[low]), y(record[high]), words


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def spread_labels(series: list[Series], gap: float = 17.0) -> list[Series]:
    """Move the names right of the plot apart so that none covers another, in their order."""
    labels: dict[str, float] = {}
    lowest = HEIGHT - BOTTOM
    order = sorted(series, key=lambda line: line.label)
    last = TOP - gap
    for line in order:
        last = max(line.label, last + gap)
        labels[line.title] = last
    if last > lowest:  # below the plot: push back up
        limit = float(lowest)
        for line in reversed(order):
            labels[line.title] = min(labels[line.title], limit)
            limit = labels[line.title] - gap
    return [replace(line, label=labels[line.title]) for line in series]
