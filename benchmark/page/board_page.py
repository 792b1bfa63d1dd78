"""Which views a page has, and what each one's template is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmark.board.board import Board, Row, region_of
from benchmark.formats.layout import (
    conditions,
    regions,
)

if TYPE_CHECKING:
    from benchmark.page.images import Shown


@dataclass(frozen=True)
class Note:
    """How one image went for one method."""

    status: str
    reason: str
    seconds: float | None


Notes = Mapping[str, Mapping[str, Note]]  # by row key, then image id


@dataclass(frozen=True)
class BoardPage:
    """A board and what its views share.

    Attributes
    ----------
    board
        The leaderboard.
    shown
        Images that have a page.
    notes
        How each image went.
    has_curves
        Whether there is a view of trimap curves.
    """

    board: Board
    shown: Sequence[Shown]
    notes: Notes
    has_curves: bool

    @property
    def rows(self) -> list[Row]:
        """Return the rows that have values by image."""
        return [row for row in self.board.rows if row.key in self.board.values]

    @property
    def lead(self) -> str:
        """Return the metric that orders the board."""
        return self.board.metrics[0]

    def views(self) -> list[tuple[str, str]]:
        """Return key and title of the views that the navigation leads to."""
        key = self.board.key
        several = len(self.rows) > 1
        found = [(f"{key}/images", "Images")]
        found += [(f"{key}/compare", "Compare two methods")] if several else []
        found += [(f"{key}/curves", "Trimap curves")] if self.has_curves else []
        found += [(f"{key}/groups", "Kinds of foreground")]
        return [*found, ("protocol", "Protocol and citing")]

    def common(self, place: str) -> dict[str, Any]:
        """Return what every view of the board is given."""
        return {
            "board": self.board,
            "board_views": self.views(),
            "place": place,
            "rows": self.rows,
            "lead": self.lead,
            "lead_conditions": conditions_of(self.board, self.lead),
            "metric_groups": metric_groups(self.board),
        }


def conditions_of(board: Board, metric: str) -> str:
    """Word a metric's conditions: protocol, region and trimaps."""
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
