"""The flags that choose an engine: the same for every command that has one."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distinctions646.process.commandline import usable_cores

QUEUES = ("slurm", "pbs", "lsf")
KINDS = ("local", *QUEUES, "kubernetes")
PER_CORE = 16
"""Workers of ``local:N`` for each core at most: more are a slip of the finger."""
_ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss|inproc)://\S+")


@dataclass(frozen=True)
class EngineChoice:
    """Which engine does the units of work.

    Attributes
    ----------
    scheduler
        Address of a running Dask scheduler, such as ``"tcp://host:8786"``; or None.
    cluster
        ``"local:N"``, ``"slurm:FILE.toml"``, ``"pbs:FILE.toml"``, ``"lsf:FILE.toml"`` or
        ``"kubernetes:FILE.toml"``; or None. One of the two is given.
    """

    scheduler: str | None = None
    cluster: str | None = None

    def __post_init__(self) -> None:
        if (self.scheduler is None) == (self.cluster is None):
            raise ValueError("--scheduler and --cluster both name an engine; expected one of them")
        if self.scheduler is not None and not _ADDRESS.fullmatch(self.scheduler):
            raise ValueError(
                f"--scheduler is {self.scheduler!r}; expected an address such as tcp://host:8786"
            )
        if self.cluster is not None:
            parse_cluster(self.cluster)


def parse_cluster(text: str) -> tuple[str, int | Path]:
    """Return the kind of a cluster, and its number of workers or its settings' file.

    Raises
    ------
    ValueError
        If it is none of the known forms.

    Examples
    --------
    >>> parse_cluster("local:4"), parse_cluster("slurm:queue.toml")[0]
    (('local', 4), 'slurm')
    """
    kind, _, argument = text.partition(":")
    most = PER_CORE * usable_cores()
    if kind == "local" and re.fullmatch("[1-9][0-9]{0,8}", argument) and int(argument) <= most:
        return kind, int(argument)
    if kind in KINDS[1:] and argument:
        return kind, Path(argument)
    forms = ", ".join(f"{queue}:FILE.toml" for queue in KINDS[1:])
    raise ValueError(
        f"--cluster is {text!r}; expected local:N with N from 1 to {most} ({PER_CORE} for each "
        f"core of this machine), or {forms}"
    )


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Add ``--scheduler`` and ``--cluster``."""
    group = parser.add_argument_group("several machines (docs/scale.md); the result is the same")
    either = group.add_mutually_exclusive_group()
    either.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="a running Dask scheduler, such as tcp://host:8786, whose workers do the work",
    )
    either.add_argument(
        "--cluster",
        metavar="KIND",
        help="start Dask workers for this command: local:N, or slurm:FILE.toml, pbs:FILE.toml, "
        "lsf:FILE.toml, kubernetes:FILE.toml with the settings of their jobs",
    )


def take_engine(parser: argparse.ArgumentParser, given: dict[str, Any]) -> EngineChoice | None:
    """Remove the flags from parsed ones and return the choice; a wrong one ends the process."""
    scheduler, cluster = given.pop("scheduler"), given.pop("cluster")
    try:
        return make_choice(scheduler, cluster)
    except ValueError as error:
        parser.error(str(error))


def make_choice(scheduler: str | None, cluster: str | None) -> EngineChoice | None:
    """Return the choice of an engine; None where neither is given.

    Raises
    ------
    ValueError
        If both are, or one is in no known form.
    """
    return None if scheduler is None and cluster is None else EngineChoice(scheduler, cluster)
