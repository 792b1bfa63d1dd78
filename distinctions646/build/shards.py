"""The unit of work: one foreground over all its backgrounds; resume; local processes.

A shard is finished when its marker is there: a small file with the shard's key and the hashes of
what it made. Pixels are written under temporary names first and the marker last, so a build that
was killed at any moment goes on from the last finished shard and ends with the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from distinctions646.forms.raw import FOREGROUNDS, foreground_file
from distinctions646.images.fingerprint import settings_sha256
from distinctions646.plan.recipe import Row
from distinctions646.sources.files import Background, Foreground
from distinctions646.sources.stamps import Stamp

KINDS = ("image", "alpha", "trimap")


class Source(NamedTuple):
    """A file that a shard reads: what it is, what a recipe calls it, its size in pixels."""

    path: Path
    role: str
    name: str
    height: int
    width: int


@dataclass(frozen=True)
class Shard:
    """One foreground over all its backgrounds.

    Attributes
    ----------
    foreground, backgrounds
        The sources.
    rows
        One for each background, without hashes.
    source_sha256, stamps
        Of the files of `sources`, empty until hashed; a stamp is None where it proves nothing.
    trimaps
        One for each background where trimaps came with the pictures.
    backgrounds
        Empty where the foreground is a photograph with its own background.
    virtual
        Whether to keep the foreground for composing on reading, rather than compose now.
    """

    foreground: Foreground
    backgrounds: tuple[Background, ...]
    rows: tuple[Row, ...]
    source_sha256: tuple[str, ...] = ()
    stamps: tuple[Stamp | None, ...] = ()
    trimaps: tuple[Path, ...] = ()
    virtual: bool = False

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every file read: foreground, alpha (where there is one), backgrounds, trimaps."""
        one, size = self.foreground, (self.foreground.height, self.foreground.width)
        found = [Source(one.path, "foreground", one.path.name, *size)]
        if one.alpha is not None:
            found.append(Source(one.alpha, "alpha", one.alpha.name, *size))
        for background in self.backgrounds:
            background_size = background.height, background.width
            found.append(Source(background.path, "background", background.name, *background_size))
        found += [Source(path, "trimap", path.name, *size) for path in self.trimaps]
        return tuple(found)

    @property
    def key(self) -> str:
        """Hash of everything the shard's pixels depend on."""
        return settings_sha256([[vars(row) for row in self.rows], self.source_sha256])

    @property
    def outputs(self) -> dict[str, set[str]]:
        """The names of the files it makes, by folder."""
        kinds = KINDS if self.rows[0].trimap_rule else KINDS[:2]
        names = {kind: {row.file_name(kind) for row in self.rows} for kind in kinds}
        if not self.virtual:
            return names
        kept = {FOREGROUNDS: {foreground_file(self.rows[0].foreground)}}
        return {**kept, "trimap": names["trimap"]} if self.trimaps else kept
