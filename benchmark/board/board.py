"""The leaderboard as data: every table, page and file of it is a view of a `Board`.

`benchmark.board.loading.load_boards` reads runs and returns one board for each test set. A test
set is a dataset, its split, its pixels and its trimaps; numbers of two test sets are never on one
board.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from benchmark.board.protocols import ProtocolName, protocol_of
from benchmark.metrics.registry import region_of
from benchmark.results.finished_runs import Track
from benchmark.statistics import comparison
from benchmark.statistics.intervals import Floats
from distinctions646.checks.words import counted

if TYPE_CHECKING:
    import pandas as pd

TRACKS: tuple[Track, ...] = ("trimap-free", "two-stage", "trimap-based")
Kind = Literal["measured", "scored", "published"]
LEAK_MARK = "†"
"""Follows the name of a method whose training saw the test set's pictures."""


@dataclass(frozen=True)
class Cell:
    """One number of a table.

    Attributes
    ----------
    value
        Mean over images, in the metric's unit; NaN where it is undefined.
    low, high
        95 % interval clustered by foreground; None where there is none.
    rank
        Among the measured and scored rows of the same track that have every image and no leak;
        None for others. Methods that cannot be told apart share one (`comparison.ranks`).
    tied
        Whether another row shares the rank.
    """

    value: float
    low: float | None = None
    high: float | None = None
    rank: int | None = None
    tied: bool = False


@dataclass(frozen=True)
class BoardRow:
    """One line of the leaderboard.

    Attributes
    ----------
    key
        Unique on its board, safe in a file's name and an anchor.
    method
        Its registered name; of a published row the name its source uses.
    title
        The name to show, followed by part of the hash where two rows share a name.
    kind
        ``"measured"``: run here; ``"scored"``: others' mattes, scored here; ``"published"``: a
        number read in a paper, with no image behind it here.
    track
        Whether it needs a trimap, and whether another method makes that. Rows of different tracks
        are never ranked together.
    year, source
        Year of the method and where its numbers are printed; None unless published.
    card
        The method's card: paper, implementation, licence, weights.
    method_hash
        Hash of the method's code, card and weights; "" for a published row.
    images, not_applicable
        Number of images scored, and how many of these the method could not do: there its trimap
        is scored.
    lacked_memory
        How many of these it could not do because memory was too short.
    seconds
        Mean CPU seconds an image; None where nothing was run.
    cells
        By metric id (``"sad/whole/v1"``).
    leak
        Whether its training saw the test set's pictures, by its card; such a row is not ranked.
    counterpart
        Key of the row that the HAttMatting paper prints of the same method, if the board has it.
    """

    key: str
    method: str
    title: str
    kind: Kind
    track: Track
    year: int | None
    source: str | None
    card: Mapping[str, str]
    method_hash: str
    images: int
    not_applicable: int
    seconds: float | None
    cells: Mapping[str, Cell]
    leak: bool = False
    counterpart: str | None = None
    lacked_memory: int = 0

    @property
    def label(self) -> str:
        """Return the title as tables show it, marked where the test set leaked."""
        return f"{self.title} {LEAK_MARK}" if self.leak else self.title


@dataclass(frozen=True)
class Group:
    """The images whose foregrounds share an attribute, as a small table.

    Attributes
    ----------
    attribute, value
        For example ``"group"`` and ``"hair"``.
    images, foregrounds
        Number of images, and of different foregrounds in them.
    cells
        By row key, then metric id; never ranked.
    """

    attribute: str
    value: str
    images: int
    foregrounds: int
    cells: Mapping[str, Mapping[str, Cell]]


@dataclass(frozen=True)
class Foreground:
    """One foreground's images: their mean values by row key, then metric id."""

    name: str
    images: int
    attributes: Mapping[str, str]
    values: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, repr=False)
