"""From a user's folders to the shards of a build: check the sources, pair them, hash them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from distinctions646.build.shards import Shard
from distinctions646.images.fingerprint import file_sha256
from distinctions646.images.folders import list_images
from distinctions646.images.rules import ReadingRules
from distinctions646.loading.open_sets import open_set
from distinctions646.plan.build_plan import BuildPlan
from distinctions646.plan.recipe import RecipeRow, make_recipe
from distinctions646.process.engine import current_engine
from distinctions646.process.pool import map_ordered
from distinctions646.sources.archives import locate, match_foregrounds
from distinctions646.sources.files import (
    Background,
    Foreground,
    check_backgrounds,
    check_foreground,
    find_backgrounds,
    find_foregrounds,
    read_names,
)
from distinctions646.sources.layouts import GIVEN_RULE, GIVEN_TRIMAPS
from distinctions646.sources.locations import ArchiveSources, CustomSources, OpenSetSources
from distinctions646.sources.stamps import KnownFiles, Stamp, settled, stamp_of

_FILES_A_UNIT = 64  # some 200 MB of photographs: a second or two of a worker's time
FileHash: TypeAlias = tuple[str, Stamp | None]
"""SHA-256 of a file's content, and its stamp where that is worth remembering."""


@dataclass(frozen=True)
class Pairing:
    """Shards whose sources are not hashed yet.

    Attributes
    ----------
    shards
        One per foreground, in order.
    surplus
        Number of backgrounds that no foreground needs.
    lists
        Verdict on each official list, by ``"foreground"`` and ``"background"``.
    """

    shards: list[Shard]
    surplus: int = 0
    lists: Mapping[str, str] = field(default_factory=dict)


def pair_sources(plan: BuildPlan, known: KnownFiles | None = None) -> Pairing:
    """Check the sources of a build and pair them.

    Parameters
    ----------
    plan
        A build whose sources exist, unlike those of ``mini``.
    known
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
    match plan.sources:
        case ArchiveSources() as sources:
            return _pair_archive(plan, sources, known)
        case OpenSetSources() as sources:
            return Pairing(_photographs(plan, sources))
        case CustomSources() as sources:
            return pair_custom(plan, sources, known)
    raise ValueError(f"{plan.dataset}: the build makes its sources; expected folders")


def pair_custom(
    plan: BuildPlan, sources: CustomSources, known: KnownFiles | None = None
) -> Pairing:
    """Check and pair the images of two folders.

    Parameters
    ----------
    plan
        The build.
    sources
        The folders.
    known
        Files whose hashes are known from an earlier build.

    Returns
    -------
    Pairing
        Shards without hashes.

    Raises
    ------
    ValueError, OSError
        If a list or a source is wrong or missing.
    """
    exif = plan.rules.exif
    foreground_names = sources.foreground_list and read_names(sources.foreground_list)
    background_names = sources.background_list and read_names(sources.background_list)
    foregrounds = find_foregrounds(
        sources.foregrounds,
        sources.alphas,
        foreground_names or None,
        exif=exif,
        matte_channel=plan.matte_channel,
    )
    available = len(background_names or list_images(sources.backgrounds))
    needed = len(foregrounds) * plan.per_foreground
    backgrounds = find_backgrounds(
        sources.backgrounds, needed, background_names or None, exif=exif, known=known
    )
    origin = "list" if background_names else "folder"
    return Pairing(_pair(plan, foregrounds, backgrounds, origin), available - needed)


def _pair_archive(plan: BuildPlan, sources: ArchiveSources, known: KnownFiles | None) -> Pairing:
    exif = plan.rules.exif
    archive = locate(sources, given_trimaps=plan.rules.trimap_rule == GIVEN_RULE)
    foregrounds = match_foregrounds(
        archive.folders,
        archive.foreground_names,
        archive.foregrounds,
        exif,
        plan.matte_channel,
    )
    backgrounds = check_backgrounds(
        [
            (archive.backgrounds.require(name, "background"), name)
            for name in archive.background_names
        ],
        exif=exif,
        known=known,
    )
    shards = _pair(plan, foregrounds, backgrounds, "list")
    if archive.trimaps is not None:
        shards = [_with_trimaps(shard, archive.trimaps) for shard in shards]
    return Pairing(shards, lists=archive.verdicts)


def hash_sources(
    shards: Sequence[Shard], *, threads: int = 1, known: KnownFiles | None = None
) -> list[Shard]:
    """Hash the files of shards, each file once.

    Parameters
    ----------
    shards
        All of a build, or of a part of it.
    threads
        Files read at the same time, where this machine reads them. Another engine's workers take
        some files at a time as a unit of work.
    known
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
    sources = [[source.path for source in shard.sources] for shard in shards]
    paths = list(dict.fromkeys(path for own in sources for path in own))
    hashes = _recalled(paths, known) if known else {}
    unread = [path for path in paths if path not in hashes]
    hashes |= zip(unread, _hash_files(unread, threads), strict=True)
    return [
        replace(
            shard,
            source_sha256=tuple(hashes[path][0] for path in own),
            stamps=tuple(hashes[path][1] for path in own),
        )
        for shard, own in zip(shards, sources, strict=True)
    ]


