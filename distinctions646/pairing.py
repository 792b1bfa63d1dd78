"""From a user's folders to the shards of a build: check the sources, pair them, hash them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from distinctions646.archives import Archive, locate
from distinctions646.fingerprint import file_sha256
from distinctions646.folders import list_images
from distinctions646.layouts import LAYOUTS
from distinctions646.opensets import OPEN_SETS, open_set
from distinctions646.plain import GIVEN_TRIMAPS
from distinctions646.recipe import Row, plan
from distinctions646.settings import BuildConfig
from distinctions646.shards import Shard
from distinctions646.sources import (
    Background,
    Foreground,
    check_backgrounds,
    check_foreground,
    find_backgrounds,
    find_foregrounds,
    match_alphas,
    read_names,
    refuse_shared_stems,
)


@dataclass(frozen=True)
class Pairing:
    """Shards that are not hashed yet, and what a user should be told.

    Attributes
    ----------
    shards
        One a foreground, in order.
    surplus
        How many backgrounds were left over.
    lists
        What the check of the official lists said.
    """

    shards: list[Shard]
    surplus: int = 0
    lists: Mapping[str, str] = field(default_factory=dict)


def make_shards(config: BuildConfig) -> Pairing:
    """Check the sources of a build and pair them.

    Parameters
    ----------
    config
        Of an official dataset, or with folders of foregrounds and backgrounds.

    Returns
    -------
    Pairing
        Shards without hashes.

    Raises
    ------
    ValueError
        If a source is missing, damaged in its header or of the wrong size, or there are too few.
    OSError
        If a file cannot be read.
    """
    if config.dataset in LAYOUTS:
        archive = locate(config)
        shards = _pair(config, _foregrounds(archive), _backgrounds(archive), "list")
        if archive.trimaps is not None:
            shards = [_with_trimaps(shard, archive.trimaps) for shard in shards]
        return Pairing(shards, lists=archive.verdicts)
    if config.dataset in OPEN_SETS:
        return Pairing(_photographs(config))
    if config.foregrounds is None or config.backgrounds is None:
        raise ValueError("foregrounds or backgrounds are missing; expected a folder of each")
    foreground_names = config.foreground_list and read_names(config.foreground_list)
    background_names = config.background_list and read_names(config.background_list)
    foregrounds = find_foregrounds(config.foregrounds, config.alphas, foreground_names or None)
    available = len(background_names or list_images(config.backgrounds))
    needed = len(foregrounds) * config.per_foreground
    backgrounds = find_backgrounds(config.backgrounds, needed, background_names or None)
    source = "list" if background_names else "folder"
    return Pairing(_pair(config, foregrounds, backgrounds, source), available - needed)


def hash_sources(shards: Sequence[Shard], *, threads: int = 1) -> list[Shard]:
    """Hash the files of shards, each file once.

    Parameters
    ----------
    shards
        Of a build, or of a part of it.
    threads
        Files read at the same time.

    Returns
    -------
    list of Shard
        The same, with `source_sha256`.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    paths = list(dict.fromkeys(path for shard in shards for path in shard.files))
    with ThreadPoolExecutor(threads) as pool:
        hashes = dict(zip(paths, pool.map(file_sha256, paths), strict=True))
    return [
        replace(shard, source_sha256=tuple(hashes[path] for path in shard.files))
        for shard in shards
    ]


def _pair(
    config: BuildConfig,
    foregrounds: Sequence[Foreground],
    backgrounds: Sequence[Background],
    background_source: str,
) -> list[Shard]:
    n = config.per_foreground
    rows = plan(
        foregrounds,
        backgrounds,
        per_foreground=n,
        split=config.split,
        naming=config.names,
        trimap_rule=config.trimap_rule,
        background_source=background_source,
        preset=config.preset,
    )
    return [
        Shard(
            foreground=foreground,
            backgrounds=tuple(backgrounds[index * n : index * n + n]),
            rows=tuple(rows[index * n : index * n + n]),
            trimap_seed=config.trimap_seed,
            preset=config.preset,
            virtual=config.virtual_only,
        )
        for index, foreground in enumerate(foregrounds)
    ]


def _photographs(config: BuildConfig) -> list[Shard]:
    """Make a shard of each photograph of an open set, its trimap as it came."""
    split = open_set(config.dataset, config.source or Path(), config.split)
    shards = []
    for index, sample in enumerate(split.samples):
        paths = {kind: path for kind, (path, _) in sample.contents.items()}
        foreground = check_foreground(paths["image"], paths["alpha"])
        row = Row(
            id=sample.name,
            split=config.split,
            index=index,
            foreground=paths["image"].name,
            background="",
            k=0,
            width=foreground.width,
            height=foreground.height,
            resized_width=foreground.width,
            resized_height=foreground.height,
            trimap_rule=config.trimap_rule,
            name=sample.name,
        )
        given = (paths["trimap"],) if config.trimap_rule == GIVEN_TRIMAPS else ()
        shards.append(Shard(foreground, (), (row,), config.trimap_seed, trimaps=given))
    return shards


def _foregrounds(archive: Archive) -> list[Foreground]:
    paths = [archive.foregrounds.require(name, "foreground") for name in archive.foreground_names]
    refuse_shared_stems(archive.folders[0][0], paths)
    alphas: dict[Path, Path] = {}
    for folder, alpha_folder in archive.folders:
        own = [path for path in paths if path.parent == folder]
        if own and alpha_folder is not None:
            alphas.update(zip(own, match_alphas(alpha_folder, own), strict=True))
    return [check_foreground(path, alphas[path]) for path in paths]


def _backgrounds(archive: Archive) -> list[Background]:
    names: Iterable[str] = archive.background_names
    return check_backgrounds(
        [(archive.backgrounds.require(name, "background"), name) for name in names]
    )


def _with_trimaps(shard: Shard, folder: Path) -> Shard:
    stem = shard.foreground.path.stem
    trimaps = tuple(folder / f"{stem}_{row.k}.png" for row in shard.rows)
    for path in trimaps:
        if not path.is_file():
            raise ValueError(f"{path}: no such file; expected the official trimap of {stem}")
    return replace(shard, trimaps=trimaps)
