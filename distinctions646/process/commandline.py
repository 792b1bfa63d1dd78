"""Parsing and errors of every command: shown defaults, one clear error, exit status 2."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn

from distinctions646.checks.addresses import check_address, url_of
from distinctions646.checks.limits import MAX_PIXELS, MAX_PIXELS_VARIABLE, parse_pixels
from distinctions646.checks.notes import collect, describe
from distinctions646.process.closed_pipe import CLOSED_PIPE, flush_output, leave_closed_pipes
from distinctions646.process.commands import as_typed, typed_command
from distinctions646.process.naming import as_addressed, name_as, naming_addresses
from distinctions646.process.pool import keep_freed_memory
from distinctions646.process.workers.kept import keeping_workers


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

    _is_completing = False
    takes_addresses = False
    """Whether its paths may be addresses of stores, such as ``s3://bucket/folder``."""
    folders_only: Collection[str] = ()
    """Names of values that may not, all the same."""

    def format_help(self) -> str:
        """Return the text of ``--help``."""
        return as_typed(super().format_help())

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End the process, quietly where nobody reads its output."""
        if message:
            self._print_message(message, sys.stderr)
        # argparse does not tell that a pipe was closed while it wrote its help
        sys.exit(CLOSED_PIPE if leave_closed_pipes() else flush_output(status))

    def error(self, message: str) -> NoReturn:
        """Print one line and end the process with status 2."""
        wrong = re.search(r"invalid choice: '([^']+)' \(choose from (.*)\)", message)
        hint = suggest_name(wrong[1], re.findall(r"[^', ]+", wrong[2])) if wrong else ""
        self.exit(2, f"{self.prog}: error: {as_typed(message)}{hint}\n")

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        """Parse, or print the words that may come next where a shell asks for them."""
        if "_ARGCOMPLETE" in os.environ and not self._is_completing:
            import argcomplete

            self._is_completing = True  # argcomplete parses the line with this parser itself
            argcomplete.autocomplete(self)
        parsed = super().parse_known_args(args, namespace)
        given = dict(vars(parsed[0]))
        if self.takes_addresses:
            given = {name: given[name] for name in self.folders_only if name in given}
        self._refuse_addresses(given)
        return parsed

    def _get_value(self, action: argparse.Action, arg_string: str) -> object:
        """Return the value of a word; what looks like an address and is none is refused."""
        if action.type not in (None, int, float) or arg_string.startswith("folder:"):
            try:
                check_address(arg_string)
            except ValueError as error:
                raise argparse.ArgumentError(action, str(error)) from None
        value: object = super()._get_value(action, arg_string)
        if isinstance(value, Path) and "://" in arg_string:
            name_as(value, arg_string)  # its text has lost a slash
        return value

    def _refuse_addresses(self, given: Mapping[str, object]) -> None:
        for name, value in given.items():
            for each in value if isinstance(value, list | tuple) else (value,):
                try:
                    url = url_of(each) if isinstance(each, Path) else None
                except ValueError as error:
                    self.error(str(error))
                if url is not None:
                    kind = (
                        "this value is" if self.takes_addresses else "this command reads and writes"
                    )
                    what = "a path" if self.takes_addresses else "folders"
                    self.error(f"{name.replace('_', '-')} is {url}; {kind} {what} of this machine")


def make_parser(
    program: str,
    description: str | None,
    *,
    takes_addresses: bool = False,
    folders_only: Collection[str] = (),
) -> argparse.ArgumentParser:
    """Return a parser whose ``--help`` begins with the description, that is, with an example.

    Parameters
    ----------
    program
        As a user types it, such as ``python -m benchmark.run``; shown as ``matting run`` where
        that was typed.
    description
        Usually the module's docstring, which has a working example near its head.
    takes_addresses
        Whether its paths may be addresses of stores, such as ``s3://bucket/folder``.
    folders_only
        Names of values that may not, all the same.
    """
    parser = Parser(
        prog=as_typed(program),
        usage=argparse.SUPPRESS,
        description=description,
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )
    parser.takes_addresses, parser.folders_only = takes_addresses, folders_only
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


def suggest_name(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean …?"`` for a name that resembles known ones, or else "".

    Examples
    --------
    >>> suggest_name("closedform", ["closed-form", "knn"]), suggest_name("x", ["knn"])
    ('; did you mean closed-form?', '')
    """
    near = get_close_matches(name.lower(), list(known), n=2, cutoff=0.65)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def tell_next(*commands: str) -> None:
    """Print on stderr what a user may type next.

    Parameters
    ----------
    commands
        As ``python -m MODULE …``; one that names ``memory://`` is left out: what is there ends
        with this process.
    """
    lasting = [command for command in commands if "memory://" not in command]
    for number, command in enumerate(lasting):
        sys.stderr.write(f"{'     ' if number else 'next:'} {as_typed(command)}\n")


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
        message is printed on stderr, after the command that was typed), 130 after an interrupt,
        141 where the reader of its output has gone, 143 after SIGTERM.
    """
    keep_freed_memory()
    try:
        with naming_addresses(), _terminated_by_signal(), _quiet_threads(), keeping_workers():
            return flush_output(_with_notes(command) or 0)
    except (ValueError, OSError, RuntimeError) as error:
        if isinstance(error, BrokenPipeError) and leave_closed_pipes():
            return CLOSED_PIPE
        if isinstance(error, RuntimeError) and not str(error).startswith(_LINKS_IN_CIRCLES):
            raise
        program = typed_command()
        message = as_addressed(_in_a_clone(as_typed(one_line(_file_first(error)))))
        _end(f"{f'{program}: ' if program else ''}error: {message}")
        return 2
    except Terminated:
        _end("terminated; run the same command again to resume")
        return 143
    except KeyboardInterrupt:
        _end("interrupted; run the same command again to resume")
        return 130


def _in_a_clone(message: str) -> str:
    """Return a message that names an extra, with what installs it in a clone."""
    return re.sub(r"pip install 'distinctions646(\[\w+\])'", r"\g<0>, in a clone '.\1'", message)


_LINKS_IN_CIRCLES = "Symlink loop"
"""How pathlib begins its message before Python 3.13, where it is an `OSError`."""


def _file_first(error: Exception) -> str:
    """Return the message of an error; one of the system as ``FILE: what is wrong``."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror[0].lower()}{error.strerror[1:]}"
    return str(error)


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
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)


@contextmanager
def _quiet_threads() -> Iterator[None]:
    """Print no traceback of a thread that loses its partner, a worker that was ended."""
    before = sys.excepthook

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        in_thread = threading.current_thread() is not threading.main_thread()
        if not (in_thread and isinstance(error, ConnectionError | EOFError)):
            before(kind, error, trace)

    sys.excepthook = tell
    try:
        yield
    except KeyboardInterrupt:
        raise  # the hook stays: threads go on until the process ends
    except BaseException:
        sys.excepthook = before
        raise
    else:
        sys.excepthook = before


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
