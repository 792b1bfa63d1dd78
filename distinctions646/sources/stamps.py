"""What a finished build remembers of its sources' files, so that asking again is quick.

A file that is the same inode, of the same size, changed at the same times, is taken to have the
same content, as by rsync or git; a time of change (ctime) cannot be set back as that of the last
writing can. Files that had changed within two seconds before they were looked at are not
remembered: their times could be the same after another change.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    pass

_SETTLED_NS = 2_000_000_000


class Stamp(NamedTuple):
    """What the file system says of a file."""

    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True)
class Known:
    """What was found in a file: its hash, and the size of the picture."""

    sha256: str
    height: int
    width: int


Seen = Mapping[Stamp, Known]


def stamp_of(path: Path) -> Stamp:
    """Ask the file system about a file.

    Parameters
    ----------
    path
        Of the file.

    Returns
    -------
    Stamp
        The answer.

    Raises
    ------
    OSError
        If it is missing.
    """
    facts = path.stat()
    return Stamp(facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


def settled(stamp: Stamp) -> bool:
    """Say whether any later change to a file must show in its stamp."""
    return max(stamp.mtime_ns, stamp.ctime_ns) < time.time_ns() - _SETTLED_NS
