"""Find files by name in one or more folders, listed once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from distinctions646.images.folders import IMAGE_SUFFIXES
from distinctions646.sources.catalogue.collections import COCO_2014_PREFIX


class FolderIndex:
    """The images of some folders by name; of equal names the first folder's counts.

    COCO's train2017 drops the prefix that its train2014 puts before the same picture's number, so
    either name finds either file.

    Attributes
    ----------
    folders
        The folders, in order.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        self._folder_of: dict[str, Path] = {}
        for folder in self.folders:
            if not folder.is_dir():
                raise ValueError(f"{folder}: no such folder; expected a folder of images")
            for name in _image_names(folder):
                self._folder_of.setdefault(name, folder)

    @property
    def names(self) -> list[str]:
        """Names of all files, unsorted."""
        return list(self._folder_of)

    def find(self, name: str) -> Path | None:
        """Return the path of a file.

        Parameters
        ----------
        name
            File name, as a list has it.

        Returns
        -------
        Path or None
            None where there is none.
        """
        other = name.removeprefix(COCO_2014_PREFIX)
        for candidate in (name, COCO_2014_PREFIX + name if other == name else other):
            if candidate in self._folder_of:
                return self._folder_of[candidate] / candidate
        return None

    def require(self, name: str, kind: str) -> Path:
        """Return the path of a file that a list names.

        Parameters
        ----------
        name
            File name, as a list has it.
        kind
            What the message calls it.

        Returns
        -------
        Path
            In the first folder that has it.

        Raises
        ------
        ValueError
            If there is none; naming a file that differs by case or suffix only.
        """
        path = self.find(name)
        if path is None:
            near = self.nearest(name)
            hint = f"; there is {near}, of another case or suffix: rename it" if near else ""
            folder = self.folders[0]
            more = f" (nor in {len(self.folders) - 1} more folders)" if self.folders[1:] else ""
            raise ValueError(
                f"{folder / name}: no such file{more}; the list names it as a {kind}{hint}"
            )
        return path

    def nearest(self, name: str) -> str | None:
        """Return the name of a file that differs from a wanted one by case or suffix only.

        Parameters
        ----------
        name
            The wanted name.

        Returns
        -------
        str or None
            None where there is none.
        """
        return self._by_stem.get(Path(name).stem.casefold())

    @cached_property
    def _by_stem(self) -> dict[str, str]:
        return {name.rpartition(".")[0].casefold(): name for name in self._folder_of}


def _image_names(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:  # a hundred thousand names in a tenth of a second
        return [
            entry.name
            for entry in entries
            if os.path.splitext(entry.name)[1].lower() in IMAGE_SUFFIXES  # noqa: PTH122 - as above
            and not entry.name.startswith(".")
            and entry.is_file()
        ]
