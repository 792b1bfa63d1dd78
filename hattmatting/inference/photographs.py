"""Photographs as people have them: upright, with their colour profile, in folders with other files.

The datasets' readers (`distinctions646.images.reading`) follow the papers' scripts instead, which
ignore an EXIF orientation.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from distinctions646.images.opening import open_header
from distinctions646.images.reading import read_image

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
    """Read a photograph in any format that Pillow opens, turned as its EXIF orientation says.

    Raises
    ------
    ValueError
        If the file is no whole, readable picture of 8 bits a channel.
    OSError
        If it is missing or may not be read.
    """
    with open_header(path) as picture:
        profile = picture.info.get("icc_profile")
    fits = isinstance(profile, bytes) and profile[16:20] == _RGB_SPACE
    return Photograph(read_image(path, exif="apply"), profile if fits else None)


def find_photographs(folder: Path) -> tuple[list[Path], list[Path]]:
    """Sort a folder's files into pictures that Pillow opens and others.

    Parameters
    ----------
    folder
        Looked at without its subfolders; hidden files count as neither.

    Returns
    -------
    pictures, others : list of Path
        Sorted by name. A file of a picture's suffix counts as a picture even where it is damaged,
        so that reading it says what is wrong.

    Raises
    ------
    ValueError
        If there is no picture.
    """
    pictures: list[Path] = []
    others: list[Path] = []
    known = set(Image.registered_extensions())
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.startswith(".") or not path.is_file():
            continue
        is_picture = path.suffix.lower() in known or _opens(path)
        (pictures if is_picture else others).append(path)
    if not pictures:
        raise ValueError(f"{folder}: has no images; expected at least one")
    return pictures, others


def _opens(path: Path) -> bool:
    try:
        with open_header(path):
            return True
    except (ValueError, OSError):
        return False
