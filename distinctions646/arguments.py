"""The command line of a build, which the doctor takes too."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from distinctions646.commandline import make_parser
from distinctions646.embedded import CONFIGS
from distinctions646.layouts import GIVEN_RULE, LAYOUTS
from distinctions646.opensets import OPEN_SETS
from distinctions646.part import parse_part
from distinctions646.plain import GIVEN_TRIMAPS
from distinctions646.recipe import NAMINGS
from distinctions646.settings import PRESETS, WRITERS, BuildConfig, official_settings
from distinctions646.trimap import DEFAULT_RULE, RULES

_EXAMPLE = """\
examples:
  python -m distinctions646.build          (the embedded dataset mini, into ./mini)
  python -m distinctions646.build --dataset distinctions646 --source DIR --voc DIR --out OUT
  python -m distinctions646.build --dataset composition1k --split train --source DIR \\
      --coco DIR --out OUT
  python -m distinctions646.build --dataset custom --foregrounds FG --alphas ALPHA \\
      --backgrounds BG --per-foreground 20 --write folder --out OUT

Build a dataset of composites. Foreground i goes over backgrounds i*N to i*N+N-1, in the order of
the lists or sorted by name; the pixels equal those of the official Composition-1k script. A build
that was killed goes on when the same command is run again. Look at your copy of an official
dataset with python -m distinctions646.doctor first."""
_CUSTOM = ("foregrounds", "alphas", "backgrounds", "per_foreground", "name")
_OFFICIAL = ("source", "coco", "voc", "lists")
_NOT_MINI = ("foreground_list", "background_list", "split", "shard")


def parse_args(arguments: Sequence[str] | None = None) -> BuildConfig:
    """Read the command line.

    Parameters
    ----------
    arguments
        Without the program's name; None means those of this process.

    Returns
    -------
    BuildConfig
        What to build.
    """
    parser = make_parser("python -m distinctions646.build", _EXAMPLE)
    parser.add_argument(
        "--dataset",
        choices=("mini", "custom", *LAYOUTS, *OPEN_SETS),
        default="mini",
        help="mini: the embedded dataset; custom: your own folders; composition1k; "
        "distinctions646: 100 backgrounds for each training foreground, as in the paper and the "
        "archive; distinctions646-github80: 80, as in the authors' repository; the others: open "
        "test sets, copied into one form",
    )
    _add_sources(parser)
    _add_outputs(parser)
    args = parser.parse_args(arguments)
    _refuse_stray_flags(parser, args)
    given = {name: value for name, value in vars(args).items() if value is not None}
    config = given.pop("config")
    mini = args.dataset == "mini"
    settings: dict[str, Any] = {"write": ("parquet",)}
    if mini:
        settings = {"out": Path("mini"), "trimap_rule": DEFAULT_RULE, "mini": config}
        settings["write"] = ("folder", "parquet")
    elif args.dataset != "custom":
        settings = official_settings(args.dataset, given.setdefault("split", "test"))
    settings.update(given)
    settings["dataset"] = settings.pop("name", args.dataset)
    settings["write"] = tuple(settings["write"])
    if settings.get("trimap_rule") == "none":
        settings["trimap_rule"] = None
    if "shard" in settings:
        try:
            settings["part"] = parse_part(settings.pop("shard"), os.environ)
        except ValueError as error:
            parser.error(f"--{error}")
    return BuildConfig(**settings)


def _refuse_stray_flags(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    own = {"mini": (), "custom": (*_CUSTOM, *_NOT_MINI)}.get(args.dataset, (*_OFFICIAL, *_NOT_MINI))
    for name in (*_CUSTOM, *_OFFICIAL, *_NOT_MINI):
        if hasattr(args, name) and name not in own:
            needed = "an official --dataset" if name in _OFFICIAL else "--dataset custom"
            parser.error(f"--{name.replace('_', '-')} needs {needed}")
    required = {"mini": (), "custom": ("foregrounds", "backgrounds", "out")}
    for name in required.get(args.dataset, ("source", "out")):
        if not hasattr(args, name):
            hint = f" (or read it in place, as {args.dataset}:DIR)" if name == "out" else ""
            hint = hint if args.dataset in OPEN_SETS else ""
            parser.error(f"--dataset {args.dataset} needs --{name}{hint}")
    splits = {**LAYOUTS, **OPEN_SETS}.get(args.dataset)
    if splits is not None and getattr(args, "split", "test") not in splits:
        known = " or ".join(splits)
        parser.error(f"--split is {args.split}; {args.dataset} has {known}")


def _add_sources(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "sources of an official dataset", argument_default=argparse.SUPPRESS
    )
    group.add_argument(
        "--source",
        type=Path,
        metavar="DIR",
        help="the unpacked archive: Combined_Dataset, Distinctions-646, or the folder around it",
    )
    group.add_argument(
        "--coco", type=Path, metavar="DIR", help="COCO train2014 or train2017 (training splits)"
    )
    group.add_argument(
        "--voc", type=Path, metavar="DIR", help="VOC2012, or VOCdevkit (test splits)"
    )
    group.add_argument(
        "--lists",
        type=Path,
        metavar="DIR",
        help="name lists that are not in the archive, such as the authors' repository",
    )
    group = parser.add_argument_group(
        "sources of --dataset custom", argument_default=argparse.SUPPRESS
    )
    group.add_argument("--foregrounds", type=Path, metavar="DIR", help="folder of foregrounds")
    group.add_argument(
        "--alphas",
        type=Path,
        metavar="DIR",
        help="folder of alphas of the same names (default: the foregrounds' own alpha channel)",
    )
    group.add_argument("--backgrounds", type=Path, metavar="DIR", help="folder of backgrounds")
    for kind in ("foreground", "background"):
        group.add_argument(
            f"--{kind}-list",
            type=Path,
            metavar="FILE",
            help=f"names of {kind}s, one a line (default: all, sorted by name)",
        )
    group.add_argument(
        "--per-foreground",
        type=int,
        metavar="N",
        help="backgrounds for each foreground (default: 20)",
    )
    group.add_argument("--name", help="what the dataset is called (default: custom)")
    parser.add_argument(
        "--split",
        default=argparse.SUPPRESS,
        help="name of the split; of an official dataset train or test (default: test)",
    )
    parser.add_argument("--config", choices=tuple(CONFIGS), default="test-small", help="which mini")


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="missing, empty, or holding this same build (default: ./mini for mini)",
    )
    parser.add_argument(
        "--write",
        nargs="+",
        choices=WRITERS,
        default=argparse.SUPPRESS,
        help="parquet: with the pictures inside; folder: plain PNG files; webdataset: tar files; "
        "virtual: composed on reading (default: parquet; for mini folder and parquet; for official "
        "training splits virtual)",
    )
    parser.add_argument("--preset", choices=PRESETS, default="adobe", help="fit and blend")
    parser.add_argument(
        "--names",
        choices=NAMINGS,
        default=argparse.SUPPRESS,
        help="adobe: <foreground stem>_<k>; d646: <name before the first _>_<index> "
        "(default: the dataset's own; adobe otherwise)",
    )
    parser.add_argument(
        "--trimap-rule",
        metavar="ID",
        default=argparse.SUPPRESS,
        help=f"none, {GIVEN_RULE} or {GIVEN_TRIMAPS} (those of the archive) or "
        f"{', '.join(RULES)} (default: {GIVEN_RULE} for composition1k test; {GIVEN_TRIMAPS} for "
        f"open sets that have some; {DEFAULT_RULE} for mini, distinctions646 test and the like; "
        "otherwise none)",
    )
    parser.add_argument("--trimap-seed", type=int, metavar="S", default=0, help="of drawn radii")
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        default=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1,
        help="processes; the result does not depend on it",
    )
    parser.add_argument(
        "--shard",
        metavar="I/N",
        default=argparse.SUPPRESS,
        help="do part I, from 0, of N, beside other processes that do the others, on one machine "
        "or on many with one file system; slurm takes the numbers of the job array",
    )
