"""Mattes and trimaps read for scoring, with notes on what was unexpected about each file."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from distinctions646.images.headers import open_header
from distinctions646.images.reading import TRIMAP_VALUES, read_alpha, read_trimap

TrimapValues = Literal["strict", "official"]


def read_scored_matte(path: Path) -> tuple[npt.NDArray[np.uint8], list[str]]:
    """Read a matte as 8-bit grey.

    Parameters
    ----------
    path
        A grey picture of 1, 8 or 16 bits, or 8-bit RGB or RGBA, whose first channel is used.

    Returns
    -------
    alpha_u8 : ndarray
        H x W, uint8.
    notes : list of str
        What was unexpected about this file.

    Raises
    ------
    ValueError
        If the file is no readable picture of these kinds.
    """
    content = path.read_bytes()
    with open_header(path, content) as picture:
        mode = picture.mode
        # Pillow opens 16-bit grey PNG as I;16, older ones as I.
        if mode.startswith("I;16") or (mode == "I" and picture.format == "PNG"):
            try:
                deep = np.asarray(picture).astype(np.int64)
            except (OSError, SyntaxError, ValueError, zlib.error) as error:
                raise ValueError(f"{path}: cannot be read as an image: {error}") from error
            return _from_16_bit(deep), ["16 bits, scaled to 8 by 255 / 65535 and rounded"]
    alpha = read_alpha(path, content)
    notes = [] if mode in ("1", "L") else [f"mode {mode}, its first channel was taken"]
    if alpha.max() == 1:
        notes.append("no value above 1; a matte runs to 255")
    return alpha, notes


def _from_16_bit(deep: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    return ((deep + 128) // 257).astype(np.uint8)  # 65535 = 257 * 255


def read_scored_trimap(path: Path, values: TrimapValues) -> tuple[npt.NDArray[np.uint8], list[str]]:
    """Read a trimap.

    Parameters
    ----------
    path
        A grey picture.
    values
        ``"strict"`` refuses anything but 0, 128 and 255; ``"official"`` takes it, as the official
        code does, and notes it.

    Returns
    -------
    trimap : ndarray
        H x W, uint8.
    notes : list of str
        What was unexpected about this file.

    Raises
    ------
    ValueError
        If the file cannot be read or holds a value that is refused.
    """
    trimap = read_trimap(path, values)
    notes = []
    others = np.setdiff1d(np.unique(trimap), TRIMAP_VALUES)
    if others.size:
        shown = ", ".join(str(value) for value in others[:5]) + (", ..." if others.size > 5 else "")
        notes.append(f"trimap has {shown}; only 128 counts as unknown")
    return trimap, notes
