"""Parsing and errors of every command: shown defaults, one clear error, exit status 2."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from distinctions646.checks.limits import MAX_PIXELS, MAX_PIXELS_VARIABLE, parse_pixels
from distinctions646.checks.notes import collect, describe


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Keep the example at the head of ``--help`` as written and show each default that is one."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        if action.default in (None, False, ()):
            return action.help
        return super()._get_help_string(action)


def make_parser(program: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser whose ``--help`` begins with the description, that is, with an example.

    Parameters
    ----------
    program
        As a user types it, such as ``python -m benchmark.run``.
    description
        Usually the module's docstring, which has a working example near its head.
    """
    parser = argparse.ArgumentParser(
        prog=program,
        usage=argparse.SUPPRESS,
        description=description,
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--max-pixels",
        action=_MaxPixels,
        default=argparse.SUPPRESS,
        metavar="N",
        help=f"largest picture to read, in pixels, as 400M (default: {MAX_PIXELS // 10**6}M, or "
        f"the environment variable {MAX_PIXELS_VARIABLE})",
    )
    return parser


class _MaxPixels(argparse.Action):
    """Put the limit where the reader of pictures finds it, in this process and its workers."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        try:
            os.environ[MAX_PIXELS_VARIABLE] = str(parse_pixels(str(values)))
        except ValueError as error:
            parser.error(str(error))


def usable_cores() -> int:
    """Return how many cores this process may use; 1 where the system does not tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


class Terminated(KeyboardInterrupt):
    """The process was asked to end by SIGTERM."""


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
        message is printed on stderr), 130 after an interrupt, 143 after SIGTERM.
    """
    try:
        with _terminated_by_signal():
            return _with_notes(command) or 0
    except (ValueError, OSError) as error:
        _end(f"error: {one_line(error)}")
        return 2
    except Terminated:
        _end("terminated; run the same command again to resume")
        return 143
    except KeyboardInterrupt:
        _end("interrupted; run the same command again to resume")
        return 130


def _end(message: str) -> None:
    """Print the last line of a command that ends early, below the bars that it leaves open."""
    tqdm = sys.modules.get("tqdm")
    if tqdm is not None:
        for bar in list(getattr(tqdm.tqdm, "_instances", ())):
            bar.close()
    sys.stderr.write(f"{message}\n")


@contextmanager
def _terminated_by_signal() -> Iterator[None]:
    """Raise `Terminated` where SIGTERM comes, so that it ends a command as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # another one must not disturb the end
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _with_notes(command: Callable[[], int | None]) -> int | None:
    """Run a command, and print what was noted about the files it read, each kind once."""
    with collect() as notes:
        try:
            return command()
        finally:
            sys.stderr.write(describe(notes))


def one_line(message: object) -> str:
    r"""Return a message on one line, without control characters that a file's name may hold.

    Examples
    --------
    >>> one_line("a\x1b[2Jb.png:\n  damaged")
    'a\\x1b[2Jb.png: damaged'
    """
    text = " ".join(line.strip() for line in str(message).splitlines())
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )
