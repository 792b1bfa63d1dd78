"""File-system steps of a process: counted, and one of them made to fail or to end the process.

Python's audit events tell of every file that is opened, renamed, linked or removed, of folders
made, removed and listed; an error raised there takes the place of the step. Writes and reads are
counted in the raw files below the buffers. What libraries in C do with files that they open
themselves (Parquet is read so) is not seen.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KILLED = 137  # exit status of a process that ends here, as a shell gives it for kill -9
FAULTS = ("ENOSPC", "EIO", "kill")
_EVENTS = {
    "open": "open",
    "os.rename": "rename",
    "os.link": "link",
    "os.remove": "remove",
    "os.mkdir": "mkdir",
    "os.rmdir": "rmdir",
    "os.listdir": "list",
    "os.scandir": "list",
    "os.truncate": "truncate",
}
_NEEDS_ROOM = ("create", "write", "rename", "link", "mkdir", "sync")
_CHANGES = (*_NEEDS_ROOM, "remove", "rmdir", "truncate")


@dataclass(frozen=True)
class Step:
    """What was done to which file or folder."""

    kind: str
    path: str

    @property
    def faults(self) -> tuple[str, ...]:
        """What can befall it: a full disk where it needs room; a kill where it changes the disk.

        Between two steps that change the disk, a kill at any moment leaves the same files.
        """
        fits = {
            "ENOSPC": self.kind in _NEEDS_ROOM,
            "EIO": True,
            "kill": self.kind in _CHANGES,
        }
        return tuple(fault for fault in FAULTS if fits[fault])


@dataclass
class Injector:
    """Counts the steps below some folders.

    Parameters
    ----------
    folders
        Absolute paths; steps elsewhere do not count.
    number, fault
        The step, from 0, that fails, and how; None lets all succeed.
    """

    folders: tuple[str, ...]
    number: int | None = None
    fault: str = "EIO"
    steps: list[Step] = field(default_factory=list)
    active: bool = True

    def install(self) -> None:
        """Watch this process from now on; there is no way back."""
        sys.addaudithook(self._hear)
        opened = io.open

        def open_watched(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
            if isinstance(file, int) or not self._counts(os.fspath(file)):
                return opened(file, mode, *args, **options)
            return _open(self, file, mode, *args, **options)

        builtins.open = io.open = open_watched  # type: ignore[assignment]
        for name, kind in (("write", "write"), ("fsync", "sync"), ("pread", "read")):
            setattr(os, name, self._on_descriptor(getattr(os, name), kind))

    def step(self, kind: str, path: str, half: Callable[[], object] | None = None) -> None:
        """Count a step; fail at the chosen one, after doing half of it where that can be."""
        if not self.active or not self._counts(path):
            return
        self.steps.append(Step(kind, path))
        if len(self.steps) - 1 != self.number:
            return
        self.active = False
        if half is not None:
            half()
        if self.fault == "kill":
            os._exit(KILLED)
        number = getattr(errno, self.fault)
        raise OSError(number, os.strerror(number), path)

    def _counts(self, path: str) -> bool:
        return os.path.abspath(path).startswith(self.folders)  # noqa: PTH100

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        kind = _EVENTS.get(event)
        if kind is None or not self.active:
            return
        path = arguments[0]
        if isinstance(path, int):
            path = _path_of(path)
        elif path is None:
            path = os.curdir
        path = os.fsdecode(path)
        if event in ("os.remove", "os.rmdir", "os.mkdir") and arguments[-1] >= 0:
            path = os.path.join(_path_of(arguments[-1]), path)  # noqa: PTH118
        if kind == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            kind = "create"
        self.step(kind, path)

    def _on_descriptor(self, function: Callable[..., Any], kind: str) -> Callable[..., Any]:
        def watched(descriptor: int, *arguments: Any) -> Any:
            def half() -> None:
                if kind == "write":
                    function(descriptor, bytes(arguments[0])[: len(arguments[0]) // 2])

            if self.active:
                self.step(kind, _path_of(descriptor), half)
            return function(descriptor, *arguments)

        return watched


def _path_of(descriptor: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
    except OSError:
        return ""


class _Watched(io.FileIO):
    """A raw file that counts what is written to it and read from it."""

    injector: Injector

    def write(self, content: Any, /) -> int:
        half = bytes(content)[: len(content) // 2]
        self.injector.step("write", str(self.name), lambda: io.FileIO.write(self, half))
        return super().write(content)

    def readinto(self, target: Any, /) -> int | None:
        self.injector.step("read", str(self.name))
        return super().readinto(target)

    def readall(self) -> bytes:
        self.injector.step("read", str(self.name))
        return super().readall()


def _open(
    injector: Injector,
    file: Any,
    mode: str = "r",
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    closefd: bool = True,
    opener: Any = None,
) -> Any:
    """Open as the built-in function does, over a raw file that counts."""
    raw = _Watched(Path(file), mode.replace("b", "").replace("t", ""), closefd, opener)
    raw.injector = injector
    if "b" in mode and buffering == 0:
        return raw
    if raw.readable() and raw.writable():
        buffered: Any = io.BufferedRandom(raw)
    else:
        buffered = io.BufferedWriter(raw) if raw.writable() else io.BufferedReader(raw)
    if "b" in mode:
        return buffered
    return io.TextIOWrapper(buffered, encoding, errors, newline)
