"""The conditions of a measurement: commit, date, processor, load and versions of packages."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def conditions(suite: str, packages: Iterable[str]) -> dict[str, Any]:
    """Return what a measurement was taken with, to be written beside its results.

    Parameters
    ----------
    suite
        What is measured, such as ``"metrics"``.
    packages
        Names of the distributions whose versions matter; None stands for one that is absent.
    """
    return {
        "suite": suite,
        "commit": commit_of(ROOT),
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "packages": versions(packages),
    }


def versions(packages: Iterable[str]) -> dict[str, str | None]:
    """Return the installed version of each distribution, None where it is absent."""
    return {name: _version(name) for name in packages}


def commit_of(checkout: Path) -> str | None:
    """Return the commit of a checkout: from a file COMMIT left there, or from git."""
    if (checkout / "COMMIT").is_file():
        return (checkout / "COMMIT").read_text().strip()
    command = ["git", "-C", str(checkout), "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def processor() -> str:
    """Return the model name of the processor."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
