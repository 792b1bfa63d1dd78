"""The settings of a build as a user gives them, a dataset's defaults, and the checks of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from distinctions646.cluster.options import EngineChoice
from distinctions646.compose import composite
from distinctions646.images.formats import PNG, jpeg_quality
from distinctions646.images.headers import EXIF_CHOICES, Exif
from distinctions646.images.mattes import MATTE_CHANNELS, MatteChannel
from distinctions646.images.reading import ALPHA_CLEANUPS
from distinctions646.plan.embedded import CONFIGS, MiniConfig
from distinctions646.process.part import Part
from distinctions646.sources.datasets import (
    archive_names,
    layout_of,
    open_set_names,
)
from distinctions646.sources.layouts import GIVEN_RULE, GIVEN_TRIMAPS, NAMINGS, Naming
from distinctions646.sources.locations import ArchiveSources, CustomSources, OpenSetSources
from distinctions646.trimap.rules import DEFAULT_RULE, parse_rule

PRESETS = tuple(composite.PRESETS)
TRAIN = "train"
WRITERS = ("folder", "parquet", "virtual", "webdataset")
NO_TRIMAPS = "none"
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
        Arithmetic of resizing and blending, a key of `composite.PRESETS`.
    exif
        Whether the EXIF orientation of sources is ignored, as by the official Composition-1k
        script, or applied, as by OpenCV.
    matte_channel
        Which channel is the matte in alphas that read in two ways (`images.mattes.read_grey`);
        None refuses them.
    alpha_cleanup
        A key of `images.reading.ALPHA_CLEANUPS`, for alphas that were JPEG; None leaves alphas as
        they are.
    image_format
        ``"png"``, or ``"jpeg-N"`` with the quality N, for training splits.
    force_jpeg
        Whether a split other than ``"train"`` may be JPEG; its numbers then are not those of the
        dataset.
    names
        Convention of the output names; None for the dataset's own, or else ``"adobe"``.
    trimap_rule, trimap_seed
        Rule that makes the trimaps, and the seed of its draws: the id of a rule of
        `distinctions646.trimap`, `NO_TRIMAPS`, or None for the dataset's default.
    write
        Some of `WRITERS`; None for the dataset's default.
    workers
        Processes; the bytes do not depend on it.
    rehash
        Whether to hash again what a finished build in `out` has hashed, even where file sizes and
        times say that nothing changed.
    part
        The part of the work that this process does; None means all.
    engine
        What does the units of work; None is this machine's pool. The bytes do not depend on it.
    """

    out: Path
    sources: Sources
    preset: str = "adobe"
    exif: Exif = "ignore"
    matte_channel: MatteChannel | None = None
    alpha_cleanup: str | None = None
    image_format: str = PNG
    force_jpeg: bool = False
    names: Naming | None = None
    trimap_rule: str | None = None
    trimap_seed: int = 0
    write: tuple[str, ...] | None = None
    workers: int = 1
    rehash: bool = False
    part: Part | None = None
    engine: EngineChoice | None = None


@dataclass(frozen=True)
class Defaults:
    """What a build takes where neither trimap rule nor forms are given.

    Attributes
    ----------
    trimap_rule
        Id of the rule, or `NO_TRIMAPS`.
    write
        Some of `WRITERS`.
    """

    trimap_rule: str
    write: tuple[str, ...]


def default_settings(sources: Sources) -> Defaults:
    """Return the defaults of a dataset.

    Parameters
    ----------
    sources
        What is built.

    Returns
    -------
    Defaults
        A user's own folders get Parquet; a training split of them gets no trimaps.

    Raises
    ------
    ValueError
        If there is no such dataset or split.

    Examples
    --------
    >>> default_settings(ArchiveSources("composition1k", "test", Path("archive")))
    Defaults(trimap_rule='adobe', write=('parquet',))
    """
    match sources:
        case ArchiveSources():
            write = ("virtual",) if sources.split == TRAIN else ("parquet",)
            return Defaults(sources.layout.trimap_rule or NO_TRIMAPS, write)
        case OpenSetSources():
            rule = GIVEN_TRIMAPS if sources.layout.trimap else DEFAULT_RULE
            return Defaults(rule, ("parquet",))
        case MiniConfig():
            return Defaults(DEFAULT_RULE, _mini_forms(sources))
        case CustomSources():
            return Defaults(NO_TRIMAPS if sources.split == TRAIN else DEFAULT_RULE, ("parquet",))


def _mini_forms(mini: MiniConfig) -> tuple[str, ...]:
    """Return the forms of a configuration: the small one is there to be looked at, as files."""
    if mini.split == TRAIN:
        return ("virtual",)
    return ("folder", "parquet") if mini == CONFIGS["test-small"] else ("parquet",)


def check_config(config: BuildConfig) -> None:
    """Refuse settings that no build could follow.

    Parameters
    ----------
    config
        The settings, with the dataset's defaults filled in.

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
        ("matte_channel", config.matte_channel, (None, *MATTE_CHANNELS)),
        ("alpha_cleanup", config.alpha_cleanup, (None, *ALPHA_CLEANUPS)),
    ):
        if value not in known:
            raise ValueError(f"{name} is {value!r}; expected one of {', '.join(map(str, known))}")
    if config.workers < 1:
        raise ValueError(f"workers is {config.workers}; expected 1 or more")
    if config.write is not None and (not config.write or set(config.write) - set(WRITERS)):
        given, forms = ", ".join(config.write), ", ".join(WRITERS)
        raise ValueError(f"write is {given}; expected some of {forms}")
    _check_image_format(config)
    _check_sources(config)
    if config.trimap_rule not in (None, NO_TRIMAPS, _own_trimaps(config.sources)):
        parse_rule(config.trimap_rule)


def _check_image_format(config: BuildConfig) -> None:
    """Keep the loss of JPEG away from what methods are measured on, and from exact forms."""
    if jpeg_quality(config.image_format) is None:
        return
    if "virtual" in (config.write or ()):
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
    if "virtual" in (config.write or ()):
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
