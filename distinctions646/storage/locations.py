"""The file systems of stores, and their errors in one line that names the address."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def open_store(url: str) -> tuple[Any, str]:
    """Return the fsspec file system of an address, and the path in it, without a slash at its end.

    Raises
    ------
    OSError
        If the store's library is not installed.
    ValueError
        If a variable names no endpoint.
    """
    import fsspec

    if url.startswith("s3"):
        _check_endpoint()

    logging.getLogger("asyncio").addFilter(_is_news)  # once: the same filter is not added again
    try:
        system, path = fsspec.core.url_to_fs(url, **_options(url))
    except ImportError as error:
        raise OSError(
            f"{url}: {error}; pip install 'distinctions646[cluster]' has what s3:// needs"
        ) from None
    return system, str(path).rstrip("/")


def _is_news(record: logging.LogRecord) -> bool:
    """Drop what asyncio logs of requests that nobody waits for: the first error is raised."""
    kind = record.exc_info[0] if isinstance(record.exc_info, tuple) else None
    text = record.getMessage()
    if text.startswith("Unclosed "):  # connections of a session that its error has left
        return False
    forgotten = text.startswith(("Task exception was never", "Future exception was never"))
    return not (forgotten and kind is not None and _is_of_store(kind))


def _is_of_store(kind: type[BaseException]) -> bool:
    return issubclass(kind, OSError) or kind.__module__.partition(".")[0] in _LIBRARIES


def _check_endpoint() -> None:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        value = os.environ.get(name)
        if value and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", value):
            raise ValueError(
                f"the environment variable {name} is {value.rpartition('@')[2]!r}; expected the "
                "address of an S3 server, such as https://host:9000"
            )


def _options(url: str) -> dict[str, Any]:
    """Return options that keep listings fresh: other machines write there too."""
    return {"use_listings_cache": False} if url.startswith("s3") else {}


@contextmanager
def store_errors(url: str, what: str) -> Iterator[None]:
    """Name the address in errors of its store, and what was to be done.

    Raises
    ------
    OSError
        In place of what the store's library raises.
    """
    try:
        yield
    except PermissionError as error:
        raise OSError(
            f"{url}: no right to {what} ({error}); credentials are read from the environment"
        ) from error
    except FileNotFoundError as error:
        raise OSError(f"{url}: cannot {what}: no such bucket or folder ({error})") from error
    except OSError as error:
        if str(error).startswith(url):
            raise
        raise OSError(f"{url}: cannot {what}: {error}") from error
    except Exception as error:  # credentials and endpoints have many errors of their own
        if type(error).__module__.partition(".")[0] not in _LIBRARIES:
            raise
        raise OSError(f"{url}: cannot {what}: {error}") from error


_LIBRARIES = ("botocore", "aiobotocore", "aiohttp", "s3fs", "gcsfs", "adlfs", "fsspec")
