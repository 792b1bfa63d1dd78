"""Results kept under version control: the tables and run cards of runs, without mattes."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmark.results.finished_runs import (
    RESULTS,
    RUN_CARD,
    Run,
    find_runs,
    joined,
    newest,
    read_runs,
)
from benchmark.results.foreground_attributes import ATTRIBUTES, find_attributes, read_attributes
from distinctions646.process.whole_files import write_bytes


def keep(results: Sequence[Path], target: Path, attributes: Sequence[Path] = ()) -> list[Path]:
    """Copy the newest runs to ``<target>/<test set>/<method>-<hash>/``, without their mattes.

    Kept results of the same method on the same test set are replaced.

    Parameters
    ----------
    results, attributes
        As for `benchmark.board.loading.load_boards`; attributes are kept beside the runs.
    target
        Folder that keeps them; created if missing.

    Returns
    -------
    list of Path
        The folders of the kept runs.

    Raises
    ------
    ValueError
        If there are no runs, one is bad, or two folders hold parts of one run.
    OSError
        If a file cannot be written.
    """
    given = [read_attributes(path) for path in attributes]
    runs_of: dict[Path, list[Run]] = {}
    found = [run for folder in find_runs(results) for run in read_runs(folder)]
    _refuse_parts(found)
    joined(found)  # refuses other numbers of the same run
    for run in newest(found):
        runs_of.setdefault(run.folder, []).append(run)
    kept: list[Path] = []
    for folder, runs in runs_of.items():
        new = target / folder.parent.name / folder.name
        new.mkdir(parents=True, exist_ok=True)
        for name in (RUN_CARD, RESULTS):  # in this order: results that are there have their card
            write_bytes(new / name, (folder / name).read_bytes())
        attributes_of = find_attributes(runs, given)
        if attributes_of is not None:
            write_bytes(new.parent / ATTRIBUTES, attributes_of.path.read_bytes())
        kept.append(new)
    for folder, runs in runs_of.items():  # at last, so that nothing is lost before it is replaced
        _forget(target / folder.parent.name, runs[0].method, kept)
    return kept


def _refuse_parts(runs: Sequence[Run]) -> None:
    """Refuse folders that hold other images of the same run: a copy of one would lose the rest."""
    seen: dict[tuple[str, str, str | None], Run] = {}
    for run in runs:
        key = (run.folder.parent.name, run.folder.name, run.trimap_rule)
        other = seen.setdefault(key, run)
        if set(other.table["image_id"]) != set(run.table["image_id"]):
            raise ValueError(
                f"{other.folder} and {run.folder}: parts of one run; expected whole runs to keep"
            )


def _forget(test_set: Path, method: str, kept: Sequence[Path]) -> None:
    for old in sorted(path.parent for path in test_set.glob(f"*/{RESULTS}")):
        if old not in kept and any(run.method == method for run in read_runs(old)):
            (old / RESULTS).unlink()  # first: without it the folder is no run
            shutil.rmtree(old)
