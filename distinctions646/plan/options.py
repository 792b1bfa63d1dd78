"""The flags of a build, which the doctor also takes."""

from __future__ import annotations

import argparse
from pathlib import Path

from distinctions646.cluster.options import add_engine
from distinctions646.images.formats import PNG
from distinctions646.images.reading import ALPHA_CLEANUPS
from distinctions646.images.rules import add_exif, add_matte_channel
from distinctions646.plan.embedded import CONFIGS
from distinctions646.plan.settings import PRESETS, WRITERS
from distinctions646.process.commandline import usable_cores
from distinctions646.sources.datasets import archive_names, open_set_names
from distinctions646.sources.layouts import GIVEN_RULE, GIVEN_TRIMAPS, NAMINGS
from distinctions646.trimap.rules import DEFAULT_RULE, RULES


def add_dataset(parser: argparse.ArgumentParser, *, embedded: bool = True) -> None:
    """Add ``--dataset`` and ``--split``; `embedded` adds ``mini``, which is then the default."""
    choices = ("custom", *archive_names(), *open_set_names())
    text = (
        "custom: your own folders; composition1k; distinctions646: 100 backgrounds for each "
        "training foreground, as in the paper and the archive; distinctions646-github80: 80, as in "
        "the authors' repository; transparent-460; or an open test set, copied into one form: "
        + ", ".join(open_set_names())
    )
    if embedded:
        choices = ("mini", *choices)
        text = f"mini: the embedded dataset; {text}"
        parser.add_argument("--dataset", choices=choices, metavar="NAME", default="mini", help=text)
    else:
        parser.add_argument("--dataset", choices=choices, metavar="NAME", required=True, help=text)
    parser.add_argument(
        "--split",
        default=argparse.SUPPRESS,
        help="name of the split; of an official dataset train or test (default: test)",
    )


def add_sources(parser: argparse.ArgumentParser) -> None:
    """Add the folders and lists of an official dataset and of a custom one."""
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
        help="folder of foregrounds; for mini's train, the number of foregrounds",
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
            help=f"names of {kind}s, one per line (default: all, sorted by name)",
        )
    group.add_argument(
        "--per-foreground",
        type=int,
        metavar="N",
        help="backgrounds for each foreground (default: 20)",
    )
    group.add_argument("--name", help="name of the dataset (default: custom)")


def add_embedded(parser: argparse.ArgumentParser) -> None:
    """Add the flags of ``mini``."""
    group = parser.add_argument_group("mini")
    group.add_argument(
        "--config",
        choices=tuple(CONFIGS),
        default="test-small",
        help="test-small: 50 foregrounds over one background each; test: the same over 20 each; "
        "validation: 25 other foregrounds over 2 backgrounds each; train: others again, 64 or "
        "--foregrounds N, over 20 backgrounds each",
    )
    group.add_argument(
        "--seed",
        type=int,
        metavar="S",
        default=argparse.SUPPRESS,
        help="seed of a training set (default: 0)",
    )


def add_pixels(parser: argparse.ArgumentParser) -> None:
    """Add what decides the pixels, the names and the form of a split."""
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
        help="of composites: png, or jpeg-N with the quality N (about a quarter of the disk space; "
        "pixels are not exact); training splits only",
    )
    parser.add_argument(
        "--force-jpeg",
        action="store_true",
        help="allow JPEG for a test split, whose numbers then are not those of the dataset",
    )
    parser.add_argument(
        "--preset", choices=PRESETS, default="adobe", help="arithmetic of resizing and blending"
    )
    add_exif(parser)
    add_matte_channel(parser)
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
        f"open sets that have some; none for training splits; otherwise {DEFAULT_RULE})",
    )
    parser.add_argument(
        "--trimap-seed", type=int, metavar="S", default=0, help="seed of drawn radii"
    )


def add_work(parser: argparse.ArgumentParser) -> None:
    """Add how the work is done, which changes no byte."""
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        default=usable_cores(),
        help="processes; the result does not depend on it",
    )
    parser.add_argument(
        "--rehash",
        action="store_true",
        help="of a finished build, hash the sources again even if file sizes and times are "
        "unchanged",
    )
    parser.add_argument(
        "--shard",
        metavar="I/N",
        default=argparse.SUPPRESS,
        help="do part I (from 0) of N; other processes do the other parts, on one machine or "
        "on several that share a file system or bucket; slurm takes the numbers of the job array",
    )
    add_engine(parser)
