"""Finding a split of an official dataset in a user's folders, and checking its lists."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from distinctions646.images.headers import Exif
from distinctions646.images.mattes import MatteChannel
from distinctions646.sources.catalogue.collections import (
    BACKGROUND_FOLDERS,
    LISTED_NAMES,
    PICTURE_NAMES,
)
from distinctions646.sources.datasets import DATASETS
from distinctions646.sources.files import (
    Foreground,
    check_foreground,
    match_alphas,
    read_names,
    refuse_shared_stems,
)
from distinctions646.sources.index import FolderIndex
from distinctions646.sources.layouts import GIVEN_RULE, Collection, SplitLayout
from distinctions646.sources.lists import check_counts, find_names, judge
from distinctions646.sources.locations import ArchiveSources, CustomSources

_LOOKED_AT = 100  # pictures of a folder whose names tell which collection it is


@dataclass(frozen=True)
class Archive:
    """The folders, lists and files of a split.

    Attributes
    ----------
    folders
        Pairs of a folder of foregrounds and one of alphas; the latter is None where foregrounds
        have an alpha channel of their own.
    trimaps
        Folder of the official trimaps; None where the build does not use them.
    foreground_names, background_names
        The lists.
    verdicts
        For ``"foreground"`` and ``"background"``: ``"official"``, or how the list differs.
    foregrounds, backgrounds
        The files in the folders, by name.
    """

    folders: tuple[tuple[Path, Path | None], ...]
    trimaps: Path | None
    foreground_names: list[str]
    background_names: list[str]
    verdicts: dict[str, str]
    foregrounds: FolderIndex
    backgrounds: FolderIndex


def locate(sources: ArchiveSources, *, given_trimaps: bool = False) -> Archive:
    """Find the folders and lists of an official split.

    A list that is missing is made from the folder's names where their order is known, and counts
    only if it has the official hash.

    Parameters
    ----------
    sources
        With the collection that the split's backgrounds come from.
    given_trimaps
        Whether the archive's own trimaps are used.

    Returns
    -------
    Archive
        Whose files need not all be there.

    Raises
    ------
    ValueError
        If a folder or list is missing, or the lists do not fit the recipe.
    """
    layout = sources.layout
    base = _find_base(sources.source, layout)
    folders, foregrounds = _foreground_folders(base, layout)
    backgrounds = FolderIndex(_background_folders(sources, layout))
    foreground_names = find_names(
        sources, base, layout.foregrounds, foregrounds, sources.foreground_list
    )
    background_names = find_names(
        sources,
        base,
        layout.backgrounds,
        backgrounds,
        sources.background_list,
        LISTED_NAMES[layout.background_source],
    )
    check_counts(sources, len(foreground_names), len(background_names))
    return Archive(
        folders=folders,
        trimaps=_find_trimaps(sources, base) if given_trimaps else None,
        foreground_names=foreground_names,
        background_names=background_names,
        verdicts={
            "foreground": judge(foreground_names, layout.foregrounds),
            "background": judge(background_names, layout.backgrounds),
        },
        foregrounds=foregrounds,
        backgrounds=backgrounds,
    )


def splits_of(dataset: str, source: Path) -> list[str]:
    """Return the splits of an official dataset that a folder has.

    Parameters
    ----------
    dataset
        One of `datasets.archive_names`.
    source
        The unpacked archive, or the folder around it.

    Returns
    -------
    list of str
        At least one.

    Raises
    ------
    ValueError
        If there is none.
    """
    layouts = DATASETS[dataset].archive
    splits = [
        split
        for split, layout in layouts.items()
        if any((source / base / layout.folders[0][0]).is_dir() for base in layout.bases)
    ]
    if not splits:
        _find_base(source, next(iter(layouts.values())))
    return splits


def locate_foregrounds(sources: ArchiveSources, *, exif: Exif = "ignore") -> list[Foreground]:
    """Find the foregrounds of an official split, whether or not its backgrounds are there.

    Parameters
    ----------
    sources
        Folders of the split; collections are ignored.
    exif
        As for `headers.picture_size`.

    Returns
    -------
    list of Foreground
        In the order of the list.

    Raises
    ------
    ValueError
        If a folder, the list or a file is missing, or an alpha is of another size.
    """
    layout = sources.layout
    base = _find_base(sources.source, layout)
    folders, index = _foreground_folders(base, layout)
    names = find_names(sources, base, layout.foregrounds, index, sources.foreground_list)
    return match_foregrounds(folders, names, index, exif)


def match_foregrounds(
    folders: Sequence[tuple[Path, Path | None]],
    names: Sequence[str],
    index: FolderIndex,
    exif: Exif,
    matte_channel: MatteChannel | None = None,
) -> list[Foreground]:
    """Find the files of listed foregrounds and their alphas, and check them by their headers.

    Parameters
    ----------
    folders
        Pairs of a folder of foregrounds and one of alphas, as `Archive.folders`.
    names
        The list of foregrounds.
    index
        The files of the foregrounds' folders.
    exif, matte_channel
        As for `files.find_foregrounds`.

    Returns
    -------
    list of Foreground
        In the order of the list.

    Raises
    ------
    ValueError
        As for `files.check_foreground`; or a file is missing, or two share a stem.
    """
    paths = [index.require(name, "foreground") for name in names]
    refuse_shared_stems(folders[0][0], paths)
    alphas: dict[Path, Path] = {}
    for folder, alpha_folder in folders:
        own = [path for path in paths if path.parent == folder]
        if own and alpha_folder is not None:
            alphas.update(zip(own, match_alphas(alpha_folder, own), strict=True))
    return [
        check_foreground(path, alphas.get(path), exif=exif, matte_channel=matte_channel)
        for path in paths
    ]


def locate_custom(sources: CustomSources) -> Archive:
    """Find the folders and lists of a user's own dataset.

    Parameters
    ----------
    sources
        Folders and pairing of the dataset.

    Returns
    -------
    Archive
        Whose files need not all be there.

    Raises
    ------
    ValueError
        If a folder or list is missing, or there are too few backgrounds.
    """
    foregrounds = FolderIndex([sources.foregrounds])
    backgrounds = FolderIndex([sources.backgrounds])
    foreground_names = _listed(sources.foreground_list, foregrounds)
    background_names = _listed(sources.background_list, backgrounds)
    needed = len(foreground_names) * sources.per_foreground
    if len(background_names) < needed:
        raise ValueError(
            f"{len(foreground_names)} foregrounds x {sources.per_foreground} need {needed} "
            f"backgrounds; there are {len(background_names)}"
        )
    return Archive(
        folders=((sources.foregrounds, sources.alphas),),
        trimaps=None,
        foreground_names=foreground_names,
        background_names=background_names[:needed],
        verdicts={},
        foregrounds=foregrounds,
        backgrounds=backgrounds,
    )


def _listed(path: Path | None, index: FolderIndex) -> list[str]:
    return sorted(index.names) if path is None else read_names(path)


def _find_base(source: Path, layout: SplitLayout) -> Path:
    if not source.is_dir():
        raise ValueError(f"{source}: no such folder; expected the unpacked archive")
    wanted = [folder for pair in layout.folders for folder in pair]
    for base in layout.bases:
        if (source / base / wanted[0]).is_dir():
            for folder in wanted:
                if not (source / base / folder).is_dir():
                    raise ValueError(
                        f"{source / base / folder}: no such folder; the archive has one"
                    )
            return source / base
    looked = ", ".join(f"{base}/{wanted[0]}".lstrip("/") for base in layout.bases)
    raise ValueError(f"{source}: none of {looked} is there; expected the unpacked archive")


def _foreground_folders(
    base: Path, layout: SplitLayout
) -> tuple[tuple[tuple[Path, Path], ...], FolderIndex]:
    folders = tuple((base / one, base / other) for one, other in layout.folders)
    return folders, FolderIndex([folder for folder, _ in folders])


def _background_folders(sources: ArchiveSources, layout: SplitLayout) -> list[Path]:
    kind = layout.background_source
    root = sources.coco if kind == "coco" else sources.voc
    if root is None:
        raise ValueError(
            f"{kind} is missing; {sources.dataset} {sources.split} takes its backgrounds from "
            f"there: give --{kind} DIR"
        )
    if not root.is_dir():
        raise ValueError(f"{root}: no such folder; expected the pictures of {kind.upper()}")
    folders = [root / name for name in BACKGROUND_FOLDERS[kind] if (root / name).is_dir()]
    other: Collection = "voc" if kind == "coco" else "coco"
    if not _looks_like(root, kind) and _looks_like(root, other):
        raise ValueError(
            f"{root}: this is {other.upper()}, not {kind.upper()}; {sources.dataset} "
            f"{sources.split} takes its backgrounds from {kind.upper()}, as --{kind} DIR"
        )
    return folders


def _looks_like(root: Path, kind: Collection) -> bool:
    """Return whether one of the first pictures below a folder has a name of a collection."""
    for name in BACKGROUND_FOLDERS[kind]:
        if (root / name).is_dir():
            with os.scandir(root / name) as entries:
                first = [entry.name for entry in islice(entries, _LOOKED_AT)]
            if any(re.fullmatch(PICTURE_NAMES[kind], name) for name in first):
                return True
    return False


def _find_trimaps(sources: ArchiveSources, base: Path) -> Path:
    trimaps = sources.layout.trimaps
    if trimaps is None:
        raise ValueError(
            f"trimap rule is {GIVEN_RULE!r}, but {sources.dataset} {sources.split} has no official "
            "trimaps; expected another rule or none"
        )
    if not (base / trimaps).is_dir():
        raise ValueError(
            f"{base / trimaps}: no such folder; expected the official trimaps, or "
            "--trimap-rule with another rule or none"
        )
    return base / trimaps
