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
    return argparse.ArgumentParser(
        prog=program,
        usage=argparse.SUPPRESS,
        description=description,
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )


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
            return command() or 0
    except (ValueError, OSError) as error:
        _end(f"error: {error}")
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
