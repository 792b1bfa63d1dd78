"""Tables inside a Markdown page, between markers, written by program and checked for differences.

``<!-- leaderboard:begin dataset=mini region=whole -->`` and ``<!-- leaderboard:end -->`` enclose
what `fill` writes; ``dataset`` and ``region`` choose, and may be left out.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from benchmark.board.board import Board
from benchmark.formats.layout import regions
from benchmark.formats.markdown import to_markdown
from distinctions646.process.whole_files import write_bytes

_BEGIN = re.compile(r"<!-- leaderboard:begin(?P<choice>[^>]*?) *-->")
_END = "<!-- leaderboard:end -->"
_CHOICES = ("dataset", "region")


def update_readme(path: Path, boards: Sequence[Board], *, check: bool) -> str:
    """Fill the marked tables of a Markdown page, or compare them only.

    Parameters
    ----------
    path
        The page.
    boards
        The boards that its markers choose from.
    check
        Leave the page as it is.

    Returns
    -------
    str
        The difference between page and boards; "" where there is none.

    Raises
    ------
    ValueError
        If the page has no markers or bad ones; the message names the page.
    """
    old = path.read_text(encoding="utf-8")
    try:
        new = fill(old, boards)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if not check and new != old:
        write_bytes(path, new.encode())
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), str(path), "results"
    )
    return "".join(lines)


def fill(page: str, boards: Sequence[Board]) -> str:
    """Return a page with its marked tables filled from boards.

    Parameters
    ----------
    page
        Markdown with markers.
    boards
        The boards that markers choose from.

    Raises
    ------
    ValueError
        If there are no markers, one is not closed, or it asks for what no board has.
    """
    parts, start = [], 0
    for marker in _BEGIN.finditer(page):
        end = page.find(_END, marker.end())
        following = _BEGIN.search(page, marker.end())
        if end < 0 or (following is not None and following.start() < end):
            raise ValueError(f"marker {marker[0]} has no {_END}")
        parts += [page[start : marker.end()], "\n", _table(marker["choice"], boards)]
        start = end
    if not parts:
        raise ValueError(f"has no marker <!-- leaderboard:begin --> ... {_END}")
    return "".join([*parts, page[start:]])


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
