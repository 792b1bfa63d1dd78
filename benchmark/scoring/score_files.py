"""Scoring pairs of files, in one process or several, in an order that reads each truth once."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.metrics import evaluate, sad_by_region
from benchmark.metrics.pairs import Region
from benchmark.metrics.registry import STANDARD
from benchmark.scoring.matte_files import TrimapValues, read_scored_matte, read_scored_trimap
from benchmark.scoring.pairs import FilePair
from distinctions646.process.compiling import tell_compiling
from distinctions646.process.pool import map_ordered

BY_REGION = {f"sad_{region}": region for region in ("foreground", "background", "unknown")}
"""Columns that come from `benchmark.metrics.sad_by_region`."""

TOGETHER = 20
"""Mattes of one truth that a process scores together, at most."""


@dataclass(frozen=True)
class ScoreSettings:
    """Which metrics are computed, where, and how trimaps are read."""

    region: Region = "whole"
    fill_known: bool = False
    metrics: tuple[str, ...] = STANDARD
    trimap_values: TrimapValues = "strict"


@dataclass(frozen=True)
class ImageScores:
    """The scores of one matte, and notes as (file, what was unexpected about it)."""

    image: str
    values: dict[str, float]
    notes: list[tuple[Path, str]] = field(default_factory=list)


def score_pairs(
    pairs: Sequence[FilePair], settings: ScoreSettings, workers: int = 1
) -> Iterator[ImageScores]:
    """Score pairs of files one after the other.

    Parameters
    ----------
    pairs
        As `benchmark.scoring.pairs.pair_files` orders them.
    settings
        Metrics, region and how trimaps are read.
    workers
        Processes; 0 starts one per processor core.

    Yields
    ------
    ImageScores
        In the order of `pairs`, whatever the number of workers.

    Raises
    ------
    ValueError
        If a file cannot be read or its values are refused.
    OSError
        If a worker process is killed.
    """
    groups = list(_by_truth(pairs))
    workers = min(workers or os.cpu_count() or 1, len(groups))
    if workers <= 1:
        tell_compiling()
        for group in groups:
            yield from _score_group(group, settings)
        return
    score = partial(_score_group, settings=settings)
    for rows in map_ordered(score, groups, workers=workers):
        yield from rows


def _by_truth(pairs: Sequence[FilePair]) -> Iterator[list[FilePair]]:
    for _, group in itertools.groupby(pairs, lambda pair: pair.alpha_gt):
        together = list(group)
        for start in range(0, len(together), TOGETHER):
            yield together[start : start + TOGETHER]


def _score_group(pairs: list[FilePair], settings: ScoreSettings) -> list[ImageScores]:
    """Score the mattes of one truth, which is read once."""
    alpha_gt, gt_notes = read_scored_matte(pairs[0].alpha_gt)
    truth_notes = [(pairs[0].alpha_gt, note) for note in gt_notes]
    rows = []
    for pair in pairs:
        rows.append(_score_pair(pair, alpha_gt, truth_notes, settings))
        truth_notes = []
    return rows


def _score_pair(
    pair: FilePair,
    alpha_gt: npt.NDArray[np.uint8],
    truth_notes: list[tuple[Path, str]],
    settings: ScoreSettings,
) -> ImageScores:
    alpha, alpha_notes = read_scored_matte(pair.alpha)
    notes = truth_notes + [(pair.alpha, note) for note in alpha_notes]
    trimap = None
    if pair.trimap is not None:
        trimap, trimap_notes = read_scored_trimap(pair.trimap, settings.trimap_values)
        notes += [(pair.trimap, note) for note in trimap_notes]
    values = evaluate(
        alpha,
        alpha_gt,
        trimap,
        region=settings.region,
        fill_known=settings.fill_known,
        metrics=[name for name in settings.metrics if name not in BY_REGION],
    )
    if trimap is not None and not BY_REGION.keys().isdisjoint(settings.metrics):
        regions = sad_by_region(alpha, alpha_gt, trimap)
        values.update({column: regions[region] for column, region in BY_REGION.items()})
    return ImageScores(pair.name, {name: values[name] for name in settings.metrics}, notes)
