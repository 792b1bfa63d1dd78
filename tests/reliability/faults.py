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
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from distinctions646.process.commandline import make_parser, run_command
from tests.reliability.commands import COMMANDS, write_inputs
from tests.reliability.figures import record, tables
from tests.reliability.steps import FAULTS
from tests.reliability.trying import Bench, Outcome, sample, warm

_TOLD = 20  # tries after which those so far are recorded


def try_all(
    names: Sequence[str], count: int | None, seed: int = 0
) -> Iterator[tuple[Bench, list[Outcome]]]:
    """Try the faults of each command in a drawn order, all or `count` of each command's.

    Yields
    ------
    bench : Bench
        The command.
    outcomes : list of Outcome
        Of its tries so far: yielded after every `_TOLD` of them, and after the last.
    """
    use_a_small_network()
    warm()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        inputs = Path(folder) / "inputs"
        write_inputs(inputs)
        for number, name in enumerate(names):
            root = Path(folder) / f"{number}"
            root.mkdir()
            bench = Bench(name, COMMANDS[name], inputs, root)
            tries = sample(bench.tries(), count, seed)
            sys.stderr.write(f"{name}: {len(bench.steps)} steps, {len(bench.tries())} tries\n")
            outcomes: list[Outcome] = []
            for tried in tries:
                outcomes.append(bench.outcome(tried))
                if outcomes[-1].lost:
                    sys.stdout.write(f"{describe(outcomes[-1])}\n")
                    sys.stdout.flush()
                if len(outcomes) % _TOLD == 0 or len(outcomes) == len(tries):
                    lost = sum(bool(one.lost) for one in outcomes)
                    sys.stderr.write(f"{name}: {len(outcomes)} tries, {lost} lost\n")
                    yield bench, outcomes


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


def figures_of(bench: Bench, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return a command's tries, possible tries and survivals by fault."""
    possible = Counter(tried.fault for tried in bench.tries())
    counts = {
        fault: [
            sum(one.tried.fault == fault for one in outcomes),
            possible[fault],
            sum(one.tried.fault == fault and not one.lost for one in outcomes),
        ]
        for fault in FAULTS
    }
    return {"steps": len({one.tried.number for one in outcomes}), "faults": counts}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status: 1 where something was lost."""
    parser = make_parser("python -m tests.reliability.faults", __doc__)
    parser.add_argument("--command", nargs="+", choices=tuple(COMMANDS), default=tuple(COMMANDS))
    parser.add_argument("--tries", type=int, help="so many of each command's (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of the draw of --tries")
    parser.add_argument("--record", type=Path, metavar="FILE", help="figures.json to write to")
    given: argparse.Namespace = parser.parse_args(arguments)

    def command() -> int:
        rows = {}
        for bench, outcomes in try_all(given.command, given.tries, given.seed):
            rows[bench.name] = figures_of(bench, outcomes)
            if given.record is not None:
                record("faults", {bench.name: rows[bench.name]}, given.record)
        sys.stdout.write(tables({"faults": rows})["faults"])
        counts = [each for row in rows.values() for each in row["faults"].values()]
        return int(any(survived < tries for tries, _, survived in counts))

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
