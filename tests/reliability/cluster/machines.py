"""A Dask scheduler and four worker processes on this machine, and what can befall them."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.reliability.cluster.still import PAUSE, SLOW
from tests.reliability.kills import descendants

WORKERS = 4
PATIENCE = 300  # seconds for the workers to be there, and for the first work
LITTLE_MEMORY = "220MB"  # a worker with our libraries needs more
UNIT_SECONDS = "0.25"  # so that a fault comes in the middle
PRELOAD = "tests.reliability.cluster.still"


@dataclass
class Machines:
    """Processes of a cluster; the last worker may be a poor one.

    Attributes
    ----------
    port
        Of the scheduler.
    poor
        ``"memory"``, ``"slow"`` or ``""``.
    log
        Gets what the processes print.
    """

    port: int
    poor: str
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the scheduler and the workers, and wait for them."""
        self._start("scheduler", "--port", str(self.port), "--host", "127.0.0.1", "--no-dashboard")
        plain = WORKERS - bool(self.poor)
        self._start_workers(plain, memory="0")
        if self.poor == "memory":
            self._start_workers(1, memory=LITTLE_MEMORY)
        elif self.poor == "slow":
            self._start_workers(1, memory="0", environment={SLOW: "100"})
        self.wait(plain if self.poor == "memory" else WORKERS)

    def _start_workers(
        self, number: int, *, memory: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self._start(
            *("worker", self.address, "--nworkers", str(number), "--nthreads", "1"),
            *("--memory-limit", memory, "--no-dashboard", "--preload", PRELOAD),
            environment=environment,
        )

    def _start(self, *words: str, environment: Mapping[str, str] | None = None) -> None:
        kind, *rest = words
        with self.log.open("ab") as log:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", f"distributed.cli.dask_{kind}", *rest],
                    stdout=log,
                    stderr=log,
                    env={**os.environ, PAUSE: UNIT_SECONDS, **(environment or {})},
                )
            )

    def wait(self, number: int) -> None:
        from distributed import Client

        with Client(self.address, timeout=PATIENCE, set_as_default=False) as client:
            client.wait_for_workers(number, timeout=PATIENCE)

    def kill_worker(self) -> None:
        """Kill the process of one worker; its nanny starts another."""
        for process in descendants(self.processes[1].pid):
            if b"spawn_main" in Path(f"/proc/{process}/cmdline").read_bytes():
                os.kill(process, signal.SIGKILL)
                return
        raise RuntimeError("there is no worker to kill")

    def kill_scheduler(self) -> None:
        self.processes[0].kill()
        self.processes[0].wait()

    def stop(self) -> None:
        """Kill all of it."""
        for process in self.processes:
            children = descendants(process.pid)
            process.kill()
            process.wait()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        self.processes.clear()


@contextmanager
def machines(folder: Path, poor: str = "") -> Iterator[Machines]:
    """Have a cluster for the length of a ``with`` statement."""
    cluster = Machines(free_port(), poor, folder / "machines.log")
    cluster.log.unlink(missing_ok=True)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


class Relay:
    """A second address of a scheduler, which can be taken away.

    Parameters
    ----------
    target
        The scheduler's port.
    """

    def __init__(self, target: int) -> None:
        self._target, self._open, self._sockets = target, True, []  # type: ignore[var-annotated]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while self._open:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            self._sockets += [near, far]
            threading.Thread(target=self._pass_on, args=(near, far), daemon=True).start()

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), selectors.DefaultSelector() as ready:
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while self._open:
                for key, _ in ready.select(0.5):
                    content = key.fileobj.recv(1 << 16)  # type: ignore[union-attr]
                    if not content:
                        return
                    key.data.sendall(content)

    def close(self) -> None:
        """Take the address away, and cut every connection."""
        self._open = False
        for each in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def until_some(folder: Path, pattern: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a command has left its first files."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        if any(folder.glob(pattern)):
            return
        time.sleep(0.02)
