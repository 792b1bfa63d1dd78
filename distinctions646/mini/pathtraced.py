"""The vendored path-traced foregrounds and their table, against which each is checked."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from distinctions646.images.fingerprint import pixel_sha256

FOLDER = Path(__file__).with_name("pathtraced")
TABLE_NAME = "pathtraced.csv"
COLUMNS = (
    "name",
    "class",
    "group",
    "opaque_part",
    "scene_seed",
    "width",
    "height",
    "samples",
    "sha256",
)
_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True)
class PathTraced:
    """Facts about one picture.

    Attributes
    ----------
    name
        File name, such as ``teapot_00.webp``.
    subject
        Its scene class (the column "class").
    group
        A key of `distinctions646.mini.catalogue.GROUPS`.
    opaque_part
        Whether the picture has a wholly opaque part; measured.
    scene_seed
        Seed of the scene.
    width, height
        In pixels.
    samples
        Most samples a pixel it was rendered with.
    sha256
        SHA-256 of the decoded RGBA pixels.
    """

    name: str
    subject: str
    group: str
    opaque_part: bool
    scene_seed: int
    width: int
    height: int
    samples: int
    sha256: str


def list_pathtraced(*, folder: Path = FOLDER) -> tuple[PathTraced, ...]:
    """Return the records of the path-traced foregrounds, in the order of their table.

    Parameters
    ----------
    folder
        Where the pictures and their table are; the package's own by default.

    Returns
    -------
    tuple of PathTraced
        One for each picture.

    Raises
    ------
    ValueError
        If the table is damaged.
    OSError
        If the table cannot be read.

    Examples
    --------
    >>> from distinctions646.mini.pathtraced import list_pathtraced
    >>> list_pathtraced()[0].name
    'teapot_00.webp'
    """
    return _read_table(folder / TABLE_NAME)


def read_pathtraced(picture: PathTraced, *, folder: Path = FOLDER) -> NDArray[np.uint8]:
    """Read a path-traced foreground and check its pixels.

    Parameters
    ----------
    picture
        One of `list_pathtraced`.
    folder
        Where the pictures are; the package's own by default.

    Returns
    -------
    ndarray
        uint8 height x width x 4: straight (not premultiplied) RGB, extended under alpha 0, and
        alpha.

    Raises
    ------
    ValueError
        If the file is no RGBA picture, or its pixels are not those of the table.
    OSError
        If the file cannot be read.
    """
    path = folder / picture.name
    encoded = np.frombuffer(path.read_bytes(), np.uint8)
    decoded = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED) if encoded.size else None
    if decoded is None or decoded.dtype != np.uint8 or decoded.ndim != 3 or decoded.shape[2] != 4:
        raise ValueError(f"{path}: expected a WebP picture with alpha; it cannot be decoded as one")
    pixels = np.ascontiguousarray(decoded[..., [2, 1, 0, 3]], np.uint8)
    if pixels.shape[:2] != (picture.height, picture.width):
        height, width = pixels.shape[:2]
        raise ValueError(
            f"{path}: is {width}×{height}; {TABLE_NAME} has {picture.width}×{picture.height}"
        )
    sha256 = pixel_sha256(pixels)
    if sha256 != picture.sha256:
        raise ValueError(
            f"{path}: its pixels have SHA-256 {sha256}; {TABLE_NAME} has {picture.sha256}"
        )
    return pixels


@cache
def _read_table(path: Path) -> tuple[PathTraced, ...]:
    with path.open(newline="", encoding="utf-8") as file:
        table = csv.DictReader(file)
        header = tuple(table.fieldnames or ())
        if header != COLUMNS:
            raise ValueError(
                f"{path}: its columns are {', '.join(header)}; expected {', '.join(COLUMNS)}"
            )
        return tuple(_parse(path, line, row) for line, row in enumerate(table, start=2))


def _parse(path: Path, line: int, row: dict[str, str]) -> PathTraced:
    try:
        return PathTraced(
            name=row["name"],
            subject=row["class"],
            group=row["group"],
            opaque_part=_TRUTHS[row["opaque_part"]],
            scene_seed=int(row["scene_seed"]),
            width=int(row["width"]),
            height=int(row["height"]),
            samples=int(row["samples"]),
            sha256=row["sha256"],
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ValueError(f"{path}, line {line}: a value is missing or wrong: {error}") from error
