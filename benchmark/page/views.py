"""Which views a page has, and what each one's template is given."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmark.board import TRACKS, Board, Row, region_of
from benchmark.formats.layout import (
    NAMES,
    TRACK_TITLES,
    conditions,
    name_of,
    region_words,
    regions,
)
from benchmark.page.numbers import MEANINGS, digits_of
from benchmark.page.tables import axis_top, leaderboards

if TYPE_CHECKING:
    from benchmark.page.images import Pictures, Shown
    from benchmark.page.site import Site

KINDS = (
    ("measured", "Run with this suite; every image can be looked at."),
    ("scored", "Ready-made mattes of others, scored with this suite."),
    ("published", "A number read in a paper or repository; nobody here has seen its mattes."),
)
CREDIT = (
    "Made by the Distinctions-646 suite. This page is one folder of plain files: it loads nothing "
    "from anywhere else and can be copied, mailed and archived."
)


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


def meanings(boards: Sequence[Board]) -> list[tuple[str, str]]:
    """Return name and meaning of each metric that is shown."""
    bases = dict.fromkeys(metric.split("/")[0] for board in boards for metric in board.metrics)
    return [(NAMES[base], MEANINGS[base]) for base in bases if base in MEANINGS]


def add_index(site: Site, pages: Sequence[BoardPage]) -> None:
    """Add the first screen: every board's leaderboards."""
    sections = [_section(page) for page in pages]
    site.add_view(
        "index",
        "index.html",
        "Leaderboard",
        sections=sections,
        kinds=KINDS,
        shown_kinds={row.kind for page in pages for row in page.board.rows},
        meanings=meanings([page.board for page in pages]),
        credit=CREDIT,
    )


def _section(page: BoardPage) -> dict[str, Any]:
    board = page.board
    leading = region_of(page.lead)
    smallest = board.smallest_difference.items()
    return {
        "board": board,
        "views": page.views(),
        "tables": leaderboards(board),
        "foregrounds": len(set(board.image_foregrounds)),
        "trimaps": {None: "none", "given": "given with the data"}.get(
            board.trimap_rule, board.trimap_rule
        ),
        "protocols": _protocols(board),
        "smallest": [(m, value) for m, value in smallest if region_of(m) == leading],
        "smallest_conditions": conditions_of(board, page.lead),
    }


def _protocols(board: Board) -> str:
    names = {region_of(metric): board.protocol_of(metric) or "none" for metric in board.metrics}
    return "; ".join(f"{name} ({region_words(region)})" for region, name in names.items())


def add_images(site: Site, page: BoardPage, pictures: Mapping[str, Pictures]) -> None:
    """Add the overview of images and each image's page; `pictures` are by view key."""
    key = f"{page.board.key}/images"
    thumbnails = {key: one.thumbnail for key, one in pictures.items()}
    site.add_view(key, "images.html", f"Images of {page.board.title}", shown=page.shown,
                  thumbnails=thumbnails, **page.common(key))  # fmt: skip
    for index, shown in enumerate(page.shown):
        before = page.shown[index - 1] if index else None
        after = page.shown[index + 1] if index + 1 < len(page.shown) else None
        _add_image(site, page, shown, (before, after), pictures.get(shown.key))


def _add_image(
    site: Site,
    page: BoardPage,
    shown: Shown,
    neighbours: tuple[Shown | None, Shown | None],
    pictures: Pictures | None,
) -> None:
    from benchmark.page.pictures import LONGEST_SIDE, scale_colours

    board = page.board
    foreground = board.image_foregrounds[shown.place]
    known = {one.name: one.attributes for one in board.foregrounds}
    site.add_view(
        shown.key,
        "image.html",
        f"{shown.image_id}, {board.title}",
        shown=shown,
        before=neighbours[0],
        after=neighbours[1],
        foreground=foreground,
        attributes=sorted(known.get(foreground, {}).items()),
        pictures=pictures,
        choices=_choices(page, pictures),
        best=_best(page, shown, pictures),
        colours=scale_colours(),
        longest=LONGEST_SIDE,
        values=board.values,
        notes={
            row.key: page.notes[row.key].get(shown.image_id, Note("missing", "", None))
            for row in page.rows
        },
        **page.common(shown.key),
    )


