"""Tables inside a Markdown page, between markers, written by program and checked for drift.

``<!-- leaderboard:begin dataset=mini region=whole -->`` and ``<!-- leaderboard:end -->`` enclose
what `fill` writes; ``dataset`` and ``region`` choose, and may be left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmark.board.board import Board
from benchmark.formats.layout import regions
from benchmark.formats.markdown import to_markdown

_BEGIN = re.compile(r"<!-- leaderboard:begin(?P<choice>[^>]*?) *-->")
_END = "<!-- leaderboard:end -->"
_CHOICES = ("dataset", "region")


def fill(page: str, boards: Sequence[Board]) -> str:
    """Return a page with its tables as the boards have them.

    Parameters
    ----------
    page
        Markdown with markers.
    boards
        All there are.

    Raises
    ------
    ValueError
        If there are no markers, one is not closed, or it asks for what no board has.
    """
    parts, place = [], 0
    for found in _BEGIN.finditer(page):
        end = page.find(_END, found.end())
        following = _BEGIN.search(page, found.end())
        if end < 0 or (following is not None and following.start() < end):
            raise ValueError(f"marker {found[0]} has no {_END}")
        parts += [page[place : found.end()], "\n", _table(found["choice"], boards)]
        place = end
    if not parts:
        raise ValueError(f"has no marker <!-- leaderboard:begin --> ... {_END}")
    return "".join([*parts, page[place:]])


def _table(choice: str, boards: Sequence[Board]) -> str:
    chosen = dict(word.split("=", 1) for word in choice.split() if "=" in word)
    unknown = [word for word in choice.split() if word.split("=")[0] not in _CHOICES]
    if unknown:
        raise ValueError(f"marker has {unknown[0]!r}; expected {' or '.join(_CHOICES)}=...")
    dataset, region = chosen.get("dataset"), chosen.get("region")
    shown = [board for board in boards if dataset in (None, board.dataset, board.key)]
    shown = [board for board in shown if region is None or region in regions(board)]
    if not shown:
        raise ValueError(f"there are no results for the marker's {choice.strip() or 'table'}")
    return to_markdown(shown, None if region is None else [region])
