"""One try: a command on the cluster, a fault in the middle, the command again, a comparison."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distinctions646.images.png import write_png
from tests.reliability.cluster.machines import Machines, Relay, until_some

FOREGROUNDS = 24
SIDE = 320
LIMIT = 600  # seconds that one command may take


@dataclass(frozen=True)
class Command:
    """A command: its module and arguments, and the pattern of the files that it leaves first."""

    module: str
    arguments: tuple[str, ...]
    begun: str


@dataclass(frozen=True)
class Fault:
    """What befalls a cluster.

    Attributes
    ----------
    text
        For people.
    strike
        Is called in the middle of the work; None where a poor worker is the fault.
    poor
        As of `Machines`.
    address
        How the command reaches the scheduler: ``"direct"``, ``"relay"`` or ``"no name"``.
    trace
        Words that the command must print, or else the fault did not happen.
    """

    text: str
    strike: Callable[[Machines], None] | None = None
    poor: str = ""
    address: str = "direct"
    trace: str = ""


@dataclass(frozen=True)
class Outcome:
    """Whether the command went through or was resumed, what was wrong, how long, how many files."""

    through: bool
    resumed: bool
    wrong: str
    seconds: float
    files: int = 0


COMMANDS: Mapping[str, Command] = {
    "build": Command(
        "distinctions646.build",
        (
            *("--dataset", "custom", "--foregrounds", "fg", "--alphas", "alpha"),
            *("--backgrounds", "bg", "--per-foreground", "2", "--trimap-rule", "radius-3/v1"),
            *("--write", "folder", "parquet", "--out", "out/built"),
        ),
        "out/.built.partial/markers/*.json",
    ),
    "run": Command(
        "benchmark.run",
        ("--dataset", "plain", "--method", "distance", "constant", "--out", "out/runs"),
        "out/runs/cache/mattes/*/*.png",
    ),
}
FAULTS: Mapping[str, Fault] = {
    "worker": Fault("a worker killed", Machines.kill_worker),
    "scheduler": Fault(
        "the scheduler killed, started again", Machines.kill_scheduler, trace="is gone"
    ),
    "address": Fault("the address gone in the middle", address="relay", trace="is gone"),
    "name": Fault("no such network name", address="no name", trace="no Dask scheduler answers"),
    "memory": Fault("one worker out of memory", poor="memory"),
    "slow": Fault("one worker 100 times slower", poor="slow"),
}


class Bench:
    """Inputs, and what one process makes of them.

    Parameters
    ----------
    root
        An empty folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        write_inputs(root / "inputs")
        self.expected = {name: self._alone(name) for name in COMMANDS}

    def attempt(self, cluster: Machines, name: str, fault: str, number: int) -> Outcome:
        """Return what comes of one fault in the middle of a command on a whole cluster."""
        command, kind = COMMANDS[name], FAULTS[fault]
        work, wrong = self._fresh(), ""
        begin = time.monotonic()
        relay = Relay(cluster.port) if kind.address == "relay" else None
        address = {"no name": f"tcp://nobody.invalid:{cluster.port}"}.get(kind.address)
        first = self._start(command, work, address or (relay or cluster).address)
        if kind.strike is not None or relay is not None:
            until_some(work, command.begun, first)
            time.sleep(random.Random(f"{name} {fault} {number}").uniform(0, 0.3))
            struck = first.poll() is None
            if relay is not None:
                relay.close()
            elif kind.strike is not None and struck:
                kind.strike(cluster)
            wrong = "" if struck else f"ended before the fault: {self._told(work)}"
        status, told = self._end(first, work)
        wrong = wrong or _wrong(status, told, kind.trace)
        if kind.poor == "memory" and b"memory budget" not in cluster.log.read_bytes():
            wrong = wrong or "no worker ran out of memory"
        if kind.strike is Machines.kill_scheduler:
            cluster.stop()
            cluster.start()
        if not wrong and status == 0:
            wrong = self._difference(name, work)
        if not wrong:
            again, told = self._end(self._start(command, work, cluster.address), work)
            wrong = f"ended with {again} the second time: {told[-900:]}" if again else ""
        wrong = wrong or self._difference(name, work)
        seconds, files = time.monotonic() - begin, len(self.expected[name])
        return Outcome(status == 0, status == 2, wrong, seconds, files)

    def _alone(self, name: str) -> dict[str, bytes]:
        work = self._fresh()
        status, told = self._end(self._start(COMMANDS[name], work, None), work)
        if status:
            raise RuntimeError(f"{name} ends with {status}: {told}")
        return snapshot(work / "out")

    def _fresh(self) -> Path:
        """Return a new working folder, always of the same name: it is in messages and cards."""
        work = self.root / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(self.root / "inputs", work, copy_function=shutil.copy2)
        (work / "out").mkdir()
        return work

    def _start(self, command: Command, work: Path, address: str | None) -> subprocess.Popen[bytes]:
        engine = [] if address is None else ["--scheduler", address]
        with (work / "told").open("wb") as told:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.reliability.cluster.still"),
                    *(command.module, *command.arguments, "--workers", "1", *engine),
                ],
                cwd=work,
                stdout=subprocess.DEVNULL,
                stderr=told,
            )

    def _end(self, process: subprocess.Popen[bytes], work: Path) -> tuple[int, str]:
        try:
            status = process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        return status, self._told(work)

    def _told(self, work: Path) -> str:
        return (work / "told").read_text(errors="replace")[-3000:]

    def _difference(self, name: str, work: Path) -> str:
        found, expected = snapshot(work / "out"), self.expected[name]
        names = sorted(
            path for path in {**expected, **found} if expected.get(path) != found.get(path)
        )
        return f"{len(names)} files differ: {', '.join(names[:4])}" if names else ""


def _wrong(status: int, told: str, trace: str) -> str:
    """Return what is wrong with the end of the command that met the fault."""
    if "Traceback" in told:
        return f"a traceback: {told[-2500:]}"
    if status not in (0, 2):
        return f"ended with {status}: {told[-900:]}"
    if trace and trace not in told:
        return f"the fault left no trace ({trace!r}): {told[-900:]}"
    if status == 2 and len([line for line in told.splitlines() if "error: " in line]) != 1:
        return f"did not say one error: {told[-900:]}"
    return ""


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return the content of every file but the stamps of sources, which hold times."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".seen-")
    }


def write_inputs(folder: Path) -> None:
    """Write pictures that take a moment each to compose, to predict and to score."""
    random_pixels = np.random.default_rng(0)
    y, x = np.mgrid[:SIDE, :SIDE]
    for number in range(FOREGROUNDS):
        distance = np.hypot(y - SIDE / 2, x - SIDE / 2 - number)
        alpha_u8 = np.clip(255 * (SIDE / 4 - distance) / 20 + 128, 0, 255).astype(np.uint8)
        colour = random_pixels.integers(0, 256, (SIDE, SIDE, 3), np.uint8)
        trimap = np.where(alpha_u8 == 255, 255, np.where(alpha_u8 == 0, 0, 128)).astype(np.uint8)
        for kind, pixels in (
            *(("fg", colour), ("alpha", alpha_u8)),
            *(("plain/image", colour), ("plain/alpha", alpha_u8), ("plain/trimap", trimap)),
        ):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            write_png(folder / kind / f"disc{number:02}.png", pixels)
    (folder / "bg").mkdir()
    for number in range(2 * FOREGROUNDS):
        pixels = random_pixels.integers(0, 256, (SIDE, SIDE, 3), np.uint8)
        write_png(folder / "bg" / f"noise{number:02}.png", pixels)
