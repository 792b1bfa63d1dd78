"""Run methods on datasets and print their tables.

    python -m benchmark.run --method closed-form knn hatt --dataset ./mini

Mattes, per-image results and a run card go under --out; a second start skips what is done. Without
arguments this very example runs, and the embedded dataset ./mini is built first if it is absent.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distinctions646.commandline import make_parser, run_command

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.infer import Facts
    from benchmark.jobs import Job, Settings
    from benchmark.protocols import ProtocolName
    from distinctions646.samples import Split

DEFAULT_METHODS = ("closed-form", "knn", "hatt")
EMBEDDED = Path("mini")
METRICS = ("sad", "mse", "grad", "conn")
MORE_METRICS = ("mad",)
_PAPER_TRIMAPS = "dilate-25/v1"


@dataclass(frozen=True)
class RunConfig:
    """Which methods, on what, and where the results go; `--help` says what each is."""

    method: tuple[str, ...]
    dataset: tuple[Path, ...]
    split: str = "test"
    out: Path = Path("runs")
    weights: str | None = None
    device: tuple[str, ...] = ()
    workers: int = 1
    limit: int | None = None
    trimap_rule: str | None = None
    trimap_seed: int = 0
    backgrounds: Path | None = None
    metrics: tuple[str, ...] = METRICS
    title: str | None = None
    reference: str | None = None
    track: str | None = None
    protocol: ProtocolName = "paper"
    dry_run: bool = False


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
    from benchmark.jobs import run_job

    settings = make_settings(config)
    jobs = make_jobs(config, settings)
    finished = []
    for place, job in enumerate(jobs, 1):
        title = f"{job.task.facts.name} on {job.task.dataset}"
        table = run_job(job, settings, f"{title} ({place}/{len(jobs)})" if jobs[1:] else title)
        if table is not None:
            finished.append(MethodRun(job.folder, table))
    return finished


def make_settings(config: RunConfig) -> Settings:
    """Read from a configuration, and from the environment of a rank, what all its jobs share."""
    from benchmark.folder_method import Provenance
    from benchmark.jobs import Settings
    from benchmark.ranks import rank_devices, read_rank

    return Settings(
        out=config.out,
        plain=_plain(config),
        weights=config.weights,
        devices=rank_devices(config.device, os.environ),
        workers=config.workers,
        limit=config.limit,
        metrics=config.metrics,
        provenance=Provenance(config.title, config.reference, _uses_trimap(config.track)),
        rank=read_rank(os.environ),
    )


def make_jobs(config: RunConfig, settings: Settings) -> list[Job]:
    """Find all methods and datasets, and check what can be checked before any work."""
    from benchmark.jobs import make_job
    from benchmark.splits import choose_trimaps, split_folder

    methods = describe_all(config)
    jobs = []
    for dataset in config.dataset:
        split = open_dataset(dataset, config.split, config.backgrounds)
        trimaps = choose_trimaps(split, config.trimap_rule, config.trimap_seed)
        folder = config.out / split_folder(split, trimaps)
        jobs += [
            make_job(settings, split, name, facts, (trimaps,), folder)
            for name, facts in methods.items()
        ]
    return jobs


def describe_all(config: RunConfig) -> dict[str, Facts | None]:
    """Load every method once: an error in the last should not cost the first one's hours.

    Of ready-made mattes nothing is known before the dataset: None.
    """
    from benchmark.folder_method import PREFIX
    from benchmark.infer import describe
    from distinctions646.compiling import tell_compiling

    tell_compiling()  # some methods' libraries compile when they are imported
    device = config.device[0] if config.device else None
    return {
        name: None if name.startswith(PREFIX) else describe(name, config.weights, device)
        for name in config.method
    }


def open_dataset(dataset: Path, split: str, backgrounds: Path | None = None) -> Split:
    """Open a dataset; the embedded one is built first where it is absent."""
    from distinctions646.loading import open_split

    if dataset == EMBEDDED and not dataset.exists():
        from distinctions646.build import main as build

        if build([]):
            raise ValueError("the embedded dataset could not be built into ./mini")
    return open_split(dataset, split, backgrounds=backgrounds)


def _uses_trimap(track: str | None) -> bool | None:
    return None if track is None else track == "trimap-based"


def _plain(config: RunConfig) -> dict[str, Any]:
    """Return the configuration without absolute paths, for the run card."""
    plain: dict[str, Any] = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in dataclasses.asdict(config).items()
        if name != "dry_run"
    }
    return plain | {
        "method": [_without_folder(name) for name in config.method],
        "dataset": [dataset.name for dataset in config.dataset],
        "out": config.out.name,
        "weights": Path(config.weights).name if config.weights else None,
        "backgrounds": config.backgrounds.name if config.backgrounds else None,
    }


def _without_folder(name: str) -> str:
    kind, colon, path = name.partition(":")
    return f"{kind}:{Path(path).name}" if colon and kind == "folder" else name


def list_methods() -> str:
    """Return the registered methods, one a line."""
    from benchmark.methods import registered

    lines = [f"{name:24} {entry.value}" for name, entry in registered().items()]
    return "\n".join([
        *lines, f"{'folder:PATH':24} ready-made mattes", f"{'package.module:Name':24} any class"
    ])  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what every command that runs methods takes."""
    parser.add_argument(
        "--method", nargs="+", default=(),
        help="names, folder:PATH of ready-made mattes, or package.module:Name "
             f"(default: {' '.join(DEFAULT_METHODS)})",
    )  # fmt: skip
    parser.add_argument(
        "--dataset", nargs="+", type=Path, default=(),
        help="built datasets, folders with image/, alpha/ and perhaps trimap/, or open sets as "
             f"NAME:DIR (default: {EMBEDDED})",
    )  # fmt: skip
    parser.add_argument("--split", default="test", help="which split")
    parser.add_argument(
        "--backgrounds", type=Path, help="of datasets written as virtual: the folder they lie in"
    )
    parser.add_argument("--weights", help="checkpoint for the methods that take one")
    parser.add_argument(
        "--device", nargs="+", default=(),
        help="cpu or cuda for the methods that take one; cuda:0 cuda:1 runs one model process each",
    )  # fmt: skip
    parser.add_argument("--workers", type=int, default=1, help="processes on the CPU")
    parser.add_argument("--limit", type=int, help="only the first so many images")
    parser.add_argument(
        "--more-metrics", nargs="+", choices=MORE_METRICS, default=(), help="beside the four"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print what would be done and cost, and stop"
    )


