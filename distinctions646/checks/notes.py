"""Notes on files that were read but are not as expected, such as a mask of 0 and 1.

Readers call `note`. Commands collect the notes, also those of worker processes, and print each
kind once with the first files it applies to. In a program of the user's a note is a Python warning,
`ReadingWarning`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Generic, TypeVar

Note = tuple[str, str]
"""A file, and what was unexpected about it."""
Item = TypeVar("Item")
Result = TypeVar("Result")

SHOWN = 3
"""Files that are named with each kind of note."""
_collected: ContextVar[dict[Note, None] | None] = ContextVar("notes", default=None)


class ReadingWarning(UserWarning):
    """A file was read, but is not as expected."""


def note(path: Path | str, what: str) -> None:
    """Note something about a file: for the command that collects, or as a `ReadingWarning`."""
    collected = _collected.get()
    if collected is None:
        warnings.warn(f"{path}: {what}", ReadingWarning, stacklevel=3)
    else:
        collected[str(path), what] = None


@contextmanager
def collect() -> Iterator[dict[Note, None]]:
    """Collect the notes of what runs in this thread, each once and in order."""
    notes: dict[Note, None] = {}
    token = _collected.set(notes)
    try:
        yield notes
    finally:
        _collected.reset(token)


class Noting(Generic[Item, Result]):
    """A function for a worker process: returns its result with the notes it made.

    Parameters
    ----------
    function
        Must be picklable.
    """

    def __init__(self, function: Callable[[Item], Result]) -> None:
        self.function = function

    def __call__(self, item: Item) -> tuple[Result, list[Note]]:
        """Call the function."""
        with collect() as notes:
            result = self.function(item)
        return result, list(notes)


def passed_on(answer: tuple[Result, list[Note]]) -> Result:
    """Return the result of a `Noting` call, and note its notes here."""
    result, notes = answer
    for path, what in notes:
        note(path, what)
    return result


def describe(notes: Iterable[Note]) -> str:
    r"""Return a line for each kind of note, with the first files that it applies to.

    Examples
    --------
    >>> describe([("a.png", "empty"), ("b.png", "empty")])
    'warning: empty: a.png, b.png\n'
    """
    by_note: dict[str, dict[str, None]] = {}
    for path, what in notes:
        by_note.setdefault(what, {})[path] = None
    lines = []
    for what, paths in by_note.items():
        more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
        lines.append(f"warning: {what}: {', '.join(list(paths)[:SHOWN])}{more}\n")
    return "".join(lines)
