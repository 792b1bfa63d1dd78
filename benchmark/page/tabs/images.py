"""The tab of images, easy to hard, and each image's page."""

from __future__ import annotations

import math

from benchmark.page.board_page import BoardPage, Note
from benchmark.page.images import Pictures, ShownImage
from benchmark.page.site import Site
from benchmark.page.tabs.tab import BoardTab, has_images
from benchmark.scoring.pictures import LONGEST_SIDE, scale_colours


def add_images(site: Site, page: BoardPage) -> None:
    """Add the overview of images and each image's page."""
    key = TAB.key(page)
    site.add_view(
        key,
        "images.html",
        f"Images of {page.board.title}",
        shown=page.shown,
        thumbnails={key: pictures.thumbnail for key, pictures in page.pictures.items()},
        **page.common(key),
    )
    for index, shown in enumerate(page.shown):
        before = page.shown[index - 1] if index else None
        after = page.shown[index + 1] if index + 1 < len(page.shown) else None
        _add_image(site, page, shown, (before, after), page.pictures.get(shown.key))


TAB = BoardTab("images", "Images", add_images, has_images)


def _add_image(
    site: Site,
    page: BoardPage,
    shown: ShownImage,
    neighbours: tuple[ShownImage | None, ShownImage | None],
    pictures: Pictures | None,
) -> None:
    board = page.board
    foreground = board.image_foregrounds[shown.index]
    attributes = {entry.name: entry.attributes for entry in board.foregrounds}
    site.add_view(
        shown.key,
        "image.html",
        f"{shown.image_id}, {board.title}",
        shown=shown,
        before=neighbours[0],
        after=neighbours[1],
        foreground=foreground,
        attributes=sorted(attributes.get(foreground, {}).items()),
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
    choices = [(picture.name, names[picture.name]) for picture in pictures.given]
    there = [row for row in page.rows if row.key in pictures.mattes]
    choices += [(row.key, row.label) for row in there]
    return choices + [(f"{row.key}:error", f"Error of {row.label}") for row in there]


def _best(page: BoardPage, shown: ShownImage, pictures: Pictures | None) -> str:
    """Return the row with the smallest error on an image."""
    there = [row.key for row in page.rows if pictures and row.key in pictures.mattes]
    errors = {key: page.board.values[key][page.lead][shown.index] for key in there}
    defined = {key: value for key, value in errors.items() if not math.isnan(value)}
    return min(defined, key=lambda key: defined[key]) if defined else "input"
