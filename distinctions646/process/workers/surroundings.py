"""What a worker process has of its parent: its folder, path and environment, and its end."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Surroundings:
    """What a process started now would inherit, and one that was started before takes over."""

    folder: str | None
    path: tuple[str, ...]
    environment: dict[str, str]

    @classmethod
    def of_this_process(cls) -> Surroundings:
        """Return those of this process."""
        try:
            folder = os.getcwd()  # noqa: PTH109 - sent as text
        except OSError:  # it was removed
            folder = None
        return cls(folder, tuple(sys.path), dict(os.environ))

    def enter(self) -> None:
        """Take them over in this process."""
        if self.folder is not None:
            os.chdir(self.folder)
        sys.path[:] = self.path
        for name in os.environ.keys() - self.environment.keys():
            del os.environ[name]
        os.environ.update(self.environment)


def watch_parent(lifeline: Connection) -> None:
    """Prepare a worker: end with the parent, and leave interrupts to it."""
    for number in _INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)

    def wait() -> None:
        lifeline.poll(None)  # nothing is ever sent: it returns when the other end is closed
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back while workers start: they inherit that, and do not fail half loaded."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
