"""The leaderboard's tables: one for each region and track, each with its conditions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from benchmark.board.board import Board, Cell, Row
from benchmark.formats.layout import TRACK_TITLES, Section, conditions, regions, sections


@dataclass(frozen=True)
class Table:
    """Rows that may be compared with each other, and what their bars and ranks need.

    Attributes
    ----------
    section
        Its rows and columns.
    title, conditions
        For the caption: the track; protocol, region and trimaps in words.
    tops
        By metric: where the axis of the interval bars ends.
    ties
        By metric and row key: which rows share its rank, in words.
    """

    section: Section
    title: str
    conditions: str
    tops: dict[str, float]
    ties: dict[tuple[str, str], str]


def leaderboards(board: Board) -> list[Table]:
    """Return the tables of a board, those of its leading region first; tracks stay apart."""
    return [
        Table(
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


def axis_top(cells: Iterable[Cell]) -> float:
    """Return where an axis from 0 that holds these means and intervals ends."""
    ends = [end for cell in cells for end in (cell.value, cell.high) if end is not None]
    return max((end for end in ends if not math.isnan(end)), default=0.0)


def _cells(section: Section, metric: str) -> list[Cell]:
    return [row.cells[metric] for row in section.rows if metric in row.cells]


def _sharing(row: Row, section: Section, metric: str) -> str:
    rank = row.cells[metric].rank
    others = [
        other.title
        for other in section.rows
        if other is not row and metric in other.cells and other.cells[metric].rank == rank
    ]
    return "shares its rank with " + ", ".join(others)
