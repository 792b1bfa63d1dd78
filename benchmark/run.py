"""Run methods on datasets and print their tables.

    python -m benchmark.run --method closed-form knn hatt --dataset ./mini

Mattes, per-image results and a run card go under --out; a second start skips what is done. Without
arguments this example runs, and the embedded dataset ./mini is built first if it is absent.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.board.protocols import PAPER_TRIMAPS
from benchmark.methods.two_stage import DEFAULT_MAKER_RULE
from benchmark.metrics.registry import STANDARD
from benchmark.runner.config import EMBEDDED, RunConfig
from benchmark.runner.options import add_arguments, check_options
from distinctions646.checks.addresses import shown
from distinctions646.cluster.options import make_choice
from distinctions646.process.commandline import make_parser, run_command, tell_next
from distinctions646.process.workers.kept import keeping_workers
from distinctions646.storage.staging import with_fetched, written

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.board.board import Board
    from benchmark.board.protocols import ProtocolName


@dataclass(frozen=True)
class Listing:
    """The list of methods that was asked for; `long` has their cards."""

    long: bool


@dataclass(frozen=True)
class MethodRun:
    """A finished method: the folder of its files, and its per-image results."""

    folder: Path
    table: pd.DataFrame


def run(
    method: str | Sequence[str],
    dataset: Path | str = EMBEDDED,
    *,
    split: str = "test",
    out: Path | str = "runs",
    limit: int | None = None,
    workers: int = 1,
    device: str | Sequence[str] = (),
    weights: str | None = None,
    trimap_rule: str | None = None,
    trimap_seed: int = 0,
    trimap_from: str | None = None,
    protocol: ProtocolName = "paper",
    backgrounds: Path | str | None = None,
    more_metrics: Sequence[str] = (),
    scheduler: str | None = None,
    cluster: str | None = None,
) -> Board:
    """Run methods on a dataset and return their leaderboard.

    Parameters
    ----------
    method
        One or several: registered names, ``onnx:NAME``, ``folder:PATH``, ``package.module:Name``.
    dataset
        A built dataset, a folder with ``image/`` and ``alpha/``, or ``NAME:DIR``. ``"mini"`` is
        built first where it is absent.
    split, out, limit, workers, device, weights, trimap_rule, trimap_seed, trimap_from, backgrounds
        As the options of ``python -m benchmark.run``; None and () are its defaults.
    protocol
        The protocol whose region comes first: ``"paper"`` or ``"standard"``.
    more_metrics
        Metrics besides the four standard ones, such as ``"mad"``.
    scheduler, cluster
        Dask workers that do the images, such as ``"tcp://host:8786"`` or ``"local:4"``.

    Returns
    -------
    Board
        Of these methods and images, with the published numbers that are comparable.

    Raises
    ------
    ValueError
        As `run_methods`.

    Examples
    --------
    >>> from benchmark import run
    >>> board = run(["closed-form", "hatt"], dataset="mini", limit=2)  # doctest: +SKIP
    >>> board.rows[0].cells["sad/whole/v1"].value  # doctest: +SKIP
    """
    config = RunConfig(
        method=_several(method),
        dataset=(Path(dataset),),
        split=split,
        out=Path(out),
        limit=limit,
        workers=workers,
        device=_several(device),
        weights=weights,
        trimap_rule=trimap_rule,
        trimap_seed=trimap_seed,
        trimap_from=trimap_from,
        protocol=protocol,
        backgrounds=None if backgrounds is None else Path(backgrounds),
        metrics=(*STANDARD, *more_metrics),
        engine=make_choice(scheduler, cluster),
    )
    return load_board(run_methods(config), protocol)


def _several(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def load_board(runs: Sequence[MethodRun], protocol: ProtocolName = "paper") -> Board:
    """Return the leaderboard of finished runs on one test set, of the images that they were for."""
    from benchmark.board.loading import load_boards

    folders = [method_run.folder for method_run in runs]
    images = {image for method_run in runs for image in method_run.table["image_id"]}
    (board,) = load_boards(folders, images=images, protocol=protocol)
    return board


def run_methods(config: RunConfig) -> list[MethodRun]:
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
    config = with_fetched(config, but=("out",))
    with written(config.out, needed=_is_needed) as out, keeping_workers():
        return _run_methods(replace(config, out=out))


def _is_needed(name: str) -> bool:
    """Return whether a file of earlier runs is needed: their named mattes are cached too."""
    return name.startswith("cache/") or not name.endswith(".png")


def _run_methods(config: RunConfig) -> list[MethodRun]:
    from benchmark.runner.setup import engine_of, make_jobs
    from benchmark.runner.shared.together import run_jobs

    with engine_of(config):
        jobs = make_jobs(config.for_rank(os.environ))
        tables = zip(jobs, run_jobs(jobs), strict=True)
        return [MethodRun(job.folder, table) for job, table in tables if table is not None]


def list_methods() -> str:
    """Return the registered methods, one per line."""
    from benchmark.methods.finding import kinds, registered

    entries = [(name, entry.value) for name, entry in registered().items()]
    for kind, entry in kinds().items():
        entries += [(f"{kind}:{name}", entry.value) for name in entry.load().names()]
    entries += [("folder:PATH", "ready-made mattes"), ("package.module:Name", "any class")]
    return "\n".join(f"{name:24} {target}" for name, target in entries)


def parse_args(arguments: list[str] | None = None) -> RunConfig | Listing:
    """Read the command line."""
    parser = make_parser("python -m benchmark.run", __doc__, takes_addresses=True)
    parser.add_argument("--list", action="store_true", help="print the methods and stop")
    parser.add_argument("--long", action="store_true", help="with --list: print their cards")
    add_arguments(parser)
    parser.add_argument("--out", type=Path, default=Path("runs"), help="mattes and results")
    trimaps = parser.add_argument_group("trimaps, made from the truth instead of the dataset's own")
    trimaps.add_argument("--trimap-rule", help="such as dilate-25/v1; see docs/datasets.md")
    trimaps.add_argument("--trimap-seed", type=int, default=0, help="seed of the rule's draws")
    trimaps.add_argument(
        "--trimap-from",
        metavar="METHOD[=FILE][@RULE]",
        help="methods that take a trimap get one made of this method's matte (FILE is its "
        f"checkpoint) by a rule (default: {DEFAULT_MAKER_RULE}); they are ranked in a track of "
        "their own",
    )
    trimaps.add_argument(
        "--protocol",
        choices=("paper", "standard"),
        help=f"paper: --trimap-rule {PAPER_TRIMAPS}; standard: the dataset's own, and the "
        "unknown region first in the table",
    )
    mattes = parser.add_argument_group("what is known of the ready-made mattes of folder:PATH")
    mattes.add_argument("--title", help="what tables call them")
    mattes.add_argument("--reference", help="the paper or page they come from")
    mattes.add_argument(
        "--track",
        choices=("trimap-free", "trimap-based"),
        metavar="TRACK",
        help="how they were made: trimap-free or trimap-based",
    )
    mattes.add_argument(
        "--leak",
        nargs="+",
        default=(),
        metavar="DATASET",
        help="datasets, such as distinctions646, whose test images their method was trained on",
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
        options["trimap_rule"] = PAPER_TRIMAPS
    options["protocol"] = options["protocol"] or "paper"
    folders = [name for name in options["method"] if name.startswith("folder:")]
    options["leak"] = tuple(options["leak"])
    stated = ("title", "reference", "track", "leak")
    if any(options[name] for name in stated) and len(folders) != 1:
        parser.error(
            "--title, --reference, --track and --leak describe one folder:PATH; expected one in "
            f"--method, got {len(folders)}"
        )
    return RunConfig(**options)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)

    def command() -> None:
        if isinstance(config, Listing):
            from benchmark.methods.listing import list_cards

            sys.stdout.write((list_cards() if config.long else list_methods()) + "\n")
            return
        if config.dry_run:
            from benchmark.runner.plan import show_plan
            from benchmark.runner.setup import make_jobs

            show_plan(make_jobs(config.for_rank(os.environ)))
            return
        runs = run_methods(config)
        _show(runs, config.protocol)
        if runs:
            out = shlex.quote(shown(config.out))
            tell_next(
                f"python -m benchmark.leaderboard --results {out} --dataset "
                f"{' '.join(shlex.quote(shown(dataset)) for dataset in config.dataset)} "
                "--out leaderboard"
            )

    return run_command(command)


def _show(runs: Sequence[MethodRun], protocol: ProtocolName) -> None:
    """Print one table per dataset, of the images asked for."""
    from benchmark.formats.screen import render_board

    by_split: dict[Path, list[MethodRun]] = {}
    for method_run in runs:
        by_split.setdefault(method_run.folder.parent, []).append(method_run)
    for group in by_split.values():
        sys.stdout.write(render_board(load_board(group, protocol)))
        sys.stdout.writelines(f"{method_run.folder}\n" for method_run in group)


if __name__ == "__main__":
    sys.exit(main())
