"""Reading many spoilt files: in processes of their own, since a library in C may end one."""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.mutations import spoil_bytes
from tests.fuzz.readers import READERS, Reader, UnclearError, check_refusal

LIMIT = 60  # seconds that one input may take
_BATCH = 500  # inputs of one process


@dataclass
class Tally:
    """What came of a reader's inputs.

    Attributes
    ----------
    counts
        How many were ``read``, ``refused`` in one line that names the file, or ``escaped``.
    escapes
        Number of an input and what escaped, the first of each kind.
    """

    counts: Counter[str] = field(default_factory=Counter)
    escapes: dict[str, int] = field(default_factory=dict)

    def add(self, number: int, outcome: str) -> None:
        """Count an input."""
        kind = outcome if outcome in ("read", "refused") else "escaped"
        self.counts[kind] += 1
        if kind == "escaped":
            self.escapes.setdefault(outcome, number)


def fuzz(name: str, inputs: int, seed: int = 0, first: int = 0) -> Tally:
    """Spoil a reader's seeds so many times, and read them.

    Parameters
    ----------
    name
        A key of `READERS`.
    inputs
        How many, from number `first` on.
    seed
        With the number of an input it decides what is spoilt.
    """
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as root:
        folder = Path(root) / "seeds"
        folder.mkdir()
        seeds = READERS[name].seeds(folder)
        log = Path(root) / "log"
        number = first
        while number < first + inputs:
            number = _batch(name, folder, seeds, seed, number, first + inputs, log, tally)
    return tally


def _batch(
    name: str,
    folder: Path,
    seeds: list[Path],
    seed: int,
    start: int,
    end: int,
    log: Path,
    tally: Tally,
) -> int:
    """Read inputs in a forked process until it has had enough or dies; return the next number."""
    whole = {path: path.read_bytes() for path in seeds}
    log.write_text("")
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries in C write there
            with log.open("w") as file:
                for number in range(start, min(start + _BATCH, end)):
                    signal.alarm(LIMIT)
                    outcome = _one(READERS[name], folder, whole, f"{seed}/{name}/{number}")
                    file.write(f"{outcome}\n")
                    file.flush()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    for path, content in whole.items():
        path.write_bytes(content)
    outcomes = log.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
    for place, outcome in enumerate(outcomes):
        tally.add(start + place, outcome)
    following = start + len(outcomes)
    if status:  # in the input after the last that is logged
        tally.add(following, f"the process ended with {os.waitstatus_to_exitcode(status)}")
        return following + 1
    return following


def spoilt(reader: Reader, seeds: dict[Path, bytes], key: str) -> tuple[Path, bytes]:
    """Return the file that an input spoils, and its new content."""
    chance = random.Random(key)
    path = chance.choice(sorted(seeds))
    try:
        return path, chance.choice(reader.mutations)(seeds[path], chance)
    except (ValueError, TypeError, OverflowError):  # no such file can be written
        return path, spoil_bytes(seeds[path], chance)


def _one(reader: Reader, folder: Path, seeds: dict[Path, bytes], key: str) -> str:
    return outcome_of(reader, folder, seeds, *spoilt(reader, seeds, key))


def outcome_of(
    reader: Reader, folder: Path, seeds: dict[Path, bytes], path: Path, content: bytes
) -> str:
    """Read a spoilt file; return ``read``, ``refused`` or what escaped, and mend the file."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            reader.read(folder, path)
    except (ValueError, OSError) as error:
        try:
            check_refusal(error, path)
        except UnclearError as unclear:
            return _where(unclear, error)
        return "refused"
    except BaseException as error:
        return _where(error, error)
    finally:
        path.unlink(missing_ok=True)
        path.write_bytes(seeds[path])
    return "read"


def _where(error: BaseException, raised: BaseException) -> str:
    """Return an error in one line, with the innermost line of ours that it passed."""
    frames = traceback.extract_tb(raised.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    last = ours[-1]
    place = f"{'/'.join(Path(last.filename).parts[-3:])}:{last.lineno} {last.name}"
    return f"{type(error).__name__} at {place}: {str(error)[:200]!r}"


def run(names: list[str], inputs: int, seed: int) -> Iterator[tuple[str, Tally, float]]:
    """Share inputs out among readers; yield the tally of each, and the seconds it took."""
    weights = [READERS[name].weight for name in names]
    ends = [inputs * sum(weights[: place + 1]) // sum(weights) for place in range(len(names))]
    for name, start, end in zip(names, [0, *ends], ends, strict=False):
        began = time.monotonic()
        tally = fuzz(name, end - start, seed)
        yield name, tally, time.monotonic() - began
