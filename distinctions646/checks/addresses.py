"""Addresses of stores, such as ``s3://bucket/folder``, among the paths of a command.

A path that was parsed from an address has lost one slash (``s3:/bucket/folder``); `url_of` gives
it back. `check_address` refuses what only looks like one. Credentials come from the environment, as
each store's own library reads them; an address that holds some is refused, so that none gets into a
file.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

_PATH = re.compile(r"([a-z][a-z0-9+-]+):/+(.*)", re.DOTALL)
_PREFIXED = re.compile(r"([\w-]+:)([a-z][a-z0-9+-]+:/.*)", re.DOTALL)
FILE = "file"
EXPECTED = "expected s3://BUCKET/FOLDER, memory://FOLDER or file:///FOLDER"
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(/*)(.*)", re.DOTALL)  # a drive has one letter
_PREFIX = re.compile(r"[\w-]+[:=](?=[A-Za-z][A-Za-z0-9+.-]+:/)")
_CREDENTIALS = (
    "expected them in the environment, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
)
_WITHOUT_SLASHES = ("file", "memory", "s3", "s3a", "gs", "gcs", "az", "abfs", "http", "https")
_NO_BUCKET = ("memory", "file", "local")


def url_of(path: Path | str) -> str | None:
    """Return the address of a store that a path stands for; None of a path of this machine.

    Raises
    ------
    ValueError
        If the address holds credentials.

    Examples
    --------
    >>> url_of(Path("s3://bucket/folder")), url_of("folder"), url_of("file:///folder")
    ('s3://bucket/folder', None, None)
    """
    match = _PATH.fullmatch(str(path))
    if match is None or match[1] == FILE:
        return None
    if match[1] not in _known_schemes():  # NAME:DIR of an open test set
        return None
    url = f"{match[1]}://{match[2]}"
    if urlsplit(url).username is not None:
        raise ValueError(
            f"{match[1]}://…@{url.rpartition('@')[2]}: holds credentials; {_CREDENTIALS}"
        )
    return url


def shown(path: Path | str) -> str:
    """Return a path as a user types it: an address has its two slashes."""
    return url_of(path) or str(path)


def local_path(path: Path) -> Path:
    """Return a path as it is, and the path of a ``file://`` address."""
    match = _PATH.fullmatch(str(path))
    return Path(f"/{match[2]}") if match is not None and match[1] == FILE else path


def split_prefix(text: str) -> tuple[str, str]:
    """Return what stands before an address, as in ``composition1k:s3://bucket``, and the rest.

    Examples
    --------
    >>> split_prefix("composition1k:s3:/bucket"), split_prefix("s3:/bucket")
    (('composition1k:', 's3:/bucket'), ('', 's3:/bucket'))
    """
    match = _PREFIXED.fullmatch(text)
    return (match[1], match[2]) if match is not None else ("", text)


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

    return list(known_implementations)


def _fault(scheme: str, slashes: str, rest: str, known: list[str]) -> str | None:
    """Return what is wrong with an address, and what is expected."""
    if scheme not in known:
        if scheme.lower() in known:
            return f"{scheme} is written in small letters; {EXPECTED}"
        return f"unknown kind of store {scheme!r}; {EXPECTED}; known are {', '.join(sorted(known))}"
    if not slashes:
        return f"no slashes after {scheme}:; {EXPECTED}"
    if scheme == "file" and len(slashes) == 2:
        return f"no path from the root, which has three slashes; {EXPECTED}"
    bucket, _, key = rest.partition("/")
    if not bucket or (len(slashes) > 2 and scheme not in _NO_BUCKET):
        return f"no {'folder' if scheme in _NO_BUCKET else 'bucket'}; {EXPECTED}"
    if not {".", ".."}.isdisjoint(rest.split("/")) and scheme not in (FILE, "local"):
        return f"a part between its slashes is . or .., which a store takes as a name; {EXPECTED}"
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
