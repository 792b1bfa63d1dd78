"""The limit of a picture's size, which ``--max-pixels`` of every command sets.

It is kept in the environment, so that worker processes have it too.
"""

from __future__ import annotations

import os
import re

MAX_PIXELS = 179_000_000
"""Height times width of a picture, at most, where nothing else is said."""
MAX_PIXELS_VARIABLE = "MATTING_MAX_PIXELS"


def max_pixels() -> int:
    """Return the limit of a picture's pixels: `MAX_PIXELS`, or what the environment says.

    Raises
    ------
    ValueError
        If the variable `MAX_PIXELS_VARIABLE` holds no number.
    """
    stated = os.environ.get(MAX_PIXELS_VARIABLE)
    return parse_pixels(stated, MAX_PIXELS_VARIABLE) if stated else MAX_PIXELS


def parse_pixels(text: str, name: str = "--max-pixels") -> int:
    """Return a number of pixels, such as ``200000000`` or ``200M``; a `ValueError` if it is none.

    Examples
    --------
    >>> parse_pixels("200M")
    200000000
    """
    match = re.fullmatch(r"(\d{1,15})([kKmMgG]?)", text.strip())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{name} is {text!r}; expected a number of pixels, as 200M")
    return int(match[1]) * {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}[match[2].lower()]
