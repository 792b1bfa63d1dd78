"""From a user's folders to the shards of a build: check the sources, pair them, hash them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from distinctions646.build.shards import Shard
from distinctions646.images.fingerprint import file_sha256
from distinctions646.images.folders import list_images
from distinctions646.images.headers import Exif
from distinctions646.loading.in_place import open_set
from distinctions646.plan.recipe import Row, plan
from distinctions646.plan.settings import BuildConfig
from distinctions646.sources.archives import Archive, locate, match_foregrounds
from distinctions646.sources.files import (
    Background,
    Foreground,
    check_backgrounds,
    check_foreground,
    find_backgrounds,
    find_foregrounds,
    read_names,
)
from distinctions646.sources.layouts import LAYOUTS
from distinctions646.sources.opensets import GIVEN_TRIMAPS, OPEN_SETS
from distinctions646.sources.stamps import Seen, Stamp, settled, stamp_of


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


def make_shards(config: BuildConfig, seen: Seen | None = None) -> Pairing:
    """Check the sources of a build and pair them.

    Parameters
    ----------
    config
        Of an official dataset, or with folders of foregrounds and backgrounds.
    seen
        Backgrounds that need not be checked again.

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
        foregrounds = match_foregrounds(
            archive.folders, archive.foreground_names, archive.foregrounds, config.exif
        )
        backgrounds = _backgrounds(archive, config.exif, seen)
        shards = _pair(config, foregrounds, backgrounds, "list")
        if archive.trimaps is not None:
            shards = [_with_trimaps(shard, archive.trimaps) for shard in shards]
        return Pairing(shards, lists=archive.verdicts)
    if config.dataset in OPEN_SETS:
        return Pairing(_photographs(config))
    if config.foregrounds is None or config.backgrounds is None:
        raise ValueError("foregrounds or backgrounds are missing; expected a folder of each")
    foreground_names = config.foreground_list and read_names(config.foreground_list)
    background_names = config.background_list and read_names(config.background_list)
    foregrounds = find_foregrounds(
        config.foregrounds, config.alphas, foreground_names or None, exif=config.exif
    )
    available = len(background_names or list_images(config.backgrounds))
    needed = len(foregrounds) * config.per_foreground
    backgrounds = find_backgrounds(
        config.backgrounds, needed, background_names or None, exif=config.exif, seen=seen
    )
    source = "list" if background_names else "folder"
    return Pairing(_pair(config, foregrounds, backgrounds, source), available - needed)


def hash_sources(
    shards: Sequence[Shard], *, threads: int = 1, seen: Seen | None = None
) -> list[Shard]:
    """Hash the files of shards, each file once.

    Parameters
    ----------
    shards
        Of a build, or of a part of it.
    threads
        Files read at the same time.
    seen
        Files whose hash is known already.

    Returns
    -------
    list of Shard
        The same, with `source_sha256` and `stamps`.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    known = seen or {}

    def look(path: Path) -> tuple[str, Stamp | None]:
        stamp = stamp_of(path)  # first: what changes after it is another file
        sha256 = known[stamp].sha256 if stamp in known else file_sha256(path)
        return sha256, stamp if settled(stamp) else None

    sources = [[one.path for one in shard.sources] for shard in shards]
    paths = list(dict.fromkeys(path for own in sources for path in own))
    if known:  # quicker without threads where hardly a file is read
        found = {path: look(path) for path in paths}
    else:
        with ThreadPoolExecutor(threads) as pool:
            found = dict(zip(paths, pool.map(look, paths), strict=True))
    return [
        replace(
            shard,
            source_sha256=tuple(found[path][0] for path in own),
            stamps=tuple(found[path][1] for path in own),
        )
        for shard, own in zip(shards, sources, strict=True)
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
        rules=config.rules,
        background_source=background_source,
    )
    return [
        Shard(
            foreground=foreground,
            backgrounds=tuple(backgrounds[index * n : index * n + n]),
            rows=tuple(rows[index * n : index * n + n]),
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
        foreground = check_foreground(paths["image"], paths["alpha"], exif=config.exif)
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
            name=sample.name,
            **asdict(config.rules),
        )
        given = (paths["trimap"],) if config.trimap_rule == GIVEN_TRIMAPS else ()
        shards.append(Shard(foreground, (), (row,), trimaps=given))
    return shards


def _backgrounds(archive: Archive, exif: Exif, seen: Seen | None) -> list[Background]:
    names: Iterable[str] = archive.background_names
    return check_backgrounds(
        [(archive.backgrounds.require(name, "background"), name) for name in names],
        exif=exif,
        seen=seen,
    )


def _with_trimaps(shard: Shard, folder: Path) -> Shard:
    stem = shard.foreground.path.stem
    trimaps = tuple(folder / f"{stem}_{row.k}.png" for row in shard.rows)
    for path in trimaps:
        if not path.is_file():
            raise ValueError(f"{path}: no such file; expected the official trimap of {stem}")
    return replace(shard, trimaps=trimaps)
