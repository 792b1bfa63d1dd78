"""Three tiny images, four methods, their board, curves and page; made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from benchmark.board.board import Board
from benchmark.board.loading import load_boards
from benchmark.page.writing import write_page
from benchmark.run import main as run
from benchmark.sensitivity import measure, parse_args
from distinctions646.images.png import write_png

NASTY = "<script>alert('x')</script> & \"co\""


@dataclass(frozen=True)
class Element:
    """A tag with its attributes and the text up to the next tag."""

    tag: str
    attributes: dict[str, str]
    text: str


class Reader(HTMLParser):
    """Collect every element of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, ""))

    def handle_data(self, data: str) -> None:
        if self.elements and data.strip():
            last = self.elements[-1]
            self.elements[-1] = replace(last, text=last.text + data)


@pytest.fixture(scope="session")
def read_page() -> Callable[[Path], list[Element]]:
    """Return a function that reads the elements of a page."""

    def read(path: Path) -> list[Element]:
        reader = Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        return reader.elements

    return read


@dataclass(frozen=True)
class Written:
    """A page and what it was made from."""

    out: Path
    board: Board
    dataset: Path
    runs: Path
    curves: tuple[Path, ...]


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a dataset of discs (the last without known foreground) and runs on it."""
    folder = tmp_path_factory.mktemp("page")
    dataset, runs, mattes = folder / "discs", folder / "runs", folder / "others-mattes"
    rng = np.random.RandomState(4)
    y, x = np.mgrid[:24, :30]
    for kind in ("image", "alpha", "trimap"):
        (dataset / kind).mkdir(parents=True)
    mattes.mkdir()
    for name, radius, opacity in (("cat_0", 8, 1.0), ("cat_1", 6, 1.0), ("glass_0", 7, 0.5)):
        alpha = opacity * np.clip(radius - np.hypot(y - 12, x - 15), 0, 1)
        alpha_u8 = np.floor(255 * alpha + 0.5).astype(np.uint8)
        trimap = np.where(alpha_u8 == 255, 255, np.where(alpha_u8 == 0, 0, 128))
        write_png(dataset / "image" / f"{name}.png", rng.randint(0, 256, (24, 30, 3), np.uint8))
        write_png(dataset / "alpha" / f"{name}.png", alpha_u8)
        write_png(dataset / "trimap" / f"{name}.png", trimap.astype(np.uint8))
        write_png(mattes / f"{name}.png", np.roll(alpha_u8, 3, axis=1))
    arguments = ["--dataset", str(dataset), "--out", str(runs), "--method"]
    assert run([*arguments, "trimap", "distance", "constant", f"folder:{mattes}"]) == 0
    measure(
        parse_args(
            [
                *arguments,
                "trimap",
                "constant",
                "--dilations",
                "1",
                "60",
                "--noise",
                "patchy-5-20/v1",
            ]
        )
    )
    return dataset, runs


@pytest.fixture(scope="session")
def board(results: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Board:
    """Return the board of the runs, with attributes, and intervals although they are so few."""
    attributes = tmp_path_factory.mktemp("attributes") / "foregrounds.csv"
    attributes.write_text("name,material\ncat_0,fur\ncat_1,fur\nglass_0,glass\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmark.statistics.intervals.FEW_CLUSTERS", 2)
        (board,) = load_boards([results[1]], attributes=attributes)
    return board


@pytest.fixture(scope="session")
def page(
    results: tuple[Path, Path], board: Board, tmp_path_factory: pytest.TempPathFactory
) -> Written:
    """Return the page as a folder; one method has a nasty title."""
    rows = tuple(replace(row, title=NASTY) if row.method == "trimap" else row for row in board.rows)
    board = replace(board, rows=rows)
    curves = tuple(sorted(results[1].rglob("sensitivity.parquet")))
    out = tmp_path_factory.mktemp("site")
    assert write_page([board], out, datasets={"discs": results[0]}, curves=curves) == (
        out / "index.html"
    )
    return Written(out, board, *results, curves)
