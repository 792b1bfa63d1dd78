"""Find a split of Composition-1k or Distinctions-646 in a user's folders, and check its lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from distinctions646.index import FolderIndex
from distinctions646.layouts import (
    BACKGROUND_FOLDERS,
    GIVEN_RULE,
    NameList,
    SplitLayout,
    layout_of,
)
from distinctions646.lists import OFFICIAL, check_counts, in_order, judge
from distinctions646.settings import BuildConfig
from distinctions646.sources import read_names

_LIST_FOLDERS = ("", "{split}", "utils/Distinctions-646/{split}", "Test_set", "Training_set")
_LISTED = {"coco": r"COCO_train2014_\d{12}\.jpg", "voc": r"\d{4}_\d{6}\.jpg"}


@dataclass(frozen=True)
class Archive:
    """Where everything of a split is.

    Attributes
    ----------
    folders
        Of foregrounds and alphas, in pairs; alphas are None where foregrounds bring their own.
    trimaps
        Folder of the official trimaps; None where the build has none of them.
    foreground_names, background_names
        The lists.
    verdicts
        For ``"foreground"`` and ``"background"`` what the check of the list said.
    foregrounds, backgrounds
        Their files.
    """

    folders: tuple[tuple[Path, Path | None], ...]
    trimaps: Path | None
    foreground_names: list[str]
    background_names: list[str]
    verdicts: dict[str, str]
    foregrounds: FolderIndex
    backgrounds: FolderIndex


def locate(config: BuildConfig) -> Archive:
    """Find the folders and lists of an official split.

    A list that is missing is made from the folder's names where their order is known, and counts
    only if it has the official hash.

    Parameters
    ----------
    config
        With `dataset`, `split`, `source` and `coco` or `voc`.

    Returns
    -------
    Archive
        Whose files need not all be there.

    Raises
    ------
    ValueError
        If a folder or list is missing, or the lists do not fit the recipe.
    """
    layout = layout_of(config.dataset, config.split)
    if config.source is None:
        raise ValueError(f"source is missing; expected the folder of the {config.dataset} archive")
    base = _find_base(config.source, layout)
    folders = tuple((base / one, base / other) for one, other in layout.folders)
    foregrounds = FolderIndex([folder for folder, _ in folders])
    backgrounds = FolderIndex(_background_folders(config, layout))
    names = {}
    for kind, expected, index in (
        ("foreground", layout.foregrounds, foregrounds),
        ("background", layout.backgrounds, backgrounds),
    ):
        own = config.foreground_list if kind == "foreground" else config.background_list
        path = own or _find_list(config, base, expected.file)
        if path is not None:
            names[kind] = read_names(path)
        else:
            pattern = "" if kind == "foreground" else _LISTED[layout.background_source]
            names[kind] = _remake(index, expected, pattern, base)
    check_counts(
        config.dataset, config.split, layout, len(names["foreground"]), len(names["background"])
    )
    return Archive(
        folders=folders,
        trimaps=_find_trimaps(config, layout, base),
        foreground_names=names["foreground"],
        background_names=names["background"],
        verdicts={
            "foreground": judge(names["foreground"], layout.foregrounds),
            "background": judge(names["background"], layout.backgrounds),
        },
        foregrounds=foregrounds,
        backgrounds=backgrounds,
    )


def locate_custom(config: BuildConfig) -> Archive:
    """Say of a user's own folders what `locate` says of an archive.

    Parameters
    ----------
    config
        With `foregrounds` and `backgrounds`.

    Returns
    -------
    Archive
        Whose files need not all be there.

    Raises
    ------
    ValueError
        If a folder or list is missing.
    """
    if config.foregrounds is None or config.backgrounds is None:
        raise ValueError("foregrounds or backgrounds are missing; expected a folder of each")
    foregrounds = FolderIndex([config.foregrounds])
    backgrounds = FolderIndex([config.backgrounds])
    if config.foreground_list is None:
        foreground_names = sorted(foregrounds.names)
    else:
        foreground_names = read_names(config.foreground_list)
    needed = len(foreground_names) * config.per_foreground
    if config.background_list is None:
        background_names = sorted(backgrounds.names)
    else:
        background_names = read_names(config.background_list)
    if len(background_names) < needed:
        raise ValueError(
            f"{len(foreground_names)} foregrounds x {config.per_foreground} need {needed} "
            f"backgrounds; there are {len(background_names)}"
        )
    return Archive(
        folders=((config.foregrounds, config.alphas),),
        trimaps=None,
        foreground_names=foreground_names,
        background_names=background_names[:needed],
        verdicts={},
        foregrounds=foregrounds,
        backgrounds=backgrounds,
    )


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


def _background_folders(config: BuildConfig, layout: SplitLayout) -> list[Path]:
    kind = layout.background_source
    root = config.coco if kind == "coco" else config.voc
    if root is None:
        raise ValueError(
            f"{kind} is missing; {config.dataset} {config.split} takes its backgrounds from there: "
            f"say --{kind} DIR"
        )
    if not root.is_dir():
        raise ValueError(f"{root}: no such folder; expected the pictures of {kind.upper()}")
    return [root / one for one in BACKGROUND_FOLDERS[kind] if (root / one).is_dir()]


def _find_trimaps(config: BuildConfig, layout: SplitLayout, base: Path) -> Path | None:
    if config.trimap_rule != GIVEN_RULE:
        return None
    if layout.trimaps is None:
        raise ValueError(
            f"trimap rule is {GIVEN_RULE!r}, but {config.dataset} {config.split} has no official "
            "trimaps; expected another rule or none"
        )
    if not (base / layout.trimaps).is_dir():
        raise ValueError(
            f"{base / layout.trimaps}: no such folder; expected the official trimaps, or say "
            "--trimap-rule with another rule or none"
        )
    return base / layout.trimaps


def _list_places(config: BuildConfig, base: Path) -> Iterator[Path]:
    if config.lists is not None:
        if not config.lists.is_dir():
            raise ValueError(f"{config.lists}: no such folder; expected one with the name lists")
        for folder in _LIST_FOLDERS:
            yield config.lists / folder.format(split=config.split)
    yield base
    if config.source is not None:
        yield config.source


def _find_list(config: BuildConfig, base: Path, file: str) -> Path | None:
    for folder in _list_places(config, base):
        if (folder / file).is_file():
            return folder / file
    return None


def _remake(index: FolderIndex, expected: NameList, pattern: str, base: Path) -> list[str]:
    missing = f"{base / expected.file}: no such list; put it there or say --lists DIR"
    if expected.order is None:
        raise ValueError(missing)
    names = [name for name in index.names if not pattern or re.fullmatch(pattern, name)]
    names = in_order(names, expected.order)
    if pattern:  # the first pictures of a large collection
        names = names[: expected.count]
    verdict = judge(names, expected)
    if expected.sha256 is None and len(names) == expected.count:
        return names
    if verdict != OFFICIAL:
        raise ValueError(f"{missing} (the names in {index.folders[0]} do not make it: {verdict})")
    return names
