"""The tab of trimap curves: error against dilation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.metrics.registry import column_order, region_of
from benchmark.page.board_page import BoardPage
from benchmark.page.curve_layout import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Chart, make_chart
from benchmark.page.site import Site
from benchmark.page.tabs.tab import BoardTab

if TYPE_CHECKING:
    import pandas as pd


def add_curves(site: Site, page: BoardPage) -> None:
    """Add the trimap curves of a board, a chart and a table for each metric."""
    if page.curves is None:
        return
    key = TAB.key(page)
    site.add_view(
        key,
        "curves.html",
        f"Trimap curves, {page.board.title}",
        charts=_charts(page.curves),
        width=WIDTH,
        height=HEIGHT,
        plot=(LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM),
        **page.common(key),
    )


def _has_curves(page: BoardPage) -> bool:
    return page.curves is not None


TAB = BoardTab("curves", "Trimap curves", add_curves, _has_curves)


def _charts(table: pd.DataFrame) -> list[Chart]:
    """Return the chart of each metric, those over the whole image first."""
    metrics = sorted(
        dict.fromkeys(table["metric"]),
        key=lambda metric: (region_of(metric) != "whole", column_order(metric)[0]),
    )
    return [make_chart(table[table["metric"] == metric], metric) for metric in metrics]
