"""Decode a built dataset again and compare it with its recipe, or with another laboratory's."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import numpy as np

from distinctions646.commandline import make_parser, run_command
from distinctions646.fingerprint import pixel_sha256, short_fingerprint, split_root
from distinctions646.layouts import GIVEN_RULE
from distinctions646.loading import open_split
from distinctions646.plain import GIVEN_TRIMAPS
from distinctions646.recipe import Row, read_recipe
from distinctions646.samples import Sample
from distinctions646.trimap import make_trimap
from distinctions646.workspace import read_manifest

_EXAMPLE = """\
examples:
  python -m distinctions646.verify OUT
  python -m distinctions646.verify OUT --split test --against 012-345-678-901

Decode every picture of a built dataset and compare it with the hashes of its recipe; then its
root with another's. Exit status 0: all equal; 1: something differs, and the first is named."""


class DifferentError(ValueError):
    """Say where a dataset first differs from what it should be."""


@dataclass(frozen=True)
class Verified:
    """A split whose pictures are what its recipe says.

    Attributes
    ----------
    split, composites
        What was decoded.
    root
        Of the decoded pixels.
    """

    split: str
    composites: int
    root: str

    @property
    def fingerprint(self) -> str:
        """The root, short enough for the telephone."""
        return short_fingerprint(self.root)


