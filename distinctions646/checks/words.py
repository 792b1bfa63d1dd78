"""Words of messages that depend on a number."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Return a number of things, in the plural where there is not one.

    Examples
    --------
    >>> counted(1, "image"), counted(1000, "image")
    ('1 image', '1000 images')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"
