"""Where a user keeps the sources of a build: one type for each kind of dataset."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from distinctions646.sources.datasets import layout_of, open_set_layout
from distinctions646.sources.layouts import OpenSetLayout, SplitLayout


@dataclass(frozen=True)
class CustomSources:
    """A user's own folders, and what is made of them.

    Attributes
    ----------
    foregrounds, backgrounds
        Folders of images.
    alphas
        Folder of alphas; None where the foregrounds have an alpha channel of their own.
    foreground_list, background_list
        Files of names, one per line; None means all, sorted by name.
    dataset
        Name in the manifest, and of the ``datasets`` config.
    split
        Name of the split.
    per_foreground
        Backgrounds for each foreground.
    """

    foregrounds: Path
    backgrounds: Path
    alphas: Path | None = None
    foreground_list: Path | None = None
    background_list: Path | None = None
    dataset: str = "custom"
    split: str = "test"
    per_foreground: int = 20


@dataclass(frozen=True)
class ArchiveSources:
    """The archive of an official dataset, and the collection of its backgrounds.

    Attributes
    ----------
    dataset
        One of `datasets.archive_names`.
    split
        ``"train"`` or ``"test"``.
    source
        The unpacked archive, or the folder around it.
    coco, voc
        Folders of the collections; the split's own is needed for a build.
    lists
        Folder of the official name lists; None means that they lie in `source`.
    foreground_list, background_list
        Files of names that take the place of the official lists.
    """

    dataset: str
    split: str
    source: Path
    coco: Path | None = None
    voc: Path | None = None
    lists: Path | None = None
    foreground_list: Path | None = None
    background_list: Path | None = None

    @property
    def layout(self) -> SplitLayout:
        """The folders, lists and pairing of the split; `ValueError` where it is unknown."""
        return layout_of(self.dataset, self.split)


@dataclass(frozen=True)
class OpenSetSources:
    """An open set, whose photographs are copied as they are.

    Attributes
    ----------
    dataset
        One of `datasets.open_set_names`.
    split
        Name of the split.
    source
        The unpacked set, or the folder around it.
    """

    dataset: str
    split: str
    source: Path

    @property
    def layout(self) -> OpenSetLayout:
        """The folders of the split; `ValueError` where it is unknown."""
        return open_set_layout(self.dataset, self.split)
