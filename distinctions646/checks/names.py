"""Names inside files: what may become part of a path, and when two names are one.

Lists, recipes, manifests and results name files. `check_name` refuses a name that would lead out
of its folder, wherever it is read. Equal names are compared in one Unicode form (NFC): macOS stores
``é`` as two characters, Linux as it was typed.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

_MISLEADING = re.compile(r"[/\\\x00-\x1f\x7f-\x9f]")  # separators; what steers a terminal
LONGEST = 255
"""Bytes of a file name in UTF-8, at most; so have Linux, macOS and Windows."""


def is_unicode(text: str) -> bool:
    r"""Return whether a text can be stored as UTF-8, which half a surrogate pair cannot.

    Examples
    --------
    >>> is_unicode("\u00e9"), is_unicode("\ud800")
    (True, False)
    """
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def is_plain_name(name: object) -> bool:
    """Return whether a value is a name that stays in its folder, on any system.

    Examples
    --------
    >>> is_plain_name("dog (2).png"), is_plain_name("../dog.png"), is_plain_name("C:dog.png")
    (True, False, False)
    """
    return (
        isinstance(name, str)
        and name not in ("", ".", "..")
        and is_unicode(name)
        and not _MISLEADING.search(name)
        and name[1:2] != ":"  # a drive
        and len(name.encode()) <= LONGEST
    )


def check_name(name: object, where: str) -> str:
    """Refuse a name that could leave its folder.

    Parameters
    ----------
    name
        As read from a file.
    where
        File and place in it, for the message.

    Returns
    -------
    str
        The name.

    Raises
    ------
    ValueError
        If it is no text, is empty, or holds a path, a drive or a control character.
    """
    if not is_plain_name(name):
        shown = repr(name) if len(repr(name)) <= 80 else f"{repr(name)[:80]}…"
        raise ValueError(f"{where} is {shown}; expected a plain name, without a path")
    return str(name)


def same_form(name: str) -> str:
    r"""Return a name in the Unicode form in which names are compared.

    Examples
    --------
    >>> same_form("e\u0301.png") == "\u00e9.png"
    True
    """
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that was probably meant, or None where none is near.

    Case, suffix, separators and a letter or two may differ.

    Parameters
    ----------
    name
        The wanted name.
    candidates
        The names that exist.

    Examples
    --------
    >>> nearest("Dog_1.png", ["cat_1.png", "dog-1.jpg"])
    'dog-1.jpg'
    """
    by_key: dict[str, str] = {}
    for candidate in candidates:
        by_key.setdefault(_key(candidate), candidate)
    wanted = _key(name)
    if wanted in by_key:
        return by_key[wanted]
    if len(by_key) > _MOST_COMPARED:
        return None
    close = difflib.get_close_matches(wanted, by_key, n=1, cutoff=0.75)
    return by_key[close[0]] if close and _digits(close[0]) == _digits(wanted) else None


_MOST_COMPARED = 5000  # names; comparing all letters of more takes seconds


def _key(name: str) -> str:
    stem, dot, suffix = same_form(name).rpartition(".")
    plain = stem if dot and stem and len(suffix) <= 5 and suffix.isalnum() else same_form(name)
    return "".join(character for character in plain.casefold() if character.isalnum())


def _digits(key: str) -> str:
    """Return the digits of a key: dog_1 and dog_2 are two names, not a slip of the pen."""
    return "".join(character for character in key if character.isdigit())


def near_hint(name: str, candidates: Iterable[str]) -> str:
    """Return ``" (there is NAME)"`` for the end of a message, or nothing."""
    near = nearest(name, candidates)
    return f" (there is {near})" if near is not None and near != name else ""
