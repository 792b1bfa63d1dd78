"""The pictures of a folder, and those of several folders matched by name.

A file is a picture if its suffix or its first bytes say so (`images.opening.FORMATS`). Files that
are left out are noted, so that none is missing without a word. Names are compared in one Unicode
form.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from distinctions646.checks.names import near_hint, same_form
from distinctions646.checks.notes import note
from distinctions646.images.opening import IMAGE_SUFFIXES, is_picture


def sort_files(folder: Path | str) -> tuple[list[str], list[str]]:
    """Sort the files of a folder into pictures and others.

    Parameters
    ----------
    folder
        Hidden files count as neither, nor do subfolders, pipes, devices and links to nothing,
        unless they are named like pictures: those are others.

    Returns
    -------
    pictures, others : list of str
        File names, unsorted. A damaged file of a picture's suffix counts as a picture, so that
        reading it tells what is wrong.

    Raises
    ------
    ValueError
        If there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder; expected a folder of images")
    pictures: list[str] = []
    others: list[str] = []
    with os.scandir(folder) as entries:  # a hundred thousand names in a tenth of a second
        for entry in entries:
            if entry.name.startswith("."):
                continue
            suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122 - as above
            if entry.is_file():
                is_one = suffix in IMAGE_SUFFIXES or is_picture(entry.path)
                (pictures if is_one else others).append(entry.name)
            elif suffix in IMAGE_SUFFIXES:
                others.append(entry.name)
    return pictures, others


def note_left_out(folder: Path | str, others: Iterable[str]) -> None:
    """Note the files of a folder that are no pictures which are read here."""
    for name in sorted(others):
        path, why = Path(folder) / name, "no pictures"
        if not path.is_file():
            why = "no files: folders, pipes, devices or links to nothing"
        elif name.lower().endswith((".heic", ".heif")):
            why = "HEIC is not read; convert it to PNG or JPEG"
        note(path, f"left out, {why}")


def list_images(folder: Path | str) -> list[Path]:
    """List the pictures of a folder, sorted by file name.

    Parameters
    ----------
    folder
        As for `sort_files`; files that are no pictures are noted.

    Returns
    -------
    list of Path
        The pictures.

    Raises
    ------
    ValueError
        If the folder is missing or has no pictures.
    """
    folder = Path(folder)
    pictures, others = sort_files(folder)
    if not pictures:
        has = f"; it has {_some(sorted(others))}" if others else ""
        raise ValueError(f"{folder}: has no images; expected at least one{has}")
    note_left_out(folder, others)
    return [folder / name for name in sorted(pictures)]


def find_images(folder: Path | str) -> dict[str, Path]:
    """List the pictures of a folder by stem.

    Parameters
    ----------
    folder
        As for `list_images`.

    Returns
    -------
    dict
        Stem, in the form in which names are compared, to path, sorted by file name.

    Raises
    ------
    ValueError
        If the folder is missing or has no pictures, or two of them share a stem.
    """
    paths: dict[str, Path] = {}
    for path in list_images(folder):
        stem = same_form(path.stem)
        if stem in paths:
            raise ValueError(
                f"{folder}: {paths[stem].name} and {path.name} share the name {stem}; "
                "expected one file of each name"
            )
        paths[stem] = path
    return paths


def match_images(folders: Mapping[str, Path]) -> dict[str, dict[str, Path]]:
    """Match the pictures of several folders by stem.

    Parameters
    ----------
    folders
        Kind of picture ("image", "alpha", …) to its folder.

    Returns
    -------
    dict
        Stem to the path of each kind, sorted by name.

    Raises
    ------
    ValueError
        If a folder is missing or has no pictures, or a picture lacks a partner in another folder;
        naming one of a similar name.
    """
    by_kind = {kind: find_images(folder) for kind, folder in folders.items()}
    for kind, folder in folders.items():
        for other, paths in by_kind.items():
            lonely = [path for stem, path in paths.items() if stem not in by_kind[kind]]
            if lonely:
                more = f" (and {len(lonely) - 1} more)" if len(lonely) > 1 else ""
                near = near_hint(lonely[0].stem, _names_of(by_kind[kind], paths))
                raise ValueError(
                    f"{lonely[0]}: {other} has no {kind} of the same name in {folder}{near}{more}"
                )
    stems = next(iter(by_kind.values()))
    return {stem: {kind: by_kind[kind][stem] for kind in folders} for stem in stems}


def _names_of(candidates: Mapping[str, Path], taken: Mapping[str, Path]) -> Iterator[str]:
    """Yield the file names of pictures that have no partner yet."""
    return (path.name for stem, path in candidates.items() if stem not in taken)


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
