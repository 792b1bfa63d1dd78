"""Reading of published numbers, and the rule that decides which may be shown with measured ones.

They are the numbers that their sources print; their mattes were not measured here. A published
number is on a board only if dataset, number of images, region and the protocol's trimaps are the
same.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from benchmark.board.protocols import known_dataset, protocol_of
from benchmark.metrics.registry import BY_NAME, STANDARD
from distinctions646.checks.files import read_text

NUMBERS = Path(__file__).with_name("numbers.csv")
_FIRST, _LAST = ("method", "year", "dataset", "region", "trimap"), ("source", "note")
COLUMNS = (*_FIRST, *STANDARD, *_LAST)
"""Columns of the table; further metrics may follow the four."""


@dataclass(frozen=True)
class Published:
    """One line of a published table.

    Attributes
    ----------
    method, year
        The method's name in the source, and the year of its paper.
    dataset
        The dataset's name in this suite.
    region
        ``"whole"`` or ``"unknown"``.
    trimap
        Whether the method was given one.
    values
        Numbers by metric name, in the official units; only those that the source has.
    source
        Paper and table, or repository.
    note
        Anything else that a reader must know; "" for nothing.
    """

    method: str
    year: int
    dataset: str
    region: str
    trimap: bool
    values: Mapping[str, float]
    source: str
    note: str = ""

    @property
    def key(self) -> str:
        """Return a name that is unique in the table and safe in a path."""
        words = f"published {self.method} {self.year} {self.region} {_table(self.source)}"
        return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _table(source: str) -> str:
    return source.removeprefix("https://github.com/").split(" ", maxsplit=1)[0]


def read_published(path: Path = NUMBERS) -> tuple[Published, ...]:
    """Read a table of published numbers.

    Raises
    ------
    ValueError
        If a column is missing, a value is not valid, or a line is repeated; the message names file
        and line.
    """
    try:
        reader = csv.DictReader(io.StringIO(read_text(path, "a table"), newline=""))
        lines = list(reader)
    except (OSError, ValueError, csv.Error) as error:
        named = str(error).startswith(str(path))
        raise ValueError(str(error) if named else f"{path}: cannot be read: {error}") from None
    columns = tuple(reader.fieldnames or ())
    metrics = columns[len(_FIRST) : -len(_LAST)]
    if columns != (*_FIRST, *metrics, *_LAST) or not set(STANDARD) <= set(metrics) <= set(BY_NAME):
        raise ValueError(f"{path}: columns are {reader.fieldnames}; expected {', '.join(COLUMNS)}")
    entries: dict[tuple[str, str], Published] = {}
    for number, line in enumerate(lines, start=2):
        try:
            entry = _entry(line, metrics)
        except ValueError as error:
            raise ValueError(f"{path}: line {number}: {error}") from None
        if (entry.dataset, entry.key) in entries:
            raise ValueError(f"{path}: line {number}: {entry.method} comes twice")
        entries[entry.dataset, entry.key] = entry
    return tuple(entries.values())


def _entry(line: Mapping[str, str | None], metrics: Sequence[str]) -> Published:
    given = {name: line[name] or "" for name in (*_FIRST, *metrics, *_LAST)}
    for name in ("method", "dataset", "source"):
        if not given[name].strip():
            raise ValueError(f"{name} is empty")
    for name, allowed in (("region", ("whole", "unknown")), ("trimap", ("yes", "no"))):
        if given[name] not in allowed:
            raise ValueError(f"{name} is {given[name]!r}; expected {' or '.join(allowed)}")
    if not re.fullmatch(r"(19|20)\d\d", given["year"]):
        raise ValueError(f"year is {given['year']!r}; expected four digits")
    values = {name: _number(name, given[name]) for name in metrics if given[name]}
    if not values:
        raise ValueError(f"{given['method']} has no number")
    return Published(
        method=given["method"],
        year=int(given["year"]),
        dataset=given["dataset"],
        region=given["region"],
        trimap=given["trimap"] == "yes",
        values=values,
        source=given["source"],
        note=given["note"],
    )


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < BY_NAME[name].high:
        raise ValueError(f"{name} is {text!r}; expected a number in its official unit")
    return value


@lru_cache(maxsize=1)
def _shipped() -> tuple[Published, ...]:
    return read_published()


def published_beside(dataset: str, trimap_rule: str | None, images: int) -> list[Published]:
    """Return the published numbers that may be shown with rows measured on a test set.

    Parameters
    ----------
    dataset
        Name of the dataset.
    trimap_rule
        The rule that made its trimaps.
    images
        Number of images measured; it must be all of the test set, which is what papers use.

    Examples
    --------
    >>> len(published_beside("mini", "dilate-25/v1", 25))
    0
    >>> published_beside("distinctions646", "dilate-25/v1", 1000)[0].method
    'Shared Matting'
    """
    known = known_dataset(dataset)
    if known.test_images != images:
        return []
    return [
        entry
        for entry in _shipped()
        if entry.dataset == (known.test_images_of or dataset)
        and protocol_of(dataset, entry.region, trimap_rule, needs_trimap=entry.trimap)
    ]
