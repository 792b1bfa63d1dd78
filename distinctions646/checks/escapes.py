"""The escapes of output formats: what a name may not do to the page or table it is printed in."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def markdown(text: str) -> str:
    r"""Return a text with Markdown's special characters escaped, on one line.

    Examples
    --------
    >>> markdown("a|b_*c*")
    'a\\|b\\_\\*c\\*'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def markdown_code(text: str) -> str:
    """Return a text as inline code of Markdown, fenced by more backticks than it has in a row.

    Examples
    --------
    >>> markdown_code("dilate-25/v1"), markdown_code("a`b")
    ('`dilate-25/v1`', '`` a`b ``')
    """
    line = " ".join(text.split()).replace("|", r"\|")
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}" if longest or not line else f"{fence}{line}{fence}"


def csv_cell(text: str) -> str:
    """Return a text for a cell of CSV that no spreadsheet takes for a formula.

    An apostrophe is put before one that begins as a formula does, as OWASP advises.

    Examples
    --------
    >>> csv_cell("=HYPERLINK(1)"), csv_cell("dog_1")
    ("'=HYPERLINK(1)", 'dog_1')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
