"""Commands with workers are killed while they work; no process may be left.

    python -m tests.reliability.kills --kills 200 --record tests/reliability/figures.json

SIGKILL, SIGTERM and SIGINT take turns. After the last two the command must also end with one line
and the exit status 143 or 130.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distinctions646.process.commandline import make_parser, run_command
from tests.reliability.figures import record, tables

FOREGROUNDS = 2600  # seconds of work for two workers on a quick machine
SIDE = 600
PATIENCE = 60  # seconds in which the workers must be gone
SIGNALS = {"SIGKILL": -9, "SIGTERM": 143, "SIGINT": 130}
LINES = {
    "SIGTERM": "terminated; run the same command again to resume",
    "SIGINT": "interrupted; run the same command again to resume",
}


@dataclass(frozen=True)
class Killed:
    """What came of a kill; `wrong` is empty where all ended as it should."""

    command: str
    signal: str
    left: int
    wrong: str = ""


def write_sources(folder: Path) -> None:
    """Write pictures of noise, which take a while to write, read and score."""
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 4), np.uint8)
    for kind, values in (
        ("fg", pixels[..., :3]),
        ("alpha", pixels[..., 3]),
        ("other", pixels[..., 0]),
        ("bg", pixels[..., 1:]),
        ("train/foregrounds", pixels),
        ("train/backgrounds", pixels[..., :3]),
    ):
        (folder / kind).mkdir(parents=True)
        Image.fromarray(np.ascontiguousarray(values)).save(folder / kind / "0.png")
        for index in range(1, FOREGROUNDS):
            (folder / kind / f"{index}.png").hardlink_to(folder / kind / "0.png")
    plain = folder / "plain"
    plain.mkdir()
    (plain / "image").symlink_to(folder / "fg")
    (plain / "alpha").symlink_to(folder / "alpha")


def _build(inputs: Path, out: Path) -> list[str]:
    return [
        *("--dataset", "custom", "--foregrounds", f"{inputs}/fg", "--alphas", f"{inputs}/alpha"),
        *("--backgrounds", f"{inputs}/bg", "--per-foreground", "1"),
        *("--trimap-rule", "radius-3/v1", "--out", f"{out}/built"),
    ]


COMMANDS: dict[str, Callable[[Path, Path], list[str]]] = {
    "generate": lambda inputs, out: [
        *("distinctions646.generate", "--out", f"{out}/made", "--foregrounds", "60"),
    ],
    "build": lambda inputs, out: [
        *("distinctions646.build", *_build(inputs, out), "--write", "folder"),
    ],
    "doctor": lambda inputs, out: ["distinctions646.doctor", *_build(inputs, out), "--deep"],
    "score": lambda inputs, out: [
        *("benchmark.score", "--alpha", f"{inputs}/other", "--alpha-gt", f"{inputs}/alpha"),
    ],
    "run": lambda inputs, out: [
        *("benchmark.run", "--dataset", f"{inputs}/plain", "--out", f"{out}/runs"),
        *("--method", "closed-form", "constant", "--trimap-rule", "dilate-25/v1"),
    ],
    "train": lambda inputs, out: [
        *("hattmatting.train", "--sources", f"{inputs}/train", "--out", f"{out}/trained"),
        *("--preset", "tiny", "--device", "cpu"),
    ],
}


def kill(name: str, inputs: Path, out: Path, number: str, chance: random.Random) -> Killed:
    """Start a command with two workers, send it a signal while they work, and look what is left."""
    out.mkdir(parents=True)
    command = [sys.executable, "-m", *COMMANDS[name](inputs, out), "--workers", "2"]
    log = out / "errors"
    with log.open("w") as errors:
        parent = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
    workers: list[int] = []
    try:
        while len(workers) < 2 and parent.poll() is None:
            time.sleep(0.02)
            workers = descendants(parent.pid)
        time.sleep(chance.uniform(0, 3))
        if parent.poll() is None:
            workers = descendants(parent.pid)
    finally:
        parent.send_signal(getattr(signal, number))
    try:
        status = parent.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        parent.kill()
        status = parent.wait()
    left = still_there(workers)
    return Killed(name, number, len(left), _wrong(number, status, log.read_text()))


def _wrong(number: str, status: int, told: str) -> str:
    if status not in (SIGNALS[number], getattr(signal, number) * -1):
        return f"ended with {status}: {told[-400:]}"
    if "Traceback" in told:
        return f"a traceback: {told[-2000:]}"
    if status > 0 and not told.endswith(f"{LINES[number]}\n"):
        return f"said {told[-300:]!r}"
    return ""


def descendants(process: int) -> list[int]:
    """Return the processes that a process, or one of these, has started."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
        except (OSError, IndexError):
            continue
        if folder.name.isdecimal() and status[0] != "Z":
            parents[int(folder.name)] = int(status[1])
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def still_there(processes: list[int]) -> list[int]:
    """Return those of some processes that have not ended in time."""
    end = time.monotonic() + PATIENCE
    left = processes
    while left and time.monotonic() < end:
        left = [one for one in left if _runs(one)]
        time.sleep(0.05)
    return left


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status: 1 where a process was left."""
    parser = make_parser("python -m tests.reliability.kills", __doc__)
    parser.add_argument("--kills", type=int, default=18, help="in all")
    parser.add_argument("--command", nargs="+", choices=tuple(COMMANDS), default=tuple(COMMANDS))
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--record", type=Path, metavar="FILE", help="figures.json to write to")
    given = parser.parse_args(arguments)
    return run_command(lambda: _kill_many(given))


def _kill_many(given: argparse.Namespace) -> int:
    chance, rows, faults = random.Random(given.seed), {}, 0
    os.environ["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        inputs = Path(folder) / "inputs"
        write_sources(inputs)
        for place in range(given.kills):
            name = given.command[place % len(given.command)]
            number = list(SIGNALS)[place // len(given.command) % len(SIGNALS)]
            one = kill(name, inputs, Path(folder) / f"{place}", number, chance)
            counts = rows.setdefault(name, {"signals": {}})["signals"].setdefault(number, [0, 0])
            counts[0], counts[1] = counts[0] + 1, counts[1] + one.left
            faults += bool(one.left or one.wrong)
            if one.left or one.wrong:
                sys.stdout.write(f"{name}, {number}: {one.left} processes left; {one.wrong}\n")
            sys.stderr.write(f"{place + 1} of {given.kills} kills, {faults} wrong\n")
            if given.record is not None:
                record("kills", rows, given.record)
    sys.stdout.write(tables({"kills": rows})["kills"])
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
