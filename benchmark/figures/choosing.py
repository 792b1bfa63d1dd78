"""Choice of the images in a figure: by name, in order, or by error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from benchmark.results import result_table as results
from benchmark.results.finished_runs import RESULTS

if TYPE_CHECKING:
    from benchmark.figures.runs import FoundRun
    from distinctions646.loading.opening import Sample, Split

Choice = Literal["first", "worst", "median", "best", "spread"]
CHOICES: tuple[Choice, ...] = get_args(Choice)


def choose_samples(
    split: Split,
    names: Sequence[str] | None = None,
    choice: Choice = "first",
    count: int = 24,
    errors: Mapping[str, float] | None = None,
) -> list[Sample]:
    """Choose images.

    Parameters
    ----------
    split
        An opened dataset.
    names
        Names of images to show, in order; `choice` is not used then.
    choice
        ``"first"`` in the dataset's order; ``"worst"``, ``"median"`` and ``"best"`` from that
        end or the middle when sorted by error, the hardest first; ``"spread"`` evenly from the
        hardest to the easiest.
    count
        Largest number of images.
    errors
        Error by image id, needed for all but ``"first"``; only images that have one are chosen.

    Raises
    ------
    ValueError
        If there is no such image, or none with an error.
    """
    if names:
        known = {sample.name: sample for sample in split.samples}
        missing = [name for name in names if name not in known]
        if missing:
            raise ValueError(f"{split.folder}: no image named {', '.join(missing)}")
        return [known[name] for name in names]
    if choice == "first":
        return list(split.samples[:count])
    errors = errors or {}
    rated = [sample for sample in split.samples if sample.id in errors]
    if not rated:
        raise ValueError(
            f"{split.folder}: no image that all runs have, so {choice} cannot be told; run the "
            "methods on the same images, or name them by --images"
        )
    order = sorted(rated, key=lambda sample: (-errors[sample.id], sample.id))
    count = min(count, len(order))
    if choice == "spread":
        positions = np.linspace(0, len(order) - 1, count).round().astype(int)
        return [order[position] for position in positions]
    start = {"worst": 0, "best": len(order) - count, "median": (len(order) - count) // 2}[choice]
    return order[start : start + count]


def read_scores(
    runs: Sequence[FoundRun], metric: str = "sad/whole/v1"
) -> dict[str, dict[str, float]]:
    """Return one metric of runs, by method, then image id.

    Raises
    ------
    ValueError
        If a run lacks the metric.
    """
    scores = {}
    for run in runs:
        table = results.read(run.folder / RESULTS)
        table = table[table["metric"] == metric]
        if table.empty:
            raise ValueError(f"{run.folder}: has no {metric}; run python -m benchmark.run again")
        scores[run.method] = dict(zip(table["image_id"], table["value"].astype(float), strict=True))
    return scores


def median_errors(errors: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return the median over methods of each image's error; an image that one lacks is left out."""
    shared = set.intersection(*(set(column) for column in errors.values())) if errors else set()
    return {
        image_id: float(np.median([column[image_id] for column in errors.values()]))
        for image_id in shared
    }
