"""What a build is told: its settings, checked once, and what a dataset says of them."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from distinctions646.compose import composite
from distinctions646.images.formats import PNG, jpeg_quality
from distinctions646.images.headers import EXIF_CHOICES, Exif
from distinctions646.images.reading import ALPHA_CLEANUPS
from distinctions646.plan.embedded import CONFIGS, mini_config
from distinctions646.plan.part import Part
from distinctions646.plan.recipe import Rules
from distinctions646.sources.layouts import GIVEN_RULE, LAYOUTS, NAMINGS, Naming, layout_of
from distinctions646.sources.opensets import GIVEN_TRIMAPS, OPEN_SETS, open_set_layout
from distinctions646.trimap.rules import DEFAULT_RULE, parse_rule

PRESETS = tuple(composite.PRESETS)
TRAIN = "train"
WRITERS = ("folder", "parquet", "virtual", "webdataset")
# Folders and configs of datasets.
_TAKEN = ("data", "recipe", "sources", "virtual", "webdataset", "backgrounds")


@dataclass(frozen=True)
class BuildConfig:
    """What to build, from what, into which folder.

    Attributes
    ----------
    out
        The folder; missing, empty, or holding this same build.
    foregrounds, backgrounds
        Folders of pictures; None where `mini` brings its own.
    alphas
        Folder of alphas; None where the foregrounds bring their own alpha channel.
    foreground_list, background_list
        Files of names, one a line; None means all, sorted by name.
    dataset
        Name in the manifest, and of the ``datasets`` config.
    split
        Name of the split.
    per_foreground
        Backgrounds for each foreground.
    preset
        Arithmetic of fit and blend.
    exif
        Whether the EXIF orientation of sources is ignored, as by the official Composition-1k
        script, or applied, as by OpenCV.
    alpha_cleanup
        A key of `images.ALPHA_CLEANUPS` for alphas that were JPEG; None leaves them as they are.
    image_format
        ``"png"``, or ``"jpeg-N"`` with the quality N, for training splits.
    force_jpeg
        Whether a split that methods are measured on may be JPEG, too.
    names
        Convention of the output names.
    trimap_rule, trimap_seed
        How trimaps are made; a rule of None makes none.
    write
        Some of `WRITERS`.
    workers
        Processes; the bytes do not depend on it.
    rehash
        Whether to hash again what a finished build in `out` has hashed, even where file sizes and
        times say that nothing changed.
    mini
        Configuration of the embedded dataset, a key of `embedded.CONFIGS`; None for own folders.
    mini_foregrounds, mini_seed
        How many foregrounds its training set has, and which; None for the configuration's own.
    source, coco, voc
        Folders of an official dataset's archive and of its backgrounds' collections; `dataset` is
        a key of `layouts.LAYOUTS` then. Or the folder of an open set, a key of
        `opensets.OPEN_SETS`, whose photographs are copied as they are.
    lists
        Folder of the official name lists; None means that they lie in `source`.
    part
        Which part of the work to do; None means all.
    """

    out: Path
    foregrounds: Path | None = None
    backgrounds: Path | None = None
    alphas: Path | None = None
    foreground_list: Path | None = None
    background_list: Path | None = None
    dataset: str = "custom"
    split: str = "test"
    per_foreground: int = 20
    preset: str = "adobe"
    exif: Exif = "ignore"
    alpha_cleanup: str | None = None
    image_format: str = PNG
    force_jpeg: bool = False
    names: Naming = "adobe"
    trimap_rule: str | None = None
    trimap_seed: int = 0
    write: tuple[str, ...] = ("parquet",)
    workers: int = 1
    rehash: bool = False
    mini: str | None = None
    mini_foregrounds: int | None = None
    mini_seed: int | None = None
    source: Path | None = None
    coco: Path | None = None
    voc: Path | None = None
    lists: Path | None = None
    part: Part | None = None

    @property
    def virtual_only(self) -> bool:
        """Whether no picture is composed now."""
        return set(self.write) == {"virtual"}

    @property
    def rules(self) -> Rules:
        """How the pixels are made."""
        return Rules(**{one.name: getattr(self, one.name) for one in fields(Rules)})


def official_settings(dataset: str, split: str) -> dict[str, Any]:
    """Say how an official dataset is built, or an open set is copied, unless told otherwise.

    Parameters
    ----------
    dataset
        A key of `layouts.LAYOUTS` or of `opensets.OPEN_SETS`.
    split
        ``"train"`` or ``"test"``.

    Returns
    -------
    dict
        Of fields of `BuildConfig`.

    Raises
    ------
    ValueError
        If there is no such dataset or split.

    Examples
    --------
    >>> official_settings("distinctions646", "test")["names"]
    'd646'
    """
    if dataset in OPEN_SETS:
        given = open_set_layout(dataset, split).trimap
        return {
            "per_foreground": 1,
            "trimap_rule": GIVEN_TRIMAPS if given else DEFAULT_RULE,
            "write": ("parquet",),
        }
    layout = layout_of(dataset, split)
    return {
        "per_foreground": layout.per_foreground,
        "names": layout.names,
        "trimap_rule": layout.trimap_rule,
        "write": ("virtual",) if split == "train" else ("parquet",),
    }


def check_config(config: BuildConfig) -> None:
    """Refuse settings that no build could follow.

    Parameters
    ----------
    config
        To be checked.

    Raises
    ------
    ValueError
        Naming the setting, what was expected and what came.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", config.split) or config.split in _TAKEN:
        raise ValueError(f"split is {config.split!r}; expected a word, such as test")
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", config.dataset) or config.dataset in _TAKEN:
        raise ValueError(f"dataset name is {config.dataset!r}; expected a word, such as custom")
    for name, value, known in (
        ("preset", config.preset, PRESETS),
        ("names", config.names, NAMINGS),
        ("mini", config.mini, (None, *CONFIGS)),
        ("exif", config.exif, EXIF_CHOICES),
        ("alpha_cleanup", config.alpha_cleanup, (None, *ALPHA_CLEANUPS)),
    ):
        if value not in known:
            raise ValueError(f"{name} is {value!r}; expected one of {', '.join(map(str, known))}")
    for name, number in (("workers", config.workers), ("per_foreground", config.per_foreground)):
        if number < 1:
            raise ValueError(f"{name} is {number}; expected 1 or more")
    if not config.write or set(config.write) - set(WRITERS):
        given, forms = ", ".join(config.write), ", ".join(WRITERS)
        raise ValueError(f"write is {given}; expected some of {forms}")
    _check_image_format(config)
    if config.dataset in LAYOUTS:
        _check_official(config)
        return
    if config.dataset in OPEN_SETS:
        _check_open(config)
        return
    if config.trimap_rule is not None:
        parse_rule(config.trimap_rule)
    if config.mini is None and (config.foregrounds is None or config.backgrounds is None):
        raise ValueError("foregrounds or backgrounds are missing; expected a folder of each")
    if config.mini is None:
        return
    mini_config(config.mini, config.mini_foregrounds, config.mini_seed)
    if config.part is not None:
        raise ValueError("the embedded dataset is small; build it without --shard")


