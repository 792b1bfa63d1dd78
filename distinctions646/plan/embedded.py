"""The embedded dataset ``mini``: sources that need no download."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

FOREGROUNDS_TABLE = "foregrounds.csv"
FOREGROUND_LIST = "foregrounds.txt"
BACKGROUND_LIST = "backgrounds.txt"
ATTRIBUTION = "photographs.csv"
_GENERATOR = Path(__file__).parents[1] / "mini"
# The maintainer's scripts made what is vendored; of the path-traced pictures, only those count that
# a split has.
_NOT_IN_A_BUILD = ("blender", "__pycache__", "digests", "pathtraced")


@dataclass(frozen=True)
class MiniConfig:
    """How much of ``mini`` to make, and how large.

    Attributes
    ----------
    split
        "test", "validation" or "train"; no two share a foreground or a background.
    size
        Long side of a foreground in pixels.
    per_foreground
        Backgrounds for each foreground.
    backgrounds
        How many backgrounds there are in all.
    foregrounds
        How many foregrounds; None where they are fixed.
    seed
        Which training set.
    """

    split: str
    size: int
    per_foreground: int
    backgrounds: int
    foregrounds: int | None = None
    seed: int = 0
    dataset: ClassVar[str] = "mini"


CONFIGS = {
    "test-small": MiniConfig("test", size=512, per_foreground=1, backgrounds=50),
    "test": MiniConfig("test", size=512, per_foreground=20, backgrounds=100),
    "validation": MiniConfig("validation", size=512, per_foreground=2, backgrounds=50),
    "train": MiniConfig("train", size=320, per_foreground=20, backgrounds=120, foregrounds=64),
}


def mini_config(name: str, foregrounds: int | None = None, seed: int | None = None) -> MiniConfig:
    """Look up a configuration.

    Parameters
    ----------
    name
        A key of `CONFIGS`.
    foregrounds, seed
        Of a training set: how many foregrounds, and which.

    Returns
    -------
    MiniConfig
        The configuration.

    Raises
    ------
    ValueError
        If there is no such configuration, or it is not for the asking how much of it there is.

    Examples
    --------
    >>> mini_config("train", foregrounds=5000).foregrounds
    5000
    """
    if name not in CONFIGS:
        raise ValueError(f"mini is {name!r}; expected one of {', '.join(CONFIGS)}")
    config = CONFIGS[name]
    if config.foregrounds is None:
        if foregrounds is not None or seed is not None:
            raise ValueError(f"{name} is fixed; expected foregrounds and seed for train alone")
        return config
    for what, value, least in (("foregrounds", foregrounds, 1), ("seed", seed, 0)):
        if value is not None and value < least:
            raise ValueError(f"{what} is {value}; expected {least} or more")
    return replace(config, foregrounds=foregrounds or config.foregrounds, seed=seed or 0)


def generator_sha256() -> str:
    """Hash all that generated pictures hang on: the files of ``distinctions646.mini``, by name.

    Returns
    -------
    str
        64 hexadecimal digits; another generator means another dataset.
    """
    digest = hashlib.sha256()
    paths = {path.relative_to(_GENERATOR).as_posix(): path for path in _GENERATOR.rglob("*.*")}
    for name, path in sorted(paths.items()):
        if path.is_file() and name.split("/")[0].split(".")[0] not in _NOT_IN_A_BUILD:
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def vendored_sha256(config: MiniConfig) -> list[str]:
    """List the hashes of the path-traced foregrounds of a split.

    Parameters
    ----------
    config
        Of the split.

    Returns
    -------
    list of str
        Of their decoded pixels, in order.
    """
    from distinctions646.mini.pictures import find_pathtraced
    from distinctions646.mini.plans import plan_foregrounds

    front = plan_foregrounds(config.split, config.size, count=config.foregrounds, seed=config.seed)
    return [find_pathtraced(one.vendored).sha256 for one in front if one.vendored is not None]


def write_mini_sources(config: MiniConfig, folder: Path, *, workers: int) -> Path:
    """Make the sources; a second call goes on where a killed one ended.

    Parameters
    ----------
    config
        What to make.
    folder
        Where; nothing but an earlier call's work for the same `config` may be there.
    workers
        Processes.

    Returns
    -------
    Path
        `folder`, with ``foregrounds/`` (RGBA), ``backgrounds/``, ``foregrounds.csv``,
        ``photographs.csv``, and ``foregrounds.txt`` and ``backgrounds.txt``, which name each
        foreground once and the background of each composite, in order.
    """
    # Drawing needs OpenCV, and its error without libGL should come first.
    from distinctions646.mini.photographs import list_photographs
    from distinctions646.mini.plans import pair, plan_backgrounds, plan_foregrounds
    from distinctions646.mini.sources import write_pictures, write_rows

    front = plan_foregrounds(config.split, config.size, count=config.foregrounds, seed=config.seed)
    back = plan_backgrounds(config.split, config.size, config.backgrounds, seed=config.seed)
    write_pictures(folder, [*front, *back], workers=workers, resume=True)
    names = pair(len(front), config.per_foreground, [picture.name for picture in back])
    for name, lines in ((FOREGROUND_LIST, [one.name for one in front]), (BACKGROUND_LIST, names)):
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    used = {picture.vendored for picture in back}
    shown = [one for one in list_photographs(config.split) if one.name in used]
    header = ("name", "title", "author", "licence", "package", "original")
    rows = [[getattr(one, column) for column in header] for one in shown]
    write_rows(folder / ATTRIBUTION, header, rows)
    return folder


def joined_tables(sources: Path, out: Path) -> Sequence[Path]:
    """Put the tables of a split's sources together with those of the dataset that it joins.

    Parameters
    ----------
    sources
        What `write_mini_sources` made.
    out
        The dataset; perhaps not there yet.

    Returns
    -------
    sequence of Path
        ``foregrounds.csv`` and ``photographs.csv`` of all splits.
    """
    from distinctions646.mini.sources import write_rows

    folder = sources / "joined"
    folder.mkdir(exist_ok=True)
    for name in (FOREGROUNDS_TABLE, ATTRIBUTION):
        header, *own = _read_rows(sources / name)
        there = _read_rows(out / name)[1:] if (out / name).is_file() else []
        names = {row[0] for row in own}
        write_rows(folder / name, header, [*(row for row in there if row[0] not in names), *own])
    return [folder / FOREGROUNDS_TABLE, folder / ATTRIBUTION]


def _read_rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))
