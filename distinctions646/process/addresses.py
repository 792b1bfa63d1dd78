"""Addresses of stores as users type them: what is refused, and how messages name them.

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

EXPECTED = "expected s3://BUCKET/FOLDER, memory://FOLDER or file:///FOLDER"
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(/*)(.*)", re.DOTALL)  # a drive has one letter
_PREFIX = re.compile(r"[\w-]+[:=](?=[A-Za-z][A-Za-z0-9+.-]+:/)")
_CREDENTIALS = (
    "expected them in the environment, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
)
_WITHOUT_SLASHES = ("file", "memory", "s3", "s3a", "gs", "gcs", "az", "abfs", "http", "https")
_NO_BUCKET = ("memory", "file", "local")
_names: dict[str, str] = {}


def check_address(text: str) -> None:
    """Refuse what looks like an address of a store and is none; a path passes.

    Parameters
    ----------
    text
        As the user typed it, or as a path that was made of it; ``NAME:`` or ``NAME=`` may stand
        before it.

    Raises
    ------
    ValueError
        If its scheme is unknown, bucket or folder are missing, or it holds credentials, which the
        message does not show.

    Examples
    --------
    >>> check_address("s3://bucket/folder"), check_address("folder"), check_address("C:/folder")
    (None, None, None)
    >>> check_address("s3://bucket")
    Traceback (most recent call last):
    ValueError: s3://bucket: no folder in the bucket; expected s3://BUCKET/FOLDER, ...
    """
    text = text[prefix.end() :] if (prefix := _PREFIX.match(text)) else text
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return
    scheme, slashes, rest = match.groups()
    known = _known_schemes()
    if len(slashes) < 2 and scheme not in (known if slashes else _WITHOUT_SLASHES):
        return  # NAME:DIR of a test set, or a path with a colon
    held = _held(rest)
    shown = f"{scheme}:{slashes}{_masked(rest)}"
    if held:
        raise ValueError(f"{shown}: holds credentials ({' and '.join(held)}); {_CREDENTIALS}")
    fault = _fault(scheme, slashes, rest, known)
    if fault:
        raise ValueError(f"{shown}: {fault}")


def check_out(path: Path) -> None:
    """Refuse a path to write to that was made of an address which is none.

    Raises
    ------
    ValueError
        As `check_address`.
    """
    check_address(re.sub(r"^(?!file:)([A-Za-z][A-Za-z0-9+.-]+:)/(?!/)", r"\1//", str(path)))


def _known_schemes() -> list[str]:
    from fsspec.registry import known_implementations

    return sorted(known_implementations)


def _fault(scheme: str, slashes: str, rest: str, known: list[str]) -> str | None:
    """Return what is wrong with an address, and what is expected."""
    if scheme not in known:
        if scheme.lower() in known:
            return f"{scheme} is written in small letters; {EXPECTED}"
        return f"unknown kind of store {scheme!r}; {EXPECTED}; known are {', '.join(known)}"
    if not slashes:
        return f"no slashes after {scheme}:; {EXPECTED}"
    if scheme == "file" and len(slashes) == 2:
        return f"no path from the root, which has three slashes; {EXPECTED}"
    bucket, _, key = rest.partition("/")
    if not bucket or (len(slashes) > 2 and scheme not in _NO_BUCKET):
        return f"no {'folder' if scheme in _NO_BUCKET else 'bucket'}; {EXPECTED}"
    if not key.strip("/") and scheme not in _NO_BUCKET:
        return f"no folder in the bucket; {EXPECTED}"
    return None


def _held(rest: str) -> list[str]:
    """Return which parts of an address may hold credentials."""
    user = _user(rest)
    found = ["a user"] if user else []
    found += ["a query"] if "?" in rest else []
    return found + (["a fragment"] if "#" in rest else [])


def _user(rest: str) -> str:
    """Return what stands before the host, ``KEY:SECRET@``; a secret may have slashes."""
    before, at, _ = re.split("[?#]", rest, maxsplit=1)[0].rpartition("@")
    return f"{before}{at}" if at and ("/" not in before or ":" in before.split("/")[0]) else ""


def _masked(rest: str) -> str:
    path = re.split("([?#])", rest, maxsplit=1)
    shown = path[0].removeprefix(user) if (user := _user(rest)) else path[0]
    return f"{'…@' if user else ''}{shown}{f'{path[1]}…' if path[1:] else ''}"


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
