"""Trimap curves on the page: error against dilation, drawn as SVG that follows the page's colours.

They come from `benchmark.sensitivity`'s ``sensitivity.parquet``, one a method.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.board.board import Board, region_of
from benchmark.formats.layout import name_of, region_words

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.page.board_page import BoardPage
    from benchmark.page.site import Site

WIDTH, HEIGHT = 820, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 190, 14, 58
_SERIES = 6  # colours; with more methods the line's dashes change, too
_DASHES = ("", "7 4", "2 3")
Place = tuple[float, float]


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
        Of curve and single trimaps: x, y, low y, high y and the words.
    label
        Where its name stands at the right.
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
        Id, and words for heading and choice.
    series
        The lines.
    x_ticks, y_ticks
        Place and text.
    divider
        x between the dilations and trimaps of other kinds; None without such.
    rules
        Heads of the table's columns.
    rows
        Of the table: method and, for each rule, a record of `summarise_curves` or None.
    """

    metric: str
    title: str
    series: list[Series]
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    divider: float | None
    rules: list[str]
    rows: list[tuple[str, list[dict[str, Any] | None]]]


def read_curves(paths: Sequence[Path], boards: Sequence[Board]) -> dict[str, pd.DataFrame]:
    """Read sensitivity results and say which board they belong to.

    Parameters
    ----------
    paths
        Each a ``sensitivity.parquet``.
    boards
        Of the same page.

    Returns
    -------
    dict
        `benchmark.board.curves.summarise_curves` by board key; the first board of the same pictures
        gets them.

    Raises
    ------
    ValueError
        If a file is bad, or no board is of its pictures.
    """
    from benchmark.board.curves import summarise_curves
    from benchmark.results import result_table as results

    tables: dict[str, list[pd.DataFrame]] = {}
    for path in paths:
        table = results.read(path)
        root = str(table["dataset_root"].iloc[0])
        key = next((board.key for board in boards if board.dataset_root == root), None)
        if key is None:
            raise ValueError(
                f"{path}: curves on {table['dataset'].iloc[0]} (root {root[:12]}), of which there "
                "is no leaderboard here"
            )
        tables.setdefault(key, []).append(table)
    return {key: summarise_curves(found) for key, found in tables.items()}


def add_curves(site: Site, page: BoardPage, table: pd.DataFrame) -> None:
    """Add the view of a board's trimap curves."""
    metrics = list(dict.fromkeys(table["metric"]))
    metrics.sort(key=lambda metric: (region_of(metric) != "whole", _order(metric)))
    charts = [make_chart(table[table["metric"] == metric], metric) for metric in metrics]
    key = f"{page.board.key}/curves"
    site.add_view(
        key, "curves.html", f"Trimap curves, {page.board.title}", charts=charts, width=WIDTH,
        height=HEIGHT, plot=(_LEFT, WIDTH - _RIGHT, _TOP, HEIGHT - _BOTTOM), **page.common(key),
    )  # fmt: skip


def _order(metric: str) -> int:
    names = ("sad", "mse", "grad", "conn")
    base = metric.split("/")[0]
    return names.index(base) if base in names else len(names)


def make_chart(table: pd.DataFrame, metric: str) -> Chart:
    """Lay one metric's curves out.

    Parameters
    ----------
    table
        Of `summarise_curves`, this metric's rows.
    metric
        Its id.
    """
    records: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    x_places, divider = _x_places(records)
    ends = [record[end] for record in records for end in ("mean", "high")]
    steps = round_ticks(max((end for end in ends if not math.isnan(end)), default=1.0))
    bottom, span = HEIGHT - _BOTTOM, HEIGHT - _BOTTOM - _TOP

    def y(value: float) -> float:
        return round(bottom - span * value / steps[-1], 2)

    methods = list(dict.fromkeys(record["method"] for record in records))
    series = [
        _series(number, [r for r in records if r["method"] == method], x_places, y)
        for number, method in enumerate(methods)
    ]
    rules = list(x_places)
    by_place = {(r["method"], _rule(r)): r for r in records}
    return Chart(
        metric=metric,
        title=f"{name_of(metric)}, {_region(metric)}",
        series=spread_labels(series),
        x_ticks=[(place, _short(rule)) for rule, place in x_places.items()],
        y_ticks=[(y(step), f"{step:g}") for step in steps],
        divider=divider,
        rules=rules,
        rows=[
            (method, [by_place.get((method, rule), by_place.get((method, ""))) for rule in rules])
            for method in methods
        ],
    )


