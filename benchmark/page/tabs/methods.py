"""The tab of methods, with a page for each."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from benchmark.board.board import Board, Row

if TYPE_CHECKING:
    from benchmark.page.site import Site
from benchmark.page.board_page import BoardPage, metric_groups
from benchmark.page.tabs.groups import _group_top


def add_methods(site: Site, page: BoardPage) -> None:
    """Add the card of each method that was run or scored."""
    board = page.board
    keys = {shown.place: shown.key for shown in page.shown}
    lead_metrics = metric_groups(board)[0]["metrics"]
    for row in page.rows:
        values = board.values[row.key]
        lead = values[page.lead]
        order = sorted(range(len(lead)), key=lambda i: (math.isnan(lead[i]), -lead[i]))
        notes = page.notes[row.key]
        images = [{"place": i, "image_id": board.image_ids[i], "key": keys.get(i)} for i in order]
        site.add_view(
            f"{board.key}/methods/{row.key}",
            "method.html",
            f"{row.title} on {board.title}",
            row=row,
            card=[(name.replace("_", " ").capitalize(), text) for name, text in row.card.items()],
            groups=board.groups,
            group_top=_group_top(board, [row], page.lead),
            images=images,
            values=values,
            lead_metrics=lead_metrics,
            top=max((value for value in lead if not math.isnan(value)), default=0.0),
            refused=[(name, note.reason) for name, note in notes.items() if note.status == "n/a"],
            provenance=provenance(board, row),
            **page.common(f"{board.key}/methods/{row.key}"),
        )


def provenance(board: Board, row: Row) -> list[tuple[str, str]]:
    """Return what the run card says made a row's numbers, as plain text."""
    path = board.run_folders[row.key] / "run.json"
    card: dict[str, Any] = json.loads(path.read_text())
    found = [("method hash", row.method_hash), ("dataset root", board.dataset_root)]
    for name, value in sorted(card.items()):
        if name == "method_card":
            continue
        if isinstance(value, dict):
            text = ", ".join(
                f"{key} {one}" for key, one in sorted(value.items()) if one is not None
            )
        else:
            text = json.dumps(value) if not isinstance(value, str) else value
        found.append((name.replace("_", " "), text))
    return found
