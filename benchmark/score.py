r"""Score mattes against their ground truth.

    python -m benchmark.score MATTES --dataset composition1k:DIR --latex
    python -m benchmark.score --alpha mattes --alpha-gt alpha --trimap trimap \
        --region unknown --out scores.csv

With --dataset, MATTES holds a matte for each image of a test set, or a folder of them for each of
several methods. They are ranked, and stand in one table with the published numbers of the same
protocol; --latex prints and writes it for a paper.

Without, each of --alpha, --alpha-gt and --trimap is a folder, whose files are matched by name
without suffix, or all are single files. Writes image, sad, mse, grad and conn per image and prints
their means. Numbers are those of the official Deep Image Matting evaluation code.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.mattes import (
    MattesConfig,
    add_dataset_arguments,
    read_dataset_form,
    show_mattes,
)
from benchmark.metrics.pairs import Region
from benchmark.metrics.registry import BY_NAME, STANDARD
from benchmark.scoring.options import add_pair_arguments
from benchmark.scoring.pairs import pair_files
from benchmark.scoring.report import report
from benchmark.scoring.score_files import BY_REGION, ImageScores, ScoreSettings, score_pairs
from benchmark.scoring.score_table import ScoreTable, check_out, write_table
from benchmark.statistics.intervals import DEFAULT_CLUSTERS, clusters_of
from distinctions646.checks.addresses import url_of
from distinctions646.checks.notes import describe
from distinctions646.cluster.options import EngineChoice, add_engine, take_engine
from distinctions646.cluster.starting import engine_for
from distinctions646.images.rules import ReadingRules
from distinctions646.process.commandline import make_parser, run_command, tell_next
from distinctions646.storage.staging import with_fetched, written

if TYPE_CHECKING:
    from collections.abc import Sequence


_OF_A_TEST_SET = "latex split trimap_rule protocol title reference track against".split()


@dataclass(frozen=True)
class ScoreConfig:
    """Which mattes are scored, under which conditions, and where the table goes."""

    alpha: Path
    alpha_gt: Path
    trimap: Path | None = None
    out: Path | None = None
    settings: ScoreSettings = field(default_factory=ScoreSettings)
    shared_alpha_gt: bool = False
    cluster_pattern: str = DEFAULT_CLUSTERS
    workers: int = 1
    progress: bool = False
    engine: EngineChoice | None = None


def score(config: ScoreConfig) -> ScoreTable:
    """Score all mattes of a configuration and write the table if it has an `out`.

    Parameters
    ----------
    config
        The mattes, the conditions, and the table's file.

    Returns
    -------
    ScoreTable
        The scores, sorted by image.

    Raises
    ------
    ValueError
        If the options contradict each other, or a file is missing, unreadable, or of another size.
    OSError
        If the table cannot be written. It is either complete or as it was before.
    """
    config = with_fetched(config, but=("out",))
    if config.out is None:
        return _score(config)
    with written(config.out) as out:
        return _score(replace(config, out=out))


def _score(config: ScoreConfig) -> ScoreTable:
    _check(config)
    pairs = pair_files(
        config.alpha,
        config.alpha_gt,
        config.trimap,
        shared_alpha_gt=config.shared_alpha_gt,
        exif=config.settings.reading.exif,
    )
    rows: Iterable[ImageScores] = score_pairs(pairs, config.settings, config.workers)
    if config.progress:
        from tqdm import tqdm

        rows = tqdm(rows, total=len(pairs), desc="score", unit="image", disable=None)
    paths = [path for path in (config.alpha, config.alpha_gt, config.trimap) if path is not None]
    with engine_for(config.engine, read=paths):
        finished = sorted(rows, key=lambda row: row.image)
    table = ScoreTable(finished, config.settings, config.cluster_pattern)
    if config.out is not None:
        write_table(config.out, table)
    return table


def _check(config: ScoreConfig) -> None:
    settings = config.settings
    if config.trimap is None:
        by_region = [name for name in settings.metrics if name in BY_REGION]
        for wanted, given in (
            ("--region unknown", settings.region == "unknown"),
            ("--fill-known", settings.fill_known),
            (f"--metrics {' '.join(by_region)}", bool(by_region)),
        ):
            if given:
                raise ValueError(f"{wanted} needs --trimap, none was given")
    if settings.fill_known and not BY_REGION.keys().isdisjoint(settings.metrics):
        raise ValueError("--fill-known makes the error of known regions 0; leave one of both out")
    if config.workers < 0:
        raise ValueError(f"--workers is {config.workers}; expected 0 (all cores) or more")
    clusters_of([], config.cluster_pattern)
    if config.out is not None:
        check_out(config.out)


def score_folder(
    alpha: Path | str,
    alpha_gt: Path | str,
    trimap: Path | str | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
    metrics: Sequence[str] = STANDARD,
    shared_alpha_gt: bool = False,
    workers: int = 1,
) -> ScoreTable:
    """Score a folder of mattes against a folder of true mattes.

    Parameters
    ----------
    alpha, alpha_gt, trimap
        All folders, whose files are matched by name without suffix, or all files.
    region
        ``"whole"``, or ``"unknown"`` for the trimaps' unknown region.
    fill_known
        Set mattes to 0 and 255 where the trimap is, before scoring.
    metrics
        Names of columns, such as ``"sad"`` and ``"sad_foreground"``.
    shared_alpha_gt
        Whether the truth ``NAME`` serves the mattes ``NAME_0``, ``NAME_1``, …
    workers
        Processes; 0 for every core.

    Returns
    -------
    ScoreTable
        The scores by image, with means and intervals; a table in a notebook.

    Raises
    ------
    ValueError
        As `score`.

    Examples
    --------
    >>> table = score_folder("mattes", "alpha", "trimap", region="unknown")  # doctest: +SKIP
    >>> table.means()["sad"]  # doctest: +SKIP
    """
    paths = (Path(alpha), Path(alpha_gt), None if trimap is None else Path(trimap))
    settings = ScoreSettings(region, fill_known, tuple(metrics))
    return score(
        ScoreConfig(*paths, settings=settings, shared_alpha_gt=shared_alpha_gt, workers=workers)
    )


def parse_args(arguments: list[str] | None = None) -> ScoreConfig | MattesConfig:
    """Read the command line."""
    parser = make_parser("python -m benchmark.score", __doc__, takes_addresses=True)
    parser.add_argument("mattes", type=Path, nargs="?", help="folder of mattes; as --alpha")
    add_pair_arguments(parser, required=False)
    parser.add_argument(
        "--out",
        type=Path,
        help="table to write: .csv, .parquet or .json; with --dataset a folder (default: scores)",
    )
    parser.add_argument(
        "--metrics",
        nargs="+",
        choices=(*BY_NAME, *BY_REGION),
        default=(),
        metavar="NAME",
        help=f"columns, of {', '.join((*BY_NAME, *BY_REGION))} (default: {' '.join(STANDARD)})",
    )
    parser.add_argument(
        "--shared-alpha-gt",
        action="store_true",
        help="use the ground truth NAME for the mattes NAME_0, NAME_1, ... (Composition-1k)",
    )
    parser.add_argument(
        "--cluster-pattern",
        default=DEFAULT_CLUSTERS,
        metavar="REGEX",
        help="regular expression on image names; its first group is the foreground's name, by "
        "which the intervals are clustered",
    )
    parser.add_argument("--workers", type=int, default=1, help="processes; 0 for every core")
    add_engine(parser)
    add_dataset_arguments(parser)
    given = parser.parse_args(arguments)
    given.engine = take_engine(parser, vars(given))
    if given.mattes is not None and given.alpha is not None:
        parser.error("MATTES and --alpha are the same; expected one of them")
    given.alpha = given.mattes or given.alpha
    if given.alpha is None:
        parser.error("expected MATTES with --dataset, or --alpha with --alpha-gt")
    if given.dataset is not None:
        return read_dataset_form(parser, given)
    for name in _OF_A_TEST_SET:
        if getattr(given, name) not in (None, False):
            parser.error(f"--{name.replace('_', '-')} needs --dataset")
    if given.alpha_gt is None:
        parser.error("expected --dataset, or --alpha-gt with the true mattes")
    settings = ScoreSettings(
        given.region,
        given.fill_known,
        tuple(dict.fromkeys(given.metrics or STANDARD)),
        given.trimap_values,
        ReadingRules(given.exif, given.matte_channel),
    )
    return ScoreConfig(
        alpha=given.alpha,
        alpha_gt=given.alpha_gt,
        trimap=given.trimap,
        out=given.out,
        settings=settings,
        shared_alpha_gt=given.shared_alpha_gt,
        cluster_pattern=given.cluster_pattern,
        workers=given.workers,
        progress=True,
        engine=given.engine,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)

    def command() -> None:
        if isinstance(config, MattesConfig):
            show_mattes(config)
            return
        table = score(config)
        sys.stderr.write(describe(each for row in table.rows for each in row.notes))
        sys.stdout.write(report(table))
        if config.out is not None:
            sys.stderr.write(f"written: {config.out}\n")
        elif config.alpha.is_file() and not any(url_of(path) for _, path in _given(config)):
            files = " ".join(f"{flag} {shlex.quote(str(path))}" for flag, path in _given(config))
            tell_next(f"python -m benchmark.inspect_pair {files} --out view.png")

    return run_command(command)


def _given(config: ScoreConfig) -> list[tuple[str, Path]]:
    files = (
        ("--alpha", config.alpha),
        ("--alpha-gt", config.alpha_gt),
        ("--trimap", config.trimap),
    )
    return [(flag, path) for flag, path in files if path is not None]


if __name__ == "__main__":
    sys.exit(main())
