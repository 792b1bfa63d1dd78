"""The pictures that a command was given, and the check that it overwrites none of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hattmatting.inference.photographs import find_photographs


def expand(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Replace each folder by the pictures in it.

    Returns
    -------
    pictures, left_out : list of Path
        The second are the folders' other files.

    Raises
    ------
    ValueError
        If a path does not exist, or a folder holds no picture.
    """
    found: list[Path] = []
    left_out: list[Path] = []
    for path in paths:
        if not path.exists():
            raise ValueError(f"{path}: does not exist; expected a picture or a folder of pictures")
        pictures, others = find_photographs(path) if path.is_dir() else ([path], [])
        found += pictures
        left_out += others
    return found, left_out


def refuse_collisions(images: Sequence[Path], folders: Sequence[Path]) -> None:
    """Refuse to write two results under one name, or one over a photograph.

    Parameters
    ----------
    images
        Photographs; the results of each are called ``<stem>.png``.
    folders
        Folders that results are written to.

    Raises
    ------
    ValueError
        If two results would share a path, a photograph would be overwritten, or a folder is a file.
    """
    for folder in folders:
        if folder.exists() and not folder.is_dir():
            raise ValueError(f"{folder}: is a file; expected a folder to write to")
    originals = {image.resolve() for image in images}
    sources: dict[str, Path] = {}
    for image in images:
        name = f"{image.stem}.png"
        if name in sources:
            raise ValueError(
                f"{sources[name]} and {image}: both would be written to {folders[0] / name}"
            )
        sources[name] = image
        for target in (folder / name for folder in folders):
            if target.resolve() in originals:
                raise ValueError(f"{target}: is one of the images; give another --out")
