"""The tab of scores by group of foregrounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmark.board.board import TRACKS, Board, Row
from benchmark.formats.layout import (
    TRACK_TITLES,
)
from benchmark.page.tables import axis_top

if TYPE_CHECKING:
    from benchmark.page.site import Site
from benchmark.page.board_page import BoardPage, conditions_of


def add_groups(site: Site, page: BoardPage) -> None:
    """Add the tables by attribute and by foreground."""
    board = page.board
    key = f"{board.key}/groups"
    tracks = []
    for track in TRACKS:
        rows = [row for row in page.rows if row.track == track]
        tops = {metric: _group_top(board, rows, metric) for metric in board.metrics}
        if rows:
            tracks.append({"title": TRACK_TITLES[track].capitalize(), "rows": rows, "tops": tops})
    site.add_view(
        key, "groups.html", f"Kinds of foreground, {board.title}", tracks=tracks,
        conditions={metric: conditions_of(board, metric) for metric in board.metrics},
        **page.common(key),
    )  # fmt: skip


def _group_top(board: Board, rows: Sequence[Row], metric: str) -> float:
    cells = [group.cells[row.key].get(metric) for group in board.groups for row in rows]
    return axis_top(cell for cell in cells if cell is not None)
