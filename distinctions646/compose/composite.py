"""Fitting a background and blending a foreground over it, byte for byte as the official scripts.

The arithmetic is that of ``Composition_code.py`` in Adobe's Composition-1k archive (Xu et al.,
"Deep Image Matting", CVPR 2017), which the Distinctions-646 generator repeats: enlarge only,
sizes rounded up, Pillow's bicubic filter, crop at the top left, blend in double precision and cut
off the fraction. The generator decodes with OpenCV and so differs where a background has an EXIF
orientation (OpenCV turns it) or is a CMYK JPEG (one level); here Pillow's reading counts.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from distinctions646.compose import deviating

PRESETS = {
    "adobe": "Pillow's bicubic, sizes rounded up, double precision, cut off: the official script",
    "cv2-cubic": "OpenCV's bicubic, sizes rounded up, single precision, cut off",
    "linear-plus1": "OpenCV's bilinear, sizes one pixel larger, double precision, rounded",
}


def resized_size(
    height: int,
    width: int,
    background_height: int,
    background_width: int,
    preset: str = "adobe",
) -> tuple[int, int]:
    """Return the size to which a background is enlarged before it is cropped to a foreground.

    A background that covers the foreground keeps its size. The order of the operations matters:
    ``ceil(w * (W / w))`` in double precision is W + 1 for some 4 % of width pairs, and the whole
    resampling grid moves with it.

    Parameters
    ----------
    height, width
        Size of the foreground.
    background_height, background_width
        Size of the background as stored.
    preset
        One of `PRESETS`.

    Returns
    -------
    height, width : int
        Size after resizing.

    Raises
    ------
    ValueError
        If there is no such preset.

    Examples
    --------
    >>> resized_size(301, 333, 150, 157)
    (319, 334)
    """
    _check_preset(preset)
    width_ratio = width / background_width
    height_ratio = height / background_height
    ratio = max(width_ratio, height_ratio)
    if ratio <= 1:
        return background_height, background_width
    if preset == "linear-plus1":
        return int(background_height * ratio + 1.0), int(background_width * ratio + 1.0)
    return math.ceil(background_height * ratio), math.ceil(background_width * ratio)


def fit_background(
    background: NDArray[np.uint8], height: int, width: int, preset: str = "adobe"
) -> NDArray[np.uint8]:
    """Enlarge a background where it is too small, then crop it at the top left.

    Parameters
    ----------
    background
        h×w×3, uint8.
    height, width
        Size of the foreground to be covered.
    preset
        One of `PRESETS`.

    Returns
    -------
    ndarray
        H×W×3, uint8.

    Raises
    ------
    ValueError
        If `background` is not h×w×3 uint8, or there is no such preset.
    """
    return fit_window(background, (height, width), (0, 0, height, width), preset)


def fit_window(
    background: NDArray[np.uint8],
    size: tuple[int, int],
    window: tuple[int, int, int, int],
    preset: str = "adobe",
) -> NDArray[np.uint8]:
    """Compute a window of a fitted background.

    Under the official preset only the window is computed, under the others the whole.

    Parameters
    ----------
    background
        h×w×3, uint8.
    size
        Height and width of the foreground to be covered.
    window
        Top, left, height and width, inside the foreground.
    preset
        One of `PRESETS`.

    Returns
    -------
    ndarray
        Height×width×3 of the window, uint8: the same pixels as in the whole fitted background.

    Raises
    ------
    ValueError
        If `background` is not h×w×3 uint8, or there is no such preset.
    """
    _check("background", background, 3)
    stored = background.shape[0], background.shape[1]
    enlarged = resized_size(*size, *stored, preset)
    top, left, height, width = window
    if enlarged != stored and preset == "adobe":
        from distinctions646.compose.bicubic import enlarge_window

        return enlarge_window(background, enlarged, *window)
    if enlarged != stored:
        background = deviating.enlarge(background, enlarged, preset)
    return np.ascontiguousarray(background[top : top + height, left : left + width])


def composite(
    foreground: NDArray[np.uint8],
    alpha_u8: NDArray[np.uint8],
    background: NDArray[np.uint8],
    preset: str = "adobe",
) -> NDArray[np.uint8]:
    """Blend a foreground over a fitted background.

    Where alpha is 255 the foreground is copied, where it is 0 the background; elsewhere the value
    is ``int(alpha * F + (1 - alpha) * B)`` in double precision, cut off and not rounded.

    Parameters
    ----------
    foreground, background
        H×W×3, uint8.
    alpha_u8
        H×W, uint8.
    preset
        One of `PRESETS`; all but ``"adobe"`` have another precision or rounding.

    Returns
    -------
    ndarray
        H×W×3, uint8.

    Raises
    ------
    ValueError
        If an array is not uint8, the sizes differ, or there is no such preset.
    """
    _check_preset(preset)
    _check("foreground", foreground, 3)
    _check("background", background, 3)
    _check("alpha_u8", alpha_u8, 2)
    height, width = alpha_u8.shape
    for name, array in (("foreground", foreground), ("background", background)):
        if array.shape[:2] != (height, width):
            got = f"{array.shape[0]}×{array.shape[1]}"
            raise ValueError(f"{name} is {got} pixels; expected {height}×{width}, as alpha_u8")
    if preset != "adobe":
        return deviating.blend(foreground, alpha_u8, background, preset)
    from distinctions646.compose.blending import blend

    image = np.empty((height, width, 3), np.uint8)
    # Flat: a view of others' pixels is copied.
    blend(*(array.reshape(-1) for array in (foreground, alpha_u8, background, image)))
    return image


def load_loops(preset: str = "adobe") -> None:
    """Load or compile what the first composite would wait for.

    Parameters
    ----------
    preset
        One of `PRESETS`.

    Raises
    ------
    ValueError
        If there is no such preset.
    """
    black = np.zeros((4, 4, 3), np.uint8)
    composite(
        black, black[..., 0].copy(), fit_background(black[:2, :2].copy(), 4, 4, preset), preset
    )


def _check_preset(preset: str) -> None:
    if preset not in PRESETS:
        raise ValueError(f"preset is {preset!r}; expected one of {', '.join(PRESETS)}")


def _check(name: str, array: NDArray[np.uint8], dimensions: int) -> None:
    wanted = "H×W×3" if dimensions == 3 else "H×W"
    shape_is_right = array.ndim == dimensions and (dimensions == 2 or array.shape[2] == 3)
    if not shape_is_right or array.dtype != np.uint8 or array.size == 0:
        got = "×".join(str(side) for side in array.shape)
        raise ValueError(f"{name} is {got} {array.dtype}; expected {wanted} uint8")
