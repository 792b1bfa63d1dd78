"""The few photographs among the backgrounds, all in the public domain or under CC0."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).with_name("photographs")
ATTRIBUTION = FOLDER / "attribution.csv"


@dataclass(frozen=True)
class Photograph:
    """A row of the attribution table.

    Attributes
    ----------
    name
        File name, a WebP.
    split
        "train", "validation" or "test".
    title, author, licence
        As the original package states them.
    package, original
        Where it was taken from, and the file's path there.
    sha256
        SHA-256 of the vendored file.
    """

    name: str
    split: str
    title: str
    author: str
    licence: str
    package: str
    original: str
    sha256: str


@cache
def list_photographs(split: str | None = None) -> tuple[Photograph, ...]:
    """List the photographs.

    Parameters
    ----------
    split
        Only those of one split.

    Returns
    -------
    tuple of Photograph
        In the order of the table.

    Examples
    --------
    >>> from distinctions646.mini.photographs import list_photographs
    >>> {photograph.licence for photograph in list_photographs()} <= {"CC0-1.0", "public domain"}
    True
    """
    with ATTRIBUTION.open(newline="", encoding="utf-8") as file:
        photographs = tuple(Photograph(**row) for row in csv.DictReader(file))
    return tuple(photo for photo in photographs if split in (None, photo.split))


def read_photograph(name: str) -> NDArray[np.uint8]:
    """Read a photograph and check that its file is the one that was vendored.

    Parameters
    ----------
    name
        As in the table.

    Returns
    -------
    ndarray
        uint8 height x width x 3, RGB.

    Raises
    ------
    ValueError
        If there is no such photograph, or its file has changed.
    OSError
        If it cannot be read.
    """
    known = {photograph.name: photograph.sha256 for photograph in list_photographs()}
    if name not in known:
        raise ValueError(f"name is {name!r}; expected a photograph: {', '.join(known)}")
    content = (FOLDER / name).read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != known[name]:
        raise ValueError(f"{FOLDER / name}: its SHA-256 is {sha256}; expected {known[name]}")
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if decoded is None:
        raise ValueError(f"{FOLDER / name}: cannot be decoded; does OpenCV read WebP here?")
    return np.ascontiguousarray(decoded[..., ::-1], np.uint8)
