"""Train the network of any method that has a recipe.

    python -m baselines.train --method indexnet --sources DIR --out runs/indexnet
    python -m baselines.train --method indexnet --preset small --sources DIR --out runs/indexnet
    python -m baselines.train --list

DIR holds foregrounds/ (RGBA) and backgrounds/; or --dataset DIR is what
`python -m distinctions646.build --write virtual` made. With --method, --help shows the settings of
the method's recipe. A killed training goes on when it is run again, and on a CPU ends with the same
weights.
"""

from __future__ import annotations

import argparse
import sys

from distinctions646.process.commandline import run_command
from hattmatting.training.arguments import (
    DEFAULT,
    load_presets,
    make_training_parser,
    read_training,
    registered,
    train_and_report,
)
from hattmatting.training.recipe import Recipe
from hattmatting.training.run import Run

PROGRAM = "python -m baselines.train"


def parse_args(arguments: list[str] | None = None) -> tuple[Recipe, Run] | None:
    """Read the command line into what decides the result and what does not; None for ``--list``."""
    first = argparse.ArgumentParser(prog=PROGRAM, add_help=False, allow_abbrev=False)
    first.add_argument("--method")
    first.add_argument("--list", action="store_true")
    known, _ = first.parse_known_args(arguments)
    if known.list:
        return None
    presets = load_presets(known.method) if known.method in registered() else {}
    recipe = type(presets[DEFAULT]) if presets else Recipe
    parser = make_training_parser(PROGRAM, __doc__, recipe)
    parser.add_argument(
        "--method", choices=sorted(registered()), required=True, help="whose network is trained"
    )
    parser.add_argument(
        "--preset", choices=sorted(presets) or None, default=DEFAULT, help="the recipe"
    )
    parser.add_argument("--list", action="store_true", help="list the methods and their presets")
    options = vars(parser.parse_args(arguments))
    for name in ("method", "list"):
        del options[name]
    return read_training(options, presets[options.pop("preset")])


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    return run_command(lambda: _run(arguments))


def _run(arguments: list[str] | None) -> None:
    wanted = parse_args(arguments)
    if wanted is not None:
        train_and_report(*wanted)
        return
    for name in registered():
        sys.stdout.write(f"{name:16} {', '.join(load_presets(name))}\n")


if __name__ == "__main__":
    sys.exit(main())
