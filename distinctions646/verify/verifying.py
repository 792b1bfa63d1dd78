"""Verifying a built dataset against its recipe, or against another copy."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from distinctions646.cluster.options import EngineChoice, add_engine, take_engine
from distinctions646.cluster.starting import engine_for
from distinctions646.forms.manifest import read_manifest
from distinctions646.forms.virtual import BACKGROUNDS, BACKGROUNDS_VARIABLE
from distinctions646.images.fingerprint import short_fingerprint
from distinctions646.process.commandline import make_parser, run_command, usable_cores
from distinctions646.storage.staging import with_fetched
from distinctions646.verify.proving import (
    DifferentError,
    Verified,
    compare_with,
    verify_sources,
    verify_split,
)

_EXAMPLE = """\
examples:
  python -m distinctions646.verify OUT
  python -m distinctions646.verify OUT --split test --against 012-345-678-901
  python -m distinctions646.verify OUT --split train --backgrounds COCO

Decode every picture of a built dataset and compare it with the hashes of its recipe.
Of a split that is composed on reading, the sources are compared. Each column of the recipe is
compared with the manifest, the table of sources and the rows of the form (docs/datasets.md). With
--against, also compare the root with that of another copy.
Exit status 0: all equal; 1: something differs, and the first is named."""


@dataclass(frozen=True)
class VerifyConfig:
    """The dataset to verify, and what to compare it with."""

    folder: Path
    split: str | None
    against: str | None
    backgrounds: tuple[Path, ...]
    compose: bool
    workers: int
    engine: EngineChoice | None = None


def parse_args(arguments: Sequence[str] | None = None) -> VerifyConfig:
    """Read the command line.

    Parameters
    ----------
    arguments
        Without the program's name; None means those of this process.

    Returns
    -------
    VerifyConfig
        What to do.
    """
    parser = make_parser("python -m distinctions646.verify", _EXAMPLE, takes_addresses=True)
    parser.add_argument("folder", type=Path, metavar="OUT", help="a built dataset")
    parser.add_argument(
        "--split", default=argparse.SUPPRESS, help="split to verify (default: every split)"
    )
    parser.add_argument(
        "--against",
        metavar="ROOT",
        default=argparse.SUPPRESS,
        help="what it should equal: a root, its fingerprint, another dataset's folder, or a recipe",
    )
    parser.add_argument(
        "--backgrounds",
        nargs="+",
        type=Path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="backgrounds of a virtual split (default: OUT/backgrounds, or the folders that the "
        f"environment variable {BACKGROUNDS_VARIABLE} names)",
    )
    parser.add_argument(
        "--compose",
        action="store_true",
        help="also compose all of a virtual split, and print the root of its pixels",
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        default=usable_cores(),
        help="processes",
    )
    add_engine(parser)
    args = parser.parse_args(arguments)
    engine = take_engine(parser, vars(args))
    if args.workers < 1:
        parser.error(f"--workers is {args.workers}; expected 1 or more")
    return VerifyConfig(
        folder=args.folder,
        split=getattr(args, "split", None),
        against=getattr(args, "against", None),
        backgrounds=tuple(getattr(args, "backgrounds", ())),
        compose=args.compose,
        workers=args.workers,
        engine=engine,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``python -m distinctions646.verify``.

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

    def command() -> int:
        try:
            here = with_fetched(config)
            with engine_for(config.engine, read=[here.folder, *here.backgrounds]):
                _verify(here)
        except DifferentError as error:
            sys.stdout.write(f"different: {error}\n")
            return 1
        return 0

    return run_command(command)


def _verify(config: VerifyConfig) -> None:
    manifest = read_manifest(config.folder)
    if manifest is None:
        results = any(config.folder.glob("*/*/run.json"))
        hint = "; python -m benchmark.verify checks results" if results else ""
        raise ValueError(f"{config.folder}: no built dataset (build.json){hint}")
    splits = [config.split] if config.split is not None else list(manifest["splits"])
    if config.against is not None and len(splits) > 1:
        raise ValueError(f"{config.folder} has {' and '.join(splits)}; give --split")
    for split in splits:
        virtual = manifest["splits"].get(split, {}).get("write") == ["virtual"]
        if virtual and not _has_backgrounds(config) and config.split is None:
            sys.stdout.write(
                f"{config.folder}: {split} is composed on reading and not verified; "
                "give --backgrounds DIR\n"
            )
            continue
        verified = _prove(config, split, virtual)
        sys.stdout.write(f"{config.folder}: {split}, {_as_text(verified)}\n")
        if config.against is not None:
            compare_with(verified, config.folder, config.against)
            sys.stdout.write(f"equal to {config.against}\n")


def _has_backgrounds(config: VerifyConfig) -> bool:
    inside = (config.folder / BACKGROUNDS).is_dir()
    return bool(config.backgrounds) or inside or BACKGROUNDS_VARIABLE in os.environ


def _prove(config: VerifyConfig, split: str, virtual: bool) -> Verified:
    backgrounds = config.backgrounds or None
    verified = None
    if virtual:
        verified = verify_sources(
            config.folder, split, backgrounds=backgrounds, workers=config.workers
        )
    if verified is None or config.compose:
        composed = backgrounds if virtual or config.compose else None
        verified = verify_split(config.folder, split, backgrounds=composed, workers=config.workers)
    return verified


def _as_text(verified: Verified) -> str:
    roots = {
        "root": verified.root,
        "source root": verified.source_root if verified.root is None else None,
        "trimap root": verified.trimap_root,
    }
    named_roots = [
        f"{name} {root}, fingerprint {short_fingerprint(root)}"
        for name, root in roots.items()
        if root is not None
    ]
    what = "composites as built" if verified.root else "composites whose sources are as recorded"
    return f"{verified.composites} {what}, {'; '.join(named_roots)}"
