"""Build a dataset of composites from foregrounds, alphas and backgrounds.

Everything that can be known without decoding a pixel is checked before anything is written, and
the output folder appears when it is whole.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from distinctions646.assemble import assemble, find_finished
from distinctions646.commandline import HelpFormatter, run_command
from distinctions646.embedded import CONFIGS, generator_sha256, write_mini_sources
from distinctions646.fingerprint import settings_sha256
from distinctions646.pairing import make_shards
from distinctions646.recipe import NAMINGS
from distinctions646.settings import PRESETS, WRITERS, BuildConfig, check_config, description
from distinctions646.shards import Shard
from distinctions646.trimap import DEFAULT_RULE, RULES
from distinctions646.workspace import refuse_foreign

__all__ = ["BuildConfig", "Built", "build", "main"]

_EXAMPLE = """\
examples:
  python -m distinctions646.build          (the embedded dataset mini, into ./mini)
  python -m distinctions646.build --dataset custom --foregrounds FG --alphas ALPHA \\
      --backgrounds BG --per-foreground 20 --write folder --out OUT

Build a dataset of composites. Foreground i goes over backgrounds i*N to i*N+N-1, in the order of
the lists or sorted by name; the pixels equal those of the official Composition-1k script. A build
that was killed goes on when the same command is run again."""
_OWN = ("foregrounds", "alphas", "foreground_list", "backgrounds", "background_list")


@dataclass(frozen=True)
class Built:
    """What a build did: the folder's manifest, and what a user should be told."""

    manifest: dict[str, Any]
    was_there: bool = False
    surplus: int = 0


def build(config: BuildConfig) -> Built:
    """Build a dataset: from a user's own folders, or the embedded one.

    Parameters
    ----------
    config
        What to build.

    Returns
    -------
    Built
        The manifest, whether it was there already, and how many backgrounds were left over.

    Raises
    ------
    ValueError
        If a setting or a source is wrong, or the output folder holds something else.
    OSError
        If a file cannot be read or written.
    """
    check_config(config)
    refuse_foreign(config.out)
    if config.mini is not None:
        return _build_mini(config, config.mini)
    shards, surplus = make_shards(config)
    key = settings_sha256(
        [description(config), config.split, [shard.key for shard in shards]],
    )
    finished = find_finished(config, key)
    if finished is not None:
        return Built(finished, was_there=True, surplus=surplus)
    return Built(assemble(config, key, lambda folder: (shards, ())), surplus=surplus)


def _build_mini(config: BuildConfig, name: str) -> Built:
    mini = CONFIGS[name]
    config = replace(config, split=mini.split, per_foreground=mini.per_foreground)
    key = settings_sha256([description(config), asdict(mini), generator_sha256()])
    finished = find_finished(config, key)
    if finished is not None:
        return Built(finished, was_there=True)

    def prepare(folder: Path) -> tuple[Sequence[Shard], Sequence[Path]]:
        sources = write_mini_sources(mini, folder / f"sources-{key[:8]}", workers=config.workers)
        foregrounds, backgrounds = sources / "foregrounds", sources / "backgrounds"
        own = replace(config, foregrounds=foregrounds, backgrounds=backgrounds)
        return make_shards(own)[0], [sources / "foregrounds.csv"]

    return Built(assemble(config, key, prepare))


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
    parser = argparse.ArgumentParser(
        prog="python -m distinctions646.build",
        usage=argparse.SUPPRESS,
        description=_EXAMPLE,
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--dataset",
        choices=("mini", "custom"),
        default="mini",
        help="mini: the embedded dataset; custom: your own folders",
    )
    _add_sources(parser)
    _add_outputs(parser)
    args = parser.parse_args(arguments)
    mini = args.dataset == "mini"
    for name in (*_OWN, "per_foreground", "name", "split") if mini else ():
        if hasattr(args, name):
            parser.error(f"--{name.replace('_', '-')} needs --dataset custom")
    for name in () if mini else ("foregrounds", "backgrounds", "out"):
        if not hasattr(args, name):
            parser.error(f"--dataset custom needs --{name}")
    settings = {name: value for name, value in vars(args).items() if name not in ("name", "config")}
    settings["dataset"] = getattr(args, "name", args.dataset)
    settings["write"] = tuple(getattr(args, "write", WRITERS if mini else ("parquet",)))
    settings.setdefault("out", Path("mini"))
    settings.setdefault("trimap_rule", DEFAULT_RULE if mini else None)
    if settings["trimap_rule"] == "none":
        settings["trimap_rule"] = None
    return BuildConfig(**settings, mini=args.config if mini else None)


def _add_sources(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "sources (--dataset custom)", argument_default=argparse.SUPPRESS
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
    group.add_argument("--split", help="name of the split (default: test)")
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
        help="Parquet with the pictures inside, plain PNG files, or both "
        "(default: parquet; for mini both)",
    )
    parser.add_argument("--preset", choices=PRESETS, default="adobe", help="fit and blend")
    parser.add_argument(
        "--names",
        choices=NAMINGS,
        default="adobe",
        help="adobe: <foreground stem>_<k>; d646: <name before the first _>_<index>",
    )
    parser.add_argument(
        "--trimap-rule",
        metavar="ID",
        default=argparse.SUPPRESS,
        help=f"none or {', '.join(RULES)} (default: none; for mini {DEFAULT_RULE})",
    )
    parser.add_argument("--trimap-seed", type=int, metavar="S", default=0, help="of drawn radii")
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        default=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1,
        help="processes; the result does not depend on it",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Build as the command line says.

    Parameters
    ----------
    arguments
        Without the program's name; None means those of this process.

    Returns
    -------
    int
        Exit status.
    """
    config = parse_args(arguments)

    def command() -> None:
        built = build(config)
        if built.surplus:
            sys.stderr.write(f"note: {built.surplus} backgrounds were left over\n")
        state = "already built" if built.was_there else "built"
        for split, facts in built.manifest["splits"].items():
            sys.stdout.write(
                f"{config.out}: {state}: {split}, {facts['composites']} composites of "
                f"{facts['foregrounds']} foregrounds, root {facts['root']}\n"
            )

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
