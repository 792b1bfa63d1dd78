"""Where the archives of Composition-1k and Distinctions-646 keep their files: a table.

Sizes, list hashes and orders are facts about the published archives and repositories; the lists
themselves are not ours to ship. Adobe's archive unpacks to ``Combined_Dataset``; the
Distinctions-646 archive (RAR5: bsdtar or 7z unpack it) to ``Distinctions-646``. The authors'
repository keeps its lists in ``utils/Distinctions-646/{train,test}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

Naming = Literal["adobe", "d646"]
NAMINGS: tuple[Naming, ...] = get_args(Naming)
Order = Literal["windows", "numbers", "bytes"]
GIVEN_RULE = "adobe"  # trimaps that came with the archive


@dataclass(frozen=True)
class NameList:
    """An official list of names.

    Attributes
    ----------
    file
        Its name.
    count
        How many names it has.
    sha256
        Of the names, each ended by a line feed; None where no copy's hash is known.
    sorted_sha256
        The same of the sorted names.
    order
        How a folder must be sorted to give the official order, where some way does:
        ``"windows"`` by upper-case name, ``"numbers"`` with numbers as numbers, ``"bytes"``
        plainly.
    """

    file: str
    count: int
    sha256: str | None = None
    sorted_sha256: str | None = None
    order: Order | None = None


@dataclass(frozen=True)
class SplitLayout:
    """Where one split's files are, and how they are paired.

    Attributes
    ----------
    bases
        Folders the split may lie in, below the user's folder; the first that is there counts.
    folders
        Of foregrounds and alphas, in pairs, below the base.
    trimaps
        Folder of the official trimaps below the base, or None.
    foregrounds, backgrounds
        The lists.
    background_source
        ``"coco"`` or ``"voc"``.
    per_foreground
        Backgrounds for each foreground.
    names
        Convention of the output names.
    trimap_rule
        Which trimaps a build has unless told otherwise; None for none.
    """

    bases: tuple[str, ...]
    folders: tuple[tuple[str, str], ...]
    trimaps: str | None
    foregrounds: NameList
    backgrounds: NameList
    background_source: Literal["coco", "voc"]
    per_foreground: int
    names: Naming
    trimap_rule: str | None


_VOC_LIST_SHA256 = "742acac45a78b9c9310f7dabea1e3d8624f7b4569adc32a333bcd024ea5e1d63"
_ADOBE_TEST = SplitLayout(
    bases=("", "Test_set", "Combined_Dataset/Test_set"),
    folders=(("Adobe-licensed images/fg", "Adobe-licensed images/alpha"),),
    trimaps="Adobe-licensed images/trimaps",
    foregrounds=NameList(
        "test_fg_names.txt",
        50,
        "5fd4117581cfd00a877fc207b612b4846675884f6fdf96d69b336fbd1ed7198a",
        "5fd4117581cfd00a877fc207b612b4846675884f6fdf96d69b336fbd1ed7198a",
        "windows",
    ),
    backgrounds=NameList("test_bg_names.txt", 1000, _VOC_LIST_SHA256, _VOC_LIST_SHA256, "bytes"),
    background_source="voc",
    per_foreground=20,
    names="adobe",
    trimap_rule=GIVEN_RULE,
)
_ADOBE_TRAIN = SplitLayout(
    bases=("", "Training_set", "Combined_Dataset/Training_set"),
    folders=(
        ("Adobe-licensed images/fg", "Adobe-licensed images/alpha"),
        ("Other/fg", "Other/alpha"),
    ),
    trimaps=None,
    foregrounds=NameList(
        "training_fg_names.txt",
        431,
        "582f176311133d707cc34488a3933d9bf3af66d262b29530e1cd6c0b073d7510",
        "d82d255b69218fb675eaa6c99443ee39981ec9c84cd72646f9a001363119bd81",
        "windows",
    ),
    backgrounds=NameList(
        "training_bg_names.txt",
        43_100,
        "8c53be8dc49ccdfa1f0bbea13b0bafea657d14b55d418e6705d89966f8793b5f",
        "8c53be8dc49ccdfa1f0bbea13b0bafea657d14b55d418e6705d89966f8793b5f",
        "bytes",
    ),
    background_source="coco",
    per_foreground=100,
    names="adobe",
    trimap_rule=None,
)
_D646_TEST = SplitLayout(
    bases=("", "Test", "Distinctions-646/Test"),
    folders=(("FG", "GT"),),
    trimaps=None,
    foregrounds=NameList(
        "fg_test.txt",
        50,
        "23c5a29d51854c59fcc1201fdc5dec1264b6936e27234e8b4e8d2ba1ef423170",
        "a9fd68bcd11a750eea4857ae68f7b3148d2bdb0d59692c8397250de8c4d967db",
        "numbers",
    ),
    backgrounds=NameList("bg_test.txt", 1000, _VOC_LIST_SHA256, _VOC_LIST_SHA256, "bytes"),
    background_source="voc",
    per_foreground=20,
    names="d646",
    trimap_rule="dilate-25/v1",
)
_D646_FG_TRAIN = NameList(
    "fg_train.txt",
    596,
    "90558d96abcee75c5375f59b95fc11de66f5fecf4205439de94da007c4ff87f6",
    "e220ee15646da3e2896c84a3f59bdb36cb4fc4ba4f7e83f52353a34026f00791",
    "windows",
)
_D646_TRAIN = SplitLayout(
    bases=("", "Train", "Distinctions-646/Train"),
    folders=(("FG", "GT"),),
    trimaps=None,
    foregrounds=_D646_FG_TRAIN,
    backgrounds=NameList("bg_train.txt", 59_600),
    background_source="coco",
    per_foreground=100,
    names="d646",
    trimap_rule=None,
)
_D646_TRAIN_80 = SplitLayout(
    bases=_D646_TRAIN.bases,
    folders=_D646_TRAIN.folders,
    trimaps=None,
    foregrounds=_D646_FG_TRAIN,
    backgrounds=NameList(
        "bg_train.txt",
        47_680,
        "5a98091a777131d278715a2a92b809301aabef2f5d7a062268647387083cc5ef",
        "c316d76903807c6403f0dd2167af3763193d5ffc9f9b43b9aecc91acf7ecf182",
    ),
    background_source="coco",
    per_foreground=80,
    names="d646",
    trimap_rule=None,
)
# Published without backgrounds or lists; the pairing is ours, after that of Distinctions-646.
_TRANSPARENT_TEST = SplitLayout(
    bases=("", "Test", "Transparent-460/Test"),
    folders=(("fg", "alpha"),),
    trimaps=None,
    foregrounds=NameList("fg_names.txt", 50, order="windows"),
    backgrounds=NameList("bg_names.txt", 1000, _VOC_LIST_SHA256, _VOC_LIST_SHA256, "bytes"),
    background_source="voc",
    per_foreground=20,
    names="adobe",
    trimap_rule="dilate-25/v1",
)
LAYOUTS: Mapping[str, Mapping[str, SplitLayout]] = MappingProxyType(
    {
        "composition1k": {"train": _ADOBE_TRAIN, "test": _ADOBE_TEST},
        "distinctions646": {"train": _D646_TRAIN, "test": _D646_TEST},
        "distinctions646-github80": {"train": _D646_TRAIN_80, "test": _D646_TEST},
        "transparent-460": {"test": _TRANSPARENT_TEST},
    }
)
# Below what --coco and --voc name, nearest first. Every picture of train2014 is in train2017 too.
BACKGROUND_FOLDERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "coco": tuple(
            f"{prefix}{folder}"
            for folder in ("", "train2014", "train2017")
            for prefix in ("", "images/", "coco/", "coco/images/")
            if folder or not prefix
        ),
        "voc": tuple(
            f"{prefix}{folder}"
            for prefix in ("", "VOCdevkit/")
            for folder in (
                "",
                "JPEGImages",
                *(f"VOC{year}/JPEGImages" for year in range(2012, 2006, -1)),
            )
            if folder or not prefix
        ),
    }
)
# Pictures that more than one official list has, by stem.
BOTH_ADOBE_LISTS = frozenset({"beach-747750_1280"})
ALPHAMATTING_TRAINING = frozenset(f"GT{number:02d}" for number in range(1, 28))
BOTH_TRAINING_LISTS = ALPHAMATTING_TRAINING | {"glass-100967_1920"}
COCO_2014_PREFIX = "COCO_train2014_"


def layout_of(dataset: str, split: str) -> SplitLayout:
    """Look up where a split's files are.

    Parameters
    ----------
    dataset
        A key of `LAYOUTS`.
    split
        ``"train"`` or ``"test"``.

    Returns
    -------
    SplitLayout
        The facts.

    Raises
    ------
    ValueError
        If there is no such dataset or split.

    Examples
    --------
    >>> layout_of("distinctions646", "train").per_foreground
    100
    """
    if dataset not in LAYOUTS:
        raise ValueError(f"dataset is {dataset!r}; expected one of {', '.join(LAYOUTS)}")
    if split not in LAYOUTS[dataset]:
        raise ValueError(f"split is {split!r}; expected {' or '.join(LAYOUTS[dataset])}")
    return LAYOUTS[dataset][split]
