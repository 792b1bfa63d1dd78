"""Read files that were spoilt on purpose.

    python -m tests.fuzz --inputs 100000
    python -m tests.fuzz --reader build.json --inputs 500 --seed 7
    python -m tests.fuzz --reader pictures --show 137 > spoilt.png

The inputs are shared out among the readers. Each must be read, or refused by an error in one line
that names the file. What escapes is printed with its number; --show writes that input again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from distinctions646.process.commandline import make_parser, run_command
from tests.fuzz.fuzzing import run, spoilt
from tests.fuzz.readers import READERS
from tests.reliability.figures import record, tables


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status: 1 where something escaped."""
    parser = make_parser("python -m tests.fuzz", __doc__)
    parser.add_argument("--inputs", type=int, default=2000, help="in all")
    parser.add_argument("--reader", nargs="+", choices=tuple(READERS), default=tuple(READERS))
    parser.add_argument("--seed", type=int, default=0, help="another one spoils other things")
    parser.add_argument("--show", type=int, metavar="NUMBER", help="write one input to stdout")
    parser.add_argument("--record", type=Path, metavar="FILE", help="figures.json to write to")
    given = parser.parse_args(arguments)
    return run_command(lambda: _show(given) if given.show is not None else _fuzz(given))


def _show(given: argparse.Namespace) -> None:
    (name,) = given.reader
    with tempfile.TemporaryDirectory() as folder:
        seeds = READERS[name].seeds(Path(folder))
        key = f"{given.seed}/{name}/{given.show}"
        contents = {path: path.read_bytes() for path in seeds}
        sys.stdout.buffer.write(spoilt(READERS[name], contents, key)[1])


def _fuzz(given: argparse.Namespace) -> int:
    rows = {}
    for name, tally, seconds in run(list(given.reader), given.inputs, given.seed):
        rows[name] = {
            "inputs": sum(tally.counts.values()),
            **{kind: tally.counts[kind] for kind in ("read", "refused", "escaped")},
        }
        sys.stderr.write(f"{name}: {rows[name]}, {seconds:.0f} s\n")
        for escape, number in tally.escapes.items():
            sys.stdout.write(f"{name} {number}: {escape}\n")
        sys.stdout.flush()
        if given.record is not None:
            record("fuzz", {name: rows[name]}, given.record)
    sys.stdout.write(tables({"fuzz": rows})["fuzz"])
    return int(any(row["escaped"] for row in rows.values()))


if __name__ == "__main__":
    sys.exit(main())
