"""The engine that does a command's units of work, where it is not this machine's own pool.

`process.pool` asks for the current engine. To add one, write a class with `completed` and start it
in `distinctions646.cluster.starting`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Unit:
    """What an engine may do with the units of one piece of work.

    Attributes
    ----------
    repeatable
        Whether a second copy of a slow unit may run beside the first, and go on after the work is
        done. Units that write into a folder that is moved at the end are not.
    gpu
        Whether it needs a worker with a GPU.
    name
        Returns the name of an item for error messages; None uses its number.
    """

    repeatable: bool = True
    gpu: bool = False
    name: Callable[[Any], str] | None = None


ANY = Unit()


class Engine(Protocol):
    """Does units of work somewhere else."""

    def completed(
        self, function: Callable[[Item], Result], items: Sequence[Item], unit: Unit
    ) -> Iterator[tuple[int, Result]]:
        """Call a function on every item and yield index and result as they are done.

        Raises
        ------
        OSError
            If the engine is lost, or a unit fails for reasons of its machine more often than it
            is tried again.
        Exception
            What the function raises otherwise.
        """
        ...


_current: ContextVar[Engine | None] = ContextVar("engine", default=None)


def current_engine() -> Engine | None:
    """Return the engine in use; None is this machine's pool."""
    return _current.get()


@contextmanager
def using(engine: Engine | None) -> Iterator[None]:
    """Do units of work by an engine for the length of a ``with`` statement."""
    token = _current.set(engine)
    try:
        yield
    finally:
        _current.reset(token)
