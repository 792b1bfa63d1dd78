"""The tables of a board, and the words and rounding that every format shares."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.board.board import LEAK_MARK, TRACKS, Board, BoardRow, Cell
from benchmark.board.protocols import PROTOCOLS, describe_conditions
from benchmark.metrics.registry import BY_NAME, name_in, region_of
from benchmark.results.finished_runs import Track
from benchmark.statistics.comparison import FEWEST_TOLD, can_tell, fewest_told
from benchmark.statistics.intervals import FEW_CLUSTERS
from distinctions646.checks.words import counted

TRACK_TITLES = {
    "trimap-free": "without a trimap",
    "two-stage": "with a trimap that another method made",
    "trimap-based": "with a trimap",
}
LEAK_WORDS = "Trained on pictures of this test set"
_DIGITS = 3  # of a metric that the table does not know
Mark = Literal["best", "second", ""]


@dataclass(frozen=True)
class Section:
    """The rows of one track with their numbers in one region.

    Attributes
    ----------
    region, track
        Where errors are summed, and whether methods are given a trimap.
    metrics
        Metric ids of the columns.
    rows
        Best first.
    """

    region: str
    track: Track
    metrics: tuple[str, ...]
    rows: tuple[BoardRow, ...]

    def mark(self, row: BoardRow, metric: str) -> Mark:
        """Return whether a row is best or second in a column; rows that share a rank share it."""
        ranks = {
            cell.rank
            for other in self.rows
            if (cell := other.cells.get(metric)) is not None and cell.rank is not None
        }
        cell = row.cells.get(metric)
        if cell is None or cell.rank is None or len(ranks) < 2:
            return ""  # methods that share one rank are not told apart: none is best
        marks: dict[int, Mark] = dict(zip(sorted(ranks), ("best", "second"), strict=False))
        return marks.get(cell.rank, "")


def regions(board: Board) -> list[str]:
    """Return the regions of a board, the leading one first."""
    return list(dict.fromkeys(region_of(metric) for metric in board.metrics))


def sections(board: Board, region: str) -> list[Section]:
    """Return the tracks of a region that have rows."""
    metrics = tuple(metric for metric in board.metrics if region_of(metric) == region)
    tracks = []
    for track in TRACKS:
        rows = tuple(row for row in board.of(track) if any(m in row.cells for m in metrics))
        if rows:
            tracks.append(Section(region, track, metrics, tuple(_by_lead(rows, metrics))))
    return tracks


def _by_lead(rows: Sequence[BoardRow], metrics: Sequence[str]) -> list[BoardRow]:
    """Sort by the first metric, those without it last."""

    def value(row: BoardRow) -> float:
        cell = row.cells.get(metrics[0])
        return math.inf if cell is None or math.isnan(cell.value) else cell.value

    return sorted(rows, key=value)


def name_of(metric: str) -> str:
    """Return the label of a metric id.

    Examples
    --------
    >>> name_of("conn/whole/v1")
    'Conn'
    """
    name = name_in(metric)
    return BY_NAME[name].label if name in BY_NAME else name


def digits_of(metric: str) -> int:
    """Return how many decimals a metric id is shown with."""
    name = name_in(metric)
    return BY_NAME[name].digits if name in BY_NAME else _DIGITS


def units(metrics: Sequence[str]) -> str:
    """Return the units of some metric ids.

    Examples
    --------
    >>> units(["sad/whole/v1", "mse/whole/v1", "conn/whole/v1"])
    'SAD, Conn in thousands; MSE absolute'
    """
    known = [BY_NAME[name] for name in dict.fromkeys(map(name_in, metrics)) if name in BY_NAME]
    sums = [metric.label for metric in known if metric.thousands]
    means = [metric.label for metric in known if not metric.thousands]
    parts = ((sums, "in thousands"), (means, "absolute"))
    return "; ".join(f"{', '.join(labels)} {unit}" for labels, unit in parts if labels)


def number(value: float, metric: str) -> str:
    """Round a number for the eye, to the metric's decimals.

    Examples
    --------
    >>> number(4.28913, "sad/whole/v1"), number(0.018312, "mse/whole/v1")
    ('4.289', '0.0183')
    """
    if math.isnan(value):
        return "-"
    return f"{value:.{digits_of(metric)}f}"


def printed(row: BoardRow, metric: str) -> str:
    """Return a row's number as text: a measured one rounded, a published one as printed."""
    cell = row.cells.get(metric)
    if cell is None:
        return ""
    return f"{cell.value:.12g}" if row.kind == "published" else number(cell.value, metric)


def interval(cell: Cell, metric: str) -> str:
    """Return an interval as text; empty where there is none."""
    if cell.low is None or cell.high is None:
        return ""
    return f"{number(cell.low, metric)}–{number(cell.high, metric)}"


def rank(cell: Cell | None) -> str:
    """Return a rank, with an equals sign where it is shared; empty where there is none."""
    if cell is None or cell.rank is None:
        return ""
    return f"{cell.rank}{'=' if cell.tied else ''}"


def source_numbers(board: Board, region: str) -> dict[str, int]:
    """Return a number, from 1, for each source of a region's published rows."""
    rows = [row for section in sections(board, region) for row in section.rows]
    cited = dict.fromkeys(row.source for row in rows if row.source is not None)
    return {source: number for number, source in enumerate(cited, start=1)}


def heading(board: Board) -> str:
    """Return the test set's name, split and hash; numbers hold for these pixels only."""
    return f"{board.title}, {board.split} (root {board.dataset_root[:12]})"


