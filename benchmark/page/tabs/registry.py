"""The tabs of the page, in the order of its navigation.

To add one, write a module here with a `BoardTab` or a `PageTab` called ``TAB``, its template in
``benchmark/page/templates/``, and add a line to `TABS`. `benchmark.page.writing` walks them.
"""

from __future__ import annotations

from benchmark.page.board_page import BoardPage
from benchmark.page.tabs import compare, curves, groups, images, index, methods, protocol
from benchmark.page.tabs.tab import BoardTab, PageTab

TABS: tuple[BoardTab | PageTab, ...] = (
    index.TAB,
    images.TAB,
    methods.TAB,
    compare.TAB,
    curves.TAB,
    groups.TAB,
    protocol.TAB,
)


def navigation(page: BoardPage) -> list[tuple[str, str]]:
    """Return view key and title of the tabs that a board's navigation leads to."""
    return [
        (tab.key(page) if isinstance(tab, BoardTab) else tab.name, tab.title)
        for tab in TABS
        if tab.title and (isinstance(tab, PageTab) or tab.wanted(page))
    ]
