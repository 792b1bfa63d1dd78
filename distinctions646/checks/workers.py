"""What goes wrong in worker processes, as their parent says it: errors, and ends before the work's.

An error crosses as bytes and as text. Where its class cannot be built again from the bytes, or is
not known to the parent, a plain error with its type and message stands in for it.
"""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_PARENT = "MATTING_STARTS_WORKERS"
"""Variable with the id of a process while it starts workers; they lose it before their work."""
_UNGUARDED = 70
"""Exit status of a worker that would do the work of its parent's script again."""
_NEEDS = (
    'a script that starts workers needs `if __name__ == "__main__":` before what it does, as each '
    "worker imports the script; or ask for one worker"
)


class WorkerError(Exception):
    """The traceback of an error in the worker that raised it; the cause of the error here."""

    def __str__(self) -> str:
        """Return it between quotes, apart from the traceback of this process."""
        return f'\n"""\n{self.args[0]}"""'


@dataclass(frozen=True)
class Failure:
    """An error of a worker, which can be sent whatever its class.

    Attributes
    ----------
    pickled
        The error; None where that does not give it back.
    kind
        The built-in class that is nearest to its own.
    text
        Its type and message.
    trace
        Its traceback.
    notes
        Those of `add_note`, such as the item that it belongs to.
    """

    pickled: bytes | None
    kind: type[BaseException]
    text: str
    trace: str
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """Describe an error."""
        try:
            message = str(error)
        except Exception:  # its class is not ours
            message = "<no message>"
        kinds = (kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
        text = f"{type(error).__qualname__}: {message}"
        trace = "".join(traceback.format_exception(error))
        notes = tuple(getattr(error, "__notes__", ()))
        return cls(_pickled(error), next(kinds), text, trace, notes)

    def error(self) -> BaseException:
        """Return the error, or a plain one that stands in for it."""
        error = self._unpickled()
        if error is None:
            error = self._plain()
        if self.notes:
            error.__dict__["__notes__"] = list(self.notes)
        return error

    def _unpickled(self) -> BaseException | None:
        if self.pickled is None:
            return None
        try:
            error: BaseException = pickle.loads(self.pickled)
        except Exception:  # its module may be the worker's alone
            return None
        return error

    def _plain(self) -> BaseException:
        try:
            plain = self.kind(self.text)
        except TypeError:  # such as UnicodeDecodeError, which takes more
            return RuntimeError(self.text)
        return plain if str(plain) == self.text else RuntimeError(self.text)


def _pickled(error: BaseException) -> bytes | None:
    try:
        pickled = pickle.dumps(error)
        again = pickle.loads(pickled)
        same = type(again) is type(error) and str(again) == str(error)
    except Exception:  # whatever the methods of its class raise
        return None
    return pickled if same else None


class Catching(Generic[Item, Result]):
    """A function for a worker process: returns its result, or its error as a `Failure`.

    Parameters
    ----------
    function
        Must be picklable.
    """

    def __init__(self, function: Callable[[Item], Result]) -> None:
        self.function = function

    def __call__(self, item: Item) -> Result | Failure:
        """Call the function."""
        try:
            return self.function(item)
        except BaseException as error:
            return Failure.of(error)


def returned(answer: Result | Failure) -> Result:
    """Return the result of a `Catching` call, or raise its error."""
    if isinstance(answer, Failure):
        raise answer.error() from WorkerError(answer.trace)
    return answer


@contextmanager
def marking_starts() -> Iterator[None]:
    """Let processes that are started meanwhile know it, until they begin their work."""
    os.environ[_PARENT] = str(os.getpid())
    try:
        yield
    finally:
        os.environ.pop(_PARENT, None)


def end_where_unguarded() -> None:
    """End a worker that imports its parent's script and is about to do the script's work."""
    if os.environ.get(_PARENT) == str(os.getppid()):
        raise SystemExit(_UNGUARDED)


def check_script() -> None:
    """Refuse to start workers that could not import the script of this process.

    Raises
    ------
    OSError
        If it came from standard input.
    """
    script = _script()
    if script is not None and not script.exists():
        raise OSError(
            f"{script.name}: workers import the script that starts them, and this one is not a "
            'file; save it as one, with `if __name__ == "__main__":`, or ask for one worker'
        )


def _script() -> Path | None:
    """Return the file that a worker imports before its work; None where it is a module."""
    from multiprocessing.spawn import get_preparation_data

    script = get_preparation_data("").get("init_main_from_path")
    return None if script is None else Path(script)


def why_ended(status: int | None, *, begun: bool) -> str:
    """Return why a worker ended before its work.

    Parameters
    ----------
    status
        Its exit status, below 0 the number of a signal; None if that is not known.
    begun
        Whether it had begun its work.

    Examples
    --------
    >>> why_ended(-11, begun=True)
    'a worker process was killed by SIGSEGV; run the same again with one worker'
    """
    script = None if begun else _script()
    if not begun and status == _UNGUARDED:
        return f"{script.name}: {_NEEDS}" if script else _NEEDS
    if status is not None and status < 0:
        number = -status
        killed = f"a worker process was killed by {_signal_name(number)}"
        if number == signal.SIGKILL:
            return f"{killed} (out of memory?); run the same command again with fewer workers"
        return f"{killed}; run the same again with one worker"
    if status is None:
        return "a worker process ended; run the same command again"
    when = "in the middle of its work" if begun else "before its work"
    hint = f"; {script.name}: {_NEEDS}" if script else ""
    return f"a worker process ended with exit status {status} {when}, as it may say above{hint}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
