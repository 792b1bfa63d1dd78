"""Photographs as people have them: upright, with their colour profile, in folders with other files.

The datasets' readers (`distinctions646.images.reading`) follow the papers' scripts instead, which
ignore an EXIF orientation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from distinctions646.images.folders import note_left_out, sort_files
from distinctions646.images.headers import (
    check_image_mode,
    ends_whole,
    orientation,
    picture_size,
    turned,
)
from distinctions646.images.opening import open_header
from distinctions646.images.pixels import as_rgb, decode_pixels
from distinctions646.images.reading import read_trimap
from distinctions646.trimap.values import check_trimap

KEPT_BYTES = 1 << 29
"""Bytes of photographs that are decoded before the first is predicted, at most."""
_RGB_SPACE = b"RGB "  # of an ICC profile's header, bytes 16 to 20


@dataclass(frozen=True)
class Photograph:
    """A decoded photograph.

    Attributes
    ----------
    pixels
        uint8 H×W×3 RGB, upright.
    profile
        Its ICC profile, where it has one for RGB; what is made of its pixels should carry it too.
    """

    pixels: npt.NDArray[np.uint8]
    profile: bytes | None


def read_photograph(path: Path) -> Photograph:
    """Read a photograph, turned as its EXIF orientation says.

    Raises
    ------
    ValueError
        If the file is no whole, readable picture of 8 bits a channel.
    OSError
        If it is missing or may not be read.
    """
    with open_header(path) as picture:
        check_image_mode(picture, path)
        profile = picture.info.get("icc_profile")
        turn = orientation(picture)
        pixels = as_rgb(decode_pixels(picture, path, turn))
    fits = isinstance(profile, bytes) and profile[16:20] == _RGB_SPACE
    return Photograph(pixels, profile if fits else None)


def photograph_pixels(given: object) -> npt.NDArray[np.uint8]:
    """Return the pixels of what Python code gives as a photograph.

    Parameters
    ----------
    given
        uint8 H×W×3 RGB, which is returned as it is; a PIL picture of 8 bits a channel, or a file,
        each of which is turned as its EXIF orientation says.

    Returns
    -------
    numpy.ndarray
        uint8 H×W×3 RGB.

    Raises
    ------
    ValueError
        If it is none of these, or the file cannot be read.
    OSError
        If the file is missing or may not be read.
    """
    if isinstance(given, str | Path):
        return read_photograph(Path(given)).pixels
    if isinstance(given, Image.Image):
        check_image_mode(given, "image")
        return as_rgb(turned(given, orientation(given)))
    if isinstance(given, np.ndarray):
        return given
    kind = type(given).__name__
    raise ValueError(f"image has type {kind}; expected a file, a PIL picture or H×W×3 uint8")


def trimap_pixels(given: object) -> npt.NDArray[np.uint8] | None:
    """Return the pixels of what Python code gives as a trimap; None where there is none.

    Parameters
    ----------
    given
        uint8 H×W, which is returned as it is; a PIL picture of mode L, or a file.

    Raises
    ------
    ValueError
        If it is none of these, or has other values than 0, 128 and 255.
    """
    if isinstance(given, str | Path):
        return read_trimap(Path(given))
    if isinstance(given, Image.Image):
        if given.mode != "L":
            raise ValueError(f"trimap is a PIL picture of mode {given.mode}; expected mode L")
        given = np.array(given)
    if given is None:
        return None
    if isinstance(given, np.ndarray):
        check_trimap(given)
        return given
    kind = type(given).__name__
    raise ValueError(f"trimap has type {kind}; expected a file, a PIL picture or H×W uint8")


class Photographs:
    """Photographs that are all checked first, and each decoded once.

    Those that fit in `KEPT_BYTES` are decoded when they are checked, so that damage shows before
    anything is written. Of others the header and the end are looked at, and they are decoded when
    they are read.

    Parameters
    ----------
    paths
        The photographs.

    Raises
    ------
    ValueError
        If one cannot be read.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._kept: dict[Path, Photograph] = {}
        self._sizes: dict[Path, tuple[int, int]] = {}
        kept_bytes = 0
        for path in dict.fromkeys(paths):
            with open_header(path) as picture:
                check_image_mode(picture, path)
                self._sizes[path] = picture_size(picture, "apply")
                format_ = picture.format
            kept_bytes += 3 * self._sizes[path][0] * self._sizes[path][1]
            if kept_bytes <= KEPT_BYTES:
                self._kept[path] = read_photograph(path)
            elif not ends_whole(path, format_):
                raise ValueError(f"{path}: cannot be read as an image: the file is cut off")

    def size(self, path: Path) -> tuple[int, int]:
        """Return height and width of an upright photograph."""
        return self._sizes[path]

    def read(self, path: Path) -> Photograph:
        """Return a photograph, for the last time: its pixels are not kept any longer."""
        return self._kept.pop(path, None) or read_photograph(path)


def find_photographs(folder: Path) -> tuple[list[Path], list[Path]]:
    """Sort a folder's files into pictures and others, by `images.folders.sort_files`.

    Parameters
    ----------
    folder
        Looked at without its subfolders; hidden files count as neither.

    Returns
    -------
    pictures, others : list of Path
        Sorted by name.

    Raises
    ------
    ValueError
        If there is no picture.
    """
    pictures, others = sort_files(folder)
    if not pictures:
        raise ValueError(f"{folder}: has no images; expected at least one")
    return [folder / name for name in sorted(pictures)], [folder / name for name in sorted(others)]


def note_files(left_out: Iterable[Path]) -> None:
    """Note files that were found in folders and left out."""
    for path in left_out:
        note_left_out(path.parent, [path.name])
