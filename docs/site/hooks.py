"""A hook of MkDocs: what lies outside the documentation's folder is named, not linked."""

from __future__ import annotations

import re
from typing import Any

_OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]+\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace links that leave the folder by their text."""
    return _OUTSIDE.sub(r"\1", markdown)
