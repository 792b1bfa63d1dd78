"""Execute a plan: render the shards, then put recipe, sources, card and manifest around them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distinctions646.build.finished import FORMAT, work_tag
from distinctions646.build.remembered import remember
from distinctions646.build.shards import Shard
from distinctions646.build.work import render_shards, render_some
from distinctions646.build.workspace import workspace
from distinctions646.forms.manifest import CARD, MANIFEST, read_manifest
from distinctions646.forms.parquet import write_folder_metadata, write_parquet, write_table
from distinctions646.forms.virtual import BACKGROUNDS, VIRTUAL
from distinctions646.forms.webdataset import FOLDER as WEBDATASET
from distinctions646.forms.webdataset import write_webdataset
from distinctions646.images.png import write_bytes
from distinctions646.plan.identity import roots_of
from distinctions646.plan.recipe import Row, to_table
from distinctions646.plan.settings import BuildConfig, description
from distinctions646.publish.card import dataset_card
from distinctions646.publish.croissant import CROISSANT, croissant

if TYPE_CHECKING:
    import pyarrow as pa


def assemble(
    config: BuildConfig,
    key: str,
    prepare: Callable[[Path], tuple[Sequence[Shard], Sequence[Path]]],
    lists: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Build a split into a folder that appears, or gets it, when it is whole.

    Parameters
    ----------
    config
        Its `out` is missing, an empty folder, or the same dataset without this split.
    key
        Hash of all that the split hangs on.
    prepare
        Called with a folder for what it must keep; gives the shards, and files to be copied into
        the dataset as they are.
    lists
        What the check of the name lists said, for the manifest.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    ValueError
        If a source cannot be decoded.
    OSError
        If a file cannot be read or written.
    """
    split = config.split
    embed, keep_files = "parquet" in config.write, "folder" in config.write
    with workspace(config.out, work_tag(config)) as folder:
        shards, extras = prepare(folder)
        final = folder / "final"
        _clear(final, kept={split, VIRTUAL})
        pictures = _pictures(config, folder)
        rows = render_shards(shards, pictures, folder / "markers", workers=config.workers)
        if VIRTUAL in config.write and not config.virtual_only:
            kept = [replace(shard, virtual=True) for shard in shards]
            markers = folder / "virtual-markers"
            render_shards(kept, final / VIRTUAL / split, markers, workers=config.workers)
        if VIRTUAL in config.write and config.mini is not None:
            _copy_backgrounds(shards, final / BACKGROUNDS)
        for name in ("recipe", "sources"):
            (final / name).mkdir(exist_ok=True)
        write_table(final / "recipe" / f"{split}.parquet", to_table(rows))
        write_table(final / "sources" / f"{split}.parquet", _source_table(shards))
        if config.mini is None:  # whose sources are gone when it is built
            remember(final / "sources", split, shards)
        for extra in extras:
            write_bytes(final / extra.name, extra.read_bytes())
        if "webdataset" in config.write:
            write_webdataset(rows, pictures, final / WEBDATASET)
        if embed:
            write_parquet(rows, pictures, final / "data")
        elif keep_files:
            write_folder_metadata(rows, pictures)
        manifest = _manifest(config, key, rows, shards, lists)
        write_bytes(final / CARD, dataset_card(manifest).encode())
        write_bytes(final / CROISSANT, croissant(manifest, (final, config.out)))
        write_bytes(final / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())
    return manifest


def _copy_backgrounds(shards: Sequence[Shard], folder: Path) -> None:
    """Keep generated backgrounds, which are nowhere else."""
    folder.mkdir()
    for path in {one.path for shard in shards for one in shard.backgrounds}:
        write_bytes(folder / path.name, path.read_bytes())


def render_part(config: BuildConfig, shards: Mapping[int, Shard]) -> int:
    """Render some shards of a build, beside other processes that render others.

    Parameters
    ----------
    config
        As for `assemble`.
    shards
        By their place in the build.

    Returns
    -------
    int
        How many shards of the build have been rendered by now, by whomever.

    Raises
    ------
    ValueError
        If a source cannot be decoded, or a process without `--shard` works on the same output.
    OSError
        If a file cannot be read or written.
    """
    with workspace(config.out, work_tag(config), shared=True) as folder:
        markers = folder / "markers"
        render_some(shards, _pictures(config, folder), markers, workers=config.workers)
        return len(list(markers.glob("*.json")))


def _pictures(config: BuildConfig, folder: Path) -> Path:
    if config.virtual_only:
        return folder / "final" / VIRTUAL / config.split
    return folder / ("final" if "folder" in config.write else "pictures") / config.split


def _clear(folder: Path, kept: set[str]) -> None:
    """Remove what a killed run left, whole or half; it is quickly written again."""
    for path in folder.iterdir():
        if path.name in kept:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _manifest(
    config: BuildConfig,
    key: str,
    rows: Sequence[Row],
    shards: Sequence[Shard],
    lists: Mapping[str, str] | None,
) -> dict[str, Any]:
    facts = {
        "foregrounds": len(shards),
        "composites": len(rows),
        **roots_of(rows, background_hashes(shards)),
        **description(config),
        "lists": dict(lists or {}),
        "versions": _versions(),
        "key": key,
    }
    there = read_manifest(config.out)
    others = there["splits"] if there else {}
    return {
        "format": FORMAT,
        "dataset": config.dataset,
        "splits": dict(sorted({**others, config.split: facts}.items())),
    }


def _versions() -> dict[str, str]:
    """List the versions of everything that touches pixels."""
    versions = {}
    for package in ("numpy", "opencv-python", "opencv-python-headless", "Pillow", "pyarrow"):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # one of the two OpenCV packages is enough
            continue
    return versions


def _source_table(shards: Sequence[Shard]) -> pa.Table:
    import pyarrow as pa

    found: dict[Path, dict[str, Any]] = {}
    for shard in shards:
        for source, sha256 in zip(shard.sources, shard.source_sha256, strict=True):
            found[source.path] = {
                "role": source.role,
                "name": source.name,
                "height": source.height,
                "width": source.width,
                "file_sha256": sha256,
            }
    records = sorted(found.values(), key=lambda record: (record["role"], record["name"]))
    return pa.Table.from_pylist(records)


def background_hashes(shards: Sequence[Shard]) -> dict[str, str]:
    """Give the SHA-256 of the backgrounds' files by name.

    Parameters
    ----------
    shards
        With their hashes.

    Returns
    -------
    dict
        Name in the recipe to 64 hexadecimal digits.
    """
    return {
        source.name: sha256
        for shard in shards
        for source, sha256 in zip(shard.sources, shard.source_sha256, strict=True)
        if source.role == "background"
    }
