"""The pictures of each split of the embedded dataset, and the pairs of its composites."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from distinctions646.mini.catalogue import CLASSES, share_out
from distinctions646.mini.pathtraced import list_pathtraced
from distinctions646.mini.photographs import list_photographs
from distinctions646.mini.pictures import (
    PHOTOGRAPH,
    TEST_ONLY,
    Picture,
    find_pathtraced,
    picture_seed,
)
from distinctions646.mini.places.rendering import SCENES

CHOSEN = Path(__file__).with_name("chosen.csv")
CHOSEN_SEED = 646  # of test and validation
# Stands before the number in the names of generated pictures.
_LETTER = {"test": "", "validation": "v", "train": "t"}


def plan_foregrounds(
    split: str, size: int, *, count: int | None = None, seed: int = 0
) -> list[Picture]:
    """List the foregrounds of a split, in the order in which they get their backgrounds.

    Parameters
    ----------
    split
        "test" and "validation" are fixed; "train" is the path-traced foregrounds of training and
        as many generated ones as make up `count`.
    size
        Long side in pixels; a smaller path-traced one stays as it is.
    count, seed
        For training only: number of foregrounds, 1 or more, and seed of the generated ones.
        A larger `count` keeps the pictures of a smaller picture.

    Returns
    -------
    list of Picture
        No two of the same name.

    Raises
    ------
    ValueError
        If `count` or `seed` is out of range.
    """
    if split != "train":
        return chosen_foregrounds(split, size)
    held = held_out()
    free = [
        picture.name
        for picture in list_pathtraced()
        if picture.name not in held and picture.subject not in TEST_ONLY
    ]
    traced = [pathtraced_foreground(name, size) for name in free]
    if count is None or count <= 0:
        raise ValueError(f"foregrounds is {count}; expected 1 or more")
    traced = traced[: count // 4]
    names = [name for name, facts in CLASSES.items() if not facts.unseen]
    generated = [
        Picture(
            "foreground", f"{name}_t{index:04d}.png", name, size, picture_seed("train", seed, index)
        )
        for name, number in share_out(count - len(traced), names).items()
        for index in range(number)
    ]
    return sorted(traced + generated, key=lambda picture: picture.name)


def chosen_foregrounds(split: str, size: int) -> list[Picture]:
    """List the foregrounds of test or validation, which were chosen one by one and by eye.

    Parameters
    ----------
    split
        "test" or "validation".
    size
        Long side in pixels.

    Returns
    -------
    list of Picture
        In the order of ``chosen.csv``, which decides their backgrounds. ``fur_03.png`` is
        generated, ``fur_p03.png`` path-traced; ``fur_v03.png`` is a generated one of validation.

    Examples
    --------
    >>> from distinctions646.mini.plans import chosen_foregrounds
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
    """Return the file names of the path-traced foregrounds that are in test or validation."""
    chosen = [
        picture for split in ("test", "validation") for picture in chosen_foregrounds(split, 512)
    ]
    return {picture.vendored for picture in chosen if picture.vendored is not None}


def pathtraced_foreground(vendored: str, size: int) -> Picture:
    """Return the picture of a path-traced foreground, reduced to a size.

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


def plan_backgrounds(split: str, size: int, count: int, *, seed: int = 0) -> list[Picture]:
    """List the backgrounds of a split: its photographs, spread among scenes that take turns.

    Parameters
    ----------
    split
        "test", "validation" or "train"; no two share any.
    size
        Short side in pixels of a generated picture.
    count
        Number of backgrounds; a larger one keeps the pictures of a smaller picture.
    seed
        Seed of the generated ones of training; those of the other splits are fixed.

    Returns
    -------
    list of Picture
        In the order of their use.

    Examples
    --------
    >>> from distinctions646.mini.plans import plan_backgrounds
    >>> [picture.name for picture in plan_backgrounds("validation", 512, 3)]
    ['bokeh_v00.png', 'clutter_v00.png', 'field_v00.png']
    """
    letter, scenes = _LETTER[split], tuple(SCENES)
    seed = seed if split == "train" else CHOSEN_SEED
    photographs = list(list_photographs(split))
    planned: list[Picture] = []
    turn = 0
    while len(planned) < count:
        # A photograph follows every eight generated pictures, as long as there are any.
        if photographs and len(planned) % 9 == 8:
            vendored = photographs.pop(0).name
            name = f"{PHOTOGRAPH}_{Path(vendored).stem}.png"
            planned.append(Picture("background", name, PHOTOGRAPH, size, vendored=vendored))
            continue
        scene, index = scenes[turn % len(scenes)], turn // len(scenes)
        number = picture_seed(split, seed, index)
        name = f"{scene}_{letter}{index:02d}.png"
        planned.append(Picture("background", name, scene, size, number))
        turn += 1
    return planned


def pair(foregrounds: int, per_foreground: int, pool: Sequence[str]) -> list[str]:
    """Return the name of the background of every composite, foreground by foreground.

    Parameters
    ----------
    foregrounds, per_foreground
        Number of foregrounds, and of backgrounds for each.
    pool
        Names of backgrounds, at least `per_foreground`.

    Returns
    -------
    list of str
        Foreground `i` gets number `i + k * step` for its k-th background, where `step` spreads
        its backgrounds over the whole pool: they are all different, each of the pool is used
        about as often as any other, and the first background of a foreground depends on neither
        `per_foreground` nor the rest of the pool, as long as the pool is at least as large as the
        number of foregrounds.

    Examples
    --------
    >>> from distinctions646.mini.plans import pair
    >>> pair(2, 2, ["a", "b", "c", "d"])
    ['a', 'c', 'b', 'd']
    """
    step = len(pool) // per_foreground
    return [
        pool[(index + k * step) % len(pool)]
        for index in range(foregrounds)
        for k in range(per_foreground)
    ]