def region_words(region: str) -> str:
    """Return a region in words.

    Examples
    --------
    >>> region_words("whole"), region_words("unknown"), region_words("unknown-of-dilate-25-v1")
    ('whole image', 'unknown region', 'unknown region of dilate-25/v1')
    """
    if region.startswith("unknown-of-"):  # fixed trimaps, whatever the methods were given
        rule = re.sub("-(v[0-9]+)$", r"/\1", region.removeprefix("unknown-of-"))
        return f"unknown region of {rule}"
    return "whole image" if region == "whole" else f"{region} region"


def conditions(board: Board, region: str) -> str:
    """Return the conditions of a region's numbers in words, the protocol's name first."""
    free = any(row.track == "trimap-free" for row in board.rows)
    return describe_conditions(board.dataset, region, board.trimap_rule, trimap_free=free)


def sentence(board: Board, region: str) -> str:
    """Return the test set and protocol of a region as one sentence for a caption."""
    foregrounds = len(set(board.image_foregrounds))
    images = f"{counted(board.images_in_split, 'image')} of {counted(foregrounds, 'foreground')}"
    metric = next(m for m in board.metrics if region_of(m) == region)
    name = board.protocol_of(metric)
    if name is None:
        return f"{board.title}, {images}; {conditions(board, region)}."
    return f"{board.title}, {images}; protocol {name}: {PROTOCOLS[name].sentence}."


def notes(board: Board, shown: Sequence[str], intervals: bool = True) -> Iterator[str]:
    """Yield what a reader of the numbers must know, a sentence each.

    Parameters
    ----------
    board
        The leaderboard.
    shown
        The regions that are shown.
    intervals
        Whether intervals are shown.
    """
    rows = [row for region in shown for part in sections(board, region) for row in part.rows]
    metrics = [metric for metric in board.metrics if region_of(metric) in shown]
    cells = [row.cells[metric] for row in rows for metric in metrics if metric in row.cells]
    lead = name_of(metrics[0])
    if board.synthetic:
        yield "Synthetic pictures, not comparable with Composition-1k or Distinctions-646."
    if intervals and any(cell.low is not None for cell in cells):
        yield "Intervals: 95 %, by a bootstrap over foregrounds (BCa), not over images."
    if any(cell.rank is not None for cell in cells):
        yield (
            f"Rank by {lead}: methods that cannot be told from the best of their group share its "
            "rank (paired permutation test over foregrounds, 5 % after Holm's correction)."
        )
        foregrounds = len(set(board.image_foregrounds))
        if foregrounds < FEW_CLUSTERS:
            yield _few(foregrounds)
        if foregrounds >= FEWEST_TOLD:
            yield from powerless(board)
    smallest = [
        f"{number(board.smallest_difference[metric], metric)} ({region_words(region_of(metric))})"
        for metric in metrics
        if metric in board.smallest_difference and name_of(metric) == lead
    ]
    if smallest:
        yield (
            f"Smallest difference in {lead} that this test set can see: {', '.join(smallest)}; "
            "at the 5 % level with a power of 80 %, median over neighbours."
        )
    yield from _row_notes(board, rows)


def powerless(board: Board) -> Iterator[str]:
    """Yield a sentence for each track of more methods than its foregrounds could tell apart."""
    foregrounds = len(set(board.image_foregrounds))
    for track in TRACKS:
        cells = [[cell for cell in row.cells.values() if cell.rank] for row in board.of(track)]
        methods = sum(bool(ranked) for ranked in cells)
        if methods > 1 and not can_tell(methods, foregrounds):
            told = "the two" if methods == 2 else f"any two of the {methods}"
            yield (
                f"{counted(foregrounds, 'foreground')} cannot tell {told} methods "
                f"{TRACK_TITLES[track]} apart, however much they differ; the 5 % test with Holm's "
                f"correction for {counted(math.comb(methods, 2), 'comparison')} can on "
                f"{fewest_told(methods)} or more."
            )


def _few(foregrounds: int) -> str:
    """Return what a test set of few foregrounds cannot tell."""
    no_ranks = (
        f"no difference of methods can be told at the 5 % level below {FEWEST_TOLD}, and "
        if foregrounds < FEWEST_TOLD
        else ""
    )
    return (
        f"Only {counted(foregrounds, 'foreground')}: {no_ranks}there are no intervals below "
        f"{FEW_CLUSTERS}."
    )


def _row_notes(board: Board, shown: Sequence[BoardRow]) -> Iterator[str]:
    partial = {
        row.title: None
        for row in shown
        if row.kind != "published" and row.images < board.images_in_split
    }
    if partial:
        yield (
            f"{', '.join(partial)}: not all of the {board.images_in_split} images, so not ranked."
        )
    leaked = dict.fromkeys(row.title for row in shown if row.leak)
    if leaked:
        yield f"{LEAK_MARK} {LEAK_WORDS}, so not ranked: {', '.join(leaked)}."
    if any(row.not_applicable > row.lacked_memory for row in shown):
        yield "n/a: the method could not work; its trimap with 0.5 in the unknown region counts."
    lacking = {row.title: row.lacked_memory for row in shown if row.lacked_memory}
    if lacking:
        where = ", ".join(f"{name} on {counted(count, 'image')}" for name, count in lacking.items())
        yield (
            f"n/a, lacked memory: {where}; the trimap with 0.5 in the unknown region counts until "
            "the same run is started again with more memory free."
        )
    if any(row.kind == "scored" for row in shown):
        yield "Scored: mattes that others made, measured here."
    if any(row.kind == "published" for row in shown):
        yield "Published: the numbers of their sources; not measured here, so not ranked."