class Board:
    """Everything known about methods on one test set.

    Attributes
    ----------
    key
        Unique among boards, safe in a file's name.
    dataset, title, split, dataset_root, trimap_rule
        The test set: its name here and in papers, its split, the hash of its pixels, its trimaps.
    synthetic
        Whether a program drew it; such numbers are compared with no other dataset's.
    real
        Whether it holds photographs as taken, not composites.
    protocol
        Which protocol's region leads: it comes first in `metrics` and orders `rows`.
    metrics
        Ids of all cells, the leading region first.
    rows
        In all tracks, best first.
    images_in_split
        How many images the test set has; rows of fewer are not ranked.
    image_ids, image_foregrounds
        Of the images that any row has, in order.
    values
        By row key, then metric id: one number an image, in the order of `image_ids`; NaN where a
        row lacks the image or the value is undefined. Published rows have none.
    smallest_difference
        By metric id: the difference that this test set would show in four cases of five
        (`comparison.smallest_difference`).
    groups, foregrounds
        Per-attribute and per-foreground tables.
    run_folders
        Folder of results and mattes by row key. Published rows have none.
    outcomes
        Status, notes and seconds of each image (``image_id``) by row key; a table of a line each.
    """

    key: str
    dataset: str
    title: str
    split: str
    dataset_root: str
    synthetic: bool
    real: bool
    trimap_rule: str | None
    protocol: ProtocolName
    metrics: tuple[str, ...]
    rows: tuple[BoardRow, ...]
    images_in_split: int
    image_ids: tuple[str, ...]
    image_foregrounds: tuple[str, ...]
    values: Mapping[str, Mapping[str, Floats]] = field(repr=False)
    smallest_difference: Mapping[str, float]
    groups: tuple[Group, ...] = field(repr=False)
    foregrounds: tuple[Foreground, ...] = field(repr=False)
    run_folders: Mapping[str, Path]
    outcomes: Mapping[str, pd.DataFrame] = field(repr=False, compare=False)

    def __repr__(self) -> str:
        """Return the test set and how much there is of it, in one line."""
        rows = counted(len(self.rows), "row")
        images = counted(self.images_in_split, "image")
        return f"Board of {self.title}, {self.split}: {rows}, {images}"

    def _repr_html_(self) -> str:
        """Return the tables as HTML, for notebooks."""
        return _as_html((self,))

    def row(self, key: str) -> BoardRow:
        """Return a row by its key, or by its method's name where only one has it.

        Raises
        ------
        ValueError
            If there is none, or several.
        """
        rows = [row for row in self.rows if row.key == key]
        rows = rows or [row for row in self.rows if key in (row.method, row.title)]
        if len(rows) != 1:
            known = ", ".join(row.key for row in rows or self.rows)
            what = "several rows are" if rows else "no row is"
            raise ValueError(f"{self.key}: {what} named {key}; expected one of {known}")
        return rows[0]

    def of(self, track: Track) -> tuple[BoardRow, ...]:
        """Return the rows of one track, best first."""
        return tuple(row for row in self.rows if row.track == track)

    def protocol_of(self, metric: str, track: Track = "trimap-based") -> ProtocolName | None:
        """Return the protocol of a metric's numbers in a track; None where they follow none."""
        needs_trimap = track == "trimap-based"
        region = region_of(metric)
        return protocol_of(self.dataset, region, self.trimap_rule, needs_trimap=needs_trimap)

    def compare(self, first: str, second: str, metric: str) -> comparison.Difference:
        """Compare two rows, by key or name, on the images both have.

        Raises
        ------
        ValueError
            If there is no such row or metric, or a row is published and has no images.
        """
        columns = []
        for name in (first, second):
            row = self.row(name)
            if metric not in self.values.get(row.key, {}):
                raise ValueError(f"{row.title}: has no {metric} by image; nothing to compare")
            columns.append(self.values[row.key][metric])
        return comparison.compare(columns[0], columns[1], self.image_foregrounds)


class Boards(tuple[Board, ...]):
    """The boards of a leaderboard, one for each test set; shows itself in a notebook."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        """Return the tables of all boards as HTML."""
        return _as_html(self)


def _as_html(boards: Sequence[Board]) -> str:
    """Render boards by the module that knows how: formats are views of boards, and import them."""
    html: str = import_module("benchmark.formats.html").to_html(boards)
    return html
