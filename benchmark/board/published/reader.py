"""Read published numbers, and say which may stand beside measured ones.

They are what their sources print: nobody here saw the mattes behind them. A published number
stands on a board only if dataset, number of images, region and the protocol's trimaps are the same.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from benchmark.board.protocols import known_dataset, protocol_of

NUMBERS = Path(__file__).with_name("numbers.csv")
VALUES = ("sad", "mse", "grad", "conn")
COLUMNS = ("method", "year", "dataset", "region", "trimap", *VALUES, "source", "note")


@dataclass(frozen=True)
class Published:
    """One line of a published table.

    Attributes
    ----------
    method, year
        As the source names it; the year of the method.
    dataset
        Our name of it.
    region
        ``"whole"`` or ``"unknown"``.
    trimap
        Whether the method was given one.
    values
        By metric name, in the official units; what the source leaves out is not there.
    source
        Where it is printed.
    note
        What a reader must know besides; "" for nothing.
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
        """Name it so that it is unique in the table and safe in a path."""
        words = f"published {self.method} {self.year} {self.region} {_table(self.source)}"
        return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _table(source: str) -> str:
    return source.removeprefix("https://github.com/").split(" ", maxsplit=1)[0]


def read_published(path: Path = NUMBERS) -> tuple[Published, ...]:
    """Read a table of published numbers.

    Raises
    ------
    ValueError
        Naming file and line, if a column is missing, a value is none, or a line comes twice.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            lines = list(reader)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: cannot be read: {error}") from None
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ValueError(f"{path}: columns are {reader.fieldnames}; expected {', '.join(COLUMNS)}")
    entries: dict[tuple[str, str], Published] = {}
    for number, line in enumerate(lines, start=2):
        try:
            entry = _entry(line)
        except ValueError as error:
            raise ValueError(f"{path}: line {number}: {error}") from None
        if (entry.dataset, entry.key) in entries:
            raise ValueError(f"{path}: line {number}: {entry.method} comes twice")
        entries[entry.dataset, entry.key] = entry
    return tuple(entries.values())


def _entry(line: Mapping[str, str | None]) -> Published:
    given = {name: line[name] or "" for name in COLUMNS}
    for name in ("method", "dataset", "source"):
        if not given[name].strip():
            raise ValueError(f"{name} is empty")
    for name, allowed in (("region", ("whole", "unknown")), ("trimap", ("yes", "no"))):
        if given[name] not in allowed:
            raise ValueError(f"{name} is {given[name]!r}; expected {' or '.join(allowed)}")
    if not re.fullmatch(r"(19|20)\d\d", given["year"]):
        raise ValueError(f"year is {given['year']!r}; expected four digits")
    values = {name: _number(name, given[name]) for name in VALUES if given[name]}
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
    if not 0 <= value < (1 if name == "mse" else math.inf):
        raise ValueError(f"{name} is {text!r}; expected a number in its official unit")
    return value


@lru_cache(maxsize=1)
def _shipped() -> tuple[Published, ...]:
    return read_published()


def published_beside(dataset: str, trimap_rule: str | None, images: int) -> list[Published]:
    """Return the numbers that may stand beside rows measured on a test set.

    Parameters
    ----------
    dataset
        Its name.
    trimap_rule
        Of its trimaps.
    images
        How many were measured; papers use all of them.

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
