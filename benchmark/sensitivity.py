"""Measure how much a method hangs on its trimaps, and draw the curves.

    python -m benchmark.sensitivity --method closed-form knn distance hatt --dataset ./mini

Every method that takes trimaps gets them at all --dilations, and at --noise if asked for; one
without is computed once, as a level line. Errors are summed over the whole image and over the
unknown region of fixed *reference* trimaps, so that the region does not grow with the dilation.
Under --out/sensitivity: for each method sensitivity.parquet, long, with the trimap rule in each
row; for each dataset curves.csv, curves.pdf and curves.png.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.runner.setup import (
    RunConfig,
    add_arguments,
    check_options,
    describe_all,
    make_settings,
    open_dataset,
    show_plan,
)
from distinctions646.process.commandline import make_parser, run_command

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.runner.jobs import Job, Settings

DILATIONS = (1, 5, 10, 15, 20, 25, 35, 50)
NOISE = (
    "noisy-15-15/v1", "noisy-15-30/v1", "patchy-15-5/v1", "patchy-15-20/v1",
)  # fmt: skip
REFERENCE_RULE = "dilate-25/v1"
FOLDER = "sensitivity"
RESULTS = "sensitivity.parquet"
CARD = "sensitivity.json"


@dataclass(frozen=True)
class SensitivityConfig:
    """Which methods under which trimaps; `run` is what `benchmark.run` would be told."""

    run: RunConfig
    dilations: tuple[int, ...] = DILATIONS
    noise: tuple[str, ...] = ()
    reference_rule: str | None = None


@dataclass(frozen=True)
class Curves:
    """What was measured on one dataset: its folder, and a table a method."""

    folder: Path
    tables: list[pd.DataFrame]


def dilation_rule(dilation: int) -> str:
    """Name the rule that dilates by exactly so many pixels of a full-size image."""
    return f"radius-{dilation}/v1"


def measure(config: SensitivityConfig) -> list[Curves]:
    """Run every method under every trimap on every dataset.

    Returns
    -------
    list of Curves
        One a dataset; a method's table is missing while other ranks are at work on it.

    Raises
    ------
    ValueError
        As `benchmark.run.run`, or if there is no such trimap rule.
    """
    from benchmark.runner.jobs import run_job

    settings = make_settings(config.run)
    found = []
    for folder, jobs in _make_jobs(config, settings):
        tables = []
        for job in jobs:
            title = f"{job.task.facts.name} on {job.task.dataset}"
            title += (
                f", {len(job.task.trimaps)} trimaps"
                if job.task.facts.needs_trimap
                else ", no trimap"
            )
            table = run_job(job, settings, title)
            if table is not None:
                tables.append(table)
        found.append(Curves(folder, tables))
    return found


def _make_jobs(config: SensitivityConfig, settings: Settings) -> list[tuple[Path, list[Job]]]:
    from benchmark.results.test_set import choose_trimaps, split_folder
    from benchmark.runner.jobs import make_job

    methods = describe_all(config.run)
    groups = []
    for dataset in config.run.dataset:
        split = open_dataset(dataset, config.run.split, config.run.backgrounds)
        rule = config.reference_rule
        if rule is None and split.trimap_rule is None:
            rule = REFERENCE_RULE
        seed = config.run.trimap_seed
        reference = choose_trimaps(split, rule, seed)
        rules = [*map(dilation_rule, config.dilations), *config.noise]
        trimaps = tuple(choose_trimaps(split, each, seed) for each in rules)
        folder = config.run.out / FOLDER / f"{split_folder(split, reference)}-{seed}"
        jobs = [
            make_job(
                settings, split, name, facts, trimaps, folder,
                name=RESULTS, card=CARD, reference=reference, mattes=False,
            )
            for name, facts in methods.items()
        ]  # fmt: skip
        groups.append((folder, jobs))
    return groups


def parse_args(arguments: list[str] | None = None) -> SensitivityConfig:
    """Read the command line."""
    from distinctions646.trimap.rule import LARGEST

    parser = make_parser("python -m benchmark.sensitivity", __doc__)
    add_arguments(parser)
    parser.add_argument(
        "--dilations", nargs="+", type=int, default=(), metavar="N",
        help="radii of radius-N/v1, in pixels of an image of 1500 or more on its long side "
             f"(default: {' '.join(map(str, DILATIONS))})",
    )  # fmt: skip
    parser.add_argument(
        "--noise", nargs="*", default=(), metavar="RULE",
        help=f"trimap rules with mistakes; without names {' '.join(NOISE)}",
    )  # fmt: skip
    parser.add_argument(
        "--reference-rule", metavar="RULE",
        help="trimaps whose unknown region is scored; the dataset's own if left out, or "
             f"{REFERENCE_RULE} where it has none",
    )  # fmt: skip
    parser.add_argument("--trimap-seed", type=int, default=0, help="of the rules' draws")
    parser.add_argument(
        "--out", type=Path, default=Path("runs"),
        help="the --out of benchmark.run, whose mattes are used; curves go to sensitivity/ in it",
    )  # fmt: skip
    options = check_options(parser, vars(parser.parse_args(arguments)))
    dilations = tuple(dict.fromkeys(options.pop("dilations") or DILATIONS))
    for dilation in dilations:
        if not 1 <= dilation <= LARGEST:
            parser.error(f"--dilations is {dilation}; expected 1 to {LARGEST}")
    noise = options.pop("noise")
    if "--noise" in (sys.argv[1:] if arguments is None else arguments) and not noise:
        noise = NOISE
    reference_rule = options.pop("reference_rule")
    return SensitivityConfig(
        RunConfig(**options), dilations, tuple(dict.fromkeys(noise)), reference_rule
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)

    def command() -> None:
        if config.run.dry_run:
            settings = make_settings(config.run)
            jobs = [job for _, group in _make_jobs(config, settings) for job in group]
            show_plan(jobs, settings)
            return
        from benchmark.board.curves import summarise_curves
        from benchmark.figures.curve_chart import draw_curves, render_curves, write_curves

        for curves in measure(config):
            if not curves.tables:
                continue
            table = summarise_curves(curves.tables)
            write_curves(curves.folder / "curves.csv", table)
            draw_curves(curves.folder, table)
            sys.stdout.write(render_curves(table))
            sys.stdout.write(f"{curves.folder}\n")

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
