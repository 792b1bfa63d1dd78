"""The leaderboard as one JSON document, with its groups and foregrounds.

Nothing is rounded: a number here is the number of the board.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.board.board import Board, BoardRow, Cell

FORMAT = 1
"""Version of the document's layout, its first entry."""


def to_json(boards: Sequence[Board]) -> str:
    """Return boards as JSON, with their groups and foregrounds; NaN becomes null."""
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
                    key: {metric: _null_if_nan(value) for metric, value in values.items()}
                    for key, values in foreground.values.items()
                },
            }
            for foreground in board.foregrounds
        ],
    }


def _row(board: Board, row: BoardRow) -> dict[str, Any]:
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
        "leak": row.leak,
        "counterpart": row.counterpart,
        "images": row.images,
        "not_applicable": row.not_applicable,
        "lacked_memory": row.lacked_memory,
        "seconds": row.seconds,
        "cells": _cells(row.cells),
    }


def _cells(cells: Mapping[str, Cell]) -> dict[str, Any]:
    return {
        metric: {
            "value": _null_if_nan(cell.value),
            "low": cell.low,
            "high": cell.high,
            "rank": cell.rank,
            "tied": cell.tied,
        }
        for metric, cell in cells.items()
    }


def _null_if_nan(value: float) -> float | None:
    return None if math.isnan(value) else value
