"""Lay out the sheets of a checkpoint's card: rows of pictures with words, drawings of attention."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from benchmark.figures.grid import GridRow
from benchmark.figures.sheet import GAP, INK, PAPER
from hattmatting.inspect_attention import attention_maps, draw
from hattmatting.model.network import HAttMatting

ImageU8 = npt.NDArray[np.uint8]

TILE, TALLEST, LINE, MARGIN, FONT, TITLE_FONT = 236, 236, 22, 14, 15, 18
FAINT = (190, 190, 190)


def lay_out(titles: Sequence[str], rows: Sequence[GridRow], foot: str) -> Image.Image:
    """Lay out titles, then each row's name, pictures and the words below them, then a last line."""
    fitted = [[_fit(tile.picture) for tile in row.tiles] for row in rows]
    heights = [max(picture.height for picture in line) for line in fitted]
    below = [LINE * any(tile.words for tile in row.tiles) for row in rows]
    width = 2 * MARGIN + len(titles) * (TILE + GAP) - GAP
    height = 3 * MARGIN + 2 * LINE + sum(heights) + sum(below) + len(rows) * (LINE + MARGIN)
    sheet = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    lefts = [MARGIN + place * (TILE + GAP) for place in range(len(titles))]
    for left, title in zip(lefts, titles, strict=True):
        _write(pen, (left, MARGIN), title, TILE, TITLE_FONT)
    top = 2 * MARGIN + LINE
    for row, line, tall, words in zip(rows, fitted, heights, below, strict=True):
        pen.line((MARGIN, top - 6, width - MARGIN, top - 6), FAINT)
        _write(pen, (MARGIN, top), row.name, width - 2 * MARGIN)
        top += LINE
        for left, tile, picture in zip(lefts, row.tiles, line, strict=True):
            sheet.paste(picture, (left, top))
            pen.rectangle(
                (left, top, left + picture.width - 1, top + picture.height - 1), outline=FAINT
            )
            _write(pen, (left, top + tall + 2), tile.words, TILE)
        top += tall + words + MARGIN
    _write(pen, (MARGIN, top), foot, width - 2 * MARGIN)
    return sheet


def _write(
    pen: ImageDraw.ImageDraw, place: tuple[int, int], words: str, width: int, size: int = FONT
) -> None:
    """Write a line, smaller if it is longer than a width."""
    while size > 8 and pen.textlength(words, font=ImageFont.load_default(size)) > width:
        size -= 1
    pen.text(place, words, INK, font=ImageFont.load_default(size))


def _fit(picture: ImageU8 | None) -> Image.Image:
    image = Image.fromarray(np.asarray(picture)).convert("RGB")
    scale = min(TILE / image.width, TALLEST / image.height)
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    return image.resize(size, Image.Resampling.LANCZOS)


def attention_sheet(model: HAttMatting, pictures: Mapping[str, ImageU8], foot: str) -> Image.Image:
    """Stack the drawings of `hattmatting.inspect_attention`, each below its name."""
    drawings = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drawing.png"
        for image in pictures.values():
            draw(path, image, attention_maps(model, image))
            drawings.append(Image.open(path).convert("RGB"))
    width = max(drawing.width for drawing in drawings)
    height = 2 * MARGIN + LINE + sum(2 * LINE + drawing.height for drawing in drawings)
    sheet = Image.new("RGB", (width, height), PAPER)
    pen, top = ImageDraw.Draw(sheet), MARGIN
    for name, drawing in zip(pictures, drawings, strict=True):
        pen.line((MARGIN, top - 6, width - MARGIN, top - 6), FAINT)
        _write(pen, (MARGIN, top), name, width - 2 * MARGIN, TITLE_FONT)
        sheet.paste(drawing, (0, top + LINE + 4))
        top += 2 * LINE + drawing.height
    _write(pen, (MARGIN, top), foot, width - 2 * MARGIN)
    return sheet
