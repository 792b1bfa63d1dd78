"""How a board falls into tables, and the words that every format puts around them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.board.board import TRACKS, Board, Cell, Row, region_of
from benchmark.board.protocols import PROTOCOLS, describe_conditions
from benchmark.results.finished_runs import Track

NAMES = {"sad": "SAD", "mse": "MSE", "grad": "Grad", "conn": "Conn", "mad": "MAD"}
TRACK_TITLES = {"trimap-free": "without a trimap", "trimap-based": "with a trimap"}
UNITS = "SAD, Grad and Conn in thousands, MSE absolute; lower is better"
Mark = Literal["best", "second", ""]


@dataclass(frozen=True)
class Section:
    """The rows of one track with their numbers in one region.

    Attributes
    ----------
    region, track
        Which.
    metrics
        Ids of the columns.
    rows
        Best first.
    """

    region: str
    track: Track
    metrics: tuple[str, ...]
    rows: tuple[Row, ...]

    def mark(self, row: Row, metric: str) -> Mark:
        """Say whether a row is best or second in a column; tied rows all are."""
        ranks = {
            cell.rank
            for other in self.rows
            if (cell := other.cells.get(metric)) is not None and cell.rank is not None
        }
        cell = row.cells.get(metric)
        if cell is None or cell.rank is None or len(ranks) < 2:
            return ""  # where nobody can be told apart, nobody is best
        marks: dict[int, Mark] = dict(zip(sorted(ranks), ("best", "second"), strict=False))
        return marks.get(cell.rank, "")


def regions(board: Board) -> list[str]:
    """Return the regions of a board, the leading one first."""
    return list(dict.fromkeys(region_of(metric) for metric in board.metrics))


def sections(board: Board, region: str) -> list[Section]:
    """Return the tracks of a region that have rows."""
    metrics = tuple(metric for metric in board.metrics if region_of(metric) == region)
    found = []
    for track in TRACKS:
        rows = tuple(row for row in board.of(track) if any(m in row.cells for m in metrics))
        if rows:
            found.append(Section(region, track, metrics, tuple(_by_lead(rows, metrics))))
    return found


def _by_lead(rows: Sequence[Row], metrics: Sequence[str]) -> list[Row]:
    """Sort by the first metric, those without it last."""

    def value(row: Row) -> float:
        cell = row.cells.get(metrics[0])
        return math.inf if cell is None or math.isnan(cell.value) else cell.value

    return sorted(rows, key=value)


def name_of(metric: str) -> str:
    """Return the short name of a metric id.

    Examples
    --------
    >>> name_of("conn/whole/v1")
    'Conn'
    """
    base = metric.split("/")[0]
    return NAMES.get(base, base)


def number(value: float, metric: str) -> str:
    """Round a number for the eye: four decimals for means of squares, three for sums.

    Examples
    --------
    >>> number(4.28913, "sad/whole/v1"), number(0.018312, "mse/whole/v1")
    ('4.289', '0.0183')
    """
    if math.isnan(value):
        return "-"
    return f"{value:.{4 if metric.split('/')[0] in ('mse', 'mad') else 3}f}"


def printed(row: Row, metric: str) -> str:
    """Word a row's number: measured ones rounded for the eye, published ones as they are."""
    cell = row.cells.get(metric)
    if cell is None:
        return ""
    return f"{cell.value:.12g}" if row.kind == "published" else number(cell.value, metric)


def interval(cell: Cell, metric: str) -> str:
    """Word an interval; empty where there is none."""
    if cell.low is None or cell.high is None:
        return ""
    return f"{number(cell.low, metric)}–{number(cell.high, metric)}"


def rank(cell: Cell | None) -> str:
    """Word a rank, with an equals sign where it is shared; empty where there is none."""
    if cell is None or cell.rank is None:
        return ""
    return f"{cell.rank}{'=' if cell.tied else ''}"


def source_numbers(board: Board, region: str) -> dict[str, int]:
    """Give each source of a region's published rows a number, in order, from 1."""
    rows = [row for section in sections(board, region) for row in section.rows]
    cited = dict.fromkeys(row.source for row in rows if row.source is not None)
    return {source: number for number, source in enumerate(cited, start=1)}


def heading(board: Board) -> str:
    """Name the test set with what tells it from others.

    A hash of the pixels is part of it: a number is of those pixels and no others.
    """
    return f"{board.title}, {board.split} (root {board.dataset_root[:12]})"


def region_words(region: str) -> str:
    """Word a region: ``"whole image"``, ``"unknown region"``."""
    return "whole image" if region == "whole" else f"{region} region"


def conditions(board: Board, region: str) -> str:
    """Word the conditions of a region's numbers, the protocol's name first."""
    return describe_conditions(board.dataset, region, board.trimap_rule)


def sentence(board: Board, region: str) -> str:
    """Word the protocol for a caption, in one sentence."""
    images = f"{board.images_in_split} images of {len(set(board.image_foregrounds))} foregrounds"
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
        Whose numbers.
    shown
        Regions.
    intervals
        Whether they are shown, too.
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


def _row_notes(board: Board, shown: Sequence[Row]) -> Iterator[str]:
    partial = {
        row.title: None
        for row in shown
        if row.kind != "published" and row.images < board.images_in_split
    }
    if partial:
        yield (
            f"{', '.join(partial)}: not all of the {board.images_in_split} images, so not ranked."
        )
    if any(row.not_applicable for row in shown):
        yield "n/a: the method could not work; its trimap with 0.5 in the unknown region counts."
    if any(row.kind == "scored" for row in shown):
        yield "Scored: mattes that others made, measured here."
    if any(row.kind == "published" for row in shown):
        yield "Published: the numbers of their sources; not measured here, so not ranked."
