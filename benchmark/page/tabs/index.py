"""The first screen: a table for each board, region and track, each with its conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.board.board import Board, BoardRow, Cell
from benchmark.formats.layout import (
    TRACK_TITLES,
    Section,
    conditions,
    powerless,
    region_words,
    regions,
    sections,
)
from benchmark.metrics.registry import region_of
from benchmark.page.board_page import CREDIT, KINDS, BoardPage, conditions_of, meanings
from benchmark.page.numbers import axis_top
from benchmark.page.site import Site
from benchmark.page.tabs.tab import PageTab
from distinctions646.checks.words import counted


@dataclass(frozen=True)
class RankedTable:
    """Rows that may be compared with each other, and what their bars and ranks need.

    Attributes
    ----------
    section
        Rows and columns of the table.
    title, conditions
        For the caption: the track; protocol, region and trimaps in words.
    tops
        Where the axis of the interval bars ends, by metric.
    ties
        Which rows share a rank, in words, by metric and row key.
    """

    section: Section
    title: str
    conditions: str
    tops: dict[str, float]
    ties: dict[tuple[str, str], str]


def add_index(site: Site, pages: Sequence[BoardPage]) -> None:
    """Add the first screen: every board's leaderboards."""
    site.add_view(
        "index",
        "index.html",
        "Leaderboard",
        sections=[_section(page) for page in pages],
        kinds=KINDS,
        shown_kinds={row.kind for page in pages for row in page.board.rows},
        leaked=any(row.leak for page in pages for row in page.board.rows),
        meanings=meanings([page.board for page in pages]),
        credit=CREDIT,
    )


TAB = PageTab("index", "", add_index)


def _section(page: BoardPage) -> dict[str, Any]:
    board = page.board
    leading = region_of(page.lead)
    smallest = board.smallest_difference.items()
    return {
        "board": board,
        "views": page.navigation,
        "tables": ranked_tables(board),
        "pairs": paired_tables(board),
        "foregrounds": counted(len(set(board.image_foregrounds)), "foreground"),
        "run": bool(board.image_ids),
        "trimaps": {None: "none", "given": "given with the data"}.get(
            board.trimap_rule, board.trimap_rule
        ),
        "protocols": _protocols(board),
        "powerless": list(powerless(board)),
        "smallest": [(m, value) for m, value in smallest if region_of(m) == leading],
        "smallest_conditions": conditions_of(board, page.lead),
    }


def _protocols(board: Board) -> str:
    names = {region_of(metric): board.protocol_of(metric) or "none" for metric in board.metrics}
    return "; ".join(f"{name} ({region_words(region)})" for region, name in names.items())


def ranked_tables(board: Board) -> list[RankedTable]:
    """Return the tables of a board, those of its leading region first; tracks stay apart."""
    return [
        RankedTable(
            section=section,
            title=TRACK_TITLES[section.track].capitalize(),
            conditions=conditions(board, region),
            tops={metric: axis_top(_cells(section, metric)) for metric in section.metrics},
            ties={
                (metric, row.key): _sharing(row, section, metric)
                for metric in section.metrics
                for row in section.rows
                if metric in row.cells and row.cells[metric].tied
            },
        )
        for region in regions(board)
        for section in sections(board, region)
    ]


@dataclass(frozen=True)
class PairedTable:
    """Methods that the paper has, too: what it prints, and what was measured here.

    Attributes
    ----------
    conditions
        Protocol, region and trimaps in words, the same for both.
    metrics
        Ids of the columns.
    rows
        Measured row, the paper's row, and the difference of the first minus the second by metric.
    """

    conditions: str
    metrics: tuple[str, ...]
    rows: list[tuple[BoardRow, BoardRow, dict[str, float]]]


def paired_tables(board: Board) -> list[PairedTable]:
    """Return a table for each region in which measured rows stand beside the paper's."""
    tables = []
    for region in regions(board):
        metrics = tuple(metric for metric in board.metrics if region_of(metric) == region)
        rows = []
        for row in board.rows:
            if row.counterpart is None:
                continue
            printed = board.row(row.counterpart)
            differences = {
                metric: row.cells[metric].value - printed.cells[metric].value
                for metric in metrics
                if metric in row.cells and metric in printed.cells
            }
            if differences:
                rows.append((row, printed, differences))
        if rows:
            tables.append(PairedTable(conditions(board, region), metrics, rows))
    return tables


def _cells(section: Section, metric: str) -> list[Cell]:
    return [row.cells[metric] for row in section.rows if metric in row.cells]


def _sharing(row: BoardRow, section: Section, metric: str) -> str:
    rank = row.cells[metric].rank
    others = [
        other.title
        for other in section.rows
        if other is not row and metric in other.cells and other.cells[metric].rank == rank
    ]
    return "shares its rank with " + ", ".join(others)
