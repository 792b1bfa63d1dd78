"""The tab of images, easy to hard, and each image's page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark.page.images import Pictures, Shown
    from benchmark.page.site import Site
from benchmark.page.board_page import BoardPage, Note


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
    from benchmark.scoring.pictures import LONGEST_SIDE, scale_colours

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
