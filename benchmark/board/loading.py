"""Reading runs and published numbers into boards."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from benchmark.board.board import Board, Boards
from benchmark.board.protocols import ProtocolName
from benchmark.board.published import is_in_paper, read_published
from benchmark.board.published.counterparts import PAPER
from benchmark.board.rows import make_board, make_published_board
from benchmark.results.finished_runs import Run, find_runs, joined, newest, read_runs
from benchmark.results.foreground_attributes import find_attributes, read_attributes
from benchmark.statistics.one_thread import on_one_thread


@on_one_thread
def load_boards(
    results: Sequence[Path],
    *,
    attributes: Path | Sequence[Path] | None = None,
    protocol: ProtocolName = "paper",
    images: Collection[str] | None = None,
) -> Boards:
    """Read runs and return the leaderboard of each test set.

    Parameters
    ----------
    results
        Folders: the ``--out`` of `benchmark.run`, a test set's folder in it, or that of a run.
    attributes
        A file like ``foregrounds.csv``, or several, each for the test sets whose foregrounds it
        has; other test sets use the file beside their runs.
    protocol
        The protocol whose region comes first and orders the rows.
    images
        Ids of the only images to count; all if left out.

    Returns
    -------
    Boards
        By dataset, the trimaps of a named protocol first.

    Raises
    ------
    ValueError
        If a folder holds no run, a file in it is bad, or two folders have other numbers for the
        same image, metric, method and weights.
    """
    by_test_set: dict[tuple[str, ...], list[Run]] = {}
    all_runs = [run for folder in find_runs(results) for run in read_runs(folder, images)]
    for run in newest(joined(all_runs)):
        by_test_set.setdefault(run.test_set, []).append(run)
    paths = [attributes] if isinstance(attributes, Path) else attributes or ()
    given = [read_attributes(path) for path in paths]
    chosen = [find_attributes(runs, given) for runs in by_test_set.values()]
    for table in given:
        if table not in chosen:
            raise ValueError(f"{table.path}: has no foreground of these results")
    boards = [
        make_board(runs, table, protocol)
        for runs, table in zip(by_test_set.values(), chosen, strict=True)
    ]
    return Boards(sorted(boards, key=lambda board: (board.dataset, board.split, *_unusual(board))))


def add_published(boards: Sequence[Board], protocol: ProtocolName = "paper") -> list[Board]:
    """Return boards, and after them the HAttMatting paper's tables that none of them shows."""
    shown = {
        board.dataset
        for board in boards
        if any((row.source or "").startswith(PAPER) for row in board.rows)
    }
    names = dict.fromkeys(entry.dataset for entry in read_published() if is_in_paper(entry))
    added = [make_published_board(name, protocol) for name in names if name not in shown]
    return [*boards, *(board for board in added if board is not None)]


def _unusual(board: Board) -> tuple[bool, str]:
    """Sort boards of a named protocol before others."""
    named = any(board.protocol_of(metric) for metric in board.metrics)
    return not named, board.key
