"""The leaderboard as one long table, in CSV and Parquet.

Nothing is rounded: a number here is the number of the board.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchmark.board.board import Board, BoardRow, Cell
from benchmark.metrics.registry import region_of
from distinctions646.checks.escapes import csv_cell

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "dataset",
    "split",
    "dataset_root",
    "trimap_rule",
    "protocol",
    "track",
    "kind",
    "method",
    "title",
    "method_hash",
    "leak",
    "year",
    "source",
    "metric",
    "region",
    "value",
    "low",
    "high",
    "rank",
    "tied",
    "images",
    "not_applicable",
    "seconds",
)


def to_table(boards: Sequence[Board]) -> pd.DataFrame:
    """Return a table with `COLUMNS`: one line per board, row and metric."""
    import pandas as pd

    lines = [
        _line(board, row, metric, cell)
        for board in boards
        for row in board.rows
        for metric, cell in row.cells.items()
    ]
    table = pd.DataFrame(lines, columns=list(COLUMNS))
    # Whole numbers that may be missing, and columns that may hold nothing at all.
    return table.astype(
        {"year": "Int64", "rank": "Int64", "low": float, "high": float, "seconds": float}
    )


def _line(board: Board, row: BoardRow, metric: str, cell: Cell) -> dict[str, Any]:
    return {
        "dataset": board.dataset,
        "split": board.split,
        "dataset_root": board.dataset_root,
        "trimap_rule": board.trimap_rule,
        "protocol": board.protocol_of(metric, row.track),
        "track": row.track,
        "kind": row.kind,
        "method": row.method,
        "title": row.title,
        "method_hash": row.method_hash or None,
        "leak": row.leak,
        "year": row.year,
        "source": row.source,
        "metric": metric,
        "region": region_of(metric),
        "value": cell.value,
        "low": cell.low,
        "high": cell.high,
        "rank": cell.rank,
        "tied": cell.tied,
        "images": row.images,
        "not_applicable": row.not_applicable,
        "seconds": row.seconds,
    }


def to_csv(boards: Sequence[Board]) -> str:
    """Return the long table as CSV; missing values are empty."""
    text: str = escaped(to_table(boards)).to_csv(index=False, lineterminator="\n")
    return text


def escaped(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table for CSV: no text in it begins as a spreadsheet's formula does."""
    return table.map(lambda value: csv_cell(value) if isinstance(value, str) else value)


def to_parquet(boards: Sequence[Board]) -> bytes:
    """Return the long table as a Parquet file."""
    content = io.BytesIO()
    to_table(boards).to_parquet(content, index=False)
    return content.getvalue()
