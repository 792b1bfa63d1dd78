"""Facts and words that the tabs of a page share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmark.board.board import Board, BoardRow
from benchmark.formats.layout import conditions, regions
from benchmark.metrics.registry import BY_NAME, name_in, region_of
from benchmark.page.numbers import axis_top

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.page.images import Pictures, ShownImage

KINDS = (
    ("measured", "Run with this suite; every image can be looked at."),
    ("scored", "Ready-made mattes of others, scored with this suite."),
    ("published", "A number printed in a paper or repository; its mattes were not measured here."),
)
"""The kinds of rows, and what they mean."""
CREDIT = (
    "Made by the Distinctions-646 suite. This page is a set of plain files: it loads nothing from "
    "anywhere else and can be copied, mailed and archived."
)


@dataclass(frozen=True)
class Note:
    """Status of one image for one method, the reason where it is n/a, and processor seconds."""

    status: str
    reason: str
    seconds: float | None


Notes = Mapping[str, Mapping[str, Note]]  # by row key, then image id


@dataclass(frozen=True)
class BoardPage:
    """A board and what its tabs share.

    Attributes
    ----------
    board
        The leaderboard.
    shown
        Images that have a page.
    notes
        Status of every image, by row key and image id.
    pictures
        Pictures by view key of their image; empty where the dataset was not given.
    curves
        Summary of trimap curves (`benchmark.board.curves.summarise_curves`), if there are any.
    navigation
        View key and title of the tabs that the navigation leads to.
    """

    board: Board
    shown: Sequence[ShownImage]
    notes: Notes
    pictures: Mapping[str, Pictures] = field(default_factory=dict)
    curves: pd.DataFrame | None = None
    navigation: Sequence[tuple[str, str]] = ()

    @property
    def rows(self) -> list[BoardRow]:
        """Return the rows that have values by image."""
        return [row for row in self.board.rows if row.key in self.board.values]

    @property
    def lead(self) -> str:
        """Return the metric that orders the board."""
        return self.board.metrics[0]

    def common(self, key: str) -> dict[str, Any]:
        """Return what every template of the board is given; `key` is the view's own."""
        return {
            "board": self.board,
            "navigation": self.navigation,
            "current": key,
            "rows": self.rows,
            "lead": self.lead,
            "lead_conditions": conditions_of(self.board, self.lead),
            "metric_groups": metric_groups(self.board),
        }


def conditions_of(board: Board, metric: str) -> str:
    """Return a metric's conditions in words: protocol, region and trimaps."""
    return conditions(board, region_of(metric))


def metric_groups(board: Board) -> list[dict[str, Any]]:
    """Return the metrics of each region with their conditions, the leading region first."""
    return [
        {
            "conditions": conditions(board, region),
            "metrics": [metric for metric in board.metrics if region_of(metric) == region],
        }
        for region in regions(board)
    ]


def group_axis_top(board: Board, rows: Sequence[BoardRow], metric: str) -> float:
    """Return where an axis from 0 ends that holds the means and intervals of all groups."""
    cells = [group.cells[row.key].get(metric) for group in board.groups for row in rows]
    return axis_top(cell for cell in cells if cell is not None)


def meanings(boards: Sequence[Board]) -> list[tuple[str, str]]:
    """Return label and meaning of each metric that is shown."""
    names = dict.fromkeys(name_in(metric) for board in boards for metric in board.metrics)
    return [(BY_NAME[name].label, BY_NAME[name].meaning) for name in names if name in BY_NAME]
