"""The embedded dataset ``mini``: sources that need no download."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from distinctions646.process.source_digest import source_digest
from distinctions646.process.source_modules import locate_module

FOREGROUNDS_TABLE = "foregrounds.csv"
FOREGROUND_LIST = "foregrounds.txt"
BACKGROUND_LIST = "backgrounds.txt"
ATTRIBUTION = "photographs.csv"
_ROOT = Path(__file__).parents[2]
# What the pictures depend on: the code that plans, draws and pairs them, and two tables. That of
# photographs has the SHA-256 of each; `vendored_sha256` has those of the path-traced pictures.
GENERATOR = (
    "distinctions646.mini.plans:plan_foregrounds",
    "distinctions646.mini.plans:plan_backgrounds",
    "distinctions646.mini.plans:pair",
    "distinctions646.mini.pictures:render_picture",
)
TABLES = ("chosen.csv", "photographs/attribution.csv")


@dataclass(frozen=True)
class MiniConfig:
    """A configuration of ``mini``: which pictures, how many and how large.

    Attributes
    ----------
    split
        "test", "validation" or "train"; no two share a foreground or a background.
    size
        Long side of a foreground in pixels.
    per_foreground
        Backgrounds for each foreground.
    backgrounds
        Number of different backgrounds.
    foregrounds
        Number of foregrounds; None where they are fixed.
    seed
        Seed of a training set.
    """

    dataset: ClassVar[str] = "mini"
    split: str
    size: int
    per_foreground: int
    backgrounds: int
    foregrounds: int | None = None
    seed: int = 0


CONFIGS = {
    "test-small": MiniConfig("test", size=512, per_foreground=1, backgrounds=50),
    "test": MiniConfig("test", size=512, per_foreground=20, backgrounds=100),
    "validation": MiniConfig("validation", size=512, per_foreground=2, backgrounds=50),
    "train": MiniConfig("train", size=320, per_foreground=20, backgrounds=120, foregrounds=64),
}


def mini_config(name: str, foregrounds: int | None = None, seed: int | None = None) -> MiniConfig:
    """Return a configuration.

    Parameters
    ----------
    name
        A key of `CONFIGS`.
    foregrounds, seed
        Number of foregrounds of a training set, 1 or more, and its seed, 0 or more.

    Returns
    -------
    MiniConfig
        One of `CONFIGS`, with that number and seed.

    Raises
    ------
    ValueError
        If there is no such configuration, or `foregrounds` or `seed` is given for a fixed one.

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


def generator_sha256(root: Path = _ROOT) -> str:
    """Hash what generated pictures depend on: what the code of `mini` does, and its tables.

    Parameters
    ----------
    root
        The folder with the package ``distinctions646``.

    Returns
    -------
    str
        64 hexadecimal digits; another generator means another dataset. Moves and renames of
        modules and functions leave it as it is, as do comments and docstrings
        (`distinctions646.process.source_digest`).
    """
    digest = hashlib.sha256(source_digest(GENERATOR, partial(_locate, root)).encode())
    for name in TABLES:
        digest.update((root / "distinctions646" / "mini" / name).read_bytes())
    return digest.hexdigest()


def _locate(root: Path, name: str) -> Path | None:
    return locate_module(root, name) if name.partition(".")[0] == "distinctions646" else None


def vendored_sha256(config: MiniConfig) -> list[str]:
    """List the hashes of the path-traced foregrounds of a split.

    Parameters
    ----------
    config
        The configuration of the split.

    Returns
    -------
    list of str
        SHA-256 of the decoded pixels of each, in the order of the plan.
    """
    from distinctions646.mini.pictures import find_pathtraced
    from distinctions646.mini.plans import plan_foregrounds

    front = plan_foregrounds(config.split, config.size, count=config.foregrounds, seed=config.seed)
    return [find_pathtraced(each.vendored).sha256 for each in front if each.vendored is not None]


def write_mini_sources(config: MiniConfig, folder: Path, *, workers: int) -> Path:
    """Write the sources; a second call continues where a killed one ended.

    Parameters
    ----------
    config
        The split and its size.
    folder
        Where to write; may hold an earlier call's work for the same `config` and nothing else.
    workers
        Number of processes.

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
    for name, lines in (
        (FOREGROUND_LIST, [picture.name for picture in front]),
        (BACKGROUND_LIST, names),
    ):
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    used = {picture.vendored for picture in back}
    shown = [photo for photo in list_photographs(config.split) if photo.name in used]
    header = ("name", "title", "author", "licence", "package", "original")
    rows = [[getattr(photo, column) for column in header] for photo in shown]
    write_rows(folder / ATTRIBUTION, header, rows)
    return folder


def joined_tables(sources: Path, out: Path) -> Sequence[Path]:
    """Join the tables of a split's sources to those of the dataset that gets the split.

    Parameters
    ----------
    sources
        Folder from `write_mini_sources`.
    out
        The dataset; it may be missing.

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
        before = _read_rows(out / name)[1:] if (out / name).is_file() else []
        names = {row[0] for row in own}
        write_rows(folder / name, header, [*(row for row in before if row[0] not in names), *own])
    return [folder / FOREGROUNDS_TABLE, folder / ATTRIBUTION]


def _read_rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))
