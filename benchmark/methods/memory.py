"""Whether a method fits into memory, known before it starts.

A method may state ``memory_needs``, two numbers of bytes: of a pixel of the image, and beside it of
an unknown pixel of its trimap. What a picture needs by them is compared with what is free: of the
machine, and of each control group (a container's limit) that this process is in.
``MATTING_MEMORY_GB`` takes the place of what is free.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from distinctions646.trimap.values import NotApplicable

VARIABLE = "MATTING_MEMORY_GB"
SURE = 2e8  # bytes that are not asked for: every machine has them
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


class NeedsMemory(NotApplicable):
    """A method needs more memory for a picture than there is; on another machine it may not."""


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
    free = free_bytes()
    if needed > free:
        size = f"{pixels / 1e6:.1f} megapixels"
        if trimap is not None:
            size += f" with {unknown / 1e6:.1f} million unknown"
        raise NeedsMemory(
            f"needs {needed / 1e9:.1f} GB for {size}; this machine has {free / 1e9:.1f} GB free"
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
        If ``MATTING_MEMORY_GB`` is no positive number.
    """
    given = os.environ.get(VARIABLE)
    if given is not None:
        try:
            free = float(given) * 1e9
        except ValueError:
            free = -1.0
        if not free > 0:
            raise ValueError(f"{VARIABLE} is {given!r}; expected a number of gigabytes above 0")
        return free
    import psutil

    return min([float(psutil.virtual_memory().available), *free_of_groups()])


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
