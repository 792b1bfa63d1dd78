"""The files of one shard: its composites, or what composing on reading needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from distinctions646.compose.composite import composite, fit_background
from distinctions646.forms.raw_foregrounds import FOREGROUNDS, foreground_file, write_foreground
from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.images.formats import PNG, encode_image
from distinctions646.images.png import encode_png
from distinctions646.images.reading import clean_alpha, read_foreground, read_image, read_trimap
from distinctions646.process.whole_files import write_bytes
from distinctions646.trimap.making import make_trimap

if TYPE_CHECKING:
    from distinctions646.build.shards import Shard
    from distinctions646.plan.recipe import RecipeRow
    from distinctions646.sources.files import Background

# Fields of one recipe row to SHA-256 of decoded pixels; None for what is not made now.
Hashes: TypeAlias = dict[str, Any]


def render_shard(shard: Shard, folder: Path, marker: Path) -> list[Hashes]:
    """Write the pictures of one shard, and its marker last.

    Parameters
    ----------
    shard
        One foreground over its backgrounds.
    folder
        Has the folders of `shard.outputs`.
    marker
        File that says the shard is finished.

    Returns
    -------
    list of dict
        The hashes of each row.
    """
    foreground, alpha_u8 = _read_foreground(shard)
    common: Hashes = {
        "foreground_sha256": pixel_sha256(foreground),
        "alpha_sha256": pixel_sha256(alpha_u8),
    }
    make = _keep if shard.virtual else _compose
    hashes = [{**common, **own} for own in make(shard, folder, foreground, alpha_u8)]
    write_bytes(marker, json.dumps({"key": shard.key, "sha256": hashes}).encode())
    return hashes


def _keep(
    shard: Shard, folder: Path, foreground: NDArray[np.uint8], alpha_u8: NDArray[np.uint8]
) -> Iterator[Hashes]:
    path = folder / FOREGROUNDS / foreground_file(shard.rows[0].foreground)
    write_foreground(path, foreground, alpha_u8)
    for number in range(len(shard.rows)):
        # Trimaps that a rule makes are made on reading.
        trimap = _write_trimap(shard, number, folder, alpha_u8) if shard.trimaps else None
        yield {"image_sha256": None, "trimap_sha256": trimap}


def _compose(
    shard: Shard, folder: Path, foreground: NDArray[np.uint8], alpha_u8: NDArray[np.uint8]
) -> Iterator[Hashes]:
    alpha_png = encode_png(alpha_u8)
    backgrounds = shard.backgrounds or (None,) * len(shard.rows)
    for number, (row, background) in enumerate(zip(shard.rows, backgrounds, strict=True)):
        image = foreground
        if background is not None:
            image = _composite(row, background, foreground, alpha_u8)
        path = folder / "image" / row.file_name("image")
        content = encode_image(image, row.image_format)
        write_bytes(path, content)
        write_bytes(folder / "alpha" / row.file_name("alpha"), alpha_png)
        trimap = None
        if row.trimap_rule is not None:
            trimap = _write_trimap(shard, number, folder, alpha_u8)
        if row.image_format != PNG:  # what a reader will see
            image = read_image(path, content)
        yield {"image_sha256": pixel_sha256(image), "trimap_sha256": trimap}


def _composite(
    row: RecipeRow,
    background: Background,
    foreground: NDArray[np.uint8],
    alpha_u8: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    stored = read_image(background.path, exif=row.exif)
    fitted = fit_background(stored, row.height, row.width, row.preset)
    return composite(foreground, alpha_u8, fitted, row.preset)


def _write_trimap(shard: Shard, number: int, folder: Path, alpha_u8: NDArray[np.uint8]) -> str:
    """Write the trimap of one row and return the SHA-256 of its pixels."""
    trimap = _trimap(shard, number, alpha_u8)
    write_bytes(folder / "trimap" / shard.rows[number].file_name("trimap"), encode_png(trimap))
    return pixel_sha256(trimap)


def _trimap(shard: Shard, number: int, alpha_u8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    row = shard.rows[number]
    if not shard.trimaps:
        rule = row.trimap_rule or ""
        return make_trimap(alpha_u8, rule, image_id=row.id, seed=row.trimap_seed)
    path = shard.trimaps[number]
    trimap = read_trimap(path)
    if trimap.shape != alpha_u8.shape:
        got, wanted = ("×".join(map(str, size)) for size in (trimap.shape, alpha_u8.shape))
        raise ValueError(f"{path}: trimap is {got} pixels; expected {wanted}, as the foreground")
    return trimap


def _read_foreground(shard: Shard) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    paths, row = shard.foreground, shard.rows[0]
    foreground, alpha_u8 = read_foreground(
        paths.path, paths.alpha, exif=row.exif, channel=paths.matte_channel
    )
    if row.alpha_cleanup is not None:
        alpha_u8 = clean_alpha(alpha_u8, row.alpha_cleanup)
    return foreground, alpha_u8
