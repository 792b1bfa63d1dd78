"""Writing of the whole page, one tab after the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.board.board import Board
from benchmark.board.curves import read_curves
from benchmark.page.board_page import BoardPage, Note, Notes
from benchmark.page.images import (
    Pictures,
    ShownImage,
    add_pictures,
    choose_images,
    open_datasets,
    trimaps_of,
)
from benchmark.page.numbers_by_image import add_numbers
from benchmark.page.site import Site
from benchmark.page.tabs import registry
from benchmark.page.tabs.tab import PageTab
from benchmark.statistics.one_thread import on_one_thread
from distinctions646.process.commandline import usable_cores

if TYPE_CHECKING:
    from distinctions646.loading.opening import Split

TITLE = "Image matting leaderboard"
_THREADS = 4  # that draw pictures, at most: each has the mattes of all methods in memory
IMAGE_PAGES = 60
"""Images of a board that get a page of their own, unless asked otherwise."""
IMAGE_NUMBERS, FEWEST_IMAGES = 20_000, 12
"""Numbers on the pages of a board's images together, and the fewest images all the same."""


@on_one_thread
def write_page(
    boards: Sequence[Board],
    out: Path,
    *,
    datasets: Mapping[str, Path],
    single_file: bool = False,
    curves: Sequence[Path] = (),
    image_pages: int = IMAGE_PAGES,
) -> Path:
    """Write the page of some leaderboards.

    Parameters
    ----------
    boards
        As `benchmark.board.loading.load_boards` returns them; each with at least one run.
    out
        Folder to write into. Files of an earlier page that this one does not have are removed;
        other files are not touched.
    datasets
        Folders of pictures by the name of their dataset. Boards of other pictures have all numbers
        and no pictures.
    single_file
        Put everything into one ``index.html``.
    curves
        ``sensitivity.parquet`` files, as `benchmark.sensitivity` writes them.
    image_pages
        Largest number of images of a board that get a page, spread evenly from easy to hard.

    Returns
    -------
    Path
        The first screen, ``out/index.html``.

    Raises
    ------
    ValueError
        If there is no board, or no board is of the pictures or curves given.
    OSError
        If a file cannot be written.
    """
    if not boards:
        raise ValueError("there is no leaderboard to write a page of")
    splits = open_datasets(boards, datasets)
    curve_tables = read_curves(curves, boards)
    out.mkdir(parents=True, exist_ok=True)
    site = Site(out, single_file, TITLE)
    pages = []
    for board in boards:
        shown = choose_images(board, _most_images(board, image_pages))
        pictures = _add_pictures(site, board, shown, splits.get(board.key))
        page = BoardPage(board, shown, read_notes(board), pictures, curve_tables.get(board.key))
        pages.append(replace(page, navigation=registry.navigation(page)))
        if board.image_ids:
            add_numbers(site, page)
    for tab in registry.TABS:
        if isinstance(tab, PageTab):
            tab.add(site, pages)
        else:
            for page in filter(tab.wanted, pages):
                tab.add(site, page)
    return site.finish()


def _most_images(board: Board, wanted: int) -> int:
    """Return how many images get a page: fewer where the table of each has many numbers."""
    numbers = max(len(board.values) * len(board.metrics), 1)
    return min(wanted, max(IMAGE_NUMBERS // numbers, FEWEST_IMAGES))


def find_curves(folders: Iterable[Path]) -> list[Path]:
    """Return the curves that `benchmark.sensitivity` wrote beside the runs in some folders."""
    pattern = "sensitivity/*/*/sensitivity.parquet"
    return [path for folder in folders for path in sorted(folder.glob(pattern))]


def name_datasets(folders: Iterable[Path], boards: Sequence[Board]) -> dict[str, Path]:
    """Return dataset folders by the name of the dataset that boards have results of.

    Raises
    ------
    ValueError
        If no board has results of a dataset.
    """
    return {_dataset_name(folder, boards): folder for folder in folders}


def _dataset_name(folder: Path, boards: Sequence[Board]) -> str:
    from distinctions646.loading.opening import open_split

    for split in dict.fromkeys(board.split for board in boards):
        name = open_split(folder, split).name
        if any((board.dataset, board.split) == (name, split) for board in boards):
            return name
    raise ValueError(f"{folder}: there are no results of this dataset")


def read_notes(board: Board) -> Notes:
    """Return the status of every image for every method of a board."""
    notes = {}
    for key, table in board.outcomes.items():
        reasons = map(_reason, table["notes"])
        made = map(Note, table["status"], reasons, table["seconds"].tolist())
        notes[key] = dict(zip(table["image_id"], made, strict=True))
    return notes


def _reason(notes: str) -> str:
    return "" if notes == "{}" else str(json.loads(notes).get("reason", ""))


def _add_pictures(
    site: Site, board: Board, shown: Sequence[ShownImage], split: Split | None
) -> dict[str, Pictures]:
    from tqdm import tqdm

    if split is None:
        return {}
    samples = {sample.id: sample for sample in split.samples}
    trimaps = trimaps_of(board, split)

    def add(image: ShownImage) -> Pictures:
        return add_pictures(site, board, image, samples[image.image_id], trimaps)

    # Decoding, NumPy and the encoder let other threads work.
    pool = ThreadPoolExecutor(min(usable_cores(), _THREADS))
    try:
        # A context of its own for each: notes of a thread go where those of this one go.
        made = [pool.submit(copy_context().run, add, image) for image in shown]
        bar = tqdm(made, desc=f"pictures of {board.title}", unit="image", disable=None)
        return {image.key: each.result() for image, each in zip(shown, bar, strict=True)}
    finally:
        pool.shutdown(cancel_futures=True)
