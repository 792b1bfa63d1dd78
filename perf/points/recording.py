"""Writing one point: what a command measured at an earlier commit and now, in the same minutes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from distinctions646.process.whole_files import write_bytes
from perf.machine import ROOT, commit_of

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


NOTHING: Mapping[str, str] = MappingProxyType({})


def write_point(
    name: str,
    point: int,
    what: str,
    rows: Sequence[dict[str, Any]],
    about: Mapping[str, Any] | None = None,
) -> None:
    """Write ``perf/points/NAME.json``, of which `perf.points` makes rows of its table.

    Parameters
    ----------
    name
        Of the file.
    point, what, rows
        As the table shows them.
    about
        Conditions and raw numbers, to be kept beside them.
    """
    content = {"point": point, "what": what, "rows": rows} | ({"about": about} if about else {})
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    write_bytes(Path(__file__).with_name(f"{name}.json"), text.encode())


def row(
    what: str,
    unit: str,
    values: tuple[float | None, float],
    earlier: Path,
    command: str,
    *,
    target: str = "",
    note: str = "",
) -> dict[str, Any]:
    """Return one row: the values before and after, with the commits of both checkouts.

    Parameters
    ----------
    what, unit, command, target, note
        As the table shows them.
    values
        Before and after; None where it was not measured.
    earlier
        Checkout of the earlier commit.
    """
    before, after = values
    words = {key: text for key, text in (("target", target), ("note", note)) if text}
    return {
        "what": what,
        "unit": unit,
        "before": before,
        "after": after,
        "commits": [commit_of(earlier), commit_of(ROOT)],
        "command": command,
        **words,
    }


def run_in(
    checkout: Path,
    arguments: Sequence[str],
    folder: Path | None = None,
    variables: Mapping[str, str] = NOTHING,
) -> str:
    """Run Python with the packages of a checkout, on one thread; return what it prints.

    Parameters
    ----------
    checkout
        Root of the checkout.
    arguments
        Of Python.
    folder
        Where it runs; None for the checkout.
    variables
        Of its environment, besides those of this process.
    """
    own = {**dict.fromkeys(THREADS, "1"), "PYTHONPATH": str(checkout)}
    environment = {**os.environ, **own, **variables}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder or checkout,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def cpu_seconds_in(
    checkout: Path,
    arguments: Sequence[str],
    folder: Path | None = None,
    variables: Mapping[str, str] = NOTHING,
) -> float:
    """Return the processor seconds, user and system, of what `run_in` runs."""
    before = children_seconds()
    run_in(checkout, arguments, folder, variables)
    return children_seconds() - before


def children_seconds() -> float:
    """Return the processor seconds of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
