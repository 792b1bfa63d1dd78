"""Checking that stored results are what was written: tables, run cards, journals, mattes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.results import result_table
from benchmark.results.finished_runs import RESULTS, RUN_CARD
from benchmark.results.journal import FOLDER, count_damaged
from benchmark.results.matte_store import read_cached
from benchmark.results.run_card import DIGEST, read_card
from benchmark.results.stored_fields import missing_rows

if TYPE_CHECKING:
    import pandas as pd

_TABLES = {RESULTS: RUN_CARD, "sensitivity.parquet": "sensitivity.json"}
_OF_ALL_ROWS = ("method", "method_hash", "dataset", "dataset_root")


@dataclass
class Checked:
    """What a check of a folder found.

    Attributes
    ----------
    runs, rows, mattes
        How many were checked.
    unhashed
        Files without a hash of their content, from earlier versions of the suite; they are checked
        in all other ways.
    unfinished
        Journals whose rows are not joined: the run was stopped, or still goes on.
    damaged
        One sentence each, which names the file.
    """

    runs: int = 0
    rows: int = 0
    mattes: int = 0
    unhashed: list[Path] = field(default_factory=list)
    unfinished: list[Path] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


def check_results(folder: Path) -> Checked:
    """Check every result below a folder.

    Parameters
    ----------
    folder
        The ``--out`` of `benchmark.run` or `benchmark.sensitivity`, a folder in it, or what
        ``leaderboard --keep`` made.

    Raises
    ------
    ValueError
        If there is no such folder, or no results are in it.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder; expected the --out of benchmark.run")
    found = Checked()
    inodes: set[tuple[int, int]] = set()
    for path in sorted(folder.rglob("*")):
        if path.name in _TABLES:
            _check_run(path, found)
        elif path.parent.name == FOLDER and path.suffix == ".jsonl":
            _check_journal(path, found)
        elif path.suffix == ".png" and not path.name.startswith("."):
            _check_matte(path, found, inodes)
    if not (found.runs or found.mattes or found.unfinished):
        raise ValueError(f"{folder}: no results in it; expected the --out of benchmark.run")
    return found


def _check_run(path: Path, found: Checked) -> None:
    """Check a table, and the card beside it."""
    found.runs += 1
    table = None
    try:
        table = result_table.read(path)
        found.rows += len(table)
        if not result_table.has_digest(path):
            found.unhashed.append(path)
        found.damaged += [f"{path}: {fault}" for fault in _table_faults(table)]
    except ValueError as error:
        found.damaged.append(str(error))
    card_path = path.with_name(_TABLES[path.name])
    try:
        card = read_card(card_path)
    except ValueError as error:
        found.damaged.append(str(error))
        return
    if DIGEST not in card:
        found.unhashed.append(card_path)
    unfinished = (path.parent / FOLDER).is_dir()  # a run that goes on has a new card and old rows
    if table is not None and len(table):
        faults = missing_rows(table, None if unfinished else card)
        found.damaged += [f"{path}: {fault}" for fault in faults]
    if table is not None and len(table) and not unfinished:
        found.damaged += [f"{card_path}: {fault}" for fault in _card_faults(card, table)]


def _table_faults(table: pd.DataFrame) -> Iterator[str]:
    """Yield what cannot be in a table that the runner wrote."""
    if table.empty:
        yield "has no rows"
        return
    for column in _OF_ALL_ROWS:
        if table[column].nunique(dropna=False) != 1:
            yield f"has several values of {column}; expected one"


def _card_faults(card: dict[str, Any], table: pd.DataFrame) -> Iterator[str]:
    """Yield where a card and the rows beside it differ; an entry that it lacks is none."""
    first = table.iloc[0]
    for column in _OF_ALL_ROWS:
        if card.get(column, first[column]) != first[column]:
            yield f"{column} is {card[column]!r}, and in the results {first[column]!r}"


def _check_journal(path: Path, found: Checked) -> None:
    found.unfinished.append(path)
    damaged = count_damaged(path)
    if damaged:
        found.damaged.append(
            f"{path}: {damaged} damaged lines; run the same command again to score their images"
        )


def _check_matte(path: Path, found: Checked, inodes: set[tuple[int, int]]) -> None:
    """Check a matte, once where it has two names; pictures of other kinds are left alone."""
    in_cache = path.parent.parent.name == "mattes"
    if not in_cache and path.parent.name != "alpha":
        return
    status = path.stat()
    again = (status.st_dev, status.st_ino) in inodes
    inodes.add((status.st_dev, status.st_ino))
    if again and not in_cache:
        return
    found.mattes += not again
    try:
        _, record = read_cached(path)
    except ValueError as error:
        if not again:
            found.damaged.append(str(error))
        return
    if in_cache and record["input"] != path.stem:
        found.damaged.append(f"{path}: was made from the input {record['input']}; remove it")
    if "pixels" not in record and not again:
        found.unhashed.append(path)
