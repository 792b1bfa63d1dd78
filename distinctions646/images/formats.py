"""The formats of composites: PNG, or JPEG, which changes pixels and so makes another dataset."""

from __future__ import annotations

import io
import re

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from distinctions646.images.png import encode_png

PNG = "png"


def jpeg_quality(image_format: str) -> int | None:
    """Return the JPEG quality in the name of a format.

    Parameters
    ----------
    image_format
        ``"png"``, or ``"jpeg-N"`` with the quality N from 1 to 100.

    Returns
    -------
    int or None
        The quality; None for PNG, which loses nothing.

    Raises
    ------
    ValueError
        If it is neither.

    Examples
    --------
    >>> jpeg_quality("jpeg-95"), jpeg_quality("png")
    (95, None)
    """
    if image_format == PNG:
        return None
    match = re.fullmatch(r"jpeg-([1-9]\d?|100)", image_format)
    if match is None:
        raise ValueError(f"image_format is {image_format!r}; expected png or jpeg-N, as jpeg-95")
    return int(match[1])


def suffix_of(kind: str, image_format: str) -> str:
    """Return the suffix of the file names of a kind of picture.

    Parameters
    ----------
    kind
        ``"image"``, ``"alpha"`` or ``"trimap"``; the last two are always PNG.
    image_format
        As for `jpeg_quality`.

    Returns
    -------
    str
        ``.png`` or ``.jpg``.

    Examples
    --------
    >>> suffix_of("image", "jpeg-95"), suffix_of("alpha", "jpeg-95")
    ('.jpg', '.png')
    """
    return ".jpg" if kind == "image" and image_format != PNG else ".png"


def encode_image(image: NDArray[np.uint8], image_format: str) -> bytes:
    """Encode a composite.

    Parameters
    ----------
    image
        H×W×3, uint8, RGB.
    image_format
        As for `jpeg_quality`. JPEG keeps the full resolution of colour (4:4:4), without which thin
        structures would lose theirs.

    Returns
    -------
    bytes
        The content of a file.
    """
    quality = jpeg_quality(image_format)
    if quality is None:
        return encode_png(image)
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()
