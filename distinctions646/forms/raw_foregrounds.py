"""Raw foregrounds: one H×W×4 array file each, from which a crop is read without the rest."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from distinctions646.process.whole_files import write_bytes

FOREGROUNDS = "foreground"
Window = tuple[int, int, int, int]


def foreground_file(name: str) -> str:
    """Return the name of a foreground's array file."""
    return f"{name}.npy"


def write_foreground(
    path: Path, foreground: NDArray[np.uint8], alpha_u8: NDArray[np.uint8]
) -> None:
    """Write a foreground and its alpha as one array file.

    Parameters
    ----------
    path
        The array file.
    foreground
        H×W×3, uint8.
    alpha_u8
        H×W, uint8.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    buffer = io.BytesIO()
    np.save(buffer, np.dstack([foreground, alpha_u8]))
    write_bytes(path, buffer.getvalue())


def read_window(path: Path, size: tuple[int, int], window: Window) -> NDArray[np.uint8]:
    """Read a window of a foreground with its alpha.

    Parameters
    ----------
    path
        The array file.
    size
        Height and width it must have.
    window
        Top, left, height and width.

    Returns
    -------
    ndarray
        Height×width×4 of the window, uint8.

    Raises
    ------
    ValueError
        If the window lies outside, or the file is damaged or of another size.
    OSError
        If it is missing.
    """
    top, left, height, width = window
    inside = 0 <= top <= size[0] - height and 0 <= left <= size[1] - width
    if not inside or min(height, width) < 1:
        raise ValueError(
            f"{path.stem}: window is {height}×{width} at {top}, {left}; "
            f"expected one inside {size[0]}×{size[1]}"
        )
    if path.exists() and not path.is_file():
        raise ValueError(f"{path}: is no regular file; expected an array")
    try:
        # Mapped anew each time: it costs less than a page fault, and no worker holds open files.
        rgba = np.lib.format.open_memmap(path, mode="r")
    except (FileNotFoundError, PermissionError):
        raise
    except Exception as error:  # its header is parsed as Python, which fails in many ways
        reason = " ".join(str(error).split())
        raise ValueError(f"{path}: cannot be read as an array: {reason}") from error
    if rgba.shape != (*size, 4) or rgba.dtype != np.uint8:
        got = "×".join(map(str, rgba.shape))
        raise ValueError(f"{path}: is {got} {rgba.dtype}; expected {size[0]}×{size[1]}×4 uint8")
    return np.array(rgba[top : top + height, left : left + width])
