"""Check that stored results are what was written.

    python -m benchmark.verify runs

Reads every results table, run card, journal and matte below a folder, and names what is damaged.
Exit status 1 if anything is. Files from before the suite stored hashes are checked as far as they
can be, and counted.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from distinctions646.process.commandline import make_parser, run_command
from distinctions646.storage.staging import fetched

if TYPE_CHECKING:
    from benchmark.results.checking import Checked


@dataclass(frozen=True)
class VerifyConfig:
    """The folders to check."""

    results: tuple[Path, ...]


def parse_args(arguments: list[str] | None = None) -> VerifyConfig:
    """Read the command line."""
    parser = make_parser("python -m benchmark.verify", __doc__, takes_addresses=True)
    parser.add_argument(
        "results",
        type=Path,
        nargs="+",
        metavar="RESULTS",
        help="--out of benchmark.run, or what leaderboard --keep made",
    )
    return VerifyConfig(tuple(parser.parse_args(arguments).results))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status: 1 where something is damaged."""
    config = parse_args(arguments)

    def command() -> int:
        from benchmark.results.checking import check_results

        damaged = False
        for folder in config.results:
            here = fetched(folder)
            found = check_results(here)
            sys.stdout.write(render(here, found))
            damaged = damaged or bool(found.damaged)
        return int(damaged)

    return run_command(command)


def render(folder: Path, found: Checked) -> str:
    """Return what was found in a folder, as lines for people."""
    lines = [f"damaged: {fault}" for fault in found.damaged]
    counts = f"{found.runs} runs, {found.rows} rows, {found.mattes} mattes"
    verdict = f"{len(found.damaged)} damaged" if found.damaged else "all as written"
    lines.append(f"{folder}: {counts}; {verdict}")
    if found.unhashed:
        lines.append(
            f"{len(found.unhashed)} files have no hash of their content, as those of earlier "
            f"versions (the first: {found.unhashed[0]}); they were checked in all other ways"
        )
    if found.unfinished:
        lines.append(
            f"{len(found.unfinished)} journals are not joined (the first: {found.unfinished[0]}); "
            "run the same command again"
        )
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