def check_options(parser: argparse.ArgumentParser, options: dict[str, Any]) -> dict[str, Any]:
    """Refuse what makes no sense; return the options with tuples for lists."""
    for name in ("workers", "limit"):
        if options[name] is not None and options[name] < 1:
            parser.error(f"--{name} is {options[name]}; expected 1 or more")
    options["method"] = options["method"] or DEFAULT_METHODS
    options["dataset"] = options["dataset"] or (EMBEDDED,)
    options["metrics"] = (*METRICS, *options.pop("more_metrics"))
    for name in ("method", "dataset", "device", "metrics"):
        options[name] = tuple(dict.fromkeys(options[name]))
    kinds = {device.partition(":")[0] for device in options["device"]}
    if len(options["device"]) > 1 and kinds != {"cuda"}:
        parser.error("--device has several, not all GPUs; expected one, or cuda:0 cuda:1 …")
    return options


def parse_args(arguments: list[str] | None = None) -> RunConfig | None:
    """Read the command line; None asks for the list of methods."""
    parser = make_parser("python -m benchmark.run", __doc__)
    parser.add_argument("--list", action="store_true", help="print the methods and stop")
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
    if options.pop("list"):
        return None
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
    if config is None:
        sys.stdout.write(list_methods() + "\n")
        return 0

    def command() -> None:
        if config.dry_run:
            settings = make_settings(config)
            show_plan(make_jobs(config, settings), settings)
            return
        _show(run(config), config.protocol)

    return run_command(command)


def show_plan(jobs: Sequence[Job], settings: Settings) -> None:
    """Print what jobs would do."""
    from benchmark.plan import make_plan, render_plan

    sys.stdout.write(render_plan([make_plan(job, settings) for job in jobs], settings))


def _show(runs: Sequence[MethodRun], protocol: ProtocolName) -> None:
    """Print one table a dataset, of the images asked for."""
    from benchmark.table import show

    by_split: dict[Path, list[MethodRun]] = {}
    for each in runs:
        by_split.setdefault(each.folder.parent, []).append(each)
    for group in by_split.values():
        images = {image for each in group for image in each.table["image_id"]}
        sys.stdout.write(show([each.folder for each in group], images=images, protocol=protocol))
        sys.stdout.writelines(f"{each.folder}\n" for each in group)


if __name__ == "__main__":
    sys.exit(main())
