"""Which pictures make up a split of the embedded dataset, and which lies over which."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from distinctions646.mini.catalogue import CLASSES, share_out
from distinctions646.mini.chosen import (
    CHOSEN_SEED,
    chosen_foregrounds,
    held_out,
    pathtraced_foreground,
)
from distinctions646.mini.pathtraced import list_pathtraced
from distinctions646.mini.photographs import list_photographs
from distinctions646.mini.pictures import PHOTOGRAPH, TEST_ONLY, Picture, picture_seed
from distinctions646.mini.places.rendering import SCENES

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
        Of training alone: how many in all, and which. A larger `count` keeps the pictures of a
        smaller one.

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
        one.name
        for one in list_pathtraced()
        if one.name not in held and one.subject not in TEST_ONLY
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


def plan_backgrounds(split: str, size: int, count: int, *, seed: int = 0) -> list[Picture]:
    """List the backgrounds of a split: its photographs, spread among scenes that take turns.

    Parameters
    ----------
    split
        Whose they are; no two splits share any.
    size
        Short side in pixels of a generated one.
    count
        How many; a larger one keeps the pictures of a smaller one.
    seed
        Which generated ones, of training; those of the other splits are fixed.

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
    """Name the background of every composite, foreground by foreground.

    Parameters
    ----------
    foregrounds, per_foreground
        How many foregrounds, and backgrounds for each.
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
