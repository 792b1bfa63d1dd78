"""A picture of the embedded dataset: its subject and source, and how to render it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from distinctions646.images.png import write_png
from distinctions646.mini.catalogue import CLASSES, render_foreground
from distinctions646.mini.drawing.canvas import extend_colours
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import shrink
from distinctions646.mini.pathtraced import PathTraced, list_pathtraced, read_pathtraced
from distinctions646.mini.photographs import read_photograph
from distinctions646.mini.places.rendering import render_background

PHOTOGRAPH = "photograph"  # stands among the scenes' names

# Pictures a class may have in one split under one seed. The ranges of train and test never meet;
# that of validation is the upper half of test's.
_RANGE = 1_000_000
_RANGES = {
    "train": (0, 0, _RANGE),
    "test": (1, 0, _RANGE // 2),
    "validation": (1, _RANGE // 2, _RANGE // 2),
}
SPLITS = tuple(_RANGES)

# Path-traced classes that are in test only, like the generated ones that are `unseen`.
TEST_ONLY = ("bicycle", "dandelion", "racket")

# Below this share of wholly opaque pixels, a solver has no certain foreground to start from.
_OPAQUE_SHARE = 0.005


@dataclass(frozen=True)
class Picture:
    """One file to make.

    Attributes
    ----------
    kind
        "foreground" or "background".
    name
        File name, a PNG.
    subject
        The class, the scene, or "photograph".
    size
        Long side of a foreground, short side of a background.
    seed
        Seed of the random numbers of a generated picture.
    vendored
        File name of a picture that ships with the package.
    """

    kind: str
    name: str
    subject: str
    size: int
    seed: int = 0
    vendored: str | None = None

    @property
    def source(self) -> str:
        """Where a foreground comes from: "procedural" or "path-traced"."""
        return "procedural" if self.vendored is None else "path-traced"

    @property
    def group(self) -> str:
        """The attribute group of a foreground, a key of `catalogue.GROUPS`."""
        if self.vendored is None:
            return CLASSES[self.subject].group
        return find_pathtraced(self.vendored).group

    @property
    def unseen(self) -> bool:
        """Whether no training foreground, generated or path-traced, is of this class."""
        facts = CLASSES.get(self.subject)
        return self.subject in TEST_ONLY or (facts is not None and facts.unseen)


def picture_seed(split: str, seed: int, index: int) -> int:
    """Return the seed of a picture: different for every split, data set seed and index.

    Raises
    ------
    ValueError
        If `split` is not one of `SPLITS`, `seed` is negative or `index` leaves the range.
    """
    if split not in _RANGES:
        raise ValueError(f"split is {split!r}; expected one of {', '.join(SPLITS)}")
    if seed < 0:
        raise ValueError(f"seed is {seed}; expected 0 or more")
    half, first, count = _RANGES[split]
    if not 0 <= index < count:
        raise ValueError(f"index is {index}; expected 0 to {count - 1}")
    return (2 * seed + half) * _RANGE + first + index


def find_pathtraced(name: str) -> PathTraced:
    """Look up a path-traced foreground.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    for picture in list_pathtraced():
        if picture.name == name:
            return picture
    raise ValueError(f"name is {name!r}; expected a path-traced foreground of the package")


def make_picture(folder: Path, picture: Picture, *, resume: bool = False) -> bool:
    """Render or read one picture and write it.

    Parameters
    ----------
    folder
        With ``foregrounds/`` and ``backgrounds/``.
    picture
        What to make.
    resume
        Whether to keep a file that is there already and can be read.

    Returns
    -------
    bool
        Whether it has a wholly opaque part; a background always has.

    Raises
    ------
    ValueError
        If a vendored picture is damaged.
    OSError
        If a file cannot be read or written.
    """
    path = folder / f"{picture.kind}s" / picture.name
    earlier = cv2.imread(str(path), cv2.IMREAD_UNCHANGED) if resume and path.is_file() else None
    if earlier is not None:
        pixels = np.asarray(earlier, np.uint8)
    else:
        pixels = render_picture(picture)
        write_png(path, pixels)
    return picture.kind == "background" or bool(np.mean(pixels[..., 3] == 255) >= _OPAQUE_SHARE)


def render_picture(picture: Picture) -> NDArray[np.uint8]:
    """Render a generated picture, or read a vendored one.

    Parameters
    ----------
    picture
        What to make.

    Returns
    -------
    ndarray
        uint8 height x width x 4, straight RGBA, of a foreground; x 3 of a background.

    Raises
    ------
    ValueError
        If a vendored picture is damaged.
    OSError
        If it cannot be read.
    """
    return _foreground(picture) if picture.kind == "foreground" else _background(picture)


def _foreground(picture: Picture) -> NDArray[np.uint8]:
    if picture.vendored is None:
        return render_foreground(picture.subject, picture.size, picture.seed)
    return reduce_rgba(read_pathtraced(find_pathtraced(picture.vendored)), picture.size)


def _background(picture: Picture) -> NDArray[np.uint8]:
    if picture.vendored is not None:
        return read_photograph(picture.vendored)
    shapes = ((1.0, 1.0), (1.0, 4 / 3), (1.0, 1.5), (4 / 3, 1.0))
    tall, wide = Draws("background shape", picture.subject, picture.seed).choice(shapes)
    height, width = round(tall * picture.size), round(wide * picture.size)
    return render_background(picture.subject, height, width, picture.seed)


def reduce_rgba(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Reduce a straight RGBA picture by area means of premultiplied colour.

    Parameters
    ----------
    pixels
        uint8 height x width x 4.
    size
        Long side wanted; a picture that is not larger stays as it is.

    Returns
    -------
    ndarray
        uint8 height x width x 4, its colours extended under alpha 0.
    """
    height, width = pixels.shape[:2]
    if max(height, width) <= size:
        return pixels
    scale = size / max(height, width)
    stack = pixels.astype(np.float32) / np.float32(255)
    stack[..., :3] *= stack[..., 3:]
    small = shrink(stack, max(1, round(height * scale)), max(1, round(width * scale)))
    joined = np.dstack([extend_colours(small[..., :3], small[..., 3]), small[..., 3]])
    return np.asarray(np.floor(np.clip(joined, 0, 1) * 255 + 0.5), np.uint8)
