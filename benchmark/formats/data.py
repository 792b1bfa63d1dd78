"""The leaderboard as data: a long table in CSV and Parquet, everything in JSON.

Nothing is rounded: a number here is the number of the board.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchmark.board.board import Board, Cell, Row, region_of

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
COLUMNS = (
    "dataset", "split", "dataset_root", "trimap_rule", "protocol", "track", "kind", "method",
    "title", "method_hash", "year", "source", "metric", "region", "value", "low", "high", "rank",
    "tied", "images", "not_applicable", "seconds",
)  # fmt: skip


def to_table(boards: Sequence[Board]) -> pd.DataFrame:
    """Return one line a row and metric of every board, with `COLUMNS`."""
    import pandas as pd

    lines = [
        _line(board, row, metric, cell)
        for board in boards
        for row in board.rows
        for metric, cell in row.cells.items()
    ]
    table = pd.DataFrame(lines, columns=list(COLUMNS))
    return table.astype({"year": "Int64", "rank": "Int64", "low": float, "high": float,
                         "seconds": float})  # fmt: skip


def _line(board: Board, row: Row, metric: str, cell: Cell) -> dict[str, Any]:
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
    """Lay out the long table as CSV; what is not there is empty."""
    text: str = to_table(boards).to_csv(index=False, lineterminator="\n")
    return text


def to_parquet(boards: Sequence[Board]) -> bytes:
    """Lay out the long table as Parquet."""
    content = io.BytesIO()
    to_table(boards).to_parquet(content, index=False)
    return content.getvalue()


def to_json(boards: Sequence[Board]) -> str:
    """Lay out boards as JSON, with their groups and foregrounds; NaN becomes null."""
    document = {"format": FORMAT, "boards": [_board(board) for board in boards]}
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _board(board: Board) -> dict[str, Any]:
    return {
        "key": board.key,
        "dataset": board.dataset,
        "title": board.title,
        "split": board.split,
        "dataset_root": board.dataset_root,
        "trimap_rule": board.trimap_rule,
        "synthetic": board.synthetic,
        "real": board.real,
        "images": board.images_in_split,
        "foregrounds": len(set(board.image_foregrounds)),
        "metrics": list(board.metrics),
        "smallest_difference": dict(board.smallest_difference),
        "rows": [_row(board, row) for row in board.rows],
        "groups": [
            {
                "attribute": group.attribute,
                "value": group.value,
                "images": group.images,
                "foregrounds": group.foregrounds,
                "cells": {key: _cells(cells) for key, cells in group.cells.items()},
            }
            for group in board.groups
        ],
        "by_foreground": [
            {
                "name": foreground.name,
                "images": foreground.images,
                "attributes": dict(foreground.attributes),
                "values": {
                    key: {metric: _plain(value) for metric, value in values.items()}
                    for key, values in foreground.values.items()
                },
            }
            for foreground in board.foregrounds
        ],
    }


def _row(board: Board, row: Row) -> dict[str, Any]:
    return {
        "key": row.key,
        "method": row.method,
        "title": row.title,
        "kind": row.kind,
        "track": row.track,
        "year": row.year,
        "source": row.source,
        "card": dict(row.card),
        "method_hash": row.method_hash or None,
        "images": row.images,
        "not_applicable": row.not_applicable,
        "seconds": row.seconds,
        "cells": _cells(row.cells),
    }


def _cells(cells: Mapping[str, Cell]) -> dict[str, Any]:
    return {
        metric: {
            "value": _plain(cell.value),
            "low": cell.low,
            "high": cell.high,
            "rank": cell.rank,
            "tied": cell.tied,
        }
        for metric, cell in cells.items()
    }


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else value
