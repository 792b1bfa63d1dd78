"""The comparison of two methods as text."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.board.board import Board
from benchmark.formats.layout import heading, name_of, number, region_words
from benchmark.metrics.registry import region_of
from distinctions646.checks.words import counted


def describe_comparisons(boards: Sequence[Board], first: str, second: str) -> list[str]:
    """Return the comparison of two methods on every board that has both.

    Raises
    ------
    ValueError
        If a method is on no board, or no board has both.
    """
    having = {
        name: [b for b in boards if any(name in (r.key, r.method, r.title) for r in b.rows)]
        for name in (first, second)
    }
    missing = [name for name, with_name in having.items() if not with_name]
    if missing:
        known = {row.method for board in boards for row in board.rows if row.kind != "published"}
        raise ValueError(
            f"--compare: no results of {' and '.join(missing)}; expected two of "
            f"{', '.join(sorted(known))}"
        )
    both = [board for board in having[first] if board in having[second]]
    if not both:
        boards_of_each = "; ".join(
            f"{name} is in {', '.join(board.key for board in with_name)}"
            for name, with_name in having.items()
        )
        raise ValueError(f"no test set has results of both {first} and {second}: {boards_of_each}")
    return [describe_comparison(board, first, second) for board in both]


def describe_comparison(board: Board, first: str, second: str) -> str:
    """Return the difference of two methods in every metric they share, a line each.

    Raises
    ------
    ValueError
        If there are no two such rows with values by image.
    """
    pair = (board.row(first), board.row(second))
    shared = [
        metric
        for metric in board.metrics
        if all(metric in board.values.get(row.key, {}) for row in pair)
    ]
    if not shared:
        raise ValueError(f"{first} and {second} have no metric by image in common")
    lines = [f"{heading(board)}: {pair[0].label} minus {pair[1].label}"]
    for metric in shared:
        difference = board.compare(pair[0].key, pair[1].key, metric)
        ends = "none"
        if difference.low is not None and difference.high is not None:
            ends = f"{number(difference.low, metric)} to {number(difference.high, metric)}"
        lines.append(
            f"{name_of(metric):5} {region_words(region_of(metric)):15} "
            f"{number(difference.mean, metric):>9}  95 % interval {ends:22} "
            f"p {difference.p:<8.2g} ({counted(difference.images, 'image')} of "
            f"{counted(difference.clusters, 'foreground')})"
        )
    return "\n".join(lines) + "\n"
