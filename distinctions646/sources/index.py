"""Find files by name in one or more folders, listed once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from distinctions646.checks.names import nearest, same_form
from distinctions646.images.folders import note_left_out, sort_files
from distinctions646.sources.catalogue.collections import COCO_2014_PREFIX


class FolderIndex:
    """The images of some folders by name; of equal names the first folder's counts.

    COCO's train2017 drops the prefix that its train2014 puts before the same picture's number, so
    either name finds either file; so do the Unicode forms of one name.

    Attributes
    ----------
    folders
        The folders, in order.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        self._folder_of: dict[str, Path] = {}
        for folder in self.folders:
            names, others = sort_files(folder)
            note_left_out(folder, others)
            for name in names:
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
            stored = self._by_form.get(same_form(candidate))
            if stored is not None:
                return self._folder_of[stored] / stored
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
            If there is none; naming a file of a similar name.
        """
        path = self.find(name)
        if path is None:
            near = self.nearest(name)
            hint = f"; there is {near}, of another case or suffix: rename it" if near else ""
            folder = self.folders[0]
            if (folder / name).is_file():
                return folder / name  # no picture: reading it tells what it is
            if not near:
                similar = nearest(name, self._folder_of)
                hint = f"; there is {similar}" if similar else ""
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
        return self._by_stem.get(Path(same_form(name)).stem.casefold())

    @cached_property
    def _by_stem(self) -> dict[str, str]:
        stems = ((same_form(name).rpartition(".")[0].casefold(), name) for name in self._folder_of)
        return dict(stems)

    @cached_property
    def _by_form(self) -> dict[str, str]:
        return {same_form(name): name for name in self._folder_of if not name.isascii()}
