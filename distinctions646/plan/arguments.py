"""The command line of a build, turned into its settings."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypedDict

from distinctions646.cluster.options import make_choice
from distinctions646.plan.embedded import mini_config
from distinctions646.plan.options import (
    add_dataset,
    add_embedded,
    add_pixels,
    add_sources,
    add_work,
)
from distinctions646.plan.settings import BuildConfig, Sources
from distinctions646.process.commandline import make_parser, suggest_name
from distinctions646.process.part import parse_part
from distinctions646.sources.datasets import archive_names, open_set_names, splits_in_table
from distinctions646.sources.locations import ArchiveSources, CustomSources, OpenSetSources

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
that was killed resumes when the same command is run again. Check your copy of an official dataset
with python -m distinctions646.doctor first."""
_CUSTOM = ("foregrounds", "alphas", "backgrounds", "per_foreground", "name")
_OFFICIAL = ("source", "coco", "voc", "lists")
_NOT_MINI = ("foreground_list", "background_list", "split", "shard")
_MINI = ("foregrounds", "seed")
_PATHS = (
    *("out", "source", "coco", "voc", "lists", "foregrounds", "alphas", "backgrounds"),
    *("foreground_list", "background_list"),
)
# Default folders of mini; test-small and test are two versions of one split and cannot share one.
_MINI_OUT = {"test": "mini-test"}


def parse_args(arguments: Sequence[str] | None = None) -> BuildConfig:
    """Read the command line of a build.

    Parameters
    ----------
    arguments
        Without the program's name; None means those of this process.

    Returns
    -------
    BuildConfig
        What to build.
    """
    parser = make_parser("python -m distinctions646.build", _EXAMPLE, takes_addresses=True)
    add_dataset(parser)
    add_sources(parser)
    add_embedded(parser)
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="missing, empty, or holding this same build (default: ./mini for mini, ./mini-test "
        "for its test)",
    )
    add_pixels(parser)
    add_work(parser)
    return parse_config(parser, parser.parse_args(arguments))


def parse_config(parser: argparse.ArgumentParser, args: argparse.Namespace) -> BuildConfig:
    """Turn the flags of a build into its settings; a wrong one ends the process with status 2."""
    try:
        return make_config(vars(args))
    except ValueError as error:
        parser.error(str(error))


class BuildOptions(TypedDict, total=False):
    """The options of a build by name, as ``python -m distinctions646.build --help`` has them."""

    out: Path | str
    split: str
    source: Path | str
    coco: Path | str
    voc: Path | str
    lists: Path | str
    foregrounds: Path | str | int
    alphas: Path | str
    backgrounds: Path | str
    foreground_list: Path | str
    background_list: Path | str
    per_foreground: int
    name: str
    config: str
    seed: int
    write: Sequence[str]
    image_format: str
    force_jpeg: bool
    preset: str
    exif: str
    alpha_cleanup: str
    names: str
    trimap_rule: str
    trimap_seed: int
    workers: int
    rehash: bool
    scheduler: str
    cluster: str


def name_config(dataset: str, options: BuildOptions) -> BuildConfig:
    """Return the settings of a build from the dataset's name and options.

    Raises
    ------
    ValueError
        If there is no such dataset or option, or options do not go together.
    """
    known = ("mini", "custom", *archive_names(), *open_set_names())
    if dataset not in known:
        raise ValueError(
            f"dataset is {dataset!r}{suggest_name(dataset, known)}; expected one of "
            f"{', '.join(known)}"
        )
    unknown = sorted(set(options) - set(BuildOptions.__annotations__))
    if unknown:
        near = suggest_name(unknown[0], BuildOptions.__annotations__)
        raise ValueError(f"a build has no option {unknown[0]!r}{near}")
    given: dict[str, Any] = {"dataset": dataset, **options}
    for option in _PATHS:
        if option in given:
            given[option] = Path(str(given[option]))
    return make_config(given)


def make_config(flags: Mapping[str, Any]) -> BuildConfig:
    """Turn the flags of a build into its settings.

    Parameters
    ----------
    flags
        Flags of `options` and ``--out`` by name; those that are left out or None take the
        dataset's default, by `plan.build_plan.resolve`.

    Raises
    ------
    ValueError
        If a flag is missing, or flags do not go together.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    _refuse_stray_flags(given)
    dataset, configuration = given["dataset"], given.pop("config", "test-small")
    sources = _take_sources(given, configuration)
    if "shard" in given:
        given["part"] = parse_part(given.pop("shard"), os.environ)
    if dataset == "mini":
        given.setdefault("out", Path(_MINI_OUT.get(configuration, "mini")))
    if "write" in given:
        given["write"] = tuple(given["write"])
    given["engine"] = make_choice(given.pop("scheduler", None), given.pop("cluster", None))
    return BuildConfig(sources=sources, **given)


def _take_sources(given: dict[str, Any], configuration: str) -> Sources:
    """Remove the flags of the sources from `given` and return the sources."""
    dataset = given["dataset"]
    if dataset == "mini":
        del given["dataset"]
        number = _whole_number(given.pop("foregrounds", None))
        return mini_config(configuration, number, given.pop("seed", None))
    if dataset == "custom":
        given["dataset"] = given.pop("name", dataset)
        return CustomSources(**_take(given, CustomSources))
    given.setdefault("split", "test")
    if dataset in archive_names():
        return ArchiveSources(**_take(given, ArchiveSources))
    return OpenSetSources(**_take(given, OpenSetSources))


def _take(given: dict[str, Any], kind: type[Any]) -> dict[str, Any]:
    return {field.name: given.pop(field.name) for field in fields(kind) if field.name in given}


def _whole_number(given: Path | None) -> int | None:
    if given is None:
        return None
    if not str(given).isdecimal():
        raise ValueError(f"--foregrounds is {given}; mini wants a number of foregrounds")
    return int(str(given))


def _refuse_stray_flags(given: Mapping[str, Any]) -> None:
    dataset = given["dataset"]
    kinds = {"mini": _MINI, "custom": (*_CUSTOM, *_NOT_MINI)}
    kinds |= dict.fromkeys(open_set_names(), ("source", "split", "shard"))
    allowed = kinds.get(dataset, (*_OFFICIAL, *_NOT_MINI))
    for name in (*_CUSTOM, *_OFFICIAL, *_NOT_MINI, "seed"):
        if name in given and name not in allowed:
            needed = "an official --dataset" if name in _OFFICIAL else "--dataset custom"
            needed = "--config train" if name == "seed" else needed
            raise ValueError(f"--{name.replace('_', '-')} needs {needed}")
    required = {"mini": (), "custom": ("foregrounds", "backgrounds", "out")}
    for name in required.get(dataset, ("source", "out")):
        if name not in given:
            hint = f" (or read it in place, as {dataset}:DIR)" if name == "out" else ""
            hint = hint if dataset in open_set_names() else ""
            raise ValueError(f"--dataset {dataset} needs --{name}{hint}")
    splits = splits_in_table(dataset)
    split = given.get("split", "test")
    if splits and split not in splits:
        raise ValueError(f"--split is {split}; {dataset} has {' or '.join(splits)}")
