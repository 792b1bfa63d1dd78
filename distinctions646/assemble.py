"""Execute a plan: render the shards, then put recipe, sources, card and manifest around them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distinctions646.cards import dataset_card
from distinctions646.fingerprint import split_root
from distinctions646.png import write_bytes
from distinctions646.recipe import Row, read_recipe, to_table
from distinctions646.settings import BuildConfig, description
from distinctions646.shards import KINDS, Shard, render_shards
from distinctions646.workspace import MANIFEST, partial_folder, read_manifest, workspace
from distinctions646.writers import write_folder_metadata, write_parquet, write_table

if TYPE_CHECKING:
    import pyarrow as pa

_FORMAT = 1


def assemble(
    config: BuildConfig,
    key: str,
    prepare: Callable[[Path], tuple[Sequence[Shard], Sequence[Path]]],
) -> dict[str, Any]:
    """Build a dataset into a folder that appears when it is whole.

    Parameters
    ----------
    config
        Its `out` is missing or an empty folder.
    key
        Hash of all that the dataset hangs on.
    prepare
        Called with a folder for what it must keep; gives the shards, and files to be copied into
        the dataset as they are.

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
    with workspace(config.out, json.dumps([split, keep_files, config.trimap_rule])) as folder:
        shards, extras = prepare(folder)
        final = folder / "final"
        _clear(final, kept={split} if keep_files else set())
        pictures = (final if keep_files else folder / "pictures") / split
        rows = render_shards(shards, pictures, folder / "markers", workers=config.workers)
        for name in ("recipe", "sources"):
            (final / name).mkdir(exist_ok=True)
        write_table(final / "recipe" / f"{split}.parquet", to_table(rows))
        write_table(final / "sources" / f"{split}.parquet", _source_table(shards))
        for extra in extras:
            write_bytes(final / extra.name, extra.read_bytes())
        if embed:
            write_parquet(rows, pictures, final / "data")
        else:
            write_folder_metadata(rows, pictures)
        manifest = _manifest(config, key, rows, len(shards))
        write_bytes(final / "README.md", dataset_card(manifest).encode())
        write_bytes(final / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())
    return manifest


def _clear(folder: Path, kept: set[str]) -> None:
    """Remove what a killed run left, whole or half; it is quickly written again."""
    for path in folder.iterdir():
        if path.name in kept:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def find_finished(config: BuildConfig, key: str) -> dict[str, Any] | None:
    """Say whether a folder holds this very build, finished and whole.

    Parameters
    ----------
    config, key
        Of the build wanted.

    Returns
    -------
    dict or None
        The manifest; None where nothing is built there.

    Raises
    ------
    ValueError
        If the folder holds another build, or this one with files missing.
    """
    out = config.out
    manifest = read_manifest(out)
    if manifest is None:
        return None
    if manifest["key"] != key:
        raise ValueError(
            f"{out}: holds something else (a build with {_difference(manifest, config)}); "
            "expected an empty folder or this same build"
        )
    missing = _missing_file(config)
    if missing is not None:
        raise ValueError(f"{out}: {missing} is missing from the build; remove the folder first")
    if partial_folder(out).exists():  # a run that was killed after its last rename
        shutil.rmtree(partial_folder(out))
    return manifest


def _difference(manifest: dict[str, Any], config: BuildConfig) -> str:
    for field, value in description(config).items():
        if manifest.get(field) != value:
            return f"{field} {manifest.get(field)}, not {value}"
    if config.split not in manifest["splits"]:
        return f"split {', '.join(manifest['splits'])}, not {config.split}"
    return "other sources"


def _missing_file(config: BuildConfig) -> str | None:
    out = config.out
    recipe = out / "recipe" / f"{config.split}.parquet"
    if not recipe.is_file():
        return f"recipe/{recipe.name}"
    if "parquet" in config.write and not list((out / "data").glob(f"{config.split}-*.parquet")):
        return f"data/{config.split}-*.parquet"
    if "folder" in config.write:
        names = {f"{row.name}.png" for row in read_recipe(recipe)}
        for kind in KINDS[: 3 if config.trimap_rule else 2]:
            folder = out / config.split / kind
            there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
            if not names <= there:
                return f"{config.split}/{kind}/{min(names - there)}"
    return None


def _manifest(config: BuildConfig, key: str, rows: Sequence[Row], shards: int) -> dict[str, Any]:
    root = split_root((row.name, row.image_sha256 or "", row.alpha_sha256 or "") for row in rows)
    facts = {"foregrounds": shards, "composites": len(rows), "root": root}
    return {
        "format": _FORMAT,
        **description(config),
        "splits": {config.split: facts},
        "versions": _versions(),
        "key": key,
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
        foreground = shard.foreground
        files = [("foreground", foreground.path, foreground.height, foreground.width)]
        if foreground.alpha is not None:
            files.append(("alpha", foreground.alpha, foreground.height, foreground.width))
        files += [("background", one.path, one.height, one.width) for one in shard.backgrounds]
        for (role, path, height, width), sha256 in zip(files, shard.source_sha256, strict=True):
            found[path] = {
                "role": role,
                "name": path.name,
                "height": height,
                "width": width,
                "file_sha256": sha256,
            }
    records = sorted(found.values(), key=lambda record: (record["role"], record["name"]))
    return pa.Table.from_pylist(records)
