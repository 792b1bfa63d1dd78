"""The scores in words: means with their conditions."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.metrics.registry import METRICS
from benchmark.scoring.score_table import ScoreTable, Summary
from benchmark.statistics.intervals import FEW_CLUSTERS
from distinctions646.checks.words import counted


def report(table: ScoreTable) -> str:
    """Return the means of a table with their conditions.

    Parameters
    ----------
    table
        The scores.

    Returns
    -------
    str
        A few lines, ending in a newline.
    """
    conditions = table.conditions()
    settings = table.settings
    region = "whole image" if settings.region == "whole" else "unknown region (trimap 128)"
    filled = "set by the trimap" if settings.fill_known else "as predicted"
    lines = [
        f"{_counted(conditions['images'], 'image')} of "
        f"{_counted(conditions['clusters'], 'foreground')}; {region}; "
        f"known pixels {filled}; 8-bit mattes",
        f"{'metric':<15}{'mean':>12}   {'95 % interval':<24} {'id':<20} unit",
    ]
    for summary in table.summaries():
        lines += _lines(summary)
    if conditions["clusters"] < FEW_CLUSTERS:
        lines.append(f"  fewer than {FEW_CLUSTERS} foregrounds are too few for an interval")
    return "\n".join(lines) + "\n"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _lines(summary: Summary) -> Iterator[str]:
    unit = METRICS[summary.id].unit
    for factor in (1, 1000) if summary.column == "mse" else (1,):
        scaled = "" if factor == 1 else " x 1e3"
        interval = "-"
        if summary.interval is not None:
            interval = " to ".join(f"{factor * end:.5g}" for end in summary.interval)
        yield (
            f"{summary.column + scaled:<15}{factor * summary.mean:>12.6g}   {interval:<24} "
            f"{summary.id:<20} {unit}{scaled}"
        )
    if summary.undefined:
        yield f"  not in this mean: {counted(summary.undefined, 'image')} without an unknown pixel"
