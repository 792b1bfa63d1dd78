"""Errors of the Hugging Face Hub as `OSError`: no token, no network, a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

# The Hub's library passes on the errors of the HTTP library that it happens to be built on.
_HTTP_LIBRARIES = ("httpx", "httpx2", "httpcore", "requests", "urllib3")


@contextmanager
def hub_errors(repo: str) -> Iterator[None]:
    """Raise `OSError`, with one line that names the repository, where the Hub cannot be used.

    Parameters
    ----------
    repo
        ``owner/name``.
    """
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

    try:
        yield
    except LocalTokenNotFoundError as error:
        raise OSError(f"{repo}: no token; set HF_TOKEN or run hf auth login") from error
    except HfHubHTTPError as error:
        raise OSError(f"{repo}: the Hub refused: {_one_line(error)}") from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _HTTP_LIBRARIES:
            raise
        raise OSError(f"{repo}: the Hub cannot be reached: {_one_line(error)}") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
