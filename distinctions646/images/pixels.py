"""Decoding of an opened picture: plain PNGs by our own decoder, all others by Pillow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from distinctions646.images.decoding.png import decode_png
from distinctions646.images.headers import turned
from distinctions646.images.opening import decoding, load


def decode_pixels(
    picture: Image.Image, path: Path | str, turn: int = 1
) -> NDArray[np.uint8] | Image.Image:
    """Decode the pixels of an opened picture.

    Parameters
    ----------
    picture
        As opened by `images.opening.open_header`, and not closed yet.
    path
        Named in the message.
    turn
        EXIF orientation by which it is turned; 1 leaves it.

    Returns
    -------
    ndarray or PIL.Image.Image
        H×W, H×W×3 or H×W×4, uint8, of a picture of mode L, RGB or RGBA; or the loaded picture.
        The pixels are the same either way.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    if turn == 1:
        pixels = decoding(path, lambda: decode_png(picture))
        if pixels is not None:
            return pixels
    load(picture, path)
    return turned(picture, turn)


def as_rgb(decoded: NDArray[np.uint8] | Image.Image) -> NDArray[np.uint8]:
    """Return the RGB of decoded pixels, H×W×3 uint8; of RGBA without looking at its alpha."""
    if not isinstance(decoded, np.ndarray):
        if decoded.mode not in ("L", "RGB", "RGBA"):
            decoded = decoded.convert("RGB")
        decoded = np.array(decoded)
    if decoded.ndim == 2:
        return np.repeat(decoded[..., None], 3, axis=2)
    return decoded if decoded.shape[2] == 3 else np.ascontiguousarray(decoded[..., :3])
