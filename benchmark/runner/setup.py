"""What a run is asked for: its options, settings and jobs."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.board.protocols import ProtocolName
    from benchmark.methods.facts import Facts
    from benchmark.runner.jobs import Job, Settings
    from distinctions646.forms.samples import Split


DEFAULT_METHODS = ("closed-form", "knn", "hatt")


EMBEDDED = Path("mini")


METRICS = ("sad", "mse", "grad", "conn")


MORE_METRICS = ("mad",)


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


def make_settings(config: RunConfig) -> Settings:
    """Read from a configuration, and from the environment of a rank, what all its jobs share."""
    from benchmark.methods.folder import Provenance
    from benchmark.runner.jobs import Settings
    from benchmark.runner.ranks import rank_devices, read_rank

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
    from benchmark.results.test_set import choose_trimaps, split_folder
    from benchmark.runner.jobs import make_job

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
    from benchmark.methods.facts import describe
    from benchmark.methods.folder import PREFIX
    from distinctions646.process.compiling import tell_compiling

    tell_compiling()  # some methods' libraries compile when they are imported
    device = config.device[0] if config.device else None
    return {
        name: None if name.startswith(PREFIX) else describe(name, config.weights, device)
        for name in config.method
    }


def open_dataset(dataset: Path, split: str, backgrounds: Path | None = None) -> Split:
    """Open a dataset; the embedded one is built first where it is absent."""
    from distinctions646.loading.opening import open_split

    if dataset == EMBEDDED and not dataset.exists():
        from distinctions646.build.building import main as build

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
    from benchmark.methods.finding import kinds

    kind, colon, argument = name.partition(":")
    return f"{kind}:{Path(argument).name}" if colon and kind in ("folder", *kinds()) else name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what every command that runs methods takes."""
    parser.add_argument(
        "--method", nargs="+", default=(),
        help="names, onnx:NAME or onnx:FILE.toml, folder:PATH of ready-made mattes, or "
             f"package.module:Name (default: {' '.join(DEFAULT_METHODS)})",
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


def show_plan(jobs: Sequence[Job], settings: Settings) -> None:
    """Print what jobs would do."""
    from benchmark.runner.plan import make_plan, render_plan

    sys.stdout.write(render_plan([make_plan(job, settings) for job in jobs], settings))
