"""The settings of a build as a user gives them, their defaults, and the checks of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from distinctions646.compose import composite
from distinctions646.images.formats import PNG, jpeg_quality
from distinctions646.images.headers import EXIF_CHOICES, Exif
from distinctions646.images.reading import ALPHA_CLEANUPS
from distinctions646.plan.embedded import MiniConfig
from distinctions646.plan.part import Part
from distinctions646.sources.datasets import (
    archive_names,
    layout_of,
    open_set_layout,
    open_set_names,
)
from distinctions646.sources.layouts import GIVEN_RULE, GIVEN_TRIMAPS, NAMINGS, Naming
from distinctions646.sources.locations import ArchiveSources, CustomSources, OpenSetSources
from distinctions646.trimap.rules import DEFAULT_RULE, parse_rule

PRESETS = tuple(composite.PRESETS)
TRAIN = "train"
WRITERS = ("folder", "parquet", "virtual", "webdataset")
# Names of folders and configs of every built dataset, which no split or dataset may have.
_RESERVED = ("data", "recipe", "sources", "virtual", "webdataset", "backgrounds")

Sources: TypeAlias = CustomSources | ArchiveSources | OpenSetSources | MiniConfig


@dataclass(frozen=True)
class BuildConfig:
    """What to build, from what, into which folder.

    Attributes
    ----------
    out
        The folder; missing, empty, or holding this same build.
    sources
        What is built: a user's own folders, a split of an official dataset or of an open set, or
        a configuration of the embedded dataset.
    preset
        Arithmetic of fit and blend, a key of `composite.PRESETS`.
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
        Convention of the output names; None for the dataset's own, or else ``"adobe"``.
    trimap_rule, trimap_seed
        Rule that makes the trimaps, and the seed of its draws; a rule of None makes none.
    write
        Some of `WRITERS`.
    workers
        Processes; the bytes do not depend on it.
    rehash
        Whether to hash again what a finished build in `out` has hashed, even where file sizes and
        times say that nothing changed.
    part
        The part of the work that this process does; None means all.
    """

    out: Path
    sources: Sources
    preset: str = "adobe"
    exif: Exif = "ignore"
    alpha_cleanup: str | None = None
    image_format: str = PNG
    force_jpeg: bool = False
    names: Naming | None = None
    trimap_rule: str | None = None
    trimap_seed: int = 0
    write: tuple[str, ...] = ("parquet",)
    workers: int = 1
    rehash: bool = False
    part: Part | None = None


def default_settings(dataset: str, split: str) -> dict[str, Any]:
    """Return how a known dataset is built unless told otherwise.

    Parameters
    ----------
    dataset
        One of `datasets.archive_names` or `datasets.open_set_names`.
    split
        ``"train"`` or ``"test"``.

    Returns
    -------
    dict
        ``trimap_rule`` and ``write`` for `BuildConfig`.

    Raises
    ------
    ValueError
        If there is no such dataset or split.

    Examples
    --------
    >>> default_settings("composition1k", "test")
    {'trimap_rule': 'adobe', 'write': ('parquet',)}
    """
    if dataset in open_set_names():
        given = open_set_layout(dataset, split).trimap
        return {"trimap_rule": GIVEN_TRIMAPS if given else DEFAULT_RULE, "write": ("parquet",)}
    write = ("virtual",) if split == TRAIN else ("parquet",)
    return {"trimap_rule": layout_of(dataset, split).trimap_rule, "write": write}


def check_config(config: BuildConfig) -> None:
    """Refuse settings that no build could follow.

    Parameters
    ----------
    config
        The settings.

    Raises
    ------
    ValueError
        Naming the setting, what was expected and what came.
    """
    dataset, split = config.sources.dataset, config.sources.split
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", split) or split in _RESERVED:
        raise ValueError(f"split is {split!r}; expected a word, such as test")
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", dataset) or dataset in _RESERVED:
        raise ValueError(f"dataset name is {dataset!r}; expected a word, such as custom")
    for name, value, known in (
        ("preset", config.preset, PRESETS),
        ("names", config.names, (None, *NAMINGS)),
        ("exif", config.exif, EXIF_CHOICES),
        ("alpha_cleanup", config.alpha_cleanup, (None, *ALPHA_CLEANUPS)),
    ):
        if value not in known:
            raise ValueError(f"{name} is {value!r}; expected one of {', '.join(map(str, known))}")
    if config.workers < 1:
        raise ValueError(f"workers is {config.workers}; expected 1 or more")
    if not config.write or set(config.write) - set(WRITERS):
        given, forms = ", ".join(config.write), ", ".join(WRITERS)
        raise ValueError(f"write is {given}; expected some of {forms}")
    _check_image_format(config)
    _check_sources(config)
    if config.trimap_rule not in (None, _own_trimaps(config.sources)):
        parse_rule(config.trimap_rule)


def _check_image_format(config: BuildConfig) -> None:
    """Keep the loss of JPEG away from what methods are measured on, and from exact forms."""
    if jpeg_quality(config.image_format) is None:
        return
    if "virtual" in config.write:
        raise ValueError(
            f"image_format is {config.image_format}; what is composed on reading is exact: "
            "expected png"
        )
    split = config.sources.split
    if split != TRAIN and not config.force_jpeg:
        raise ValueError(
            f"image_format is {config.image_format}, and {split} is to be measured on: JPEG would "
            f"make another dataset of it; expected png, the split {TRAIN}, or --force-jpeg"
        )


def _check_sources(config: BuildConfig) -> None:
    """Hold each kind of dataset to what defines it; trimaps and form are the user's choice."""
    match config.sources:
        case CustomSources(dataset=dataset, per_foreground=per_foreground):
            if dataset in (*archive_names(), *open_set_names()):
                raise ValueError(
                    f"{dataset} is an official dataset; expected --source, or another name"
                )
            if per_foreground < 1:
                raise ValueError(f"per_foreground is {per_foreground}; expected 1 or more")
        case ArchiveSources() as sources:
            layout_of(sources.dataset, sources.split)
        case OpenSetSources() as sources:
            _check_open_set(config, sources)
        case MiniConfig():
            if config.part is not None:
                raise ValueError("the embedded dataset is small; build it without --shard")


def _check_open_set(config: BuildConfig, sources: OpenSetSources) -> None:
    if "virtual" in config.write:
        raise ValueError(f"write is virtual; {sources.dataset} has photographs, nothing to compose")
    if config.trimap_rule == GIVEN_TRIMAPS and not sources.layout.trimap:
        raise ValueError(
            f"trimap rule is {GIVEN_TRIMAPS!r}, but {sources.dataset} has no trimaps; "
            "expected another rule or none"
        )


def _own_trimaps(sources: Sources) -> str | None:
    """Return the id of the trimaps that come with a dataset; None where none can."""
    if isinstance(sources, ArchiveSources):
        return GIVEN_RULE
    return GIVEN_TRIMAPS if isinstance(sources, OpenSetSources) else None
