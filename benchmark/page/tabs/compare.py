"""The tab that compares two methods."""

from __future__ import annotations

from typing import Any

from benchmark.formats.layout import digits_of, name_of
from benchmark.page.board_page import BoardPage, conditions_of
from benchmark.page.numbers_by_image import images_path, metric_path
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
        data=_data(page),
        first=first,
        second=second,
        **page.common(key),
    )


def _several_rows(page: BoardPage) -> bool:
    return len(page.rows) > 1


TAB = BoardTab("compare", "Compare two methods", add_compare, _several_rows)


def _data(page: BoardPage) -> dict[str, Any]:
    board = page.board
    return {
        "methods": [row.label for row in page.rows],
        "images": images_path(board),
        "metrics": [
            {
                "path": metric_path(board, metric),
                "label": name_of(metric),
                "conditions": conditions_of(board, metric),
                "digits": digits_of(metric),
            }
            for metric in board.metrics
        ],
    }
