"""Checks of every file that a build would read, without decoding: missing, damaged or odd."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, get_args

from PIL import Image

from distinctions646.checks.notes import note
from distinctions646.images.fingerprint import file_sha256
from distinctions646.images.headers import (
    check_grey_mode,
    check_image_mode,
    check_own_alpha,
    ends_whole,
    orientation,
    picture_size,
    turn_hint,
)
from distinctions646.images.mattes import trimap_notes
from distinctions646.images.opening import LOSSY, open_header
from distinctions646.images.reading import read_alpha, read_foreground, read_image, read_trimap
from distinctions646.images.rules import AS_STORED, ReadingRules
from distinctions646.sources.archives import Archive
from distinctions646.sources.catalogue.overlaps import OVERLAPS
from distinctions646.sources.index import FolderIndex

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True)
class Finding:
    """One kind of problem, and the files that have it.

    Attributes
    ----------
    level
        ``"error"``: a build would stop there; ``"warning"``: it would not, but may go wrong;
        ``"note"``: worth knowing.
    what
        A few words in the plural.
    places
        File names, or sentences that name a file.
    """

    level: Level
    what: str
    places: tuple[str, ...]


@dataclass
class Checkup:
    """The findings so far, and the sizes and files on the way.

    Attributes
    ----------
    sizes
        Height and width of each foreground that could be opened, by its name.
    files
        Every file that could be opened, by what it is.
    reading
        How a build reads the pictures where there is a choice.
    partners
        For each foreground its alpha, for an alpha of an open set its trimap: they are decoded
        together, as what is wrong may show in both only.
    """

    reading: ReadingRules = AS_STORED
    partners: dict[Path, Path] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    files: dict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    _places: dict[tuple[Level, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, level: Level, what: str, place: str) -> None:
        """Add one place; places of the same level and kind become one finding."""
        self._places[level, what].append(place)

    def open(self, path: Path, kind: str) -> tuple[int, int] | None:
        """Check a file's header and end; return its size, or None where it cannot be used."""
        try:
            with open_header(path) as picture:
                _CHECKS[kind](picture, path)
                _note_oddities(self, picture, path, kind)
                size, format_ = picture_size(picture, self.reading.exif), picture.format
            whole = ends_whole(path, format_)
        except (ValueError, OSError) as error:
            self.add("error", f"{plural(kind)} that cannot be used", str(error))
            return None
        if not whole:
            self.add("error", f"{plural(kind)} that are cut off", path.name)
            return None
        self.files[kind].append(path)
        return size

    @property
    def findings(self) -> list[Finding]:
        """Everything found, errors first."""
        findings = [Finding(*kind, tuple(places)) for kind, places in self._places.items()]
        return sorted(findings, key=lambda finding: LEVELS.index(finding.level))


def check_archive(archive: Archive, reading: ReadingRules = AS_STORED) -> Checkup:
    """Check everything that a build of an archive would read.

    Parameters
    ----------
    archive
        From `archives.locate` or `archives.locate_custom`.
    reading
        How the build reads the pictures where there is a choice.

    Returns
    -------
    Checkup
        With the findings, sizes and files.
    """
    checkup = Checkup(reading)
    for kind, verdict in archive.verdicts.items():
        if verdict != "official":
            checkup.add("warning", "lists that are not known as official", f"{kind}: {verdict}")
    _check_foregrounds(checkup, archive)
    _check_backgrounds(checkup, archive)
    if archive.trimaps is not None:
        _check_trimaps(checkup, archive, archive.trimaps)
    _check_overlaps(checkup, archive)
    return checkup


def _check_foregrounds(checkup: Checkup, archive: Archive) -> None:
    stems: dict[str, str] = {}
    alpha_folders = dict(archive.folders)
    indices = {
        folder: FolderIndex([folder]) for folder in alpha_folders.values() if folder is not None
    }
    for name in archive.foreground_names:
        other = stems.setdefault(Path(name).stem, name)
        if other is not name:
            checkup.add("error", "foregrounds of the same name", f"{other} and {name}")
        path = _find(checkup, archive.foregrounds, name, "foregrounds")
        if path is None:
            continue
        alpha_folder = alpha_folders[path.parent]
        size = checkup.open(path, "foreground" if alpha_folder else "foreground with alpha")
        if size is not None:
            checkup.sizes[name] = size
        if alpha_folder is not None:
            _check_alpha(checkup, indices[alpha_folder], path, size)
    listed = set(archive.foreground_names)
    for name in sorted(set(archive.foregrounds.names) - listed):
        checkup.add("note", "foregrounds that the list does not name", name)
    _check_duplicates(checkup, "foreground", "foreground with alpha")


def _check_alpha(
    checkup: Checkup, index: FolderIndex, foreground: Path, size: tuple[int, int] | None
) -> None:
    path = index.find(foreground.name)
    if path is None:
        near = index.nearest(foreground.name)
        if near is None or Path(near).stem != foreground.stem:
            hint = f" (there is {near}, of another case)" if near else ""
            checkup.add("error", "alphas that are missing", foreground.name + hint)
            return
        path = index.folders[0] / near
    alpha_size = checkup.open(path, "alpha")
    if size is None or alpha_size is None:
        return
    checkup.partners[foreground] = path
    if size != alpha_size:
        hint = turn_hint((foreground, path), checkup.reading.exif)
        place = f"{path.name} ({_pixels(alpha_size)} for {_pixels(size)}){hint}"
        checkup.add("error", "alphas of another size than their foreground", place)