def _region(metric: str) -> str:
    region = region_of(metric)
    if region.startswith("unknown-of-"):  # fixed trimaps, whatever the methods were given
        rule = re.sub("-(v[0-9]+)$", r"/\1", region.removeprefix("unknown-of-"))
        return f"unknown region of {rule}"
    return region_words(region)


def _rule(record: dict[str, Any]) -> str:
    """Return a record's trimap rule, "" for a method without trimaps."""
    return record["trimap_rule"] if isinstance(record["trimap_rule"], str) else ""


def _short(rule: str) -> str:
    return rule.partition("/")[0].removeprefix("radius-")


def _x_places(records: Sequence[dict[str, Any]]) -> tuple[dict[str, float], float | None]:
    """Return x by rule: dilations to scale, other trimaps apart at the right."""
    dilations = {_rule(r): float(r["dilation"]) for r in records if r["dilation"] == r["dilation"]}
    others = [rule for rule in dict.fromkeys(map(_rule, records)) if rule and rule not in dilations]
    right = WIDTH - _RIGHT - 62 * len(others)
    top = max(dilations.values(), default=1.0)
    places = {
        rule: round(_LEFT + (right - _LEFT) * dilation / top, 2)
        for rule, dilation in sorted(dilations.items(), key=lambda item: item[1])
    }
    places |= {rule: right + 62.0 * (k + 1) - 14 for k, rule in enumerate(others)}
    return places, (right + 18.0 if others and dilations else None)


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


def _series(number: int, records: list[dict[str, Any]], places: dict[str, float], y: Any) -> Series:
    level = [record for record in records if not _rule(record)]
    if level:
        ends = (float(_LEFT), float(WIDTH - _RIGHT))
        curve = [(x, level[0]) for x in ends]
    else:
        known = [(places[_rule(r)], r) for r in records if r["dilation"] == r["dilation"]]
        curve = sorted(known, key=lambda pair: pair[0])
    single = [] if level else [
        (places[_rule(r)], r) for r in records if r["dilation"] != r["dilation"]
    ]  # fmt: skip
    around = [pair for pair in curve if not math.isnan(pair[1]["low"])]
    upper = [(x, y(r["high"])) for x, r in around]
    lower = [(x, y(r["low"])) for x, r in reversed(around)]
    marks = [
        (x, y(r["mean"]), y(r[low]), y(r[high]), _words(r))
        for pairs, single_point in ((curve if not level else [], False), (single, True))
        for x, r in pairs
        for low, high in [_bar(r) if single_point else ("mean", "mean")]
    ]
    return Series(
        title=str(records[0]["method"]) + (", no trimap" if level else ""),
        style=f"s{number % _SERIES + 1}",
        dashes=_DASHES[number // _SERIES % len(_DASHES)],
        shape=number % 4,
        line=_points([(x, y(r["mean"])) for x, r in curve]),
        area=_points(upper + lower),
        marks=marks,
        label=y(curve[-1][1]["mean"]) if curve else y(single[-1][1]["mean"]),
    )


def _bar(record: dict[str, Any]) -> tuple[str, str]:
    """Name the ends of a single trimap's bar, which has no length without an interval."""
    return ("mean", "mean") if math.isnan(record["low"]) else ("low", "high")


def _points(places: Sequence[Place]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _words(record: dict[str, Any]) -> str:
    from benchmark.page.numbers import shown

    return f"{record['method']}, {_short(_rule(record))}: {shown(record['mean'], record['metric'])}"


def spread_labels(series: list[Series], gap: float = 17.0) -> list[Series]:
    """Move names at the right apart so that none covers another, keeping their order."""
    from dataclasses import replace

    placed: dict[str, float] = {}
    lowest = HEIGHT - _BOTTOM
    order = sorted(series, key=lambda one: one.label)
    at = _TOP - gap
    for one in order:
        at = max(one.label, at + gap)
        placed[one.title] = at
    over = at - lowest
    if over > 0:  # the last ran out below: push back up
        limit = float(lowest)
        for one in reversed(order):
            placed[one.title] = min(placed[one.title], limit)
            limit = placed[one.title] - gap
    return [replace(one, label=placed[one.title]) for one in series]
