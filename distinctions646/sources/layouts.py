"""What is known of a dataset: its lists, folders, pairing, names and terms, as types.

The datasets themselves are in `catalogue`, and `datasets.DATASETS` gathers them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from distinctions646.sources.terms import Terms

Naming = Literal["adobe", "d646"]
NAMINGS: tuple[Naming, ...] = get_args(Naming)
Order = Literal["windows", "numbers", "bytes"]
Collection = Literal["coco", "voc"]
GIVEN_RULE = "adobe"  # the trimaps of the archive of Composition-1k
GIVEN_TRIMAPS = "given"  # the trimaps of an open set or a plain folder


@dataclass(frozen=True)
class NameList:
    """An official list of names.

    Attributes
    ----------
    file
        Name of the list's file.
    count
        Number of names in it.
    sha256
        SHA-256 of the names, each ended by a line feed; None where no copy's hash is known.
    sorted_sha256
        The same of the sorted names.
    order
        The order that turns a folder's names into the list: ``"windows"`` by upper-case name,
        ``"numbers"`` with numbers as numbers, ``"bytes"`` by code point; None where no order does.
    """

    file: str
    count: int
    sha256: str | None = None
    sorted_sha256: str | None = None
    order: Order | None = None


@dataclass(frozen=True)
class SplitLayout:
    """Where an archive keeps one split, and how the split is paired.

    Attributes
    ----------
    bases
        Folders that the split may lie in, below the user's folder; the first that exists counts.
    folders
        Pairs of a folder of foregrounds and one of alphas, below the base.
    foregrounds, backgrounds
        The official lists.
    background_source
        The collection that the backgrounds come from.
    per_foreground
        Backgrounds for each foreground.
    names
        Convention of the output names.
    trimaps
        Folder of the official trimaps below the base; None where there are none.
    trimap_rule
        Default trimap rule of a build; None for no trimaps.
    """

    bases: tuple[str, ...]
    folders: tuple[tuple[str, str], ...]
    foregrounds: NameList
    backgrounds: NameList
    background_source: Collection
    per_foreground: int
    names: Naming = "adobe"
    trimaps: str | None = None
    trimap_rule: str | None = None


@dataclass(frozen=True)
class OpenSetLayout:
    """Where an open set keeps one split of photographs with their alphas.

    Attributes
    ----------
    bases
        Folders that the split may lie in, below the user's folder; the first that exists counts.
    image, alpha, trimap
        Folders below the base; where several names are in use the first that exists counts. No
        trimap folder means that the set has no trimaps.
    count
        Number of samples; None where it is not known.
    instances
        Whether an image has a folder of alphas, one for each instance in it.
    """

    bases: tuple[str, ...]
    image: tuple[str, ...]
    alpha: tuple[str, ...]
    trimap: tuple[str, ...] = ()
    count: int | None = None
    instances: bool = False


@dataclass(frozen=True)
class KnownDataset:
    """Everything that is known of a dataset before a file of it is seen.

    Attributes
    ----------
    title
        As tables call it.
    terms
        Terms of its foregrounds and backgrounds.
    archive
        Layout of each split of a dataset that is composed; empty for others.
    photographs
        Layout of each split of an open set, which is read as it is; empty for others.
    real
        Whether its pictures are photographs as taken, not composites.
    synthetic
        Whether a program made its foregrounds and backgrounds.
    test_images_of
        Name of the dataset whose test split it shares, image by image; None for its own.
    card_note
        Paragraph for the card of a built dataset, in Markdown; "" for none.
    """

    title: str
    terms: Terms
    archive: Mapping[str, SplitLayout] = field(default_factory=dict)
    photographs: Mapping[str, OpenSetLayout] = field(default_factory=dict)
    real: bool = False
    synthetic: bool = False
    test_images_of: str | None = None
    card_note: str = ""

    @property
    def test_images(self) -> int | None:
        """Number of images in the test split; None where it is not known."""
        if "test" in self.archive:
            return self.archive["test"].backgrounds.count
        return self.photographs["test"].count if "test" in self.photographs else None

    @property
    def official_trimaps(self) -> bool:
        """Whether trimaps come with the test split."""
        if "test" in self.archive:
            return self.archive["test"].trimaps is not None
        return "test" in self.photographs and bool(self.photographs["test"].trimap)