def _recalled(paths: Sequence[Path], known: KnownFiles) -> dict[Path, FileHash]:
    """Return the hashes of the files that are known, by their stamps."""
    stamps = {path: stamp_of(path) for path in paths}
    return {
        path: (known[stamp].sha256, stamp if settled(stamp) else None)
        for path, stamp in stamps.items()
        if stamp in known
    }


def _hash_files(paths: Sequence[Path], threads: int) -> Iterator[FileHash]:
    if current_engine() is not None:
        yield from map_ordered(_hash_file, paths, workers=1, chunk=_FILES_A_UNIT)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(_hash_file, paths)


def _hash_file(path: Path) -> FileHash:
    stamp = stamp_of(path)  # first: what changes after it is another file
    return file_sha256(path), stamp if settled(stamp) else None


def _pair(
    plan: BuildPlan,
    foregrounds: Sequence[Foreground],
    backgrounds: Sequence[Background],
    background_source: str,
) -> list[Shard]:
    n = plan.per_foreground
    rows = make_recipe(
        foregrounds,
        backgrounds,
        per_foreground=n,
        split=plan.split,
        naming=plan.names,
        rules=plan.rules,
        background_source=background_source,
    )
    return [
        Shard(
            foreground=foreground,
            backgrounds=tuple(backgrounds[index * n : index * n + n]),
            rows=tuple(rows[index * n : index * n + n]),
            virtual=plan.virtual_only,
        )
        for index, foreground in enumerate(foregrounds)
    ]


def _photographs(plan: BuildPlan, sources: OpenSetSources) -> list[Shard]:
    """Make a shard of each photograph of an open set, with the set's own trimap."""
    split = open_set(sources, ReadingRules(plan.rules.exif, plan.matte_channel))
    shards = []
    for index, sample in enumerate(split.samples):
        paths = {kind: path for kind, (path, _) in sample.contents.items()}
        foreground = check_foreground(
            paths["image"],
            paths["alpha"],
            exif=plan.rules.exif,
            matte_channel=plan.matte_channel,
        )
        row = RecipeRow(
            id=sample.name,
            split=plan.split,
            index=index,
            foreground=paths["image"].name,
            background="",
            k=0,
            width=foreground.width,
            height=foreground.height,
            resized_width=foreground.width,
            resized_height=foreground.height,
            name=sample.name,
            **asdict(plan.rules),
        )
        given = (paths["trimap"],) if plan.rules.trimap_rule == GIVEN_TRIMAPS else ()
        shards.append(Shard(foreground, (), (row,), trimaps=given))
    return shards


def _with_trimaps(shard: Shard, folder: Path) -> Shard:
    stem = shard.foreground.path.stem
    trimaps = tuple(folder / f"{stem}_{row.k}.png" for row in shard.rows)
    for path in trimaps:
        if not path.is_file():
            raise ValueError(f"{path}: no such file; expected the official trimap of {stem}")
    return replace(shard, trimaps=trimaps)
