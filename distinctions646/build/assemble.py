"""Assembling a split: pictures, recipe, tables, card and manifest in one folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distinctions646.build.shards import Shard
from distinctions646.build.source_stamps import write_stamps
from distinctions646.build.work import render_shards, render_some
from distinctions646.build.workspace import workspace
from distinctions646.forms.manifest import CARD, FORMAT, MANIFEST, read_manifest
from distinctions646.forms.parquet import write_folder_metadata, write_parquet, write_table
from distinctions646.forms.virtual import BACKGROUNDS, VIRTUAL
from distinctions646.forms.webdataset import FOLDER as WEBDATASET
from distinctions646.forms.webdataset import write_webdataset
from distinctions646.images.fingerprint import settings_sha256
from distinctions646.plan.build_plan import BuildPlan
from distinctions646.plan.identity import roots_of
from distinctions646.plan.recipe import RecipeRow, to_table
from distinctions646.process.part import PAIRING
from distinctions646.process.whole_files import write_bytes
from distinctions646.publish.card import dataset_card
from distinctions646.publish.croissant import CROISSANT, croissant

if TYPE_CHECKING:
    import pyarrow as pa


def assemble(
    plan: BuildPlan,
    key: str,
    shards: Sequence[Shard],
    folder: Path,
    *,
    lists: Mapping[str, str] | None = None,
    copied: Sequence[Path] = (),
) -> dict[str, Any]:
    """Render a split and write everything that belongs to it.

    Parameters
    ----------
    plan
        Its `out` is missing, an empty folder, or the same dataset without this split.
    key
        Hash of everything that the split depends on.
    shards
        All of the split, with the hashes of their sources.
    folder
        Hidden folder of `workspace`; its ``final`` gets the result.
    lists
        Verdict on each official list, for the manifest.
    copied
        Files that go into the dataset as they are.

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
    final = folder / "final"
    _clear(final, kept={plan.split, VIRTUAL})
    pictures = _picture_folder(plan, folder)
    rows = render_shards(shards, pictures, folder / "markers", workers=plan.workers)
    _write_virtual(plan, shards, folder)
    _write_tables(plan, rows, shards, final)
    for path in copied:
        write_bytes(final / path.name, path.read_bytes())
    if WEBDATASET in plan.write:
        write_webdataset(rows, pictures, final / WEBDATASET)
    if "parquet" in plan.write:
        write_parquet(rows, pictures, final / "data")
    elif "folder" in plan.write:
        write_folder_metadata(rows, pictures)
    manifest = _manifest(plan, key, rows, shards, lists)
    write_bytes(final / CARD, dataset_card(manifest).encode())
    write_bytes(final / CROISSANT, croissant(manifest, (final, plan.out)))
    write_bytes(final / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())
    return manifest


def _write_virtual(plan: BuildPlan, shards: Sequence[Shard], folder: Path) -> None:
    """Write what composing on reading needs, for another form too or from generated sources."""
    if VIRTUAL not in plan.write:
        return
    final = folder / "final"
    if not plan.virtual_only:
        kept = [replace(shard, virtual=True) for shard in shards]
        target, markers = final / VIRTUAL / plan.split, folder / "virtual-markers"
        render_shards(kept, target, markers, workers=plan.workers)
    if plan.generated:
        _copy_backgrounds(shards, final / BACKGROUNDS)


def _write_tables(
    plan: BuildPlan, rows: Sequence[RecipeRow], shards: Sequence[Shard], final: Path
) -> None:
    for name in ("recipe", "sources"):
        (final / name).mkdir(exist_ok=True)
    write_table(final / "recipe" / f"{plan.split}.parquet", to_table(rows))
    write_table(final / "sources" / f"{plan.split}.parquet", _source_table(shards))
    if not plan.generated:
        write_stamps(final / "sources", plan.split, shards)


