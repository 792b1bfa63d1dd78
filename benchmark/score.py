r"""Score mattes against their ground truth.

    python -m benchmark.score --alpha mattes --alpha-gt alpha --trimap trimap \
        --region unknown --out scores.csv

Each of --alpha, --alpha-gt and --trimap is a folder, whose files are matched by name without
suffix, or all are single files. Writes image, sad, mse, grad and conn per image and prints their
means. Numbers are those of the official Deep Image Matting evaluation code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.metrics.registry import BY_NAME, STANDARD
from benchmark.scoring.options import add_pair_arguments
from benchmark.scoring.pairs import pair_files
from benchmark.scoring.report import report
from benchmark.scoring.score_files import BY_REGION, ImageScores, ScoreSettings, score_pairs
from benchmark.scoring.score_table import ScoreTable, check_out, write_table
from benchmark.statistics.intervals import DEFAULT_CLUSTERS, clusters_of
from distinctions646.checks.notes import describe
from distinctions646.images.rules import ReadingRules
from distinctions646.process.commandline import make_parser, run_command


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

        rows = tqdm(rows, total=len(pairs), desc="score", unit="image", file=sys.stderr)
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


def parse_args(arguments: list[str] | None = None) -> ScoreConfig:
    """Read the command line."""
    parser = make_parser("python -m benchmark.score", __doc__)
    add_pair_arguments(parser)
    parser.add_argument("--out", type=Path, help="table to write: .csv, .parquet or .json")
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
    given = parser.parse_args(arguments)
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
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)

    def command() -> None:
        table = score(config)
        sys.stderr.write(describe(each for row in table.rows for each in row.notes))
        sys.stdout.write(report(table))

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
