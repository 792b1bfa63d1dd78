"""A page for each method that was run or scored."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from benchmark.board.board import Board, BoardRow
from benchmark.formats.layout import digits_of
from benchmark.methods.listing import ENTRIES, complete_card
from benchmark.page.board_page import BoardPage, group_axis_top, metric_groups
from benchmark.page.numbers import stated
from benchmark.page.numbers_by_image import images_path, metric_path
from benchmark.page.site import Site
from benchmark.page.tabs.tab import BoardTab
from benchmark.results.finished_runs import RUN_CARD
from benchmark.results.run_card import read_card

SHOWN = 50
"""Images, the worst ones, in the table of a method's page; its script draws the others."""


def add_methods(site: Site, page: BoardPage) -> None:
    """Add the card of each method that was run or scored."""
    board = page.board
    keys = {shown.index: shown.key for shown in page.shown}
    lead_metrics = metric_groups(board)[0]["metrics"]
    for place, row in enumerate(page.rows):
        values = board.values[row.key]
        lead = values[page.lead]
        order = sorted(range(len(lead)), key=lambda i: (math.isnan(lead[i]), -lead[i]))
        notes = page.notes[row.key]
        images = [
            {"index": i, "image_id": board.image_ids[i], "key": keys.get(i)} for i in order[:SHOWN]
        ]
        site.add_view(
            f"{TAB.key(page)}/{row.key}",
            "method.html",
            f"{row.title} on {board.title}",
            row=row,
            card=_card(row),
            groups=board.groups,
            group_top=group_axis_top(board, [row], page.lead),
            images=images,
            values=values,
            lead_metrics=lead_metrics,
            pages=None if len(order) <= SHOWN else _pages(page, place, lead_metrics),
            top=max((value for value in lead if not math.isnan(value)), default=0.0),
            refused=[(name, note.reason) for name, note in notes.items() if note.status == "n/a"],
            provenance=provenance(board, row),
            **page.common(f"{TAB.key(page)}/{row.key}"),
        )


TAB = BoardTab("methods", "", add_methods)


def _pages(page: BoardPage, place: int, metrics: Sequence[str]) -> dict[str, Any]:
    """Return what the script draws the other images of a method from: its number and the files."""
    return {
        "method": place,
        "rows": SHOWN,
        "images": images_path(page.board),
        "metrics": [
            {"path": metric_path(page.board, metric), "digits": digits_of(metric)}
            for metric in metrics
        ],
    }


def _card(row: BoardRow) -> list[tuple[str, str]]:
    """Return the entries of a card; of ready-made mattes only those that were stated.

    The track stands above them, and says whether the method takes a trimap.
    """
    return [
        (label[:1].upper() + label[1:], text)
        for label, text in complete_card(row.card)
        if label != ENTRIES["needs_trimap"][0] and (row.kind != "scored" or stated(text))
    ]


def provenance(board: Board, row: BoardRow) -> list[tuple[str, str]]:
    """Return the entries of a row's run card, and its hashes, as plain text."""
    card = read_card(board.run_folders[row.key] / RUN_CARD)
    entries = [("method hash", row.method_hash), ("dataset root", board.dataset_root)]
    for name, value in sorted(card.items()):
        if name == "method_card":
            continue
        if isinstance(value, dict):
            stated = sorted((key, part) for key, part in value.items() if part is not None)
            text = ", ".join(f"{key} {part}" for key, part in stated)
        else:
            text = json.dumps(value) if not isinstance(value, str) else value
        entries.append((name.replace("_", " "), text))
    return entries