def _check_backgrounds(checkup: Checkup, archive: Archive) -> None:
    seen: set[str] = set()
    for name in archive.background_names:
        if name in seen:
            checkup.add("note", "backgrounds listed more than once", name)
            continue
        seen.add(name)
        path = _find(checkup, archive.backgrounds, name, "backgrounds")
        if path is not None:
            checkup.open(path, "background")


def _check_trimaps(checkup: Checkup, archive: Archive, folder: Path) -> None:
    index = FolderIndex([folder])
    each = len(archive.background_names) // len(archive.foreground_names)
    for name in archive.foreground_names:
        for k in range(each):
            path = index.find(f"{Path(name).stem}_{k}.png")
            if path is None:
                checkup.add("error", "trimaps that are missing", f"{Path(name).stem}_{k}.png")
                continue
            size, wanted = checkup.open(path, "trimap"), checkup.sizes.get(name)
            if size is not None and wanted is not None and size != wanted:
                place = f"{path.name} ({_pixels(size)} for {_pixels(wanted)})"
                checkup.add("error", "trimaps of another size than their foreground", place)


def _check_overlaps(checkup: Checkup, archive: Archive) -> None:
    stems = {Path(name).stem for name in archive.foreground_names}
    for what, shared in OVERLAPS.items():
        for stem in sorted(stems & shared):
            checkup.add("note", what, stem)


def _find(checkup: Checkup, index: FolderIndex, name: str, kinds: str) -> Path | None:
    path = index.find(name)
    if path is None:
        near = index.nearest(name)
        if near is None:
            checkup.add("error", f"{kinds} that are missing", name)
        else:
            place = f"{name} (there is {near})"
            checkup.add("error", f"{kinds} of another case or suffix than the list has", place)
    return path


_CHECKS: dict[str, Callable[[Image.Image, Path], None]] = {
    "foreground": check_image_mode,
    "foreground with alpha": check_own_alpha,
    "alpha": partial(check_grey_mode, kind="alpha"),
    "background": check_image_mode,
    "photograph": check_image_mode,
    "trimap": partial(check_grey_mode, kind="trimap"),
}


def _note_oddities(checkup: Checkup, picture: Image.Image, path: Path, kind: str) -> None:
    if kind == "background" and picture.mode in ("L", "LA", "1"):
        checkup.add("note", "grey backgrounds", path.name)
    elif kind == "background" and picture.mode == "CMYK":
        checkup.add("note", "CMYK backgrounds", path.name)
    if kind == "alpha" and picture.format in LOSSY:
        checkup.add("note", "alphas that are JPEG: 0 and 255 come back as neighbours", path.name)
    if orientation(picture) != 1:
        applied = (
            "is applied"
            if checkup.reading.exif == "apply"
            else "is ignored (OpenCV would turn them)"
        )
        checkup.add("note", f"{plural(kind)} with an EXIF orientation, which {applied}", path.name)


def _check_duplicates(checkup: Checkup, *kinds: str) -> None:
    for paths in _equal_files([path for kind in kinds for path in checkup.files.get(kind, ())]):
        for path in paths[1:]:
            place = f"{path.name} = {paths[0].name}"
            checkup.add("warning", "foregrounds that are the same file as another", place)


def _equal_files(paths: Sequence[Path]) -> Iterator[list[Path]]:
    by_length = defaultdict(list)
    for path in paths:
        by_length[path.stat().st_size].append(path)
    for same_length in by_length.values():
        by_hash = defaultdict(list)
        for path in same_length if len(same_length) > 1 else ():
            by_hash[file_sha256(path)].append(path)
        yield from (equal for equal in by_hash.values() if len(equal) > 1)


@dataclass(frozen=True)
class Decoding:
    """A file that is to be decoded, with the one that belongs to it, if any."""

    kind: str
    path: Path
    partner: Path | None
    reading: ReadingRules


def decodings(checkup: Checkup) -> list[Decoding]:
    """Return what decodes every file of a checkup once."""
    together = set(checkup.partners.values())
    return [
        Decoding(kind, path, checkup.partners.get(path), checkup.reading)
        for kind, paths in checkup.files.items()
        for path in paths
        if path not in together
    ]


def decode(task: Decoding) -> tuple[str, str] | None:
    """Decode a file and its partner; return the kind of the one that is bad, and its error."""
    try:
        _read(task)
    except (ValueError, OSError) as error:
        of_partner = task.partner is not None and str(error).startswith(f"{task.partner}:")
        other = "alpha" if task.kind == "foreground" else "trimap"
        return other if of_partner else task.kind, str(error)
    return None


def _read(task: Decoding) -> None:
    path, partner, rules = task.path, task.partner, task.reading
    if task.kind == "foreground with alpha" or (task.kind == "foreground" and partner):
        read_foreground(path, partner, exif=rules.exif, channel=rules.matte_channel)
    elif task.kind == "alpha":
        alpha_u8 = read_alpha(path, exif=rules.exif, channel=rules.matte_channel)
        if partner is not None:
            trimap = read_trimap(partner, exif=rules.exif)
            for what in trimap_notes(trimap, alpha_u8):
                note(partner, what)
    elif task.kind == "trimap":
        read_trimap(path, exif=rules.exif)
    else:
        read_image(path, exif=rules.exif)


def plural(kind: str) -> str:
    """Return the plural of a kind."""
    return f"{kind.split()[0]}s"


def _pixels(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"
