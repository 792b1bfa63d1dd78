"""Attributes of a test set's foregrounds, such as hair or net, seen in training or not."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from distinctions646.checks.files import read_text

if TYPE_CHECKING:
    from benchmark.results.finished_runs import Run

ATTRIBUTES = "foregrounds.csv"


@dataclass(frozen=True)
class Attributes:
    """The columns of a ``foregrounds.csv`` by foreground.

    Attributes
    ----------
    path
        The file.
    table
        Column names and values of each foreground.
    """

    path: Path
    table: Mapping[str, Mapping[str, str]]

    def knows(self, foreground: str) -> bool:
        """Return whether there is a line for a foreground."""
        return any(name in self.table for name in (foreground, PurePath(foreground).stem))

    def of(self, foreground: str) -> Mapping[str, str]:
        """Return the attributes of one foreground.

        Raises
        ------
        ValueError
            If the file has no line for it.
        """
        for name in (foreground, PurePath(foreground).stem):
            if name in self.table:
                return self.table[name]
        raise ValueError(f"{self.path}: no line for foreground {foreground}")

    def groups(self, foregrounds: Sequence[str]) -> dict[str, dict[str, list[int]]]:
        """Return the images of each value of each attribute.

        An attribute that is the same everywhere, or different for each foreground, makes no groups
        and is left out.

        Parameters
        ----------
        foregrounds
            The foreground of each image.

        Returns
        -------
        dict
            Attribute to value to indices into `foregrounds`.
        """
        groups: dict[str, dict[str, list[int]]] = {}
        for index, foreground in enumerate(foregrounds):
            for attribute, value in self.of(foreground).items():
                groups.setdefault(attribute, {}).setdefault(value, []).append(index)
        count = len(set(foregrounds))
        return {
            attribute: dict(sorted(values.items()))
            for attribute, values in groups.items()
            if 1 < len(values) < count
        }


def attribute_files(given: Sequence[Path], datasets: Sequence[Path]) -> list[Path]:
    """Return the attribute tables given, or else those of the datasets given."""
    beside_pictures = [folder / ATTRIBUTES for folder in datasets]
    return list(given) or [path for path in beside_pictures if path.is_file()]


def read_attributes(path: Path) -> Attributes:
    """Read a ``foregrounds.csv``: a column ``name`` (with or without suffix), and attributes.

    Raises
    ------
    ValueError
        If there is no such file, it has no column ``name``, a name comes twice, or a line is short.
    """
    try:
        lines = list(csv.DictReader(io.StringIO(read_text(path, "a table"), newline="")))
    except (OSError, ValueError, csv.Error) as error:
        named = str(error).startswith(str(path))
        raise ValueError(str(error) if named else f"{path}: cannot be read: {error}") from None
    table: dict[str, dict[str, str]] = {}
    for number, line in enumerate(lines, start=2):
        if None in line or None in line.values() or "name" not in line:
            raise ValueError(f"{path}: line {number} does not fit; expected name and attributes")
        name = line.pop("name")
        if name in table:
            raise ValueError(f"{path}: line {number}: {name} comes twice")
        table[name] = line
    if not table:
        raise ValueError(f"{path}: has no foregrounds")
    return Attributes(path, table)


def find_attributes(runs: Sequence[Run], given: Sequence[Attributes] = ()) -> Attributes | None:
    """Return the given attributes that belong to these runs, or those in a file beside them.

    Parameters
    ----------
    runs
        Runs on one test set.
    given
        Attributes that the user named, perhaps of other test sets.

    Returns
    -------
    Attributes or None
        None if there are none.
    """
    foregrounds = set(runs[0].table["foreground"])
    for attributes in given:
        if any(attributes.knows(name) for name in foregrounds):
            return attributes
    for run in runs:
        for folder in (run.folder, run.folder.parent):
            if (folder / ATTRIBUTES).is_file():
                return read_attributes(folder / ATTRIBUTES)
    return None
