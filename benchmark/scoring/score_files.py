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
from benchmark.scoring.beginning import begin_scoring
from benchmark.scoring.pairs import FilePair
from distinctions646.checks.notes import Note, collect, note
from distinctions646.images.mattes import pair_notes, trimap_notes
from distinctions646.images.opening import open_header
from distinctions646.images.reading import TrimapValues, read_alpha, read_trimap
from distinctions646.images.rules import AS_STORED, ReadingRules
from distinctions646.process.engine import current_engine
from distinctions646.process.pool import map_ordered, paying_workers

BY_REGION = {f"sad_{region}": region for region in ("foreground", "background", "unknown")}
"""Columns that come from `benchmark.metrics.sad_by_region`."""

# Processor seconds for each pair, and for each of its pixels.
_A_PAIR, _A_PIXEL = 0.001, 9e-9
TOGETHER = 20
"""Mattes of one truth that a process scores together, at most."""


@dataclass(frozen=True)
class ScoreSettings:
    """Which metrics are computed, where, and how trimaps are read."""

    region: Region = "whole"
    fill_known: bool = False
    metrics: tuple[str, ...] = STANDARD
    trimap_values: TrimapValues = "strict"
    reading: ReadingRules = AS_STORED


@dataclass(frozen=True)
class ImageScores:
    """The scores of one matte, and notes as (file, what was unexpected about it)."""

    image: str
    values: dict[str, float]
    notes: list[Note] = field(default_factory=list)


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
    pixels = _pixels(pairs)
    if current_engine() is None:
        workers = paying_workers(len(pairs) * (_A_PAIR + pixels * _A_PIXEL), workers)
    begin = partial(begin_scoring, -(-len(pairs) // max(workers, 1)), pixels)
    if workers <= 1 and current_engine() is None:
        begin(0)
        for group in groups:
            yield from _score_group(group, settings)
        return
    score = partial(_score_group, settings=settings)
    for rows in map_ordered(score, groups, workers=workers, begin=begin):
        yield from rows


def _pixels(pairs: Sequence[FilePair]) -> int:
    """Return the pixels of the first matte, which stands for all."""
    if not pairs:
        return 0
    with open_header(pairs[0].alpha) as picture:
        return picture.width * picture.height


def _by_truth(pairs: Sequence[FilePair]) -> Iterator[list[FilePair]]:
    for _, group in itertools.groupby(pairs, lambda pair: pair.alpha_gt):
        together = list(group)
        for start in range(0, len(together), TOGETHER):
            yield together[start : start + TOGETHER]


def _score_group(pairs: list[FilePair], settings: ScoreSettings) -> list[ImageScores]:
    """Score the mattes of one truth, which is read once."""
    with collect() as truth_notes:
        alpha_gt = read_matte(pairs[0].alpha_gt, settings.reading)
    rows = []
    for pair in pairs:
        with collect() as notes:
            values = _score_pair(pair, alpha_gt, settings)
        rows.append(ImageScores(pair.name, values, [*truth_notes, *notes]))
        truth_notes = {}
    return rows


def read_matte(path: Path, rules: ReadingRules) -> npt.NDArray[np.uint8]:
    """Read a matte or a truth as 8-bit grey; errors and notes as of `read_alpha`."""
    return read_alpha(path, exif=rules.exif, channel=rules.matte_channel)


def read_pair(
    pair: FilePair, alpha_gt: npt.NDArray[np.uint8], settings: ScoreSettings
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8] | None]:
    """Read the matte and the trimap of a pair, and note what does not fit its truth.

    Parameters
    ----------
    pair
        Its files, of one size.
    alpha_gt
        H×W, uint8: the truth.
    settings
        How they are read.

    Returns
    -------
    alpha_u8, trimap : ndarray
        H×W, uint8; None where there is no trimap.

    Raises
    ------
    ValueError
        If a file cannot be read, or its values are refused.
    """
    alpha_u8 = read_matte(pair.alpha, settings.reading)
    for what in pair_notes(alpha_u8, alpha_gt):
        note(pair.alpha, what)
    if pair.trimap is None:
        return alpha_u8, None
    trimap = read_trimap(pair.trimap, settings.trimap_values, exif=settings.reading.exif)
    for what in trimap_notes(trimap, alpha_gt):
        note(pair.trimap, what)
    return alpha_u8, trimap


def _score_pair(
    pair: FilePair, alpha_gt: npt.NDArray[np.uint8], settings: ScoreSettings
) -> dict[str, float]:
    alpha, trimap = read_pair(pair, alpha_gt, settings)
    values = evaluate(
        alpha,
        alpha_gt,
        trimap,
        region=settings.region,
        fill_known=settings.fill_known,
        metrics=[name for name in settings.metrics if name not in BY_REGION],
        trimap_values=settings.trimap_values,
    )
    if trimap is not None and not BY_REGION.keys().isdisjoint(settings.metrics):
        regions = sad_by_region(alpha, alpha_gt, trimap)
        values.update({column: regions[region] for column, region in BY_REGION.items()})
    return {name: values[name] for name in settings.metrics}