def _check_image_format(config: BuildConfig) -> None:
    """Keep the loss of JPEG away from what methods are measured on, and from exact forms."""
    if jpeg_quality(config.image_format) is None:
        return
    if "virtual" in config.write:
        raise ValueError(
            f"image_format is {config.image_format}; what is composed on reading is exact: "
            "expected png"
        )
    if config.split != TRAIN and not config.force_jpeg:
        raise ValueError(
            f"image_format is {config.image_format}, and {config.split} is to be measured on: "
            f"JPEG would make another dataset of it; expected png, the split {TRAIN}, or "
            "--force-jpeg"
        )


def _check_official(config: BuildConfig) -> None:
    """Hold an official dataset to its definition; trimaps and form are the user's choice."""
    layout = layout_of(config.dataset, config.split)
    if config.foregrounds is not None or config.backgrounds is not None:
        raise ValueError(
            f"{config.dataset} is an official dataset; expected --source, or another name"
        )
    if config.per_foreground != layout.per_foreground:
        raise ValueError(
            f"per_foreground is {config.per_foreground}; {config.dataset} {config.split} has "
            f"{layout.per_foreground} (build another pairing as --dataset custom)"
        )
    if config.trimap_rule not in (None, GIVEN_RULE):
        parse_rule(config.trimap_rule)


def _check_open(config: BuildConfig) -> None:
    given = open_set_layout(config.dataset, config.split).trimap
    if config.source is None:
        raise ValueError(f"source is missing; expected the folder of {config.dataset}")
    if "virtual" in config.write:
        raise ValueError(f"write is virtual; {config.dataset} has photographs, nothing to compose")
    if config.trimap_rule == GIVEN_TRIMAPS:
        if not given:
            raise ValueError(
                f"trimap rule is {GIVEN_TRIMAPS!r}, but {config.dataset} has no trimaps; "
                "expected another rule or none"
            )
    elif config.trimap_rule is not None:
        parse_rule(config.trimap_rule)


def description(config: BuildConfig) -> dict[str, Any]:
    """Say what a dataset's manifest tells about the settings: all that pixels and files hang on.

    Parameters
    ----------
    config
        Of the build.

    Returns
    -------
    dict
        For JSON; without any path.
    """
    return {
        **asdict(config.rules),
        "names": config.names,
        "per_foreground": config.per_foreground,
        "write": sorted(set(config.write)),
    }
