"""The mattes that `benchmark.run` wrote for a split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark.results.trimaps import Trimaps
    from distinctions646.loading.opening import Split


@dataclass(frozen=True)
class FoundRun:
    """One method's newest run on a split: its folder, and its mattes by image name."""

    method: str
    folder: Path
    mattes: dict[str, Path]


def find_run_mattes(
    runs: Path,
    split: Split,
    methods: Sequence[str] | None = None,
    trimaps: Trimaps | None = None,
) -> list[FoundRun]:
    """Find the runs on a split.

    Parameters
    ----------
    runs
        The ``--out`` of `benchmark.run`.
    split
        An opened dataset.
    methods
        Names of methods, in order; None for all, in alphabetical order.
    trimaps
        The trimaps that the methods were given; the split's own if left out.

    Returns
    -------
    list of FoundRun
        The newest run of each method.

    Raises
    ------
    ValueError
        If there is no run, or none of a method that was asked for.
    """
    from benchmark.results.run_card import read_card
    from benchmark.results.split_identity import split_folder

    newest: dict[str, tuple[float, FoundRun]] = {}
    for card in sorted(runs.glob(f"{split_folder(split, trimaps)}/*/run.json")):
        name = read_card(card).get("method")
        if name is None:
            raise ValueError(f"{card}: names no method; run it again")
        mattes = {path.stem: path for path in (card.parent / "alpha").glob("*.png")}
        run = (card.stat().st_mtime, FoundRun(name, card.parent, mattes))
        newest[name] = max(newest.get(name, run), run, key=lambda pair: pair[0])
    missing = [name for name in methods or () if name not in newest]
    if missing or not newest:
        given = f" with trimaps {trimaps.rule}" if trimaps else ""
        raise ValueError(
            f"{runs}: no mattes of {', '.join(missing) or 'any method'} for this dataset{given}; "
            "run python -m benchmark.run first"
        )
    return [newest[name][1] for name in methods or sorted(newest)]
