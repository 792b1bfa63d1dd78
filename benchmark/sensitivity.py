"""Measure how much a method depends on its trimaps, and draw the curves.

    python -m benchmark.sensitivity --method closed-form knn distance hatt --dataset ./mini

Every method that takes trimaps gets them at all --dilations, and at --noise if asked for; a method
without trimaps is computed once, as a level line. Errors are summed over the whole image and over
the unknown region of fixed *reference* trimaps, so that the region does not grow with the dilation.
Under --out/sensitivity: for each method sensitivity.parquet, long, with the trimap rule in each
row; for each dataset curves.csv, curves.pdf and curves.png.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.methods.leaks import has_leaked
from benchmark.runner.config import RunConfig
from benchmark.runner.options import add_arguments, check_options
from distinctions646.process.commandline import make_parser, run_command, tell_next
from distinctions646.trimap.rule import LARGEST
from distinctions646.trimap.rules import DEFAULT_RULE

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.runner.jobs import Job

DILATIONS = (1, 5, 10, 15, 20, 25, 35, 50)
NOISE = ("noisy-15-15/v1", "noisy-15-30/v1", "patchy-15-5/v1", "patchy-15-20/v1")
FOLDER = "sensitivity"
RESULTS = "sensitivity.parquet"
CARD = "sensitivity.json"


@dataclass(frozen=True)
class SensitivityConfig:
    """Which methods run under which trimaps.

    Attributes
    ----------
    run
        Methods, datasets and the rest, as for `benchmark.run`.
    dilations
        Radii N of ``radius-N/v1``.
    noise
        Further trimap rules.
    reference_rule
        Rule of the trimaps whose unknown region is scored; None for the dataset's own.
    """

    run: RunConfig
    dilations: tuple[int, ...] = DILATIONS
    noise: tuple[str, ...] = ()
    reference_rule: str | None = None

    def rules(self) -> list[str]:
        """Return the ids of the trimap rules, dilations first."""
        return [*map(dilation_rule, self.dilations), *self.noise]


@dataclass(frozen=True)
class Curves:
    """The results on one dataset: its folder, one table per method, and what is known of them.

    Attributes
    ----------
    folder, tables
        The folder of all curves, and each method's results per image.
    leaked
        Names of the methods whose training saw the dataset's test images.
    """

    folder: Path
    tables: list[pd.DataFrame]
    leaked: tuple[str, ...] = ()


def dilation_rule(dilation: int) -> str:
    """Return the id of the rule that dilates by exactly so many pixels of a full-size image."""
    return f"radius-{dilation}/v1"


def measure(config: SensitivityConfig) -> list[Curves]:
    """Run every method under every trimap on every dataset.

    Returns
    -------
    list of Curves
        One per dataset; a method's table is missing while other ranks are at work on it.

    Raises
    ------
    ValueError
        As `benchmark.run.run`, or if there is no such trimap rule.
    """
    from benchmark.runner.setup import engine_of

    with engine_of(config.run):
        return [_measure(folder, jobs) for folder, jobs in _make_jobs(config)]


def _measure(folder: Path, jobs: Sequence[Job]) -> Curves:
    from benchmark.runner.running import run_job

    tables = []
    for job in jobs:
        count = len(job.task.trimaps)
        trimaps = f"{count} trimaps" if job.task.method.needs_trimap else "no trimap"
        table = run_job(job, f"{job.title}, {trimaps}")
        if table is not None:
            tables.append(table)
    leaked = [job for job in jobs if has_leaked(job.task.method.card, job.split.name)]
    return Curves(folder, tables, tuple(job.task.method.name for job in leaked))


def _make_jobs(config: SensitivityConfig) -> list[tuple[Path, list[Job]]]:
    """Return the folder and the jobs of each dataset."""
    from benchmark.results.split_identity import split_folder
    from benchmark.results.trimaps import choose_trimaps
    from benchmark.runner.jobs import make_job
    from benchmark.runner.setup import describe_methods, open_dataset

    run = config.run.for_rank(os.environ)
    methods = describe_methods(run)
    groups = []
    for dataset in run.dataset:
        split = open_dataset(dataset, run.split, run.backgrounds, run.reading)
        reference_rule = config.reference_rule
        if reference_rule is None and split.trimap_rule is None:
            reference_rule = DEFAULT_RULE
        reference = choose_trimaps(split, reference_rule, run.trimap_seed)
        trimaps = tuple(choose_trimaps(split, rule, run.trimap_seed) for rule in config.rules())
        folder = run.out / FOLDER / f"{split_folder(split, reference)}-{run.trimap_seed}"
        jobs = [
            make_job(
                run,
                split,
                method,
                trimaps,
                folder,
                results_name=RESULTS,
                card_name=CARD,
                reference=reference,
                keep_mattes=False,
            )
            for method in methods
        ]
        groups.append((folder, jobs))
    return groups


def parse_args(arguments: list[str] | None = None) -> SensitivityConfig:
    """Read the command line."""
    parser = make_parser("python -m benchmark.sensitivity", __doc__)
    add_arguments(parser)
    parser.add_argument(
        "--dilations",
        nargs="+",
        type=int,
        default=(),
        metavar="N",
        help="radii of radius-N/v1, in pixels of an image of 1500 or more on its long side "
        f"(default: {' '.join(map(str, DILATIONS))})",
    )
    parser.add_argument(
        "--noise",
        nargs="*",
        metavar="RULE",
        help=f"trimap rules with mistakes; without names {' '.join(NOISE)}",
    )
    parser.add_argument(
        "--reference-rule",
        metavar="RULE",
        help="trimaps whose unknown region is scored; the dataset's own if left out, or "
        f"{DEFAULT_RULE} where it has none",
    )
    parser.add_argument("--trimap-seed", type=int, default=0, help="seed of the rules' draws")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs"),
        help="the --out of benchmark.run, whose mattes are used; curves go to sensitivity/ in it",
    )
    options = check_options(parser, vars(parser.parse_args(arguments)))
    dilations = tuple(dict.fromkeys(options.pop("dilations") or DILATIONS))
    for dilation in dilations:
        if not 1 <= dilation <= LARGEST:
            parser.error(f"--dilations is {dilation}; expected 1 to {LARGEST}")
    noise = options.pop("noise")
    if noise is not None:
        noise = noise or NOISE  # the option without names
    reference_rule = options.pop("reference_rule")
    return SensitivityConfig(
        RunConfig(**options), dilations, tuple(dict.fromkeys(noise or ())), reference_rule
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)

    def command() -> None:
        if config.run.dry_run:
            from benchmark.runner.plan import show_plan

            show_plan([job for _, jobs in _make_jobs(config) for job in jobs])
            return
        from benchmark.board.board import LEAK_MARK
        from benchmark.board.curves import summarise_curves
        from benchmark.figures.curve_chart import draw_curves
        from benchmark.formats.curves import render_curves, write_curves
        from benchmark.formats.layout import LEAK_WORDS

        for curves in measure(config):
            if not curves.tables:
                continue
            table = summarise_curves(curves.tables)
            write_curves(curves.folder / "curves.csv", table)
            draw_curves(curves.folder, table)
            sys.stdout.write(render_curves(table))
            if curves.leaked:
                sys.stdout.write(f"{LEAK_MARK} {LEAK_WORDS}: {', '.join(curves.leaked)}.\n")
            sys.stdout.write(f"{curves.folder}\n")
        out = shlex.quote(str(config.run.out))
        tell_next(f"python -m benchmark.leaderboard --results {out} --out leaderboard")

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
