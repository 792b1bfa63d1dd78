"""Render the path-traced foregrounds, for example:

    python -m renderer --out distinctions646/mini/pathtraced

    python -m renderer --out look --only teapot --seed 1 --size 240

A maintainer's tool: it needs Blender's Python module, `pip install bpy==4.2.0` on Python 3.11.
The same picture comes out of the same version of it. The folder gets lossless WebP files with
straight RGBA, and a table, pathtraced.csv. Pictures that the table lists are left alone, so that
the same command resumes where it was stopped.
"""  # noqa: D400

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from distinctions646.process.commandline import make_parser, run_command
from renderer.gallery import SCENES


@dataclass(frozen=True)
class Settings:
    """What the command line asks for."""

    out: Path
    only: str | None
    seed: int | None
    samples: int | None
    size: int
    again: bool


def parse_args(arguments: Sequence[str] | None = None) -> Settings:
    """Parse the command line."""
    parser = make_parser("python -m renderer", __doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    parser.add_argument("--only", choices=tuple(SCENES), metavar="SCENE", help=", ".join(SCENES))
    parser.add_argument("--seed", type=int, metavar="N", help="only the pictures of this seed")
    parser.add_argument("--samples", type=_positive, metavar="N", help="most samples a pixel")
    parser.add_argument("--size", type=_positive, default=640, metavar="N", help="long side")
    parser.add_argument("--again", action="store_true", help="render what is there already anew")
    return Settings(**vars(parser.parse_args(arguments)))


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is less than 1")
    return value


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    settings = parse_args(arguments)

    def command() -> None:
        from renderer.produce import plan, produce

        shots = plan(settings.only, settings.seed)
        produce(settings.out, shots, settings.size, settings.samples, again=settings.again)

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
