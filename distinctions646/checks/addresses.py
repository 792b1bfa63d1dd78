"""Addresses of stores, such as ``s3://bucket/folder``, among the paths of a command.

A path that was parsed from an address has lost one slash (``s3:/bucket/folder``); `url_of` gives
it back. Credentials come from the environment, as each store's own library reads them; an address
that holds some is refused, so that none gets into a file.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

_PATH = re.compile(r"([a-z][a-z0-9+-]+):/+(.*)", re.DOTALL)
_PREFIXED = re.compile(r"([\w-]+:)([a-z][a-z0-9+-]+:/.*)", re.DOTALL)
FILE = "file"


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
    from fsspec.registry import known_implementations

    if match[1] not in known_implementations:  # NAME:DIR of an open test set
        return None
    url = f"{match[1]}://{match[2]}"
    if urlsplit(url).username is not None:
        raise ValueError(
            f"{match[1]}://…@{url.rpartition('@')[2]}: holds credentials; expected them in the "
            "environment, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
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
