"""Grids of pictures in rows and columns, as PDF and PNG.

Pictures are reduced to the resolution of print by averaging areas and are never enlarged by more
than whole pixels; words stay words in the PDF.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from distinctions646.process.whole_files import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ImageU8 = npt.NDArray[np.uint8]
Window = tuple[slice, slice]

WIDTH = 6.9  # inches: the text of a two-column paper
DPI = 300
_GAP = 0.03
_LINE = 0.14  # height of one line of words
_TALLEST = 1.6  # a row's height in columns; taller pictures are narrower than their column
_FONT = 7.0
_SUFFIXES = (".pdf", ".png")
_BOX = "#e03c00"


@dataclass(frozen=True)
class Tile:
    """One picture and the words below it; an empty tile has no picture."""

    picture: ImageU8 | None
    words: str = ""


@dataclass(frozen=True)
class GridRow:
    """One image in every column, its name, and the part to enlarge in each of them."""

    name: str
    tiles: Sequence[Tile]
    window: Window | None = None


def draw_grid(titles: Sequence[str], rows: Sequence[GridRow], *, names: bool = False) -> Figure:
    """Draw a grid: columns are equally wide, rows as tall as their pictures need.

    Parameters
    ----------
    titles
        One per column, printed below the last row.
    rows
        Each with as many tiles as there are titles.
    names
        Print each image's name at its left.

    Returns
    -------
    matplotlib.figure.Figure
        For `save_figure`.

    Raises
    ------
    ValueError
        If there is no row, or one has another number of tiles.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if not rows:
        raise ValueError("there is no image to draw")
    for row in rows:
        if len(row.tiles) != len(titles):
            raise ValueError(f"{row.name}: {len(row.tiles)} tiles; expected {len(titles)}")
    left = 0.16 if names else 0.0
    column = (WIDTH - left - _GAP * (len(titles) - 1)) / len(titles)
    heights = [_height(row, column) for row in rows]
    words = [_LINE * any(tile.words for tile in row.tiles) for row in rows]
    total = sum(heights) + sum(words) + _GAP * len(rows) + _LINE * 1.3 * _lines(titles)
    figure = Figure(figsize=(WIDTH, total), dpi=DPI)
    FigureCanvasAgg(figure)
    top = total
    for row, height, below in zip(rows, heights, words, strict=True):
        if names:
            y = (top - height / 2) / total
            label = figure.text(0.05 / WIDTH, y, row.name, va="center", fontsize=_FONT - 1)
            label.set(rotation=90, ha="left")
        for column_index, tile in enumerate(row.tiles):
            box = (left + column_index * (column + _GAP), top - height, column, height)
            _draw_tile(figure, tile, box, total, row.window)
        top -= height + below + _GAP
    for column_index, title in enumerate(titles):
        middle = left + column_index * (column + _GAP) + column / 2
        y = (top - 0.02) / total
        figure.text(middle / WIDTH, y, title, ha="center", va="top", fontsize=_FONT)
    return figure


def save_figure(figure: Figure, out: Path) -> list[Path]:
    """Write a figure as PDF or PNG by the suffix of `out`, as both where it has none.

    Raises
    ------
    ValueError
        For another suffix.
    """
    from matplotlib import rc_context

    if out.suffix and out.suffix.lower() not in _SUFFIXES:
        raise ValueError(f"{out}: expected a name that ends in .pdf or .png, or in neither")
    targets = [out] if out.suffix else [out.with_name(out.name + suffix) for suffix in _SUFFIXES]
    out.parent.mkdir(parents=True, exist_ok=True)
    for target in targets:
        kind = target.suffix.lower()[1:]
        content = io.BytesIO()
        no_date = {"CreationDate": None} if kind == "pdf" else {"Software": None}
        with rc_context({"pdf.fonttype": 42}):
            figure.savefig(content, format=kind, dpi=DPI, metadata=no_date)
        write_bytes(target, content.getvalue())
    return targets


def _height(row: GridRow, column: float) -> float:
    pictures = [tile.picture for tile in row.tiles if tile.picture is not None]
    shapes = [picture.shape[0] / picture.shape[1] for picture in pictures]
    return column * min(max(shapes, default=1.0), _TALLEST)


def _lines(titles: Sequence[str]) -> int:
    return max(title.count("\n") + 1 for title in titles)


def _draw_tile(
    figure: Figure,
    tile: Tile,
    box: tuple[float, float, float, float],
    total: float,
    window: Window | None,
) -> None:
    from benchmark.scoring.pictures import reduce

    left, bottom, width, height = box
    if tile.words:
        x, y = (left + width / 2) / WIDTH, (bottom - 0.015) / total
        figure.text(x, y, tile.words, ha="center", va="top", fontsize=_FONT - 1)
    if tile.picture is None:
        return
    shape = tile.picture.shape[0] / tile.picture.shape[1]
    inner = min(width, height / shape)  # a tall picture is narrower than its column
    spot = (left + (width - inner) / 2, bottom + height - inner * shape, inner, inner * shape)
    axes = _axes(figure, spot, total)
    shown = reduce(tile.picture, round(DPI * max(inner, inner * shape)))
    _show(axes, shown)
    if window is not None:
        _enlarge(figure, axes, tile.picture, window, spot, total)


def _axes(figure: Figure, spot: tuple[float, float, float, float], total: float) -> Axes:
    left, bottom, width, height = spot
    axes = figure.add_axes((left / WIDTH, bottom / total, width / WIDTH, height / total))
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def _show(axes: Axes, picture: ImageU8) -> None:
    axes.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="none", aspect="auto")


def _enlarge(
    figure: Figure,
    axes: Axes,
    picture: ImageU8,
    window: Window,
    spot: tuple[float, float, float, float],
    total: float,
) -> None:
    """Frame a part of a picture, and show it larger in the corner farthest from it."""
    from matplotlib.patches import Rectangle

    rows, columns = window
    height, width = picture.shape[:2]
    scale = axes.get_xlim()[1] + 0.5, axes.get_ylim()[0] + 0.5
    corner = columns.start / width * scale[0] - 0.5, rows.start / height * scale[1] - 0.5
    across = (columns.stop - columns.start) / width * scale[0]
    down = (rows.stop - rows.start) / height * scale[1]
    axes.add_patch(Rectangle(corner, across, down, fill=False, edgecolor=_BOX, linewidth=0.6))
    side = 0.42 * min(spot[2], spot[3])
    at_right = columns.start + columns.stop < width
    at_bottom = rows.start + rows.stop < height
    left = spot[0] + at_right * (spot[2] - side)
    bottom = spot[1] + (not at_bottom) * (spot[3] - side)
    inset = _axes(figure, (left, bottom, side, side), total)
    _show(inset, picture[window])
    for spine in inset.spines.values():
        spine.set(visible=True, edgecolor=_BOX, linewidth=0.8)
