"""The pictures of a folder, and those of several folders matched by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

IMAGE_SUFFIXES = frozenset(
    {".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)


def list_images(folder: Path | str) -> list[Path]:
    """List the pictures of a folder, sorted by file name.

    Parameters
    ----------
    folder
        Subfolders, hidden files and files without a suffix of `IMAGE_SUFFIXES` are left out.

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
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder; expected a folder of images")
    paths = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")
    ]
    if not paths:
        raise ValueError(f"{folder}: has no images; expected at least one")
    return sorted(paths, key=lambda path: path.name)


def find_images(folder: Path | str) -> dict[str, Path]:
    """List the pictures of a folder by stem.

    Parameters
    ----------
    folder
        As for `list_images`.

    Returns
    -------
    dict
        Stem to path, sorted by file name.

    Raises
    ------
    ValueError
        If the folder is missing or has no pictures, or two of them share a stem.
    """
    paths: dict[str, Path] = {}
    for path in list_images(folder):
        if path.stem in paths:
            raise ValueError(
                f"{folder}: {paths[path.stem].name} and {path.name} share the name {path.stem}; "
                "expected one file of each name"
            )
        paths[path.stem] = path
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
        If a folder is missing or has no pictures, or a picture lacks a partner in another folder.
    """
    by_kind = {kind: find_images(folder) for kind, folder in folders.items()}
    for kind, folder in folders.items():
        for other, paths in by_kind.items():
            lonely = [path for stem, path in paths.items() if stem not in by_kind[kind]]
            if lonely:
                more = f" (and {len(lonely) - 1} more)" if len(lonely) > 1 else ""
                raise ValueError(
                    f"{lonely[0]}: {other} has no {kind} of the same name in {folder}{more}"
                )
    stems = next(iter(by_kind.values()))
    return {stem: {kind: by_kind[kind][stem] for kind in folders} for stem in stems}
