"""Files with the numbers of every image, one for each metric, which the page's script draws from.

``<board>/data/images.js`` has the images' names and the keys of their views. A metric's file has,
for each method in the order of the page's rows, the values in the order of the images, and for
each two methods what `benchmark.statistics.comparison.compare_all` returns; both are float64 in
little-endian order, in base64, so that no digit is lost.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from benchmark.board.board import Board
from benchmark.page.board_page import BoardPage
from benchmark.page.site import Site
from benchmark.results.split_identity import slug
from benchmark.statistics.comparison import compare_all
from benchmark.statistics.intervals import Floats


def images_path(board: Board) -> str:
    """Return the path of the file with the images of a board."""
    return f"{board.key}/data/images.js"


def metric_path(board: Board, metric: str) -> str:
    """Return the path of a metric's file."""
    return f"{board.key}/data/{slug(metric)}.js"


def add_numbers(site: Site, page: BoardPage) -> None:
    """Add the files of a board."""
    board = page.board
    keys = {shown.index: shown.key for shown in page.shown}
    images = [[name, keys.get(index)] for index, name in enumerate(board.image_ids)]
    site.add_data(images_path(board), images)
    for metric in board.metrics:
        site.add_data(metric_path(board, metric), _numbers(page, metric))


def _numbers(page: BoardPage, metric: str) -> dict[str, Any]:
    board = page.board
    nothing = np.full(len(board.image_ids), np.nan)
    columns = [board.values[row.key].get(metric, nothing) for row in page.rows]
    pairs = compare_all(columns, board.image_foregrounds)
    return {"values": [_pack(column) for column in columns], "pairs": _pack(pairs)}


def _pack(numbers: Floats) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers, "<f8").tobytes()).decode()
