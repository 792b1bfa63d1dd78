"""Train HAttMatting: configuration, data, model, optimisers, loop.

    python -m hattmatting.train --sources DIR --preset tiny --out runs/tiny

DIR holds foregrounds/ (RGBA) and backgrounds/; or --dataset DIR is what
`python -m distinctions646.build --write virtual` made. The same command runs on a CPU, on one GPU
and, as `torchrun --nproc-per-node 4 -m hattmatting.train ...`, on many. A killed training goes on
when it is run again, and on a CPU ends with the same weights.
"""

from __future__ import annotations

import sys

from distinctions646.process.commandline import run_command
from hattmatting.recipes import PRESETS, HAttRecipe
from hattmatting.training.arguments import make_training_parser, read_training, train_and_report
from hattmatting.training.loop import train as train
from hattmatting.training.run import Run


def parse_args(arguments: list[str] | None = None) -> tuple[HAttRecipe, Run]:
    """Read the command line into what decides the result and what does not."""
    parser = make_training_parser("python -m hattmatting.train", __doc__, HAttRecipe)
    parser.add_argument("--preset", choices=sorted(PRESETS), default="paper", help="the recipe")
    options = vars(parser.parse_args(arguments))
    return read_training(options, PRESETS[options.pop("preset")])


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    return run_command(lambda: train_and_report(*parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