def _choices(page: BoardPage, pictures: Pictures | None) -> list[tuple[str, str]]:
    """Return what the viewer's two sides can show."""
    if pictures is None:
        return []
    names = {"input": "Input", "trimap": "Trimap", "truth": "True matte"}
    choices = [(one.name, names[one.name]) for one in pictures.given]
    there = [row for row in page.rows if row.key in pictures.mattes]
    choices += [(row.key, row.title) for row in there]
    return choices + [(f"{row.key}:error", f"Error of {row.title}") for row in there]


def _best(page: BoardPage, shown: Shown, pictures: Pictures | None) -> str:
    """Return the row with the smallest error on an image."""
    there = [row.key for row in page.rows if pictures and row.key in pictures.mattes]
    errors = {key: page.board.values[key][page.lead][shown.place] for key in there}
    defined = {key: value for key, value in errors.items() if not math.isnan(value)}
    return min(defined, key=lambda key: defined[key]) if defined else "input"


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


def add_compare(site: Site, page: BoardPage) -> None:
    """Add the comparison of two methods, if there are two."""
    if len(page.rows) < 2:
        return
    board, rows = page.board, page.rows
    key = f"{board.key}/compare"
    hrefs = {shown.place: shown.key for shown in page.shown}
    up = "#" if site.single_file else "../"
    end = "" if site.single_file else ".html"
    data = {
        "methods": [row.title for row in rows],
        "metrics": [
            {"id": metric, "label": name_of(metric), "conditions": conditions_of(board, metric),
             "digits": digits_of(metric)}
            for metric in board.metrics
        ],
        "images": [
            {"name": name, "href": f"{up}{hrefs[i]}{end}" if i in hrefs else None}
            for i, name in enumerate(board.image_ids)
        ],
        "values": {metric: [_column(board, row, metric) for row in rows]
                   for metric in board.metrics},
        "pairs": {metric: _pairs(board, rows, metric) for metric in board.metrics},
    }  # fmt: skip
    trimapped = [i for i, row in enumerate(rows) if row.track == "trimap-based"]
    first, second = trimapped[:2] if len(trimapped) > 1 else (0, 1)
    site.add_view(key, "compare.html", f"Two methods on {board.title}", data=data, first=first,
                  second=second, **page.common(key))  # fmt: skip


def _column(board: Board, row: Row, metric: str) -> list[float | None]:
    column = board.values[row.key].get(metric)
    if column is None:
        return [None] * len(board.image_ids)
    return [None if math.isnan(value) else float(value) for value in column]


def _pairs(board: Board, rows: Sequence[Row], metric: str) -> dict[str, list[float | None]]:
    found: dict[str, list[float | None]] = {}
    for i, first in enumerate(rows):
        for j in range(i + 1, len(rows)):
            second = rows[j]
            if all(metric in board.values[row.key] for row in (first, second)):
                pair = board.compare(first.key, second.key, metric)
                found[f"{i}-{j}"] = [
                    pair.mean, pair.low, pair.high, pair.p, pair.images, pair.clusters,
                ]  # fmt: skip
    return found


def add_groups(site: Site, page: BoardPage) -> None:
    """Add the tables by attribute and by foreground."""
    board = page.board
    key = f"{board.key}/groups"
    tracks = []
    for track in TRACKS:
        rows = [row for row in page.rows if row.track == track]
        tops = {metric: _group_top(board, rows, metric) for metric in board.metrics}
        if rows:
            tracks.append({"title": TRACK_TITLES[track].capitalize(), "rows": rows, "tops": tops})
    site.add_view(
        key, "groups.html", f"Kinds of foreground, {board.title}", tracks=tracks,
        conditions={metric: conditions_of(board, metric) for metric in board.metrics},
        **page.common(key),
    )  # fmt: skip


def _group_top(board: Board, rows: Sequence[Row], metric: str) -> float:
    cells = [group.cells[row.key].get(metric) for group in board.groups for row in rows]
    return axis_top(cell for cell in cells if cell is not None)