def verify_split(
    folder: Path | str,
    split: str = "test",
    *,
    backgrounds: Path | str | Sequence[Path | str] | None = None,
    workers: int = 1,
) -> Verified:
    """Decode one split, in every form it was written in.

    Parameters
    ----------
    folder
        What `distinctions646.build` made.
    split
        Name of the split.
    backgrounds
        For a split that is composed on reading: the folders of its backgrounds. None leaves that
        form out where there is another.
    workers
        Processes.

    Returns
    -------
    Verified
        Its root.

    Raises
    ------
    DifferentError
        Naming the first picture that differs from the recipe.
    ValueError
        If the folder has no such split, or a picture is missing or damaged.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    if manifest is None or split not in manifest["splits"]:
        raise ValueError(f"{folder}: no built dataset with a split {split!r}")
    facts = manifest["splits"][split]
    forms = [form for form in facts["write"] if form != "virtual"]
    if "virtual" in facts["write"] and (backgrounds is not None or not forms):
        forms.append("virtual")
    rows = read_recipe(folder / "recipe" / f"{split}.parquet")
    root = ""
    for form in forms:
        own = backgrounds if form == "virtual" else None
        samples = open_split(folder, split, mode=form, backgrounds=own).samples
        hashes = _hash_all(samples, facts["trimap_seed"], workers)
        root = _compare(rows, hashes, f"{folder}: {split} ({form})")
    if facts["root"] not in (None, root):
        raise DifferentError(
            f"{folder}: {split} has the root {root}, but its manifest says {facts['root']}"
        )
    return Verified(split, len(rows), root)


def compare_with(verified: Verified, folder: Path | str, other: str) -> None:
    """Compare a split with another laboratory's.

    Parameters
    ----------
    verified
        Of `verify_split`.
    folder
        The dataset it is of.
    other
        A root, a short fingerprint, another dataset's folder, or a recipe file.

    Raises
    ------
    DifferentError
        Naming the first composite that differs, where `other` has a recipe.
    ValueError
        If `other` is nothing of the kind.
    """
    path = Path(other)
    if path.exists():
        theirs = read_recipe(
            path / "recipe" / f"{verified.split}.parquet" if path.is_dir() else path
        )
        ours = read_recipe(Path(folder) / "recipe" / f"{verified.split}.parquet")
        _compare_recipes(ours, theirs, other)
    elif re.fullmatch(r"[0-9a-f]{64}", other):
        if other != verified.root:
            raise DifferentError(f"{folder}: {verified.split} has the root {verified.root}")
    elif re.fullmatch(r"\d{3}(-\d{3}){3}", other):
        if other != verified.fingerprint:
            raise DifferentError(
                f"{folder}: {verified.split} has the fingerprint {verified.fingerprint}"
            )
    else:
        raise ValueError(
            f"against is {other!r}; expected a root of 64 hexadecimal digits, a fingerprint such "
            "as 012-345-678-901, a dataset's folder or a recipe"
        )


def _hash_all(
    samples: Sequence[Sample], seed: int, workers: int
) -> Iterator[tuple[str, str, str | None]]:
    from tqdm import tqdm

    with tqdm(total=len(samples), unit="composite", disable=None) as progress:
        for hashes in _map(samples, seed, workers):
            progress.update()
            yield hashes


def _map(
    samples: Sequence[Sample], seed: int, workers: int
) -> Iterator[tuple[str, str, str | None]]:
    if workers == 1:
        yield from map(_hash, samples, repeat(seed))
        return
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        # In runs, so that a process reads a Parquet row group once.
        yield from pool.map(_hash, samples, repeat(seed), chunksize=8)


def _hash(sample: Sample, seed: int) -> tuple[str, str, str | None]:
    """Hash image and alpha; say what is wrong with the trimap, if anything."""
    alpha_u8 = sample.alpha_u8()
    trimap = sample.trimap()
    fault = None
    if sample.trimap_rule is not None and trimap is None:
        fault = "has no trimap"
    elif trimap is not None and sample.trimap_rule not in (None, GIVEN_RULE, GIVEN_TRIMAPS):
        made = make_trimap(alpha_u8, sample.trimap_rule or "", image_id=sample.id, seed=seed)
        if not np.array_equal(trimap, made):
            fault = f"has another trimap than {sample.trimap_rule} makes of its alpha"
    return pixel_sha256(sample.image()), pixel_sha256(alpha_u8), fault


def _compare(rows: Sequence[Row], hashes: Iterator[tuple[str, str, str | None]], where: str) -> str:
    found = []
    for row, (image_sha256, alpha_sha256, fault) in zip(rows, hashes, strict=True):
        for kind, wanted, came in (
            ("image", row.image_sha256, image_sha256),
            ("alpha", row.alpha_sha256, alpha_sha256),
        ):
            if wanted not in (None, came):
                raise DifferentError(f"{where}: {row.name} has another {kind} than the recipe says")
        if fault is not None:
            raise DifferentError(f"{where}: {row.name} {fault}")
        found.append((row.name, image_sha256, alpha_sha256))
    return split_root(found)


def _compare_recipes(ours: Sequence[Row], theirs: Sequence[Row], other: str) -> None:
    for own, their in zip(ours, theirs, strict=False):
        for field in ("name", "foreground", "background", "image_sha256", "alpha_sha256"):
            values = getattr(own, field), getattr(their, field)
            if None not in values and values[0] != values[1]:
                raise DifferentError(
                    f"composite {own.index} ({own.name}) differs from that of {other}: {field} is "
                    f"{values[0]}, there {values[1]}"
                )
    if len(ours) != len(theirs):
        raise DifferentError(f"{len(ours)} composites, {other} has {len(theirs)}")


@dataclass(frozen=True)
class VerifyConfig:
    """What to verify, against what."""

    folder: Path
    split: str | None
    against: str | None
    backgrounds: tuple[Path, ...]
    workers: int


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
    parser = make_parser("python -m distinctions646.verify", _EXAMPLE)
    parser.add_argument("folder", type=Path, metavar="OUT", help="a built dataset")
    parser.add_argument("--split", default=argparse.SUPPRESS, help="(default: every split)")
    parser.add_argument(
        "--against",
        metavar="ROOT",
        default=argparse.SUPPRESS,
        help="another laboratory's root, fingerprint, dataset folder or recipe",
    )
    parser.add_argument(
        "--backgrounds",
        nargs="+",
        type=Path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="compose what was written as virtual over these",
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        default=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1,
        help="processes",
    )
    args = parser.parse_args(arguments)
    if args.workers < 1:
        parser.error(f"--workers is {args.workers}; expected 1 or more")
    return VerifyConfig(
        folder=args.folder,
        split=getattr(args, "split", None),
        against=getattr(args, "against", None),
        backgrounds=tuple(getattr(args, "backgrounds", ())),
        workers=args.workers,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify as the command line says.

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
            _verify(config)
        except DifferentError as error:
            sys.stdout.write(f"different: {error}\n")
            return 1
        return 0

    return run_command(command)


def _verify(config: VerifyConfig) -> None:
    manifest = read_manifest(config.folder)
    if manifest is None:
        raise ValueError(f"{config.folder}: no built dataset (build.json)")
    splits = [config.split] if config.split is not None else list(manifest["splits"])
    if config.against is not None and len(splits) > 1:
        raise ValueError(f"{config.folder} has {' and '.join(splits)}; say --split, too")
    for split in splits:
        form = manifest["splits"].get(split, {}).get("write")
        if form == ["virtual"] and not config.backgrounds and config.split is None:
            sys.stdout.write(
                f"{config.folder}: {split} is composed on reading and not verified; "
                "say --backgrounds DIR\n"
            )
            continue
        verified = verify_split(
            config.folder,
            split,
            backgrounds=config.backgrounds or None,
            workers=config.workers,
        )
        sys.stdout.write(
            f"{config.folder}: {split}, {verified.composites} composites as built, "
            f"root {verified.root}, fingerprint {verified.fingerprint}\n"
        )
        if config.against is not None:
            compare_with(verified, config.folder, config.against)
            sys.stdout.write(f"equal to {config.against}\n")


if __name__ == "__main__":
    sys.exit(main())
