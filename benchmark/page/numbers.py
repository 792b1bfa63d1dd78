"""Numbers on the page: rounded for the eye, exact in the attributes of their cells."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from benchmark.formats.layout import number
from benchmark.metrics.registry import BY_NAME, name_in

if TYPE_CHECKING:
    from benchmark.board.board import Cell


def meaning_of(metric: str) -> str:
    """Return in a few words what a metric measures; "" for one the table does not know."""
    name = name_in(metric)
    return BY_NAME[name].meaning if name in BY_NAME else ""


def shown(value: float | None, metric: str) -> str:
    """Round a number for the eye.

    Examples
    --------
    >>> shown(-4.28913, "sad/whole/v1"), shown(float("nan"), "mse/unknown/v1")
    ('−4.289', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    return number(value, metric).replace("-", "−")


def exact(value: float | None) -> str:
    """Return the shortest text that reads back as the same number; empty for none.

    Examples
    --------
    >>> exact(0.1 + 0.2)
    '0.30000000000000004'
    """
    return "" if value is None or math.isnan(value) else repr(float(value))


def axis_top(cells: Iterable[Cell]) -> float:
    """Return where an axis from 0 that holds these means and intervals ends."""
    ends = [end for cell in cells for end in (cell.value, cell.high) if end is not None]
    return max((end for end in ends if not math.isnan(end)), default=0.0)


def percent(value: float | None, top: float) -> str:
    """Return the position of a value on an axis from 0 to `top`, for CSS."""
    if value is None or math.isnan(value) or top <= 0:
        return "0%"
    return f"{100 * min(max(value / top, 0), 1):.2f}%"


def seconds(value: float | None) -> str:
    """Round processor seconds for the eye.

    Examples
    --------
    >>> seconds(0.0001), seconds(0.662), seconds(None)
    ('< 0.01', '0.66', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.2f}" if value >= 0.01 else "< 0.01"


def stated(text: str) -> str:
    """Return an entry of a card; "" where the entry says that there is nothing."""
    return "" if text in ("none", "not stated", "nothing") else text


def split_doi(text: str) -> tuple[str, str]:
    """Return a citation in two parts, its DOI apart so that lines break before it.

    Examples
    --------
    >>> split_doi("Levin et al. 2008, doi:10.1109/TPAMI.2007.1177")
    ('Levin et al. 2008,', 'doi:10.1109/TPAMI.2007.1177')
    >>> split_doi("Gastal and Oliveira 2010")
    ('Gastal and Oliveira 2010', '')
    """
    before, doi, after = text.partition("doi:")
    return before.rstrip(), doi + after
