"""The unit of work: one foreground over all its backgrounds; resume; local processes.

A shard is finished when its marker is there: a small file with the shard's key and the hashes of
what it made. Pixels are written under temporary names first and the marker last, so a build that
was killed at any moment goes on from the last finished shard and ends with the same bytes.
"""

from __future__ import annotations

import json
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from distinctions646.composite import composite, fit_background
from distinctions646.fingerprint import pixel_sha256, settings_sha256
from distinctions646.images import read_alpha, read_foreground_with_alpha, read_image, read_trimap
from distinctions646.png import encode_png, write_bytes
from distinctions646.recipe import Row
from distinctions646.sources import Background, Foreground
from distinctions646.trimap import make_trimap
from distinctions646.virtual import FOREGROUNDS, foreground_file, write_foreground

KINDS = ("image", "alpha", "trimap")
Hashes: TypeAlias = tuple[str | None, str]  # of the image's and the alpha's decoded pixels


@dataclass(frozen=True)
class Shard:
    """One foreground over all its backgrounds.

    Attributes
    ----------
    foreground, backgrounds
        The sources.
    rows
        One for each background, without hashes.
    trimap_seed
        Of the dataset.
    source_sha256
        Of `files`; empty until hashed.
    trimaps
        One for each background where trimaps came with the pictures.
    backgrounds
        Empty where the foreground is a photograph with its own background.
    preset
        Arithmetic of fit and blend.
    virtual
        Whether to keep the foreground for composing on reading, rather than compose now.
    """

    foreground: Foreground
    backgrounds: tuple[Background, ...]
    rows: tuple[Row, ...]
    trimap_seed: int
    source_sha256: tuple[str, ...] = ()
    trimaps: tuple[Path, ...] = ()
    preset: str = "adobe"
    virtual: bool = False

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file read: foreground, alpha (where there is one), backgrounds, trimaps."""
        alpha = () if self.foreground.alpha is None else (self.foreground.alpha,)
        backgrounds = tuple(background.path for background in self.backgrounds)
        return (self.foreground.path, *alpha, *backgrounds, *self.trimaps)

    @property
    def key(self) -> str:
        """Hash of everything the shard's pixels depend on."""
        rows = [asdict(row) for row in self.rows]
        return settings_sha256([rows, self.trimap_seed, self.preset, self.source_sha256])

    @property
    def outputs(self) -> dict[str, set[str]]:
        """The names of the files it makes, by folder."""
        names = {f"{row.name}.png" for row in self.rows}
        if not self.virtual:
            return dict.fromkeys(KINDS if self.rows[0].trimap_rule else KINDS[:2], names)
        kept = {FOREGROUNDS: {foreground_file(self.rows[0].foreground)}}
        return {**kept, "trimap": names} if self.trimaps else kept


def render_shards(
    shards: Sequence[Shard], folder: Path, markers: Path, *, workers: int = 1
) -> list[Row]:
    """Write the pictures of all shards that are not finished yet.

    Parameters
    ----------
    shards
        All of the build, finished or not.
    folder
        Gets ``image/``, ``alpha/`` and, with a trimap rule, ``trimap/``.
    markers
        Folder of the markers.
    workers
        Processes; 1 works in this one.

    Returns
    -------
    list of Row
        Of all shards, in order, with their hashes.

    Raises
    ------
    ValueError
        If a source cannot be decoded.
    OSError
        If a file cannot be read or written.
    """
    kinds = _make_folders(shards[0], folder, markers)
    hashes = {index: _finished(shard, markers, index) for index, shard in enumerate(shards)}
    # Markers first: none may outlive the pictures it speaks of.
    kept = {f"{index}.json" for index in hashes if hashes[index] is not None}
    _remove_others(markers, kept)
    for kind in kinds:
        _remove_others(folder / kind, {name for shard in shards for name in shard.outputs[kind]})
    _render_missing(dict(enumerate(shards)), hashes, folder, markers, workers)
    return [
        replace(row, image_sha256=image_sha256, alpha_sha256=alpha_sha256)
        for index, shard in enumerate(shards)
        for row, (image_sha256, alpha_sha256) in zip(shard.rows, hashes[index] or (), strict=True)
    ]


def render_some(
    shards: Mapping[int, Shard], folder: Path, markers: Path, *, workers: int = 1
) -> None:
    """Write the pictures of some shards, beside other processes that write those of others.

    Parameters
    ----------
    shards
        By their place in the build, finished or not.
    folder, markers, workers
        As for `render_shards`.

    Raises
    ------
    ValueError
        If a source cannot be decoded.
    OSError
        If a file cannot be read or written.
    """
    if not shards:
        return
    _make_folders(next(iter(shards.values())), folder, markers)
    hashes = {index: _finished(shard, markers, index) for index, shard in shards.items()}
    for index in shards:
        if hashes[index] is None:  # a marker of other settings must not outlive its pictures
            (markers / f"{index}.json").unlink(missing_ok=True)
    _render_missing(shards, hashes, folder, markers, workers)


def _make_folders(shard: Shard, folder: Path, markers: Path) -> list[str]:
    markers.mkdir(parents=True, exist_ok=True)
    for kind in shard.outputs:
        (folder / kind).mkdir(parents=True, exist_ok=True)
    return list(shard.outputs)


