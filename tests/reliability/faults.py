"""Every file-system step of the commands fails or dies once.

    python -m tests.reliability.faults --command run build
    python -m tests.reliability.faults --record tests/reliability/figures.json

A step that fails gets ENOSPC or EIO; one that dies ends the process there, after half of what it
was to write. Then the same command is given again. It has survived if it told the fault in one line
and ends the second time with the same bytes in every file, and no file more.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from distinctions646.process.commandline import make_parser, run_command
from tests.reliability.commands import COMMANDS, write_inputs
from tests.reliability.figures import record, tables
from tests.reliability.steps import FAULTS
from tests.reliability.trying import Bench, Outcome, sample, warm


def try_all(names: Sequence[str], count: int | None, seed: int = 0) -> list[Outcome]:
    """Try the faults of some commands; `count` draws so many of each command's."""
    use_a_small_network()
    warm(torch="train" in names)
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        inputs = Path(folder) / "inputs"
        write_inputs(inputs)
        for number, name in enumerate(names):
            root = Path(folder) / f"{number}"
            root.mkdir()
            bench = Bench(name, COMMANDS[name], inputs, root)
            tries = list(sample(bench.tries(), count, seed))
            sys.stderr.write(f"{name}: {len(bench.steps)} steps, {len(bench.tries())} tries\n")
            for done, tried in enumerate(tries, 1):
                outcomes.append(bench.outcome(tried))
                if outcomes[-1].lost:
                    sys.stdout.write(f"{describe(outcomes[-1])}\n")
                    sys.stdout.flush()
                if sys.stderr.isatty() or done % 100 == 0 or done == len(tries):
                    lost = sum(bool(one.lost) for one in outcomes)
                    sys.stderr.write(f"{name}: {done} of {len(tries)} tries, {lost} lost in all\n")
    return outcomes


def describe(outcome: Outcome) -> str:
    """Return what was tried and what was lost."""
    tried = outcome.tried
    return (
        f"{tried.name}: {tried.fault} at {tried.step.kind} of {tried.step.path} "
        f"(step {tried.number}): {outcome.lost}"
    )


def use_a_small_network() -> None:
    """Give `--model small` to the trainer: a network of a few kilobytes."""
    from hattmatting.model import config

    config.PRESETS["small"] = config.HAttConfig(
        backbone="resnet-4", geometry="compact", aspp_channels=8, decoder_channels=8, init="kaiming"
    )


def figures_of(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return tries and survivals by command and fault."""
    rows: dict[str, Any] = {}
    for name in dict.fromkeys(one.tried.name for one in outcomes):
        own = [one for one in outcomes if one.tried.name == name]
        counts = {
            fault: [
                sum(one.tried.fault == fault for one in own),
                sum(one.tried.fault == fault and not one.lost for one in own),
            ]
            for fault in FAULTS
        }
        rows[name] = {"steps": len({one.tried.number for one in own}), "faults": counts}
    return rows


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status: 1 where something was lost."""
    parser = make_parser("python -m tests.reliability.faults", __doc__)
    parser.add_argument("--command", nargs="+", choices=tuple(COMMANDS), default=tuple(COMMANDS))
    parser.add_argument("--tries", type=int, help="so many of each command's (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of the draw of --tries")
    parser.add_argument("--record", type=Path, metavar="FILE", help="figures.json to write to")
    given: argparse.Namespace = parser.parse_args(arguments)

    def command() -> int:
        outcomes = try_all(given.command, given.tries, given.seed)
        rows = figures_of(outcomes)
        if given.record is not None:
            record("faults", rows, given.record)
        sys.stdout.write(tables({"faults": rows})["faults"])
        return int(any(one.lost for one in outcomes))

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
