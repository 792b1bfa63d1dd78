"""The contact sheet: input, trimap, truth and each method's matte, one row an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmark.figures.runs import FoundRun

if TYPE_CHECKING:
    from PIL import Image

    from distinctions646.loading.opening import Sample

ImageU8 = npt.NDArray[np.uint8]

GAP = 4
TITLE = 22
PAPER = (255, 255, 255)
INK = (30, 30, 30)


def contact_sheet(samples: Sequence[Sample], runs: Sequence[FoundRun], tile: int) -> Image.Image:
    """Return a contact sheet, one row per sample.

    Parameters
    ----------
    samples
        The images to show.
    runs
        Methods and their mattes; a missing matte leaves an empty tile.
    tile
        Long side of a tile in pixels.
    """
    from PIL import Image, ImageDraw

    titles = ["input", "trimap", "truth", *(run.method for run in runs)]
    width = GAP + len(titles) * (tile + GAP)
    height = TITLE + len(samples) * (tile + TITLE + GAP) + GAP
    sheet = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    for column, title in enumerate(titles):
        pen.text((GAP + column * (tile + GAP) + 2, 4), title, INK, font_size=14)
    for row, sample in enumerate(samples):
        top = TITLE + row * (tile + TITLE + GAP)
        pen.text((GAP + 2, top + 3), sample.name, INK, font_size=13)
        for column, picture in enumerate(_row(sample, runs)):
            if picture is not None:
                left = GAP + column * (tile + GAP)
                sheet.paste(_fit(picture, tile), (left, top + TITLE))
    return sheet


def _row(sample: Sample, runs: Sequence[FoundRun]) -> list[ImageU8 | None]:
    from distinctions646.images.reading import read_alpha

    paths = [run.mattes.get(sample.name) for run in runs]
    shown = [None if path is None else read_alpha(path) for path in paths]
    return [sample.image(), sample.trimap(), sample.alpha_u8(), *shown]


def _fit(picture: ImageU8, tile: int) -> Image.Image:
    from PIL import Image

    image = Image.fromarray(picture)
    scale = tile / max(image.size)
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    return image.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST)
