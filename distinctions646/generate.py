"""Generate foregrounds and backgrounds to train on.

    python -m distinctions646.generate --out sources --foregrounds 5000
    python -m distinctions646.generate --out sources --per-class 100 --count creature=900

writes sources/foregrounds (RGBA) and sources/backgrounds. The same options give the same pixels,
whatever the number of workers. Classes that are held out for tests are left out of train.
``--foregrounds`` shares a number out among the classes, most to creatures, portraits and figures.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from distinctions646.commandline import make_parser, run_command


@dataclass(frozen=True)
class GenerateConfig:
    """How much to generate, and where to."""

    out: Path
    split: str
    size: int
    per_class: int | None
    foregrounds: int | None
    count: tuple[tuple[str, int], ...]
    backgrounds: int
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
    parser.add_argument("--split", choices=splits, default="train", help="which split")
    parser.add_argument("--size", type=int, default=288, help="long side of a foreground")
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--per-class", type=int, help="foregrounds of each class (default: 100)")
    amount.add_argument("--foregrounds", type=int, metavar="N", help="foregrounds in all")
    parser.add_argument(
        "--count", type=_count, nargs="+", default=(), metavar="CLASS=N", help="of single classes"
    )
    parser.add_argument("--backgrounds", type=int, default=320, help="backgrounds")
    parser.add_argument("--seed", type=int, default=0, help="which dataset")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    options = vars(parser.parse_args(arguments))
    if options["per_class"] is None and options["foregrounds"] is None:
        options["per_class"] = 100
    return GenerateConfig(**{**options, "count": tuple(options["count"])})


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)
    return run_command(lambda: generate(config))


if __name__ == "__main__":
    sys.exit(main())
