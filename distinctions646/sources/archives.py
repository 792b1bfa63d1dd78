"""Find a split of Composition-1k or Distinctions-646 in a user's folders, and check its lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from distinctions646.images.headers import Exif
from distinctions646.plan.settings import BuildConfig
from distinctions646.sources.files import (
    Foreground,
    check_foreground,
    match_alphas,
    read_names,
    refuse_shared_stems,
)
from distinctions646.sources.index import FolderIndex
from distinctions646.sources.layouts import (
    BACKGROUND_FOLDERS,
    GIVEN_RULE,
    LAYOUTS,
    SplitLayout,
    layout_of,
)
from distinctions646.sources.lists import check_counts, find_names, judge

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
    folders, foregrounds = _foreground_folders(base, layout)
    backgrounds = FolderIndex(_background_folders(config, layout))
    foreground_names = find_names(
        config, base, layout.foregrounds, foregrounds, config.foreground_list, ""
    )
    pattern = _LISTED[layout.background_source]
    background_names = find_names(
        config, base, layout.backgrounds, backgrounds, config.background_list, pattern
    )
    check_counts(config.dataset, config.split, layout, len(foreground_names), len(background_names))
    return Archive(
        folders=folders,
        trimaps=_find_trimaps(config, layout, base),
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
    """Say which splits of an official dataset a folder has.

    Parameters
    ----------
    dataset
        A key of `layouts.LAYOUTS`.
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
    layouts = {split: layout_of(dataset, split) for split in LAYOUTS.get(dataset, {"": ""})}
    found = [
        split
        for split, layout in layouts.items()
        if any((source / base / layout.folders[0][0]).is_dir() for base in layout.bases)
    ]
    if not found:
        _find_base(source, next(iter(layouts.values())))
    return found


def locate_foregrounds(config: BuildConfig) -> list[Foreground]:
    """Find the foregrounds of an official split, whether or not its backgrounds are there.

    Parameters
    ----------
    config
        With `dataset`, `split` and `source`.

    Returns
    -------
    list of Foreground
        In the order of the list.

    Raises
    ------
    ValueError
        If a folder, the list or a file is missing, or an alpha is of another size.
    """
    layout = layout_of(config.dataset, config.split)
    base = _find_base(config.source or Path(), layout)
    folders, index = _foreground_folders(base, layout)
    names = find_names(config, base, layout.foregrounds, index, config.foreground_list, "")
    return match_foregrounds(folders, names, index, config.exif)


def match_foregrounds(
    folders: Sequence[tuple[Path, Path | None]],
    names: Sequence[str],
    index: FolderIndex,
    exif: Exif,
) -> list[Foreground]:
    """Find the files of listed foregrounds and their alphas, and check them by their headers.

    Parameters
    ----------
    folders
        Of foregrounds and alphas, in pairs; alphas are None where foregrounds bring their own.
    names
        The list.
    index
        Of the foregrounds' folders.
    exif
        As for `headers.picture_size`.

    Returns
    -------
    list of Foreground
        In the order of the list.

    Raises
    ------
    ValueError
        As for `sources.check_foreground`; or a file is missing, or two share a stem.
    """
    paths = [index.require(name, "foreground") for name in names]
    refuse_shared_stems(folders[0][0], paths)
    alphas: dict[Path, Path] = {}
    for folder, alpha_folder in folders:
        own = [path for path in paths if path.parent == folder]
        if own and alpha_folder is not None:
            alphas.update(zip(own, match_alphas(alpha_folder, own), strict=True))
    return [check_foreground(path, alphas.get(path), exif=exif) for path in paths]


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


def _foreground_folders(
    base: Path, layout: SplitLayout
) -> tuple[tuple[tuple[Path, Path], ...], FolderIndex]:
    folders = tuple((base / one, base / other) for one, other in layout.folders)
    return folders, FolderIndex([folder for folder, _ in folders])


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
