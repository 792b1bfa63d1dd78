"""A case of the quick suite: two calls that do the same work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Pair:
    """Two calls with the same work.

    Attributes
    ----------
    rival
        Its name.
    ours, theirs
        The calls.
    repeats
        How often each is timed; the least counts.
    """

    rival: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    repeats: int = 5
