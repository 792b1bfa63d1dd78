"""A contact sheet of clusters: the foregrounds that the audit takes for the same, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

_CELL_HEIGHT, _CELL_WIDTH = 112, 104
_PER_ROW = 10
_PAPER, _INK, _RULE = (250, 250, 250), (30, 30, 30), (180, 180, 180)


def contact_sheet(
    clusters: Sequence[Sequence[int]],
    thumbnails: Sequence[NDArray[np.uint8]],
    captions: Sequence[str],
) -> NDArray[np.uint8]:
    """Draw one band per cluster.

    Parameters
    ----------
    clusters
        Numbers of foregrounds, each cluster of two or more.
    thumbnails
        One per foreground: at most 104×104×3, uint8.
    captions
        One per foreground; cut to the first 16 characters.

    Returns
    -------
    ndarray
        H×W×3, uint8.
    """
    heights = [_CELL_HEIGHT * -(-len(cluster) // _PER_ROW) for cluster in clusters]
    sheet = Image.new("RGB", (_CELL_WIDTH * _PER_ROW, max(sum(heights), _CELL_HEIGHT)), _PAPER)
    draw = ImageDraw.Draw(sheet)
    if not clusters:
        draw.text((8, 8), "no two foregrounds are alike", fill=_INK)
    top = 0
    for cluster, height in zip(clusters, heights, strict=True):
        for position, number in enumerate(cluster):
            row, column = divmod(position, _PER_ROW)
            left, cell_top = column * _CELL_WIDTH, top + row * _CELL_HEIGHT
            sheet.paste(Image.fromarray(thumbnails[number]), (left + 4, cell_top + 2))
            draw.text((left + 4, cell_top + 99), _fitting(captions[number]), fill=_INK)
        top += height
        draw.line([(0, top - 1), (sheet.width, top - 1)], fill=_RULE)
    return np.asarray(sheet)


def _fitting(caption: str) -> str:
    # The default font is about 6 pixels wide, and Pillow without FreeType knows only Latin-1.
    return caption[:16].encode("latin-1", "replace").decode("latin-1")
