"""The tab of scores by kind of foreground."""

from __future__ import annotations

from benchmark.board.board import TRACKS
from benchmark.formats.layout import TRACK_TITLES
from benchmark.page.board_page import BoardPage, conditions_of, group_axis_top
from benchmark.page.site import Site
from benchmark.page.tabs.tab import BoardTab, has_images


def add_groups(site: Site, page: BoardPage) -> None:
    """Add the tables by attribute and by foreground."""
    board = page.board
    key = TAB.key(page)
    tracks = []
    for track in TRACKS:
        rows = [row for row in page.rows if row.track == track]
        tops = {metric: group_axis_top(board, rows, metric) for metric in board.metrics}
        if rows:
            tracks.append({"title": TRACK_TITLES[track].capitalize(), "rows": rows, "tops": tops})
    site.add_view(
        key,
        "groups.html",
        f"Kinds of foreground, {board.title}",
        tracks=tracks,
        conditions={metric: conditions_of(board, metric) for metric in board.metrics},
        **page.common(key),
    )


TAB = BoardTab("groups", "Kinds of foreground", add_groups, has_images)
