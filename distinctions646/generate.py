"""Generate foregrounds and backgrounds for training.

    python -m distinctions646.generate --out sources --foregrounds 5000
    python -m distinctions646.generate --out sources --per-class 100 --count creature=900
    python -m distinctions646.generate --out sources --foregrounds 5000 --path-traced 20

writes sources/foregrounds (RGBA) and sources/backgrounds. The same options give the same pixels,
whatever the number of workers. Classes held out for tests are left out of train.
``--foregrounds`` divides a number among the classes, most to creatures, portraits and figures.
``--path-traced N`` adds the path-traced foregrounds of training, each as N files of one content.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from distinctions646.process.commandline import make_parser, run_command, tell_next

if TYPE_CHECKING:
    from distinctions646.mini.pictures import Picture


@dataclass(frozen=True)
class GenerateConfig:
    """The split to generate, its size, and the folder."""

    out: Path
    split: str
    size: int
    per_class: int | None
    foregrounds: int | None
    count: tuple[tuple[str, int], ...]
    backgrounds: int
    path_traced: int
    seed: int
    workers: int


def generate(config: GenerateConfig) -> None:
    """Write the sources.

    Raises
    ------
    ValueError
        If a setting is wrong, or the folder is not empty.
    """
    if config.out.exists() and any(config.out.iterdir()):
        raise ValueError(f"{config.out}: holds something; expected an empty or missing folder")
    if config.path_traced < 0:
        raise ValueError(f"--path-traced is {config.path_traced}; expected 0 or more")
    if config.path_traced and config.split != "train":
        raise ValueError(
            f"--path-traced {config.path_traced} is for training alone, and --split is "
            f"{config.split}; expected --split train"
        )
    from distinctions646.mini import write_sources

    write_sources(
        config.out,
        config.split,
        size=config.size,
        per_class=config.per_class,
        foregrounds=config.foregrounds,
        seed=config.seed,
        backgrounds=config.backgrounds,
        workers=config.workers,
        counts=dict(config.count),
    )
    if config.path_traced:
        _add_path_traced(config.out, config.size, config.path_traced)


def _add_path_traced(folder: Path, size: int, times: int) -> None:
    """Add the path-traced foregrounds of training to the folder and to its table."""
    from distinctions646.mini.pathtraced import list_pathtraced
    from distinctions646.mini.plans import plan_foregrounds
    from distinctions646.mini.sources import write_rows

    # A fourth of those that are planned is path-traced, as far as there are any.
    planned = plan_foregrounds("train", size, count=4 * len(list_pathtraced()))
    traced = [picture for picture in planned if picture.vendored is not None]
    table = folder / "foregrounds.csv"
    with table.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    added = [row for picture in traced for row in _write_copies(folder, picture, times)]
    write_rows(table, header, [*rows, *added])


def _write_copies(folder: Path, picture: Picture, times: int) -> list[list[object]]:
    """Write a foreground under `times` names; return their rows of the table."""
    from distinctions646.images.png import write_bytes
    from distinctions646.mini.pictures import make_picture

    stem = Path(picture.name).stem
    copies = [replace(picture, name=f"{stem}_{number}.png") for number in range(times)]
    opaque = make_picture(folder, copies[0])
    content = (folder / "foregrounds" / copies[0].name).read_bytes()
    for copy in copies[1:]:
        write_bytes(folder / "foregrounds" / copy.name, content)
    return [
        [copy.name, copy.subject, copy.group, opaque, copy.unseen, copy.source] for copy in copies
    ]


def _count(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not number.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: expected CLASS=NUMBER")
    return name, int(number)


def parse_args(arguments: list[str] | None = None) -> GenerateConfig:
    """Read the command line."""
    parser = make_parser("python -m distinctions646.generate", __doc__)
    parser.add_argument("--out", type=Path, required=True, help="missing or empty")
    splits = ("train", "validation", "test")
    parser.add_argument("--split", choices=splits, default="train", help="split to generate")
    parser.add_argument("--size", type=int, default=288, help="long side of a foreground")
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--per-class", type=int, help="foregrounds of each class (default: 100)")
    amount.add_argument("--foregrounds", type=int, metavar="N", help="foregrounds in all")
    parser.add_argument(
        "--count",
        type=_count,
        nargs="+",
        default=(),
        metavar="CLASS=N",
        help="foregrounds of single classes",
    )
    parser.add_argument("--backgrounds", type=int, default=320, help="backgrounds")
    parser.add_argument(
        "--path-traced",
        type=int,
        default=0,
        metavar="N",
        help="write each path-traced foreground of train N times",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the dataset")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    options = vars(parser.parse_args(arguments))
    if options["per_class"] is None and options["foregrounds"] is None:
        options["per_class"] = 100
    return GenerateConfig(**{**options, "count": tuple(options["count"])})


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)

    def command() -> None:
        generate(config)
        sys.stdout.write(f"{config.out}: foregrounds/, backgrounds/\n")
        tell_next(
            f"python -m hattmatting.train --sources {config.out} --preset tiny --out runs/tiny"
        )

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
