"""The table on the screen: one line per method, the regions side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.formats.layout import (
    TRACK_TITLES,
    interval,
    name_of,
    notes,
    printed,
    rank,
    region_words,
    regions,
    sections,
    units,
)
from benchmark.metrics.registry import BY_NAME, name_in

if TYPE_CHECKING:
    from benchmark.board.board import Board, BoardRow
    from benchmark.board.protocols import ProtocolName

_NARROW, _WIDE = 8, 9  # columns of means and of sums
_RANK = 4


def show(
    results: Sequence[Path],
    *,
    images: Collection[str] | None = None,
    protocol: ProtocolName = "paper",
    intervals: bool = False,
) -> str:
    """Read runs and return their tables as text, one per test set.

    Parameters
    ----------
    results
        As `benchmark.board.loading.load_boards` takes them.
    images
        Ids of the only images to count; all if left out.
    protocol
        The protocol whose region comes first.
    intervals
        Add a line with the intervals below each row.
    """
    from benchmark.board.loading import load_boards

    boards = load_boards(results, images=images, protocol=protocol)
    return "\n".join(render_board(board, intervals=intervals) for board in boards)


def render_board(board: Board, *, intervals: bool = False) -> str:
    """Return one board as text.

    Parameters
    ----------
    board
        The leaderboard.
    intervals
        Add a line with the intervals below each row.
    """
    blocks = [_block(board, region, intervals) for region in regions(board)]
    width = max(16, *(len(_name(row)) for row in board.rows))
    head = f"{'method':{width}} {'images':>6} {'n/a':>4}" + "".join(
        f" |{block.heading()}" for block in blocks
    )
    over = " " * (width + 12) + "".join(f" |{block.title:^{block.width}}" for block in blocks)
    lines = [*_heading(board), "", over.rstrip(), head, "-" * len(head)]
    tracks = list(dict.fromkeys(row.track for row in board.rows))
    for track in tracks:
        if len(tracks) > 1:
            lines.append(f"{TRACK_TITLES[track]}:")
        for row in board.of(track):
            lines += _lines(row, blocks, width, intervals)
    return "\n".join([*lines, *_notes(board, intervals)]) + "\n"


@dataclass(frozen=True)
class _Block:
    """The columns of one region: a rank, then the metrics."""

    title: str
    metrics: tuple[str, ...]
    rooms: tuple[int, ...]
    rank_room: int

    @property
    def width(self) -> int:
        return self.rank_room + sum(self.rooms)

    def heading(self) -> str:
        return self._join("", [name_of(metric).upper() for metric in self.metrics])

    def numbers(self, row: BoardRow) -> str:
        shown_rank = rank(row.cells.get(self.metrics[0]))
        return self._join(shown_rank, [printed(row, metric) for metric in self.metrics])

    def intervals(self, row: BoardRow) -> str:
        cells = [row.cells.get(metric) for metric in self.metrics]
        paired = zip(cells, self.metrics, strict=True)
        return self._join("", [interval(cell, metric) if cell else "" for cell, metric in paired])

    def _join(self, first: str, texts: Sequence[str]) -> str:
        padded = [f"{text:>{room}}" for text, room in zip(texts, self.rooms, strict=True)]
        return f"{first:>{self.rank_room}}" + "".join(padded)


def _block(board: Board, region: str, intervals: bool) -> _Block:
    metrics = sections(board, region)[0].metrics
    protocol = board.protocol_of(metrics[0])
    title = region_words(region) + (f" (protocol {protocol})" if protocol else "")
    rooms = tuple(_room(board, metric, intervals) for metric in metrics)
    return _Block(title, metrics, rooms, max(_RANK, len(title) + 2 - sum(rooms)))


def _heading(board: Board) -> list[str]:
    lines = [
        f"{board.dataset} (root {board.dataset_root[:12]}), trimaps: {board.trimap_rule or 'none'};"
        f" mean over images, official units ({units(board.metrics)})"
    ]
    if board.synthetic:
        lines.append("synthetic, not comparable with Composition-1k or Distinctions-646")
    return lines


def _room(board: Board, metric: str, intervals: bool) -> int:
    cells = [(row, row.cells[metric]) for row in board.rows if metric in row.cells]
    texts = [printed(row, metric) for row, _ in cells]
    if intervals:
        texts += [interval(cell, metric) for _, cell in cells]
    return max(_NARROW if _is_mean(metric) else _WIDE, *(len(text) + 2 for text in texts))


def _is_mean(metric: str) -> bool:
    name = name_in(metric)
    return name in BY_NAME and not BY_NAME[name].thousands


def _lines(row: BoardRow, blocks: Sequence[_Block], width: int, intervals: bool) -> Iterator[str]:
    counts = f"{row.images:6d} {row.not_applicable:4d}"
    if row.kind == "published":
        counts = f"{'published':>11}"
    first = f"{_name(row):{width}} {counts}"
    yield (first + "".join(f" |{block.numbers(row)}" for block in blocks)).rstrip()
    if intervals and any(cell.low is not None for cell in row.cells.values()):
        second = "".join(f" |{block.intervals(row)}" for block in blocks)
        yield (" " * len(first) + second).rstrip()


def _name(row: BoardRow) -> str:
    return f"{row.label} (scored)" if row.kind == "scored" else row.label


def _notes(board: Board, intervals: bool) -> list[str]:
    """Return the notes, without that on synthetic pictures, which is in the heading."""
    shown = [
        note for note in notes(board, regions(board), intervals) if not note.startswith("Synthetic")
    ]
    undefined = sum(
        int((column != column).sum())  # NaN alone differs from itself
        for row in board.rows
        if row.images == board.images_in_split
        for column in board.values.get(row.key, {}).values()
    )
    if undefined:
        values = "1 value is" if undefined == 1 else f"{undefined} values are"
        shown.append(f"{values} undefined (no unknown pixel) and left out of the means")
    return shown
