"""The first screen: every board's table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchmark.board.board import Board, region_of
from benchmark.formats.layout import (
    NAMES,
    region_words,
)
from benchmark.page.numbers import MEANINGS
from benchmark.page.tables import leaderboards

if TYPE_CHECKING:
    from benchmark.page.site import Site
from benchmark.page.board_page import BoardPage, conditions_of

KINDS = (
    ("measured", "Run with this suite; every image can be looked at."),
    ("scored", "Ready-made mattes of others, scored with this suite."),
    ("published", "A number read in a paper or repository; nobody here has seen its mattes."),
)


CREDIT = (
    "Made by the Distinctions-646 suite. This page is one folder of plain files: it loads nothing "
    "from anywhere else and can be copied, mailed and archived."
)


def meanings(boards: Sequence[Board]) -> list[tuple[str, str]]:
    """Return name and meaning of each metric that is shown."""
    bases = dict.fromkeys(metric.split("/")[0] for board in boards for metric in board.metrics)
    return [(NAMES[base], MEANINGS[base]) for base in bases if base in MEANINGS]


def add_index(site: Site, pages: Sequence[BoardPage]) -> None:
    """Add the first screen: every board's leaderboards."""
    sections = [_section(page) for page in pages]
    site.add_view(
        "index",
        "index.html",
        "Leaderboard",
        sections=sections,
        kinds=KINDS,
        shown_kinds={row.kind for page in pages for row in page.board.rows},
        meanings=meanings([page.board for page in pages]),
        credit=CREDIT,
    )


def _section(page: BoardPage) -> dict[str, Any]:
    board = page.board
    leading = region_of(page.lead)
    smallest = board.smallest_difference.items()
    return {
        "board": board,
        "views": page.views(),
        "tables": leaderboards(board),
        "foregrounds": len(set(board.image_foregrounds)),
        "trimaps": {None: "none", "given": "given with the data"}.get(
            board.trimap_rule, board.trimap_rule
        ),
        "protocols": _protocols(board),
        "smallest": [(m, value) for m, value in smallest if region_of(m) == leading],
        "smallest_conditions": conditions_of(board, page.lead),
    }


def _protocols(board: Board) -> str:
    names = {region_of(metric): board.protocol_of(metric) or "none" for metric in board.metrics}
    return "; ".join(f"{name} ({region_words(region)})" for region, name in names.items())
