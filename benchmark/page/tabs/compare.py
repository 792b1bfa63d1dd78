"""The tab that compares two methods."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmark.board.board import Board, Row
from benchmark.formats.layout import (
    name_of,
)
from benchmark.page.numbers import digits_of

if TYPE_CHECKING:
    from benchmark.page.site import Site
from benchmark.page.board_page import BoardPage, conditions_of


def add_compare(site: Site, page: BoardPage) -> None:
    """Add the comparison of two methods, if there are two."""
    if len(page.rows) < 2:
        return
    board, rows = page.board, page.rows
    key = f"{board.key}/compare"
    hrefs = {shown.place: shown.key for shown in page.shown}
    up = "#" if site.single_file else "../"
    end = "" if site.single_file else ".html"
    data = {
        "methods": [row.title for row in rows],
        "metrics": [
            {"id": metric, "label": name_of(metric), "conditions": conditions_of(board, metric),
             "digits": digits_of(metric)}
            for metric in board.metrics
        ],
        "images": [
            {"name": name, "href": f"{up}{hrefs[i]}{end}" if i in hrefs else None}
            for i, name in enumerate(board.image_ids)
        ],
        "values": {metric: [_column(board, row, metric) for row in rows]
                   for metric in board.metrics},
        "pairs": {metric: _pairs(board, rows, metric) for metric in board.metrics},
    }  # fmt: skip
    trimapped = [i for i, row in enumerate(rows) if row.track == "trimap-based"]
    first, second = trimapped[:2] if len(trimapped) > 1 else (0, 1)
    site.add_view(key, "compare.html", f"Two methods on {board.title}", data=data, first=first,
                  second=second, **page.common(key))  # fmt: skip


def _column(board: Board, row: Row, metric: str) -> list[float | None]:
    column = board.values[row.key].get(metric)
    if column is None:
        return [None] * len(board.image_ids)
    return [None if math.isnan(value) else float(value) for value in column]


def _pairs(board: Board, rows: Sequence[Row], metric: str) -> dict[str, list[float | None]]:
    found: dict[str, list[float | None]] = {}
    for i, first in enumerate(rows):
        for j in range(i + 1, len(rows)):
            second = rows[j]
            if all(metric in board.values[row.key] for row in (first, second)):
                pair = board.compare(first.key, second.key, metric)
                found[f"{i}-{j}"] = [
                    pair.mean, pair.low, pair.high, pair.p, pair.images, pair.clusters,
                ]  # fmt: skip
    return found
