"""The command line of a build, which the doctor takes too."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from distinctions646.images.formats import PNG
from distinctions646.images.headers import EXIF_CHOICES
from distinctions646.images.reading import ALPHA_CLEANUPS
from distinctions646.plan.embedded import CONFIGS
from distinctions646.plan.part import parse_part
from distinctions646.plan.settings import PRESETS, WRITERS, BuildConfig, official_settings
from distinctions646.process.commandline import make_parser
from distinctions646.sources.layouts import GIVEN_RULE, LAYOUTS, NAMINGS
from distinctions646.sources.opensets import GIVEN_TRIMAPS, OPEN_SETS
from distinctions646.trimap.rules import DEFAULT_RULE, RULES

_EXAMPLE = """\
examples:
  python -m distinctions646.build          (the embedded dataset mini, into ./mini)
  python -m distinctions646.build --config train --foregrounds 1000
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
_MINI = ("foregrounds", "seed")
# Where a configuration of mini goes, and how, unless told otherwise; test-small and test are two
# versions of one split and cannot share a folder.
_MINI_OUT = {"test": "mini-test"}
_MINI_WRITE = {"test-small": ("folder", "parquet"), "train": ("virtual",)}


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
        settings = {
            "out": Path(_MINI_OUT.get(config, "mini")),
            "trimap_rule": DEFAULT_RULE,
            "mini": config,
            "write": _MINI_WRITE.get(config, ("parquet",)),
            "mini_foregrounds": _whole_number(parser, given.pop("foregrounds", None)),
            "mini_seed": given.pop("seed", None),
        }
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


def _whole_number(parser: argparse.ArgumentParser, given: Path | None) -> int | None:
    if given is None:
        return None
    if not str(given).isdecimal():
        parser.error(f"--foregrounds is {given}; mini wants a number of foregrounds")
    return int(str(given))


def _refuse_stray_flags(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    known = {"mini": _MINI, "custom": (*_CUSTOM, *_NOT_MINI)}
    own = known.get(args.dataset, (*_OFFICIAL, *_NOT_MINI))
    for name in (*_CUSTOM, *_OFFICIAL, *_NOT_MINI, "seed"):
        if hasattr(args, name) and name not in own:
            needed = "an official --dataset" if name in _OFFICIAL else "--dataset custom"
            needed = "--config train" if name == "seed" else needed
            parser.error(f"--{name.replace('_', '-')} needs {needed}")
    required = {"mini": (), "custom": ("foregrounds", "backgrounds", "out")}
    for name in required.get(args.dataset, ("source", "out")):
        if not hasattr(args, name):
            hint = f" (or read it in place, as {args.dataset}:DIR)" if name == "out" else ""
            hint = hint if args.dataset in OPEN_SETS else ""
            parser.error(f"--dataset {args.dataset} needs --{name}{hint}")
    splits = {**LAYOUTS, **OPEN_SETS}.get(args.dataset)
    if splits is not None and getattr(args, "split", "test") not in splits:
        parser.error(f"--split is {args.split}; {args.dataset} has {' or '.join(splits)}")


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
    group.add_argument(
        "--foregrounds",
        type=Path,
        metavar="DIR",
        help="folder of foregrounds; of mini's train: how many",
    )
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
    group = parser.add_argument_group("mini")
    group.add_argument(
        "--config",
        choices=tuple(CONFIGS),
        default="test-small",
        help="test-small: 50 foregrounds over one background each; test: the same over 20; "
        "validation: 25 others over 2; train: as many others as --foregrounds N says (64), over 20",
    )
    group.add_argument(
        "--seed", type=int, metavar="S", default=argparse.SUPPRESS, help="which train (0)"
    )


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="missing, empty, or holding this same build (default: ./mini for mini, ./mini-test "
        "for its test)",
    )
    parser.add_argument(
        "--write",
        nargs="+",
        choices=WRITERS,
        default=argparse.SUPPRESS,
        help="parquet: with the pictures inside; folder: plain PNG files; webdataset: tar files; "
        "virtual: composed on reading (default: parquet; for mini's test-small folder and "
        "parquet; for training splits virtual)",
    )
    parser.add_argument(
        "--image-format",
        metavar="FORMAT",
        default=PNG,
        help="of composites: png, or jpeg-N with the quality N (about a quarter of the room, and "
        "other pixels); training splits only",
    )
    parser.add_argument(
        "--force-jpeg", action="store_true", help="let a test split be JPEG: another dataset"
    )
    parser.add_argument("--preset", choices=PRESETS, default="adobe", help="fit and blend")
    parser.add_argument(
        "--exif",
        choices=EXIF_CHOICES,
        default="ignore",
        help="orientation of sources: ignored, as by the official Composition-1k script; or "
        "applied, as by the Distinctions-646 generator through OpenCV",
    )
    parser.add_argument(
        "--alpha-cleanup",
        choices=tuple(ALPHA_CLEANUPS),
        default=argparse.SUPPRESS,
        help="give JPEG alphas their 0 and 255 back: below 10 becomes 0, above 245 becomes 255 "
        "(default: alphas as they are, as in the official script)",
    )
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
        "--rehash",
        action="store_true",
        help="when the build is there already: hash its sources again, even where file sizes and "
        "times say that nothing changed",
    )
    parser.add_argument(
        "--shard",
        metavar="I/N",
        default=argparse.SUPPRESS,
        help="do part I, from 0, of N, beside other processes that do the others, on one machine "
        "or on many with one file system; slurm takes the numbers of the job array",
    )
