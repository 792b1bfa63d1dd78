"""The leaderboard as data: every table, page and file of it is a view of a `Board`.

`load_boards` reads runs and gives one board a test set. A test set is a dataset, its split, its
pixels and its trimaps; numbers of different ones never meet on a board.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from benchmark.board.protocols import ProtocolName, protocol_of
from benchmark.results.finished_runs import Track
from benchmark.statistics import comparison
from benchmark.statistics.intervals import Floats

TRACKS: tuple[Track, ...] = ("trimap-free", "trimap-based")
Kind = Literal["measured", "scored", "published"]


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
        Among the measured and scored rows of the same track that have every image; None for
        others. Methods that cannot be told apart share one (`comparison.ranks`).
    tied
        Whether another row shares the rank.
    """

    value: float
    low: float | None = None
    high: float | None = None
    rank: int | None = None
    tied: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the leaderboard.

    Attributes
    ----------
    key
        Unique on its board, safe in a file's name and an anchor.
    method
        Its registered name; of a published row the name its source uses.
    title
        To show: the name, with some of its hash where two rows have the same.
    kind
        ``"measured"``: run here; ``"scored"``: others' mattes, scored here; ``"published"``: a
        number read in a paper, with no image behind it here.
    track
        Whether it needs a trimap. Rows of different tracks are never ranked together.
    year, source
        Of a published row; None otherwise.
    card
        The method's own.
    method_hash
        Of code, card and weights; "" of a published row.
    images, not_applicable
        How many it was scored on, and how many of these it could not do (its trimap counts).
    seconds
        Mean CPU seconds an image; None where nothing was run.
    cells
        By metric id (``"sad/whole/v1"``).
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


@dataclass(frozen=True)
class Group:
    """The images whose foregrounds share an attribute, as a small table.

    Attributes
    ----------
    attribute, value
        Such as ``"group"`` and ``"hair"``.
    images, foregrounds
        How many there are.
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


@dataclass(frozen=True)
class Board:
    """All that is known of methods on one test set.

    Attributes
    ----------
    key
        Unique among boards, safe in a file's name.
    dataset, title, split, dataset_root, trimap_rule
        Of the test set; `title` as papers call it.
    synthetic
        Whether a program drew it; such numbers are compared with no other dataset's.
    real
        Whether it holds photographs as taken, not composites.
    protocol
        Which protocol's region leads: it comes first in `metrics` and orders `rows`.
    metrics
        Ids of all cells, the leading region first.
    rows
        In both tracks, best first.
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
        By row key: where its results and mattes lie. Published rows have none.
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
    rows: tuple[Row, ...]
    images_in_split: int
    image_ids: tuple[str, ...]
    image_foregrounds: tuple[str, ...]
    values: Mapping[str, Mapping[str, Floats]] = field(repr=False)
    smallest_difference: Mapping[str, float]
    groups: tuple[Group, ...] = field(repr=False)
    foregrounds: tuple[Foreground, ...] = field(repr=False)
    run_folders: Mapping[str, Path]

    def row(self, key: str) -> Row:
        """Return a row by its key, or by its method's name where only one has it.

        Raises
        ------
        ValueError
            If there is none, or several.
        """
        found = [row for row in self.rows if row.key == key]
        found = found or [row for row in self.rows if key in (row.method, row.title)]
        if len(found) != 1:
            known = ", ".join(row.key for row in found or self.rows)
            what = "several rows are" if found else "no row is"
            raise ValueError(f"{self.key}: {what} named {key}; expected one of {known}")
        return found[0]

    def of(self, track: Track) -> tuple[Row, ...]:
        """Return the rows of one track, best first."""
        return tuple(row for row in self.rows if row.track == track)

    def protocol_of(self, metric: str, track: Track = "trimap-based") -> ProtocolName | None:
        """Name the protocol of a metric's numbers in a track; None where they follow none."""
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


def region_of(metric: str) -> str:
    """Return the region in a metric id.

    Examples
    --------
    >>> region_of("conn/whole/v1")
    'whole'
    """
    return metric.split("/")[1]
