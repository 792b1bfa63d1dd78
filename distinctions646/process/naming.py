"""Messages name an address of a store as it was typed.

A path that was parsed from an address has lost one slash, and while a command works a folder of
this machine stands in for one of a store. `naming_addresses` gives back what was typed wherever
the command prints one of the two.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

_names: dict[str, str] = {}


def name_as(path: Path | str, address: str) -> None:
    """Let messages name an address in place of a path, and of what is below it.

    Parameters
    ----------
    path
        A folder that stands in for the address, or the address with one slash.
    address
        As a user types it.
    """
    if str(path) != address:
        _names[str(path)] = address


def as_addressed(text: str) -> str:
    """Return a text with addresses in place of the paths that stand for them.

    Examples
    --------
    >>> name_as("/cache/ab12/own", "s3://data/own")
    >>> as_addressed("/cache/ab12/own/build.json: damaged")
    's3://data/own/build.json: damaged'
    """
    if not any(path in text for path in tuple(_names)):
        return text
    paths = "|".join(re.escape(path) for path in sorted(tuple(_names), key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w/+.-])(?:{paths})(?![\w-])")
    return pattern.sub(lambda match: _names[match[0]], text)


class _Naming:
    """A stream that names addresses in what is written to it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text; return the length of what was given."""
        self._stream.write(as_addressed(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def naming_addresses() -> Iterator[None]:
    """Name addresses in all that is printed meanwhile."""
    with ExitStack() as stack:
        if not isinstance(sys.stdout, _Naming):
            stack.enter_context(redirect_stdout(_Naming(sys.stdout)))
        if not isinstance(sys.stderr, _Naming):
            stack.enter_context(redirect_stderr(_Naming(sys.stderr)))
        yield
