"""Parsing and errors of every command: shown defaults, one clear error, exit status 2."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import NoReturn

from distinctions646.process.commands import as_typed, typed_command


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Keep the example at the head of ``--help`` as written and show each default that is one."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        help_, default = action.help, action.default
        hidden = default in (None, (), argparse.SUPPRESS) or default is False
        if help_ is None or hidden or "(default" in help_:
            return help_
        values = default if isinstance(default, list | tuple) else (default,)
        shown = " ".join(map(str, values)).replace("%", "%%")
        return f"{help_} (default: {shown})"


class Parser(argparse.ArgumentParser):
    """A parser whose texts name commands as the user typed them, and which completes for shells."""

    def format_help(self) -> str:
        """Return the text of ``--help``."""
        return as_typed(super().format_help())

    def error(self, message: str) -> NoReturn:
        """Print one line and end the process with status 2."""
        wrong = re.search(r"invalid choice: '([^']+)' \(choose from (.*)\)", message)
        hint = suggest_name(wrong[1], re.findall(r"[^', ]+", wrong[2])) if wrong else ""
        self.exit(2, f"{self.prog}: error: {as_typed(message)}{hint}\n")

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """Parse, or print the words that may come next where a shell asks for them."""
        if "_ARGCOMPLETE" in os.environ:
            import argcomplete

            argcomplete.autocomplete(self)
        return super().parse_known_args(args, namespace)


def make_parser(program: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser whose ``--help`` begins with the description, that is, with an example.

    Parameters
    ----------
    program
        As a user types it, such as ``python -m benchmark.run``; shown as ``matting run`` where
        that was typed.
    description
        Usually the module's docstring, which has a working example near its head.
    """
    return Parser(
        prog=as_typed(program),
        usage=argparse.SUPPRESS,
        description=description,
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )


def usable_cores() -> int:
    """Return how many cores this process may use; 1 where the system does not tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def suggest_name(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean …?"`` for a name that resembles known ones, or else "".

    Examples
    --------
    >>> suggest_name("closedform", ["closed-form", "knn"]), suggest_name("x", ["knn"])
    ('; did you mean closed-form?', '')
    """
    near = get_close_matches(name.lower(), list(known), n=2, cutoff=0.7)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def tell_next(*commands: str) -> None:
    """Print on stderr what a user may type next.

    Parameters
    ----------
    commands
        As ``python -m MODULE …``.
    """
    for number, command in enumerate(commands):
        sys.stderr.write(f"{'     ' if number else 'next:'} {as_typed(command)}\n")


def run_command(command: Callable[[], int | None]) -> int:
    """Run a command; bad arguments or input become one line and exit status 2.

    Parameters
    ----------
    command
        Does the work; returns an exit status, or None for 0.

    Returns
    -------
    int
        The exit status: that of `command`, 2 after a `ValueError` or `OSError` (bad input; the
        message is printed on stderr, after the command that was typed), 130 after an interrupt.
    """
    try:
        return command() or 0
    except (ValueError, OSError) as error:
        program = typed_command()
        sys.stderr.write(f"{f'{program}: ' if program else ''}error: {as_typed(str(error))}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; run the same command again to resume\n")
        return 130
