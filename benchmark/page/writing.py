"""Writing of the whole page: boards in, one tab after the other out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.board.board import Board
    from benchmark.page.board_page import Note, Notes
    from benchmark.page.images import Pictures, Shown
    from benchmark.page.site import Site
    from distinctions646.loading.opening import Split


TITLE = "Image matting leaderboard"


IMAGE_PAGES = 60
"""Images of a board that get a page of their own, unless asked otherwise."""


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
        As `benchmark.board.loading.load_boards` gives them; each with at least one run.
    out
        Folder to write into. What an earlier page left there and this one has not is removed;
        other files are not touched.
    datasets
        Where the pictures of each dataset lie, by its name. Boards of other pictures have all
        numbers and no pictures.
    single_file
        Put everything into one ``index.html``.
    curves
        The ``sensitivity.parquet`` of methods, as `benchmark.sensitivity` leaves them.
    image_pages
        At most so many images of a board get a page, spread evenly from easy to hard.

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
    from benchmark.page.board_page import BoardPage
    from benchmark.page.images import choose_images, open_datasets
    from benchmark.page.site import Site
    from benchmark.page.tabs.compare import add_compare
    from benchmark.page.tabs.curves import add_curves, read_curves
    from benchmark.page.tabs.groups import add_groups
    from benchmark.page.tabs.images import add_images
    from benchmark.page.tabs.index import add_index
    from benchmark.page.tabs.methods import add_methods
    from benchmark.page.tabs.protocol import add_protocol

    if not boards:
        raise ValueError("there is no leaderboard to write a page of")
    splits = open_datasets(boards, datasets)
    curve_tables = read_curves(curves, boards)
    pages = [
        BoardPage(
            board, choose_images(board, image_pages), read_notes(board), board.key in curve_tables
        )
        for board in boards
    ]
    out.mkdir(parents=True, exist_ok=True)
    site = Site(out, single_file, TITLE)
    add_index(site, pages)
    for page in pages:
        pictures = _add_pictures(site, page.board, page.shown, splits.get(page.board.key))
        add_images(site, page, pictures)
        add_methods(site, page)
        add_compare(site, page)
        add_groups(site, page)
        if page.has_curves:
            add_curves(site, page, curve_tables[page.board.key])
    add_protocol(site, boards)
    return site.finish()


def read_notes(board: Board) -> Notes:
    """Read from a board's results how each image went for each method."""
    from benchmark.results import result_table as results

    notes = {}
    for key, folder in board.run_folders.items():
        table = results.read(folder / "results.parquet")
        rule = table["trimap_rule"]
        same = rule.isna() if board.trimap_rule is None else rule == board.trimap_rule
        table = table[same & table["image_id"].isin(board.image_ids)].drop_duplicates("image_id")
        rows: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
        notes[key] = {row["image_id"]: _note(row) for row in rows}
    return notes


def _note(row: dict[str, Any]) -> Note:
    from benchmark.page.board_page import Note

    reason = str(json.loads(row["notes"]).get("reason", ""))
    return Note(row["status"], reason, row["seconds"])


def _add_pictures(
    site: Site, board: Board, shown: Sequence[Shown], split: Split | None
) -> dict[str, Pictures]:
    from tqdm import tqdm

    from benchmark.page.images import add_pictures, trimaps_of

    if split is None:
        return {}
    samples = {sample.id: sample for sample in split.samples}
    trimaps = trimaps_of(board, split)
    return {
        one.key: add_pictures(site, board, one, samples[one.image_id], trimaps)
        for one in tqdm(shown, desc=f"pictures of {board.title}", unit="image")
    }
