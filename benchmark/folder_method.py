"""Ready-made mattes as a method: ``folder:PATH`` scores PATH/<name>.png for every image."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

PREFIX = "folder:"


class FolderMattes:
    """Mattes that somebody has made already, matched to images by file stem.

    Parameters
    ----------
    spec
        ``folder:PATH``.

    Raises
    ------
    ValueError
        If the folder is missing or holds no pictures.
    """

    needs_trimap = False

    def __init__(self, spec: str) -> None:
        from distinctions646.images import find_images

        self.folder = Path(spec.removeprefix(PREFIX))
        self.files = find_images(self.folder)
        self.name = f"folder:{self.folder.name}"
        self.card = {
            "paper": "not stated",
            "implementation": "ready-made mattes",
            "licence": "not stated",
            "weights": "not stated",
            "trained_on": "not stated",
        }

    def check(self, name: str, shape: tuple[int, int]) -> None:
        """Check from its header that an image has its matte; see `matte` for the errors."""
        from distinctions646.images import open_header

        with open_header(self._file(name)) as picture:
            self._check_size(name, (picture.height, picture.width), shape)

    def matte(self, name: str, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
        """Read one matte; a missing or differently sized one is a `ValueError` naming it."""
        from distinctions646.images import read_alpha

        alpha_u8 = read_alpha(self._file(name))
        self._check_size(name, alpha_u8.shape, shape)
        return alpha_u8

    def _file(self, name: str) -> Path:
        if name not in self.files:
            raise ValueError(f"{self.folder}: no matte for image {name!r}")
        return self.files[name]

    def _check_size(self, name: str, got: tuple[int, ...], wanted: tuple[int, int]) -> None:
        if got != wanted:
            raise ValueError(
                f"{self.files[name]}: matte is {got[0]}x{got[1]}; "
                f"expected {wanted[0]}x{wanted[1]}, as the image"
            )

    def hash(self) -> str:
        """Return 12 hex digits of all the files."""
        digest = hashlib.sha256()
        for stem, path in sorted(self.files.items()):
            digest.update(stem.encode() + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:12]
