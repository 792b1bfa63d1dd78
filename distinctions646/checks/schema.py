"""Schemas of what is read back: the type and range of each field, in one sentence if wrong.

A schema is a callable that takes a value and the name of its place and raises a `ValueError`
naming both; `check_columns` applies one to each column of a table.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from distinctions646.checks.names import check_name, is_unicode

Schema = Callable[[Any, str], None]


def text(pattern: str | None = None, most: int = 10_000) -> Schema:
    """Return the schema of a text: its regular expression and most characters."""
    compiled = None if pattern is None else re.compile(pattern)

    def check(value: Any, where: str) -> None:
        if not isinstance(value, str) or len(value) > most or not is_unicode(value):
            raise _wrong(value, where, "text")
        if compiled is not None and not compiled.fullmatch(value):
            raise _wrong(value, where, f"text like {pattern}")

    return check


def plain_name(value: Any, where: str) -> None:
    """Check a name that may become part of a path."""
    check_name(value, where)


def plain_name_or_none(value: Any, where: str) -> None:
    """Check a name that may become part of a path, or is empty where there is none."""
    if value != "":
        check_name(value, where)


def number(low: float = -math.inf, high: float = math.inf, *, nan: bool = False) -> Schema:
    """Return the schema of a number from `low` to `high`; infinite ones are never allowed."""

    def check(value: Any, where: str) -> None:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        if fits and math.isnan(value):
            fits = nan
        elif fits:
            fits = low <= value <= high and abs(value) != math.inf
        if not fits:
            raise _wrong(value, where, f"a number{_range(low, high)}")

    return check


def whole(low: float = -math.inf, high: float = 2**53) -> Schema:
    """Return the schema of a whole number from `low` to `high`."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise _wrong(value, where, f"a whole number{_range(low, high)}")

    return check


def truth(value: Any, where: str) -> None:
    """Check a bool."""
    if not isinstance(value, bool):
        raise _wrong(value, where, "true or false")


def anything(value: Any, where: str) -> None:
    """Accept any value."""


def one_of(*allowed: object) -> Schema:
    """Return the schema of one of several values."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, str | int | float | None) or value not in allowed:
            raise _wrong(value, where, " or ".join(str(each) for each in allowed))

    return check


def optional(schema: Schema) -> Schema:
    """Return a schema that also accepts None."""

    def check(value: Any, where: str) -> None:
        if value is not None:
            schema(value, where)

    return check


def list_of(schema: Schema, least: int = 0) -> Schema:
    """Return the schema of a list (or tuple) with `least` values or more."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, list | tuple) or len(value) < least:
            raise _wrong(value, where, f"a list{f' of {least} or more' if least else ''}")
        for place, each in enumerate(value):
            schema(each, f"{where}[{place}]")

    return check


def mapping_of(value_schema: Schema, key_schema: Schema | None = None) -> Schema:
    """Return the schema of an object by its values, and perhaps its keys."""
    key_schema = key_schema or text()

    def check(value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise _wrong(value, where, "an object")
        for key, each in value.items():
            key_schema(key, f"{where}: key")
            value_schema(each, f"{where}.{key}")

    return check


def fields(required: Mapping[str, Schema], others: Mapping[str, Schema] | None = None) -> Schema:
    """Return the schema of an object by its fields.

    Parameters
    ----------
    required
        Fields that must be there.
    others
        Fields that may be there; any further ones are not looked at.
    """
    known = {**(others or {}), **required}

    def check(value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise _wrong(value, where, "an object")
        missing = [name for name in required if name not in value]
        if missing:
            raise ValueError(f"{where}: {missing[0]} is missing; expected {', '.join(required)}")
        for name, schema in known.items():
            if name in value:
                schema(value[name], f"{where}: {name}")

    return check


def check_columns(
    columns: Mapping[str, Collection[Any]], schemas: Mapping[str, Schema], where: str
) -> None:
    """Check the columns of a table, each different value once.

    Parameters
    ----------
    columns
        Values by column.
    schemas
        The schema of each column that counts.
    where
        The file.

    Raises
    ------
    ValueError
        Naming file, column and value.
    """
    for name, schema in schemas.items():
        for row, value in _first_rows(columns[name]):
            schema(value, f"{where}: {name} of row {row}")


def _first_rows(values: Collection[Any]) -> list[tuple[int, Any]]:
    """Return the first row of each value and type; all rows where a value cannot be hashed."""
    given = list(values)
    backwards = range(len(given) - 1, -1, -1)
    keys = zip(map(type, reversed(given)), reversed(given), strict=True)
    try:
        first = dict(zip(keys, backwards, strict=True))
    except TypeError:
        return list(enumerate(given))
    return sorted(((row, value) for (_, value), row in first.items()), key=lambda pair: pair[0])


def _range(low: float, high: float) -> str:
    if math.isfinite(low):
        return f" from {low:g} to {high:g}" if high < 2**53 else f" of {low:g} or more"
    return f" up to {high:g}" if high < 2**53 else ""


def _wrong(value: Any, where: str, expected: str) -> ValueError:
    shown = repr(value)
    return ValueError(f"{where} is {shown[:80]}{'…' * (len(shown) > 80)}; expected {expected}")
