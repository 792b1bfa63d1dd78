"""Whether a method fits into memory, known before it starts.

A method may state ``memory_needs``, two numbers of bytes: of a pixel of the image, and beside it of
an unknown pixel of its trimap. What a picture needs by them is compared with what is free: of the
machine, and of each control group (a container's limit) that this process is in.
``MATTING_MEMORY_GB`` takes the place of what is free. Of several workers of one run, each has a
share of what was free before they started (`limit_process`).
"""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from distinctions646.trimap.values import NotApplicable

VARIABLE = "MATTING_MEMORY_GB"
SURE = 2e8  # bytes that are not asked for: every machine has them
PROCESS = 4e8  # bytes of a worker with its libraries, before it has an image
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+")
GROUPS = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")
# Files of a group: limit, usage, statistics, and the name there of pages that can be given up.
_VERSION_2 = ("memory.max", "memory.current", "memory.stat", "inactive_file")
_VERSION_1 = (
    "memory.limit_in_bytes",
    "memory.usage_in_bytes",
    "memory.stat",
    "total_inactive_file",
)


_share: float | None = None
"""Bytes that this process may use, one of several workers; None where it is alone."""


class NeedsMemory(NotApplicable):
    """A method needs more memory for a picture than there is; on another machine it may not."""


def limit_process(share: float | None) -> None:
    """Set the bytes that this process may use of what is free; None where it shares with none."""
    global _share
    _share = share


def share_of(processes: int, available: float | None = None) -> float:
    """Return the bytes that each of some workers may use beyond its idle process.

    Parameters
    ----------
    processes
        How many there are.
    available
        Free memory in bytes before they start; left out, as `free_bytes` returns it.

    Examples
    --------
    >>> share_of(2, 18e9)
    8600000000.0
    """
    free = free_bytes() if available is None else available
    return max(free / processes - PROCESS, 0.0)


def check_memory(
    method: Any, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None
) -> None:
    """Raise `NeedsMemory` if a method states that it needs more memory than is free.

    Parameters
    ----------
    method
        A method; without ``memory_needs`` nothing is checked.
    image
        uint8 H×W×3.
    trimap
        uint8 H×W of 0, 128 and 255, or None where the method takes none.

    Raises
    ------
    NeedsMemory
        Saying what is needed and what is free.
    """
    if getattr(method, "memory_needs", None) is None:
        return
    pixels = image[..., 0].size
    unknown = 0 if trimap is None else int(np.count_nonzero(trimap == 128))
    needed = needed_bytes(method, pixels, unknown)
    if needed <= SURE:
        return
    free, whose = free_bytes(), "this machine has {} GB free"
    if _share is not None and _share < free:
        free, whose = _share, "each worker has {} GB"
    if needed > free:
        size = f"{pixels / 1e6:.1f} megapixels"
        if trimap is not None:
            size += f" with {unknown / 1e6:.1f} million unknown"
        raise NeedsMemory(
            f"needs {needed / 1e9:.1f} GB for {size}; " + whose.format(f"{free / 1e9:.1f}")
        )


def needed_bytes(method: Any, pixels: int, unknown: int) -> float:
    """Return what a method that states ``memory_needs`` needs beyond its idle process, in bytes.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> needed_bytes(SimpleNamespace(memory_needs=(40, 2000)), 1_000_000, 100_000)
    240000000
    """
    a_pixel, an_unknown_pixel = method.memory_needs
    total: float = a_pixel * pixels + an_unknown_pixel * unknown
    return total


def free_bytes() -> float:
    """Return the memory that is free for this process, in bytes.

    Raises
    ------
    ValueError
        As `given_bytes`.
    """
    given = given_bytes()
    if given is not None:
        return given
    import psutil

    return min([float(psutil.virtual_memory().available), *free_of_groups()])


def given_bytes() -> float | None:
    """Return what ``MATTING_MEMORY_GB`` states, in bytes; None where it is not set.

    Raises
    ------
    ValueError
        If it is no decimal number above 0, such as ``64`` or ``0.5``.
    """
    given = os.environ.get(VARIABLE)
    if given is None:
        return None
    stated = float(given) * 1e9 if _DECIMAL.fullmatch(given) else 0.0
    if not 0 < stated < math.inf:
        raise ValueError(f"{VARIABLE} is {given!r}; expected a number of gigabytes above 0")
    return stated


def free_of_groups(groups: Path = GROUPS, membership: Path = MEMBERSHIP) -> list[float]:
    """Return what is left of the limit of each control group that holds this process, in bytes.

    Parameters
    ----------
    groups
        Where the hierarchy is mounted, of version 2 or, in ``memory``, 1.
    membership
        The file that names the groups of this process.
    """
    if not membership.is_file():
        return []
    left = []
    for line in membership.read_text().splitlines():
        _, controllers, name = line.split(":", 2)
        if controllers == "":
            top, files = groups, _VERSION_2
        elif "memory" in controllers.split(","):
            top, files = groups / "memory", _VERSION_1
        else:
            continue
        group = top / name.lstrip("/")
        # Inside a container the group may be mounted as the top, under no name of its own.
        for folder in (group, *group.parents):
            free = _free_of(folder, files)
            if free is not None:
                left.append(free)
            if folder == top:
                break
    return left


def _free_of(folder: Path, files: tuple[str, str, str, str]) -> float | None:
    limit_name, usage_name, statistics_name, reclaimable = files
    try:
        limit = (folder / limit_name).read_text().strip()
        usage = int((folder / usage_name).read_text())
        statistics = (folder / statistics_name).read_text()
    except OSError:
        return None
    if limit == "max":
        return None
    counted = dict(line.split() for line in statistics.splitlines())
    return float(int(limit) - usage + int(counted.get(reclaimable, 0)))
