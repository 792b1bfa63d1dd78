"""Errors of the Hub: one line that names the repository, whatever HTTP library raised them."""

from __future__ import annotations

import pytest

from distinctions646.publish.hub import hub_errors


def make_error(module: str) -> Exception:
    """Return an error as a library raises it that is no dependency of ours."""
    return type("ConnectError", (Exception,), {"__module__": module})("no\nroute")


@pytest.mark.parametrize("module", ["httpx", "httpx._exceptions", "requests.exceptions"])
def test_a_network_that_is_away_is_one_line(module):
    with (
        pytest.raises(OSError, match=r"^me/mattes: the Hub cannot be reached: no route$"),
        hub_errors("me/mattes"),
    ):
        raise make_error(module)


def test_a_missing_token_says_what_to_do():
    from huggingface_hub.errors import LocalTokenNotFoundError

    with pytest.raises(OSError, match="no token; set HF_TOKEN"), hub_errors("me/mattes"):
        raise LocalTokenNotFoundError("none")


def test_other_errors_pass_as_they_are():
    with pytest.raises(ZeroDivisionError), hub_errors("me/mattes"):
        raise ZeroDivisionError
