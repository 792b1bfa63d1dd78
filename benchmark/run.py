"""Run methods on datasets and print their tables.

    python -m benchmark.run --method closed-form knn hatt --dataset ./mini

Mattes, per-image results and a run card go under --out; a second start skips what is done. Without
arguments this very example runs, and the embedded dataset ./mini is built first if it is absent.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.runner.setup import (
    RunConfig,
    add_arguments,
    check_options,
    make_jobs,
    make_settings,
    show_plan,
)
from distinctions646.process.commandline import make_parser, run_command

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.board.protocols import ProtocolName

_PAPER_TRIMAPS = "dilate-25/v1"


@dataclass(frozen=True)
class Listing:
    """The list of methods that was asked for; `long` has their cards."""

    long: bool


@dataclass(frozen=True)
class MethodRun:
    """A finished method: where its files lie, and its per-image results."""

    folder: Path
    table: pd.DataFrame


def run(config: RunConfig) -> list[MethodRun]:
    """Run every method of a configuration on every dataset.

    Returns
    -------
    list of MethodRun
        In order of datasets, then methods; without those that wait for other ranks.

    Raises
    ------
    ValueError
        If a method or dataset is unknown, a file is bad, or a method needs trimaps that the
        dataset does not have. Everything finished before stays and is used by the next start.
    """
    from benchmark.runner.jobs import run_job

    settings = make_settings(config)
    jobs = make_jobs(config, settings)
    finished = []
    for place, job in enumerate(jobs, 1):
        title = f"{job.task.facts.name} on {job.task.dataset}"
        table = run_job(job, settings, f"{title} ({place}/{len(jobs)})" if jobs[1:] else title)
        if table is not None:
            finished.append(MethodRun(job.folder, table))
    return finished


def list_methods() -> str:
    """Return the registered methods, one a line."""
    from benchmark.methods.finding import registered

    lines = [f"{name:24} {entry.value}" for name, entry in registered().items()]
    return "\n".join([
        *lines, f"{'folder:PATH':24} ready-made mattes", f"{'package.module:Name':24} any class"
    ])  # fmt: skip


def parse_args(arguments: list[str] | None = None) -> RunConfig | Listing:
    """Read the command line."""
    parser = make_parser("python -m benchmark.run", __doc__)
    parser.add_argument("--list", action="store_true", help="print the methods and stop")
    parser.add_argument("--long", action="store_true", help="with --list: their cards, too")
    add_arguments(parser)
    parser.add_argument("--out", type=Path, default=Path("runs"), help="mattes and results")
    trimaps = parser.add_argument_group("trimaps, made from the truth instead of the dataset's own")
    trimaps.add_argument("--trimap-rule", help="such as dilate-25/v1; see docs/datasets.md")
    trimaps.add_argument("--trimap-seed", type=int, default=0, help="of the rule's draws")
    trimaps.add_argument(
        "--protocol", choices=("paper", "standard"),
        help=f"paper: --trimap-rule {_PAPER_TRIMAPS}; standard: the dataset's own, and the "
             "unknown region first in the table",
    )  # fmt: skip
    mattes = parser.add_argument_group("what is known of the ready-made mattes of folder:PATH")
    mattes.add_argument("--title", help="what tables call them")
    mattes.add_argument("--reference", help="the paper or page they come from")
    mattes.add_argument(
        "--track", choices=("trimap-free", "trimap-based"), help="how they were made"
    )
    options = check_options(parser, vars(parser.parse_args(arguments)))
    listing, long = options.pop("list"), options.pop("long")
    if long and not listing:
        parser.error("--long goes with --list; expected both")
    if listing:
        return Listing(long)
    if options["protocol"] and options["trimap_rule"]:
        parser.error("--protocol and --trimap-rule both say which trimaps; expected one of them")
    if options["protocol"] == "paper":
        options["trimap_rule"] = _PAPER_TRIMAPS
    options["protocol"] = options["protocol"] or "paper"
    folders = [name for name in options["method"] if name.startswith("folder:")]
    if (options["title"] or options["reference"] or options["track"]) and len(folders) != 1:
        parser.error("--title, --reference and --track speak of one folder:PATH; expected one "
                     f"in --method, got {len(folders)}")  # fmt: skip
    return RunConfig(**options)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)
    if isinstance(config, Listing):
        from benchmark.methods.listing import list_cards

        sys.stdout.write((list_cards() if config.long else list_methods()) + "\n")
        return 0

    def command() -> None:
        if config.dry_run:
            settings = make_settings(config)
            show_plan(make_jobs(config, settings), settings)
            return
        _show(run(config), config.protocol)

    return run_command(command)


def _show(runs: Sequence[MethodRun], protocol: ProtocolName) -> None:
    """Print one table a dataset, of the images asked for."""
    from benchmark.formats.screen import show

    by_split: dict[Path, list[MethodRun]] = {}
    for each in runs:
        by_split.setdefault(each.folder.parent, []).append(each)
    for group in by_split.values():
        images = {image for each in group for image in each.table["image_id"]}
        sys.stdout.write(show([each.folder for each in group], images=images, protocol=protocol))
        sys.stdout.writelines(f"{each.folder}\n" for each in group)


if __name__ == "__main__":
    sys.exit(main())
