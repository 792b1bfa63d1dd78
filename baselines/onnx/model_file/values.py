"""The kinds of values that a key of a model file may hold, each with its words for errors and docs.

To add one, write a function that returns a `Kind`, and use it in the schema beside this file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_SHA256 = re.compile(r"[0-9a-f]{64}")


class RefusedError(Exception):
    """A value is none of its kind."""


@dataclass(frozen=True)
class Kind:
    """What a key accepts.

    Attributes
    ----------
    expected
        In words, after "expected".
    accept
        Returns the value as the program holds it, or raises `RefusedError`.
    """

    expected: str
    accept: Callable[[object], Any]


def choice(*names: str) -> Kind:
    """Accept one of several words."""
    quoted = [f'"{name}"' for name in names]
    words = ", ".join(quoted[:-1]) + f" or {quoted[-1]}"
    return _kind(words, lambda value: isinstance(value, str) and value in names)


def integer(least: int, most: int | None = None) -> Kind:
    """Accept a whole number from `least` on, or to `most`."""
    words = f"a whole number from {least} " + ("on" if most is None else f"to {most}")
    return _kind(words, lambda value: _is_integer(value, least) and (most is None or value <= most))


def integers(least: int, count: int | None = None) -> Kind:
    """Accept a list of whole numbers; as a tuple."""
    words = "whole numbers" if count is None else f"{count} whole numbers"
    return _list(f"a list of {words} from {least} on", count, lambda one: _is_integer(one, least))


def number(*, nonzero: bool = False) -> Kind:
    """Accept a finite number; as a float."""
    words = "a number" + (" other than 0" if nonzero else "")
    plain = _kind(words, lambda value: _is_number(value) and not (nonzero and value == 0))
    return Kind(words, lambda value: float(plain.accept(value)))


def numbers(count: int, *, nonzero: bool = False) -> Kind:
    """Accept a list of `count` finite numbers; as a tuple of floats."""
    words = f"a list of {count} numbers" + (" other than 0" if nonzero else "")
    plain = _list(words, count, lambda one: _is_number(one) and not (nonzero and one == 0))
    return Kind(words, lambda value: tuple(float(one) for one in plain.accept(value)))


def text() -> Kind:
    """Accept a string that is not empty."""
    return _kind("a text", _is_text)


def texts() -> Kind:
    """Accept a list of strings; as a tuple."""
    return _list("a list of texts", None, _is_text)


def word(name: str, meaning: Any) -> Kind:
    """Accept one word, which stands for something else."""

    def accept(value: object) -> Any:
        _checked(value, lambda one: one == name)
        return meaning

    return Kind(f'"{name}"', accept)


def flag() -> Kind:
    """Accept true or false."""
    return _kind("true or false", lambda value: isinstance(value, bool))


def sha256() -> Kind:
    """Accept the SHA-256 of a file."""
    return _kind(
        "64 hexadecimal digits in lower case",
        lambda value: isinstance(value, str) and bool(_SHA256.fullmatch(value)),
    )


def nested_numbers() -> Kind:
    """Accept a number, or lists of numbers however deep, equally long at each depth."""
    return _kind("a number, or lists of numbers", lambda value: _shape(value) is not None)


def table(key: str, kind: Kind) -> Kind:
    """Accept a table of one key; as a tuple of the key and its value."""

    def accept(value: object) -> tuple[str, Any]:
        if not isinstance(value, dict) or list(value) != [key]:
            raise RefusedError
        return key, kind.accept(value[key])

    return Kind(f"{{ {key} = {kind.expected} }}", accept)


def either(*kinds: Kind) -> Kind:
    """Accept what any of several kinds does; the first that does decides."""

    def accept(value: object) -> Any:
        for kind in kinds:
            try:
                return kind.accept(value)
            except RefusedError:
                continue
        raise RefusedError

    return Kind("; or ".join(kind.expected for kind in kinds), accept)


def some_of(*names: str) -> Kind:
    """Accept one of several words, or a list of them; as a tuple."""
    one = choice(*names)

    def accept(value: object) -> tuple[str, ...]:
        words = value if isinstance(value, list) else [value]
        if not words or len(set(map(str, words))) < len(words):
            raise RefusedError
        return tuple(one.accept(word) for word in words)

    return Kind(f"{one.expected}, or a list of these", accept)


def _kind(expected: str, is_good: Callable[[Any], bool]) -> Kind:
    return Kind(expected, lambda value: _checked(value, is_good))


def _list(expected: str, count: int | None, is_good: Callable[[Any], bool]) -> Kind:
    def accept(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or not value or count not in (None, len(value)):
            raise RefusedError
        return tuple(_checked(one, is_good) for one in value)

    return Kind(expected, accept)


def _checked(value: Any, is_good: Callable[[Any], bool]) -> Any:
    if not is_good(value):
        raise RefusedError
    return value


def _is_integer(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _shape(value: object) -> tuple[int, ...] | None:
    """Return the lengths of nested lists of numbers; None for anything else."""
    if not isinstance(value, list):
        return () if _is_number(value) else None
    shapes = {_shape(one) for one in value}
    inner = shapes.pop() if len(shapes) == 1 else None
    return None if inner is None else (len(value), *inner)
