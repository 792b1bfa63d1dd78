"""Whether a worker may do a command's work: same code, same versions, same folders.

Every worker is asked before work starts, and asks itself before its first unit, so that one which
joins later is noticed too.
"""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata, util
from pathlib import Path

PACKAGES = (
    *("numpy", "scipy", "pillow", "opencv-python", "opencv-python-headless", "isal", "numba"),
    *("pymatting", "pyarrow", "torch", "torchvision", "timm", "safetensors", "onnxruntime"),
)
"""What touches pixels on the way from a file to a number."""
_OURS = ("distinctions646", "benchmark", "baselines", "hattmatting")
_PROBE = ".matting-probe-"


class UnfitWorkerError(OSError):
    """A worker has other code, versions or folders than the machine that gives the command."""


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python, of all that touches pixels, and a hash of our own code."""
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found | {"the suite's code": _code_digest()}


def _code_digest() -> str:
    digest = hashlib.sha256()
    for package in _OURS:
        spec = util.find_spec(package)
        for folder in sorted(spec.submodule_search_locations or ()) if spec else ():
            for path in sorted(Path(folder).rglob("*.py")):
                digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@dataclass(frozen=True)
class Fitness:
    """What a worker is compared with.

    Attributes
    ----------
    token
        Random text, different for every command.
    wanted
        As `versions` returns.
    cwd
        Folder that relative paths start from.
    probe
        A file with the token, in the folder that is written to; None where nothing is.
    read
        Times of change, in ns, of the folders that are read, by path.
    """

    token: str
    wanted: Mapping[str, str]
    cwd: Path
    probe: Path | None = None
    read: Mapping[Path, int] = field(default_factory=dict)

    def complaint(self) -> str | None:
        """Return what is wrong with the process that calls this; None where it is fit."""
        for name in {**self.wanted, **versions()}:
            here, there = versions().get(name, "none"), self.wanted.get(name, "none")
            if here != there:
                return f"has {name} {here}, and this machine {there}; expected the same"
        if not self.cwd.is_dir():
            return f"does not see the folder {self.cwd}; expected one that all machines share"
        return self._foreign_folder()

    def _foreign_folder(self) -> str | None:
        if self.probe is not None:
            folder = self.probe.parent
            try:
                found = self.probe.read_text()
                answer = self.probe.with_name(f"{self.probe.name}-{os.getpid()}")
                answer.write_text(self.token)
                answer.unlink()
            except OSError as error:
                reason = error.strerror or str(error)
                return f"cannot use {folder} ({reason}); expected a folder that all machines share"
            if found != self.token:
                return f"sees another {folder}; expected a folder that all machines share"
        for path, changed in self.read.items():
            if not path.exists():
                return f"does not see {path}; expected a folder that all machines share"
            if path.stat().st_mtime_ns != changed:
                return f"sees another {path}; expected a folder that all machines share"
        return None

    def check(self) -> None:
        """Refuse the process that calls this where it is unfit; it is asked once.

        Raises
        ------
        UnfitWorkerError
            Saying why.
        """
        reason = _complaint_once(self.token, self)
        if reason is not None:
            raise UnfitWorkerError(f"the worker on {platform.node()} {reason}")

    def __hash__(self) -> int:
        return hash(self.token)


@cache
def _complaint_once(token: str, fitness: Fitness) -> str | None:
    return fitness.complaint()


@contextmanager
def required(out: Path | None, read: Sequence[Path]) -> Iterator[Fitness]:
    """Return what workers must have for a command, with a probe file in place meanwhile.

    Parameters
    ----------
    out
        What is written; its nearest folder that exists gets the probe. None writes nothing.
    read
        Files and folders that are read; those that are missing do not count.

    Raises
    ------
    OSError
        If the probe cannot be written.
    """
    token = secrets.token_hex(16)
    folder = Path("/") if out is None else _nearest_folder(out.absolute().parent)
    probe = None if out is None else folder / (_PROBE + token[:8])
    stamps = {
        path.absolute(): path.stat().st_mtime_ns
        for path in read
        if path.exists() and not folder.is_relative_to(path.absolute())  # it changes meanwhile
    }
    if probe is not None:
        try:
            _remove_old(folder)
            probe.write_text(token)
        except OSError as error:
            raise OSError(f"{out}: cannot be written: {error.strerror or error}") from error
    try:
        yield Fitness(token, versions(), Path.cwd(), probe, stamps)
    finally:
        if probe is not None:
            probe.unlink(missing_ok=True)


def _remove_old(folder: Path) -> None:
    """Remove what commands that were killed more than a day ago have left."""
    for path in folder.glob(f"{_PROBE}*"):
        if path.stat().st_mtime < time.time() - 24 * 3600:
            path.unlink(missing_ok=True)


def _nearest_folder(path: Path) -> Path:
    while not path.is_dir():
        path = path.parent
    return path
