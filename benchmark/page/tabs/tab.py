"""The two kinds of tabs: one for each board, or one for the whole page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmark.page.board_page import BoardPage
from benchmark.page.site import Site


def always(page: BoardPage) -> bool:
    """Return True: the tab of a board that needs nothing in particular."""
    return True


def has_images(page: BoardPage) -> bool:
    """Return whether anything was run on the board, which may hold published numbers alone."""
    return bool(page.board.image_ids)


@dataclass(frozen=True)
class BoardTab:
    """A tab that each board has.

    Attributes
    ----------
    name
        Last part of its view's key, which is ``<board>/<name>``.
    title
        Its words in the navigation; "" where other tabs lead to it.
    add
        Adds its views to the site.
    wanted
        Whether a board has what the tab needs.
    """

    name: str
    title: str
    add: Callable[[Site, BoardPage], None]
    wanted: Callable[[BoardPage], bool] = always

    def key(self, page: BoardPage) -> str:
        """Return the key of its view for a board."""
        return f"{page.board.key}/{self.name}"


@dataclass(frozen=True)
class PageTab:
    """A tab that the page has once, for all boards; attributes as those of `BoardTab`."""

    name: str
    title: str
    add: Callable[[Site, Sequence[BoardPage]], None]
