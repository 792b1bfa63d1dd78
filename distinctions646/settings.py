"""What a build is told: its settings, checked once, and what a dataset says of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distinctions646.embedded import CONFIGS
from distinctions646.recipe import NAMINGS, Naming
from distinctions646.trimap import parse_rule

PRESETS = ("adobe",)
WRITERS = ("folder", "parquet")
_TAKEN = ("data", "recipe", "sources")  # folders and configs every dataset has


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
    names
        Convention of the output names.
    trimap_rule, trimap_seed
        How trimaps are made; a rule of None makes none.
    write
        ``"parquet"``, ``"folder"`` or both.
    workers
        Processes; the bytes do not depend on it.
    mini
        Configuration of the embedded dataset, a key of `embedded.CONFIGS`; None for own folders.
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
    names: Naming = "adobe"
    trimap_rule: str | None = None
    trimap_seed: int = 0
    write: tuple[str, ...] = ("parquet",)
    workers: int = 1
    mini: str | None = None


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
    ):
        if value not in known:
            raise ValueError(f"{name} is {value!r}; expected one of {', '.join(map(str, known))}")
    for name, number in (("workers", config.workers), ("per_foreground", config.per_foreground)):
        if number < 1:
            raise ValueError(f"{name} is {number}; expected 1 or more")
    if not config.write or set(config.write) - set(WRITERS):
        raise ValueError(f"write is {', '.join(config.write)}; expected parquet, folder or both")
    if config.trimap_rule is not None:
        parse_rule(config.trimap_rule)
    if config.mini is None and (config.foregrounds is None or config.backgrounds is None):
        raise ValueError("foregrounds or backgrounds are missing; expected a folder of each")


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
        "dataset": config.dataset,
        "preset": config.preset,
        "names": config.names,
        "per_foreground": config.per_foreground,
        "trimap_rule": config.trimap_rule,
        "trimap_seed": config.trimap_seed,
        "write": sorted(set(config.write)),
    }
