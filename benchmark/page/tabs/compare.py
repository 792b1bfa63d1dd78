"""The tab that compares two methods."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from benchmark.board.board import Board, BoardRow
from benchmark.formats.layout import digits_of, name_of
from benchmark.page.board_page import BoardPage, conditions_of
from benchmark.page.site import Site
from benchmark.page.tabs.tab import BoardTab


def add_compare(site: Site, page: BoardPage) -> None:
    """Add the comparison of any two methods, which the page's script draws from its data."""
    rows = page.rows
    key = TAB.key(page)
    trimapped = [i for i, row in enumerate(rows) if row.track == "trimap-based"]
    first, second = trimapped[:2] if len(trimapped) > 1 else (0, 1)
    site.add_view(
        key,
        "compare.html",
        f"Two methods on {page.board.title}",
        data=_data(site, page),
        first=first,
        second=second,
        **page.common(key),
    )


def _several_rows(page: BoardPage) -> bool:
    return len(page.rows) > 1


TAB = BoardTab("compare", "Compare two methods", add_compare, _several_rows)


def _data(site: Site, page: BoardPage) -> dict[str, Any]:
    board, rows = page.board, page.rows
    view_keys = {shown.index: shown.key for shown in page.shown}
    up = "#" if site.single_file else "../"
    end = "" if site.single_file else ".html"
    return {
        "methods": [row.label for row in rows],
        "metrics": [
            {
                "id": metric,
                "label": name_of(metric),
                "conditions": conditions_of(board, metric),
                "digits": digits_of(metric),
            }
            for metric in board.metrics
        ],
        "images": [
            {"name": name, "href": f"{up}{view_keys[i]}{end}" if i in view_keys else None}
            for i, name in enumerate(board.image_ids)
        ],
        "values": {
            metric: [_column(board, row, metric) for row in rows] for metric in board.metrics
        },
        "pairs": {metric: _pairs(board, rows, metric) for metric in board.metrics},
    }


def _column(board: Board, row: BoardRow, metric: str) -> list[float | None]:
    column = board.values[row.key].get(metric)
    if column is None:
        return [None] * len(board.image_ids)
    return [None if math.isnan(value) else float(value) for value in column]


def _pairs(board: Board, rows: Sequence[BoardRow], metric: str) -> dict[str, list[float | None]]:
    """Return for each pair of rows mean, low, high and p of the difference, images, foregrounds."""
    pairs: dict[str, list[float | None]] = {}
    for i, first in enumerate(rows):
        for j, second in enumerate(rows[i + 1 :], start=i + 1):
            if all(metric in board.values[row.key] for row in (first, second)):
                diff = board.compare(first.key, second.key, metric)
                numbers = (diff.mean, diff.low, diff.high, diff.p, diff.images, diff.clusters)
                pairs[f"{i}-{j}"] = list(numbers)
    return pairs