def _copy_backgrounds(shards: Sequence[Shard], folder: Path) -> None:
    """Keep generated backgrounds, which are nowhere else."""
    folder.mkdir()
    for path in {background.path for shard in shards for background in shard.backgrounds}:
        write_bytes(folder / path.name, path.read_bytes())


def part_settings(plan: BuildPlan, shards: Sequence[Shard]) -> dict[str, Any]:
    """Return what all parts of a build have in common, known before a source is hashed.

    Parameters
    ----------
    plan
        As for `assemble`.
    shards
        All of the split.
    """
    names = [[(row.foreground, row.background) for row in shard.rows] for shard in shards]
    return {
        "dataset": plan.dataset,
        "split": plan.split,
        **plan.description,
        "foregrounds": len(shards),
        PAIRING: settings_sha256(names),
    }


def render_part(plan: BuildPlan, shards: Mapping[int, Shard], settings: Mapping[str, Any]) -> int:
    """Render some shards of a build, while other processes may render the others.

    Parameters
    ----------
    plan
        As for `assemble`.
    shards
        By their position in the build.
    settings
        As `part_settings` returns.

    Returns
    -------
    int
        Number of shards of the build rendered so far, by any process.

    Raises
    ------
    ValueError
        If a source cannot be decoded, or a process without `--shard` works on the same output, or
        its parts are of other settings.
    OSError
        If a file cannot be read or written.
    """
    with workspace(plan.out, plan.work_tag, shared=True, settings=settings) as folder:
        markers = folder / "markers"
        render_some(shards, _picture_folder(plan, folder), markers, workers=plan.workers)
        return len(list(markers.glob("*.json")))


def _picture_folder(plan: BuildPlan, folder: Path) -> Path:
    """Return where shards are rendered: in place if the files stay, or else aside."""
    if plan.virtual_only:
        return folder / "final" / VIRTUAL / plan.split
    return folder / ("final" if "folder" in plan.write else "pictures") / plan.split


def files_of_part(plan: BuildPlan, shards: Mapping[int, Shard]) -> dict[str, set[str]]:
    """Return the names of the pictures below the hidden folder that each shard's marker is for."""
    where = _picture_folder(plan, Path()).as_posix()
    return {
        f"markers/{number}.json": {
            f"{where}/{kind}/{name}" for kind, names in shard.outputs.items() for name in names
        }
        for number, shard in shards.items()
    }


def _clear(folder: Path, kept: set[str]) -> None:
    """Remove what a killed run left but the pictures; it is quickly written again."""
    for path in folder.iterdir():
        if path.name in kept:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _manifest(
    plan: BuildPlan,
    key: str,
    rows: Sequence[RecipeRow],
    shards: Sequence[Shard],
    lists: Mapping[str, str] | None,
) -> dict[str, Any]:
    record = {
        "foregrounds": len(shards),
        "composites": len(rows),
        **roots_of(rows, background_hashes(shards)),
        **plan.description,
        "lists": dict(lists or {}),
        "versions": _versions(),
        "key": key,
    }
    before = read_manifest(plan.out)
    others = before["splits"] if before else {}
    return {
        "format": FORMAT,
        "dataset": plan.dataset,
        "splits": dict(sorted({**others, plan.split: record}.items())),
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

    records: dict[Path, dict[str, Any]] = {}
    for shard in shards:
        for source, sha256 in zip(shard.sources, shard.source_sha256, strict=True):
            records[source.path] = {
                "role": source.role,
                "name": source.name,
                "height": source.height,
                "width": source.width,
                "file_sha256": sha256,
            }
    ordered = sorted(records.values(), key=lambda record: (record["role"], record["name"]))
    return pa.Table.from_pylist(ordered)


def background_hashes(shards: Sequence[Shard]) -> dict[str, str]:
    """Return the SHA-256 of each background's file by its name in the recipe."""
    return {
        source.name: sha256
        for shard in shards
        for source, sha256 in zip(shard.sources, shard.source_sha256, strict=True)
        if source.role == "background"
    }
