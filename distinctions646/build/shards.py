"""The unit of work: one foreground over all its backgrounds.

A shard is finished when its marker is there: a small file with the shard's key and the hashes of
what it made. Pixels are written under temporary names first and the marker last, so a build that
was killed at any moment resumes after the last finished shard and ends with the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from distinctions646.forms.raw_foregrounds import FOREGROUNDS, foreground_file
from distinctions646.images.fingerprint import settings_sha256
from distinctions646.plan.recipe import RecipeRow
from distinctions646.sources.files import Background, Foreground
from distinctions646.sources.stamps import Stamp


class Source(NamedTuple):
    """A file that a shard reads: its role, its name in a recipe, and its size in pixels."""

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
    foreground
        The foreground and its alpha.
    backgrounds
        One for each row; empty where the foreground is a photograph with its own background.
    rows
        One for each background, without hashes.
    source_sha256, stamps
        Hash and stamp of each file of `sources`, empty until hashed; a stamp is None where the
        file changed too recently to be recognised by it.
    trimaps
        One for each background where trimaps came with the pictures.
    virtual
        Whether to keep the foreground for composing on reading, rather than compose now.
    """

    foreground: Foreground
    backgrounds: tuple[Background, ...]
    rows: tuple[RecipeRow, ...]
    source_sha256: tuple[str, ...] = ()
    stamps: tuple[Stamp | None, ...] = ()
    trimaps: tuple[Path, ...] = ()
    virtual: bool = False

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every file read: foreground, alpha (where there is one), backgrounds, trimaps."""
        path, alpha = self.foreground.path, self.foreground.alpha
        size = self.foreground.height, self.foreground.width
        sources = [Source(path, "foreground", path.name, *size)]
        if alpha is not None:
            sources.append(Source(alpha, "alpha", alpha.name, *size))
        for background in self.backgrounds:
            background_size = background.height, background.width
            sources.append(Source(background.path, "background", background.name, *background_size))
        sources += [Source(path, "trimap", path.name, *size) for path in self.trimaps]
        return tuple(sources)

    @property
    def key(self) -> str:
        """Hash of everything the shard's pixels depend on."""
        channel = self.foreground.matte_channel  # most builds leave it out, and keep their key
        chosen = [] if channel is None else [channel]
        return settings_sha256([[vars(row) for row in self.rows], self.source_sha256, *chosen])

    @property
    def outputs(self) -> dict[str, set[str]]:
        """The names of the files it makes, by folder."""
        names = {kind: {row.file_name(kind) for row in self.rows} for kind in self.rows[0].kinds}
        if not self.virtual:
            return names
        kept = {FOREGROUNDS: {foreground_file(self.rows[0].foreground)}}
        return {**kept, "trimap": names["trimap"]} if self.trimaps else kept
