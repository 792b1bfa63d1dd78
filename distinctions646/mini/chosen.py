"""The foregrounds chosen for test and validation, one by one and by eye."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from distinctions646.mini.catalogue import CLASSES
from distinctions646.mini.pictures import Picture, find_pathtraced, picture_seed

CHOSEN = Path(__file__).with_name("chosen.csv")
CHOSEN_SEED = 646  # of test and validation
_LETTER = {"test": "", "validation": "v"}


def chosen_foregrounds(split: str, size: int) -> list[Picture]:
    """List the foregrounds of test or validation.

    Parameters
    ----------
    split
        "test" or "validation".
    size
        Long side in pixels.

    Returns
    -------
    list of Picture
        In the table's order, on which their backgrounds hang. ``fur_03.png`` is generated,
        ``fur_p03.png`` path-traced; ``fur_v03.png`` is a generated one of validation.

    Examples
    --------
    >>> from distinctions646.mini.chosen import chosen_foregrounds
    >>> len(chosen_foregrounds("test", 512)), len(chosen_foregrounds("validation", 512))
    (50, 25)
    """
    pictures = []
    for subject, number in _read(split):
        if subject in CLASSES and not number.startswith("p"):
            name = f"{subject}_{_LETTER[split]}{number}.png"
            seed = picture_seed(split, CHOSEN_SEED, int(number))
            pictures.append(Picture("foreground", name, subject, size, seed))
        else:
            pictures.append(pathtraced_foreground(f"{subject}_{number[1:]}.webp", size))
    return pictures


def held_out() -> set[str]:
    """Name the path-traced foregrounds, by file, that are in test or validation."""
    chosen = [picture for split in _LETTER for picture in chosen_foregrounds(split, 512)]
    return {picture.vendored for picture in chosen if picture.vendored is not None}


def pathtraced_foreground(vendored: str, size: int) -> Picture:
    """Describe a path-traced foreground, brought down to a size.

    Parameters
    ----------
    vendored
        Its file in the package, ``<class>_<nn>.webp``.
    size
        Long side in pixels.

    Returns
    -------
    Picture
        Named ``<class>_p<nn>.png``.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    stem, _, number = Path(vendored).stem.rpartition("_")
    subject = find_pathtraced(vendored).subject
    return Picture("foreground", f"{stem}_p{number}.png", subject, size, vendored=vendored)


@cache
def _read(split: str) -> tuple[tuple[str, str], ...]:
    with CHOSEN.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == split]
    return tuple((row["class"], row["number"]) for row in rows)
