"""An image's page: its pictures, every method's matte and error map, and the hardest tile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.board.board import Board
from benchmark.results.finished_runs import RUN_CARD
from benchmark.results.matte_store import read_matte
from benchmark.results.run_card import read_card
from benchmark.results.split_identity import slug
from benchmark.results.trimaps import Trimaps, choose_trimaps
from benchmark.scoring.pictures import (
    ImageU8,
    encode_webp,
    paint_error,
    reduce,
    signed_error,
    worst_window,
)

if TYPE_CHECKING:
    from benchmark.page.site import Site
    from distinctions646.loading.opening import Sample, Split

THUMBNAIL = 240
_KINDS = {"input": "the input", "trimap": "the trimap", "truth": "the true matte"}


@dataclass(frozen=True)
class ShownImage:
    """One image of a board that has a page.

    Attributes
    ----------
    image_id, index
        Id of the image, and its index among the board's images.
    key
        Key of its view.
    difficulty
        Median over the methods of the leading metric.
    """

    image_id: str
    index: int
    key: str
    difficulty: float


@dataclass(frozen=True)
class Picture:
    """One picture of a page.

    Attributes
    ----------
    name
        Name of the picture in scripts and links.
    path
        Path of its file on the page.
    kind
        ``"input"``, ``"trimap"``, ``"matte"`` or ``"error"``.
    alt
        Text for those who do not see it.
    width, height
        Size of the file in pixels.
    """

    name: str
    path: str
    kind: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Pictures:
    """All pictures of one image.

    Attributes
    ----------
    thumbnail
        A small copy of the input.
    given
        Input, trimap if there is one, and truth.
    mattes, errors
        By row key; rows without a matte are left out.
    tiles
        The hardest tile, by the names of `given`, and by row key with ``:matte`` and ``:error``.
    window
        Top, left, height and width of the tile.
    size
        Height and width of the original.
    """

    thumbnail: Picture
    given: Sequence[Picture]
    mattes: Mapping[str, Picture]
    errors: Mapping[str, Picture]
    tiles: Mapping[str, Picture]
    window: tuple[int, int, int, int]
    size: tuple[int, int]


def choose_images(board: Board, limit: int) -> list[ShownImage]:
    """Choose which images get a page: all, or `limit` spread evenly from easy to hard.

    Parameters
    ----------
    board
        A board with values by image.
    limit
        Largest number of images.

    Returns
    -------
    list of ShownImage
        In the order of the board's images.
    """
    difficulty = _difficulty(board)
    chosen: Sequence[int] = range(len(board.image_ids))
    if len(chosen) > limit:
        order = sorted(chosen, key=lambda index: (difficulty[index], index))
        spread = np.linspace(0, len(order) - 1, limit).round().astype(int)
        chosen = sorted(order[position] for position in spread)
    taken: set[str] = set()
    shown = []
    for index in chosen:
        name = _free_name(board.image_ids[index], taken)
        key = f"{board.key}/images/{name}"
        shown.append(ShownImage(board.image_ids[index], index, key, float(difficulty[index])))
    return shown


def _difficulty(board: Board) -> list[float]:
    lead = board.metrics[0]
    columns = [values[lead] for values in board.values.values() if lead in values]
    if not columns:
        return [0.0] * len(board.image_ids)
    return [float(np.nanmedian(row)) for row in np.stack(columns, axis=1)]


def _free_name(image_id: str, taken: set[str]) -> str:
    """Return a file name that no other image has, also where file systems ignore case."""
    base = slug(image_id)[:80].strip(".") or "image"
    name, number = base, 1
    while name.lower() in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name.lower())
    return name


def open_datasets(boards: Sequence[Board], datasets: Mapping[str, Path]) -> dict[str, Split]:
    """Open the pictures that boards were measured on, by board key.

    A board of the same dataset with other pixels, as of an earlier build, is left out.

    Raises
    ------
    ValueError
        If no board is of the pictures given.
    """
    from distinctions646.loading.opening import open_split

    splits: dict[str, Split] = {}
    for name, folder in datasets.items():
        of_name = [board for board in boards if board.dataset == name]
        opened = {split: open_split(folder, split) for split in {b.split for b in of_name}}
        fitting = {
            board.key: opened[board.split]
            for board in of_name
            if opened[board.split].root == board.dataset_root
        }
        if not fitting:
            roots = ", ".join(split.root[:12] for split in opened.values()) or "not asked for"
            measured = [board for board in boards if board.run_folders]
            known = ", ".join(f"{board.dataset} {board.dataset_root[:12]}" for board in measured)
            raise ValueError(f"{folder}: root {roots}; the results are of {known}")
        splits |= fitting
    return splits


def trimaps_of(board: Board, split: Split) -> Trimaps:
    """Return the trimaps that the methods of a board were given, by their run cards."""
    for folder in board.run_folders.values():
        given = read_card(folder / RUN_CARD).get("trimaps")
        if given is not None:
            rule = None if given["own"] else board.trimap_rule
            return choose_trimaps(split, rule, given["seed"] or 0)
    return choose_trimaps(split)  # cards of the first format know only the split's own


def add_pictures(
    site: Site, board: Board, shown: ShownImage, sample: Sample, trimaps: Trimaps
) -> Pictures:
    """Make one image's pictures and add them to the site.

    Parameters
    ----------
    site
        The site that keeps the files.
    board
        The board whose methods' mattes are read, at full resolution.
    shown, sample
        The image, as an entry of the page and of the dataset.
    trimaps
        The trimaps that the methods were given.

    Raises
    ------
    ValueError
        If a matte has another size than its image.
    """
    image, alpha_gt = sample.image(), sample.alpha_u8()
    trimap = trimaps.of(sample, alpha_gt)
    mattes = _read_mattes(board, sample, (alpha_gt.shape[0], alpha_gt.shape[1]))
    folder = f"{board.key}/pictures/{shown.key.rsplit('/', 1)[1]}"
    name = shown.image_id

    def keep(what: str, kind: str, alt: str, pixels: ImageU8, lossless: bool = False) -> Picture:
        path = f"{folder}/{slug(what.replace(':', '-'))}.webp"
        site.add_file(path, encode_webp(pixels, lossless=lossless))
        return Picture(what, path, kind, alt, pixels.shape[1], pixels.shape[0])

    sources = {"input": image, "trimap": trimap, "truth": alpha_gt}
    there = {what: pixels for what, pixels in sources.items() if pixels is not None}
    kinds = {"truth": "matte"}
    given = [
        keep(what, kinds.get(what, what), f"{name}: {_KINDS[what]}", reduce(pixels))
        for what, pixels in there.items()
    ]
    window = worst_window(list(mattes.values()) or [alpha_gt], alpha_gt)
    tiles = {
        what: keep(f"tile:{what}", "tile", f"{_KINDS[what]}, enlarged", pixels[window], True)
        for what, pixels in there.items()
    }
    kept, errors = {}, {}
    for row in (row for row in board.rows if row.key in mattes):
        matte = mattes[row.key]
        error = signed_error(matte, alpha_gt)
        kept[row.key] = keep(row.key, "matte", f"{name}: matte of {row.title}", reduce(matte))
        errors[row.key] = keep(
            f"{row.key}:error", "error", f"{name}: error map of {row.title}", paint_error(error)
        )
        exact = signed_error(matte[window], alpha_gt[window])
        for kind, pixels in (("matte", matte[window]), ("error", paint_error(exact))):
            tiles[f"{row.key}:{kind}"] = keep(
                f"tile:{row.key}:{kind}", "tile", f"{kind} of {row.title}, enlarged", pixels, True
            )
    rows, columns = window
    return Pictures(
        thumbnail=keep("thumbnail", "input", name, reduce(image, THUMBNAIL)),
        given=given,
        mattes=kept,
        errors=errors,
        tiles=tiles,
        window=(rows.start, columns.start, rows.stop - rows.start, columns.stop - columns.start),
        size=(image.shape[0], image.shape[1]),
    )


def _read_mattes(board: Board, sample: Sample, shape: tuple[int, int]) -> dict[str, ImageU8]:
    """Read the mattes of an image by row key; results that were kept without mattes have none."""
    paths = {
        key: folder / "alpha" / f"{sample.name}.png" for key, folder in board.run_folders.items()
    }
    return {key: read_matte(path, shape) for key, path in paths.items() if path.is_file()}