def _render_missing(
    shards: Mapping[int, Shard],
    hashes: dict[int, list[Hashes] | None],
    folder: Path,
    markers: Path,
    workers: int,
) -> None:
    """Render what has no hashes yet, and fill them in."""
    from tqdm import tqdm

    missing = [index for index in hashes if hashes[index] is None]
    total = sum(len(shard.rows) for shard in shards.values())
    done = total - sum(len(shards[index].rows) for index in missing)
    # Without a terminal there is no bar: logs stay short.
    with tqdm(total=total, initial=done, unit="composite", disable=None) as progress:
        for index, made in _run([(i, shards[i]) for i in missing], folder, markers, workers):
            hashes[index] = made
            progress.update(len(shards[index].rows))


def render_shard(shard: Shard, folder: Path, marker: Path) -> list[Hashes]:
    """Write the pictures of one shard, and its marker last.

    Parameters
    ----------
    shard
        What to make.
    folder
        Has the folders of `shard.outputs`.
    marker
        Path of the marker.

    Returns
    -------
    list of (str or None, str)
        For each row the SHA-256 of the image's and the alpha's decoded pixels; None for an image
        that is not composed.
    """
    foreground, alpha_u8 = _read_foreground(shard.foreground)
    make = _keep if shard.virtual else _compose
    hashes = make(shard, folder, foreground, alpha_u8)
    write_bytes(marker, json.dumps({"key": shard.key, "sha256": hashes}).encode())
    return hashes


def _keep(
    shard: Shard, folder: Path, foreground: NDArray[np.uint8], alpha_u8: NDArray[np.uint8]
) -> list[Hashes]:
    path = folder / FOREGROUNDS / foreground_file(shard.rows[0].foreground)
    write_foreground(path, foreground, alpha_u8)
    for number, row in enumerate(shard.rows if shard.trimaps else ()):
        trimap = encode_png(_trimap(shard, number, alpha_u8))
        write_bytes(folder / "trimap" / f"{row.name}.png", trimap)
    return [(None, pixel_sha256(alpha_u8))] * len(shard.rows)


def _compose(
    shard: Shard, folder: Path, foreground: NDArray[np.uint8], alpha_u8: NDArray[np.uint8]
) -> list[Hashes]:
    alpha_png = encode_png(alpha_u8)
    alpha_sha256 = pixel_sha256(alpha_u8)
    hashes: list[Hashes] = []
    backgrounds = shard.backgrounds or (None,) * len(shard.rows)
    for number, (row, background) in enumerate(zip(shard.rows, backgrounds, strict=True)):
        if background is None:
            image = foreground
        else:
            stored = read_image(background.path)
            fitted = fit_background(stored, row.height, row.width, shard.preset)
            image = composite(foreground, alpha_u8, fitted, shard.preset)
        file_name = f"{row.name}.png"
        write_bytes(folder / "image" / file_name, encode_png(image))
        write_bytes(folder / "alpha" / file_name, alpha_png)
        if row.trimap_rule is not None:
            trimap = _trimap(shard, number, alpha_u8)
            write_bytes(folder / "trimap" / file_name, encode_png(trimap))
        hashes.append((pixel_sha256(image), alpha_sha256))
    return hashes


def _trimap(shard: Shard, number: int, alpha_u8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    row = shard.rows[number]
    if not shard.trimaps:
        rule = row.trimap_rule or ""
        return make_trimap(alpha_u8, rule, image_id=row.id, seed=shard.trimap_seed)
    path = shard.trimaps[number]
    trimap = read_trimap(path)
    if trimap.shape != alpha_u8.shape:
        got, wanted = ("×".join(map(str, size)) for size in (trimap.shape, alpha_u8.shape))
        raise ValueError(f"{path}: trimap is {got} pixels; expected {wanted}, as the foreground")
    return trimap


def _read_foreground(foreground: Foreground) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    if foreground.alpha is None:
        return read_foreground_with_alpha(foreground.path)
    return read_image(foreground.path), read_alpha(foreground.alpha)


def _finished(shard: Shard, markers: Path, index: int) -> list[Hashes] | None:
    marker = markers / f"{index}.json"
    if not marker.is_file():
        return None
    content: dict[str, Any] = json.loads(marker.read_text())
    if content["key"] != shard.key:
        return None
    return [(image_sha256, alpha_sha256) for image_sha256, alpha_sha256 in content["sha256"]]


def _remove_others(folder: Path, kept: set[str]) -> None:
    """Remove what a killed run or one with other settings left behind."""
    for path in folder.iterdir():
        if path.name not in kept:
            path.unlink()


def _run(
    tasks: Sequence[tuple[int, Shard]], folder: Path, markers: Path, workers: int
) -> Iterator[tuple[int, list[Hashes]]]:
    if min(workers, len(tasks)) <= 1:
        for index, shard in tasks:
            yield index, render_shard(shard, folder, markers / f"{index}.json")
        return
    # Spawned, not forked: a fork would copy the locks of this process's threads as they are.
    pool = ProcessPoolExecutor(
        min(workers, len(tasks)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_end_with_parent,
    )
    try:
        futures = {
            pool.submit(render_shard, shard, folder, markers / f"{index}.json"): index
            for index, shard in tasks
        }
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenProcessPool as error:
        raise OSError(
            "a worker process was ended from outside (out of memory?); "
            "run the same command again to go on, with fewer workers"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Let a worker end with the build however that ends, rather than wait for more work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the build's to answer
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
