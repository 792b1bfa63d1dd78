"""The command-line options that every command running methods takes."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from benchmark.metrics.registry import BY_NAME, STANDARD
from benchmark.runner.config import DEFAULT_METHODS, EMBEDDED
from benchmark.runner.ranks import ALONE
from benchmark.runner.weights import assign_weights
from distinctions646.cluster.options import add_engine, take_engine
from distinctions646.images.rules import add_exif, add_matte_channel
from distinctions646.process.part import parse_part


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options to a parser."""
    add = parser.add_argument
    add(
        "--method",
        nargs="+",
        default=(),
        help="names, onnx:NAME or onnx:FILE.toml, folder:PATH of ready-made mattes, or "
        f"package.module:Name (default: {' '.join(DEFAULT_METHODS)})",
    )
    add(
        "--dataset",
        nargs="+",
        type=Path,
        default=(),
        help="built datasets, folders with image/, alpha/ and perhaps trimap/, or open sets as "
        f"NAME:DIR (default: {EMBEDDED})",
    )
    add("--split", default="test", help="which split")
    add("--backgrounds", type=Path, help="folder of the backgrounds of a virtual dataset")
    add_exif(parser)
    add_matte_channel(parser)
    add(
        "--weights",
        nargs="+",
        default=(),
        metavar="NAME=FILE",
        help="checkpoints of the methods that take one, NAME as in --method; with a single method "
        "FILE alone will do",
    )
    add(
        "--device",
        nargs="+",
        default=(),
        help="cpu or cuda for the methods that take one; cuda:0 cuda:1 runs one model each, "
        "cuda:auto one on every GPU; on a cluster, workers with the label GPU",
    )
    add("--workers", type=int, default=1, help="processes on the CPU")
    add("--limit", type=int, help="run on the first images of the split only")
    more = [name for name in BY_NAME if name not in STANDARD]
    add(
        "--more-metrics",
        nargs="+",
        choices=more,
        default=(),
        help="metrics to add to the four standard ones",
    )
    add("--dry-run", action="store_true", help="print what would be done and cost, and stop")
    add(
        "--shard",
        metavar="I/N",
        help="do part I (from 0) of N of the images; other processes do the other parts, into the "
        "same --out; slurm takes the numbers of the job array",
    )
    add_engine(parser)


def check_options(parser: argparse.ArgumentParser, options: dict[str, Any]) -> dict[str, Any]:
    """Refuse impossible values; return the options as `RunConfig` takes them."""
    for name in ("workers", "limit"):
        if options[name] is not None and options[name] < 1:
            parser.error(f"--{name} is {options[name]}; expected 1 or more")
    shard = options.pop("shard")
    try:
        options["rank"] = ALONE if shard is None else parse_part(shard, os.environ)
    except ValueError as error:
        parser.error(str(error))
    options["engine"] = take_engine(parser, options)
    options["method"] = options["method"] or DEFAULT_METHODS
    options["dataset"] = options["dataset"] or (EMBEDDED,)
    options["metrics"] = (*STANDARD, *options.pop("more_metrics"))
    for name in ("method", "dataset", "device", "metrics", "weights"):
        options[name] = tuple(dict.fromkeys(options[name]))
    try:
        assign_weights(options["weights"], options["method"])
    except ValueError as error:
        parser.error(str(error))
    kinds = {device.partition(":")[0] for device in options["device"]}
    if len(options["device"]) > 1 and kinds != {"cuda"}:
        parser.error("--device has several, not all GPUs; expected one, or cuda:0 cuda:1 …")
    return options
