"""Virtual splits: raw foregrounds and a recipe, composed on reading.

A virtual split keeps each foreground with its alpha as one H×W×4 array file, which gives a crop
without decoding the rest; the recipe says which background lies under it, and the background is
decoded when a sample is read. A crop is computed alone and equals the same crop of the
materialised picture byte for byte.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from distinctions646.checks.names import near_hint, same_form
from distinctions646.compose.composite import composite, fit_window, resized_size
from distinctions646.forms.raw_foregrounds import FOREGROUNDS, foreground_file, read_window
from distinctions646.forms.samples import Sample
from distinctions646.images.reading import read_image, read_trimap
from distinctions646.plan.recipe import RecipeRow
from distinctions646.sources.catalogue.collections import COCO_2014_PREFIX
from distinctions646.trimap.making import make_trimap

VIRTUAL = "virtual"
TRIMAPS = "trimap"  # only those that came with the pictures; others are made on reading
BACKGROUNDS = "backgrounds"
BACKGROUNDS_VARIABLE = "MATTING_BACKGROUNDS"  # folders, separated as in PATH


@dataclass(frozen=True)
class VirtualSample(Sample):
    """One composite that is composed on reading.

    Attributes
    ----------
    row
        Its row of the recipe.
    foreground_path, background_path
        The array file, and the user's background.
    """

    row: RecipeRow
    foreground_path: Path
    background_path: Path

    def size(self) -> tuple[int, int]:
        """Return height and width, without reading anything."""
        return self.row.height, self.row.width

    def crop(
        self, top: int, left: int, height: int, width: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Compose a window and nothing else.

        Parameters
        ----------
        top, left, height, width
            The window, inside the picture.

        Returns
        -------
        image, alpha_u8 : ndarray
            height×width×3 and height×width, uint8: those of the whole composite.

        Raises
        ------
        ValueError
            If the window lies outside, or a file is damaged or not the recipe's.
        """
        from distinctions646.compose.blending import split_alpha

        window = (top, left, height, width)
        rgba = read_window(self.foreground_path, self.size(), window)
        fitted = fit_window(self.raw_background(), self.size(), window, self.row.preset)
        foreground, alpha_u8 = split_alpha(rgba)
        return composite(foreground, alpha_u8, fitted, self.row.preset), alpha_u8

    def alpha_crop(self, top: int, left: int, height: int, width: int) -> NDArray[np.uint8]:
        """Read a window of the alpha, with arguments and errors as for `crop`: uint8."""
        rgba = read_window(self.foreground_path, self.size(), (top, left, height, width))
        return np.ascontiguousarray(rgba[..., 3])

    def trimap_crop(self, top: int, left: int, height: int, width: int) -> NDArray[np.uint8]:
        """Return a window of the trimap, height×width; `ValueError` where there is none."""
        trimap = self.trimap()  # of the whole: a window does not know what lies around it
        if trimap is None:
            raise ValueError(f"{self.id}: has no trimap; build the split with a trimap rule")
        return np.ascontiguousarray(trimap[top : top + height, left : left + width])

    def kept(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Read the whole foreground, H×W×3, and its alpha, H×W, without any background."""
        from distinctions646.compose.blending import split_alpha

        return split_alpha(read_window(self.foreground_path, self.size(), (0, 0, *self.size())))

    def image(self) -> NDArray[np.uint8]:
        """Compose the whole picture: H×W×3, uint8, RGB."""
        return self.crop(0, 0, *self.size())[0]

    def alpha_u8(self) -> NDArray[np.uint8]:
        """Read the ground-truth alpha: H×W, uint8."""
        return self.alpha_crop(0, 0, *self.size())

    def trimap(self, values: Literal["strict", "official"] = "strict") -> NDArray[np.uint8] | None:
        """Return the trimap, made by its rule or read if it was given; None without a rule."""
        rule = self.row.trimap_rule
        if rule is None:
            return None
        if TRIMAPS in self.contents:
            return read_trimap(self.contents[TRIMAPS][0], values)
        return make_trimap(self.alpha_u8(), rule, image_id=self.row.id, seed=self.row.trimap_seed)

    def raw_background(self) -> NDArray[np.uint8]:
        """Return the background as stored, uint8 H×W×3; one of another size is a `ValueError`."""
        background = read_image(self.background_path, exif=self.row.exif)
        stored = background.shape[0], background.shape[1]
        planned = self.row.resized_height, self.row.resized_width
        if resized_size(*self.size(), *stored, self.row.preset) != planned:
            raise ValueError(
                f"{self.background_path}: background is {stored[0]}×{stored[1]} pixels; expected "
                f"one that the recipe's {planned[0]}×{planned[1]} follow from"
            )
        return background


def virtual_samples(
    folder: Path,
    rows: Sequence[RecipeRow],
    backgrounds: Path | str | Iterable[Path | str] | None,
) -> tuple[VirtualSample, ...]:
    """Return the samples of a recipe over its raw foregrounds and a user's backgrounds.

    Parameters
    ----------
    folder
        The built dataset.
    rows
        The recipe of one split.
    backgrounds
        The folder of the backgrounds, or several; None means ``backgrounds`` inside `folder`, or
        else those that the environment variable `BACKGROUNDS_VARIABLE` names.

    Returns
    -------
    tuple of VirtualSample
        One per row.

    Raises
    ------
    ValueError
        Naming the first missing file, and the number of missing backgrounds.
    """
    root = folder / VIRTUAL / rows[0].split
    there = {path.name for path in (root / FOREGROUNDS).glob("*.npy")}
    for row in rows:
        if foreground_file(row.foreground) not in there:
            path = root / FOREGROUNDS / foreground_file(row.foreground)
            raise ValueError(f"{path}: no such file, but the recipe has it; build again")
    background_paths = find_backgrounds(_background_folders(folder, backgrounds), rows)
    given = {path.stem: path for path in (root / TRIMAPS).glob("*.png")}
    samples = []
    for row in rows:
        sample = VirtualSample(
            id=row.id,
            foreground=row.foreground,
            background=row.background,
            name=row.name,
            trimap_rule=row.trimap_rule,
            contents={},
            row=row,
            foreground_path=root / FOREGROUNDS / foreground_file(row.foreground),
            background_path=background_paths[row.background],
        )
        if row.name in given:
            sample.contents[TRIMAPS] = (given[row.name], None)
        samples.append(sample)
    return tuple(samples)


def find_backgrounds(folders: Sequence[Path], rows: Sequence[RecipeRow]) -> dict[str, Path]:
    """Find the backgrounds of a recipe by name, without opening any.

    Parameters
    ----------
    folders
        Searched in order; their subfolders are not.
    rows
        A recipe. A background of COCO's 2014 release is found under its 2017 name too.

    Returns
    -------
    dict
        Name in the recipe to path.

    Raises
    ------
    ValueError
        If a folder is missing, or backgrounds are.
    """
    there: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise ValueError(f"{folder}: no such folder; expected the backgrounds of the recipe")
        for path in folder.iterdir():
            there.setdefault(same_form(path.name), path)
    names = dict.fromkeys(row.background for row in rows)
    forms = {name: same_form(name) for name in names}
    paths = {
        name: there.get(form) or there.get(form.removeprefix(COCO_2014_PREFIX), Path())
        for name, form in forms.items()
    }
    missing = [name for name, path in paths.items() if path == Path()]
    if missing:
        raise ValueError(
            f"{folders[0]}: has no {missing[0]}{near_hint(missing[0], there)}, a background of the "
            f"recipe ({len(missing)} of {len(names)} are missing)"
        )
    return paths


def _background_folders(
    folder: Path, backgrounds: Path | str | Iterable[Path | str] | None
) -> list[Path]:
    if backgrounds is None:
        own = folder / BACKGROUNDS
        if own.is_dir():
            return [own]
        named = os.environ.get(BACKGROUNDS_VARIABLE, "")
        if not named:
            raise ValueError(
                f"{folder}: was written as virtual; expected the folder of its backgrounds "
                f"(backgrounds=), {BACKGROUNDS}/ inside, or the environment variable "
                f"{BACKGROUNDS_VARIABLE}"
            )
        return [Path(folder) for folder in named.split(os.pathsep)]
    if isinstance(backgrounds, (str, Path)):
        return [Path(backgrounds)]
    return [Path(folder) for folder in backgrounds]
