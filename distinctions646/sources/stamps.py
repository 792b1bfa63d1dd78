"""Stamps of source files, by which a build recognises those that it has hashed before.

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
from typing import NamedTuple, TypeAlias

_SETTLED_NS = 2_000_000_000


class Stamp(NamedTuple):
    """Identity, size in bytes and times in nanoseconds of a file."""

    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True)
class KnownFile:
    """SHA-256 of a file's content, and the size in pixels of the image in it."""

    sha256: str
    height: int
    width: int


KnownFiles: TypeAlias = Mapping[Stamp, KnownFile]


def stamp_of(path: Path) -> Stamp:
    """Return the stamp of a file; `OSError` where there is none."""
    status = path.stat()
    return Stamp(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def settled(stamp: Stamp) -> bool:
    """Return whether any later change to the file must show in its stamp."""
    return max(stamp.mtime_ns, stamp.ctime_ns) < time.time_ns() - _SETTLED_NS
