"""Fields: float arrays of height x width (x channels), and the steps that keep them float32."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]


def grid(height: int, width: int) -> tuple[Field, Field]:
    """Return x and y of each pixel centre; the longer side spans [-1, 1], y points down."""
    half = max(height, width) / 2
    x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / half
    y = (np.arange(height, dtype=np.float32) + 0.5 - height / 2) / half
    return (
        np.broadcast_to(x[None], (height, width)).astype(np.float32),
        np.broadcast_to(y[:, None], (height, width)).astype(np.float32),
    )


def clip(values: Field, low: float = 0.0, high: float = 1.0) -> Field:
    """Bound values; float32."""
    return np.asarray(np.clip(values, low, high), np.float32)


def smoothstep(low: float, high: float, values: Field) -> Field:
    """Rise smoothly from 0 at `low` to 1 at `high`; exactly 0 and 1 beyond them.

    With `low` above `high` the step falls.
    """
    t = clip((values - low) / (high - low))
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def blur(values: Field, radius: float, border: int = cv2.BORDER_REFLECT_101) -> Field:
    """Blur by a Gaussian of this standard deviation in pixels."""
    soft = cv2.GaussianBlur(np.asarray(values, np.float32), (0, 0), radius, borderType=border)
    return np.asarray(soft, np.float32)


def shrink(values: Field, height: int, width: int) -> Field:
    """Resize by the mean over each new pixel's area."""
    small = cv2.resize(
        np.asarray(values, np.float32), (width, height), interpolation=cv2.INTER_AREA
    )
    return np.asarray(small, np.float32)


def enlarge(values: Field, height: int, width: int) -> Field:
    """Resize bilinearly."""
    large = cv2.resize(
        np.asarray(values, np.float32), (width, height), interpolation=cv2.INTER_LINEAR
    )
    return np.asarray(large, np.float32)


def slope_x(values: Field) -> Field:
    """Return the horizontal derivative per pixel (Sobel)."""
    return np.asarray(cv2.Sobel(values, cv2.CV_32F, 1, 0, scale=1 / 8), np.float32)


def slope_y(values: Field) -> Field:
    """Return the vertical derivative per pixel (Sobel)."""
    return np.asarray(cv2.Sobel(values, cv2.CV_32F, 0, 1, scale=1 / 8), np.float32)


def warp(values: Field, shift_x: Field, shift_y: Field, border: int = cv2.BORDER_REFLECT) -> Field:
    """Read `values` at positions displaced by `shift_x`, `shift_y` (pixels, same size)."""
    height, width = values.shape[:2]
    columns = np.arange(width, dtype=np.float32)[None] + shift_x.astype(np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None] + shift_y.astype(np.float32)
    warped = cv2.remap(values, columns, rows, cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(warped, np.float32)
