"""The values of a trimap, and the checks of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from distinctions646.images.reading import check_trimap_values


class NotApplicable(Exception):  # noqa: N818 - a method's answer, not a fault
    """Raised by a method that cannot work on this input, as a solver without known foreground."""


def trimap_as_alpha(trimap: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return trimap / 255 with 0.5 in the unknown region.

    Parameters
    ----------
    trimap
        H×W, uint8, of 0, 128 and 255.

    Returns
    -------
    ndarray
        H×W, float32.
    """
    return np.where(trimap == 128, np.float32(0.5), trimap / np.float32(255)).astype(np.float32)


def check_trimap(trimap: NDArray[np.uint8], shape: tuple[int, ...] | None = None) -> None:
    """Refuse anything but a uint8 plane of 0, 128 and 255.

    Parameters
    ----------
    trimap
        To be checked.
    shape
        Of the image it belongs to; only height and width count. None leaves the size open.

    Raises
    ------
    ValueError
        Naming what is wrong.

    Examples
    --------
    >>> check_trimap(np.array([[0, 127, 255]], np.uint8))
    Traceback (most recent call last):
    ValueError: trimap has 127; expected 0, 128, 255
    """
    check_plane("trimap", trimap)
    if shape is not None and trimap.shape != tuple(shape[:2]):
        got, wanted = ("×".join(map(str, size)) for size in (trimap.shape, shape[:2]))
        raise ValueError(f"trimap is {got} pixels; expected {wanted}, as the image")
    check_trimap_values(trimap)


def check_plane(name: str, array: NDArray[np.uint8]) -> None:
    """Refuse anything but an H×W uint8 array.

    Parameters
    ----------
    name
        What the message calls it.
    array
        To be checked.

    Raises
    ------
    ValueError
        Giving its shape and dtype.
    """
    if array.ndim != 2 or array.dtype != np.uint8 or array.size == 0:
        got = "×".join(str(side) for side in array.shape)
        raise ValueError(f"{name} is {got} {array.dtype}; expected H×W uint8")
