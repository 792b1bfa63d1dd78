"""The comparison of two methods as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark.board.board import Board


def describe_comparison(board: Board, first: str, second: str) -> str:
    """Word the difference of two methods in every metric they share, a line each.

    Raises
    ------
    ValueError
        If there are no two such rows with values by image.
    """
    from benchmark.formats.layout import heading, name_of, number, region_words

    pair = (board.row(first), board.row(second))
    shared = [metric for metric in board.metrics if all(
        metric in board.values.get(row.key, {}) for row in pair)]  # fmt: skip
    if not shared:
        raise ValueError(f"{first} and {second} have no metric by image in common")
    lines = [f"{heading(board)}: {pair[0].title} minus {pair[1].title}"]
    for metric in shared:
        found = board.compare(pair[0].key, pair[1].key, metric)
        ends = "none"
        if found.low is not None and found.high is not None:
            ends = f"{number(found.low, metric)} to {number(found.high, metric)}"
        lines.append(
            f"{name_of(metric):5} {region_words(metric.split('/')[1]):15} "
            f"{number(found.mean, metric):>9}  95 % interval {ends:22} p {found.p:<8.2g} "
            f"({found.images} images of {found.clusters} foregrounds)"
        )
    return "\n".join(lines) + "\n"


def _with_both(boards: Sequence[Board], first: str, second: str) -> list[Board]:
    """Return the boards with rows of two names; say what is missing where there are none."""
    having = {
        name: [b for b in boards if any(name in (r.key, r.method, r.title) for r in b.rows)]
        for name in (first, second)
    }
    missing = [name for name, found in having.items() if not found]
    if missing:
        known = {row.method for board in boards for row in board.rows if row.kind != "published"}
        raise ValueError(
            f"--compare: no results of {' and '.join(missing)}; expected two of "
            f"{', '.join(sorted(known))}"
        )
    both = [board for board in having[first] if board in having[second]]
    if not both:
        places = "; ".join(
            f"{name} is in {', '.join(board.key for board in found)}"
            for name, found in having.items()
        )
        raise ValueError(f"no test set has results of both {first} and {second}: {places}")
    return both
