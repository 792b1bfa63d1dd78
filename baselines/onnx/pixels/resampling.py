"""Resizing of pictures and planes, with Pillow's widened filters or OpenCV's plain ones."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from baselines.onnx.model_file.schema import Filter
from distinctions646.images.opencv import load_cv2

Pixels = TypeVar("Pixels", bound=npt.NDArray[Any])
_PILLOW = {
    "bilinear": Image.Resampling.BILINEAR,
    "lanczos": Image.Resampling.LANCZOS,
    "bicubic": Image.Resampling.BICUBIC,
    "area": Image.Resampling.BOX,
    "nearest": Image.Resampling.NEAREST,
}
_OPENCV = {
    "bilinear": "INTER_LINEAR",
    "lanczos": "INTER_LANCZOS4",
    "bicubic": "INTER_CUBIC",
    "area": "INTER_AREA",
    "nearest": "INTER_NEAREST_EXACT",
}


def resize(pixels: Pixels, size: tuple[int, int], name: Filter, antialias: bool) -> Pixels:
    """Resize a picture or a plane.

    Parameters
    ----------
    pixels
        uint8 H×W×3 or H×W, or float32 H×W.
    size
        Height and width wanted.
    name
        The filter.
    antialias
        Whether it is widened on shrinking (Pillow) or not (OpenCV; ``area`` averages in both).

    Returns
    -------
    numpy.ndarray
        Of the same type; bicubic and lanczos may leave the range of the values.
    """
    if pixels.shape[:2] == size:
        return pixels
    if antialias:
        resized = Image.fromarray(pixels).resize((size[1], size[0]), _PILLOW[name])
        return np.asarray(resized, pixels.dtype)  # type: ignore[return-value]
    cv2 = load_cv2()
    return cv2.resize(pixels, (size[1], size[0]), interpolation=getattr(cv2, _OPENCV[name]))  # type: ignore[no-any-return]
