"""Write the embedded data set's sources to a folder: foregrounds, backgrounds and their tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from distinctions646.mini.backgrounds import SCENES, render_background
from distinctions646.mini.catalogue import CLASSES, render_foreground
from distinctions646.mini.draws import Draws
from distinctions646.png import write_bytes, write_png

SPLITS = ("train", "test")

# Pictures a class may have in one split under one seed: the splits' seed ranges never meet.
_RANGE = 1_000_000

# Below this share of wholly opaque pixels, a solver has no certain foreground to start from.
_OPAQUE_SHARE = 0.005


@dataclass(frozen=True)
class _Picture:
    """One file to render: `kind` is "foreground" or "background"."""

    kind: str
    name: str
    subject: str
    seed: int
    path: Path
    size: int


def picture_seed(split: str, seed: int, index: int) -> int:
    """Return the seed of a picture: different for every split, data set seed and index.

    Raises
    ------
    ValueError
        If `split` is not one of `SPLITS`, `seed` is negative or `index` leaves the range.
    """
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}; expected {' or '.join(SPLITS)}")
    if seed < 0:
        raise ValueError(f"seed is {seed}; expected 0 or more")
    if not 0 <= index < _RANGE:
        raise ValueError(f"index is {index}; expected 0 to {_RANGE - 1}")
    return (2 * seed + SPLITS.index(split)) * _RANGE + index


def write_sources(
    folder: Path,
    split: str,
    *,
    size: int,
    per_class: int,
    seed: int,
    backgrounds: int,
    workers: int = 1,
    counts: Mapping[str, int] | None = None,
) -> None:
    """Render and write the foregrounds and backgrounds of a split.

    The folder then holds ``foregrounds/<class>_<nn>.png`` (straight RGBA),
    ``backgrounds/<scene>_<nn>.png`` (RGB), ``foregrounds.csv`` (name, class, group, opaque_part,
    unseen) and ``backgrounds.csv`` (name, scene). The bytes depend on neither the number of
    workers nor the order of work. `opaque_part` is measured on each picture.

    Parameters
    ----------
    folder
        Where to write; made if absent. Files of the same names are replaced.
    split
        "train" (the classes that are not `unseen`) or "test" (all of them); the two share no
        picture.
    size
        Long side of a foreground and short side of a background, in pixels.
    per_class
        Foregrounds of each class.
    seed
        Which data set.
    backgrounds
        How many backgrounds, the scenes taking turns.
    workers
        Processes to render with.
    counts
        Foregrounds of single classes, where it is not to be `per_class`.

    Raises
    ------
    ValueError
        If an argument is out of its range, or `counts` names a class that the split lacks.
    OSError
        If a file cannot be written.
    """
    for name, value, least in (
        ("size", size, 32),
        ("per_class", per_class, 1),
        ("backgrounds", backgrounds, 0),
        ("workers", workers, 1),
    ):
        if value < least:
            raise ValueError(f"{name} is {value}; expected {least} or more")
    numbers = _numbers(split, per_class, counts or {})
    pictures = _plan(folder, split, size, numbers, seed, backgrounds)
    for kind in ("foregrounds", "backgrounds"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    opaque = _render_all(pictures, workers)
    front = [
        [p.name, p.subject, CLASSES[p.subject].group, solid, CLASSES[p.subject].unseen]
        for p, solid in zip(pictures, opaque, strict=True)
        if p.kind == "foreground"
    ]
    header = ("name", "class", "group", "opaque_part", "unseen")
    _write_table(folder / "foregrounds.csv", header, front)
    back = [[p.name, p.subject] for p in pictures if p.kind == "background"]
    _write_table(folder / "backgrounds.csv", ("name", "scene"), back)


def _numbers(split: str, per_class: int, counts: Mapping[str, int]) -> dict[str, int]:
    """Return how many foregrounds of each of the split's classes to render."""
    shown = split == "test"
    numbers = {name: per_class for name, facts in CLASSES.items() if shown or not facts.unseen}
    for name, count in counts.items():
        if name not in numbers:
            raise ValueError(f"{split} has no class {name!r}; expected one of {', '.join(numbers)}")
        if count < 0:
            raise ValueError(f"count of {name} is {count}; expected 0 or more")
        numbers[name] = count
    return numbers


def _plan(
    folder: Path, split: str, size: int, numbers: Mapping[str, int], seed: int, backgrounds: int
) -> list[_Picture]:
    pictures = []
    for subject, count in numbers.items():
        for index in range(count):
            name = f"{subject}_{index:02d}.png"
            path, number = folder / "foregrounds" / name, picture_seed(split, seed, index)
            pictures.append(_Picture("foreground", name, subject, number, path, size))
    scenes = tuple(SCENES)
    for turn in range(backgrounds):
        subject, index = scenes[turn % len(scenes)], turn // len(scenes)
        name = f"{subject}_{index:02d}.png"
        path, number = folder / "backgrounds" / name, picture_seed(split, seed, index)
        pictures.append(_Picture("background", name, subject, number, path, size))
    return pictures


def _render_all(pictures: Sequence[_Picture], workers: int) -> list[bool]:
    if workers == 1:
        return [_render(picture) for picture in pictures]
    # Spawned, not forked: a fork of a process with OpenCV's or torch's threads may hang.
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        return list(pool.map(_render, pictures, chunksize=4))


def _background_shape(picture: _Picture) -> tuple[int, int]:
    shapes = ((1.0, 1.0), (1.0, 4 / 3), (1.0, 1.5), (4 / 3, 1.0))
    tall, wide = Draws("background shape", picture.subject, picture.seed).choice(shapes)
    return round(tall * picture.size), round(wide * picture.size)


def _render(picture: _Picture) -> bool:
    """Render and write one picture; tell whether it has an opaque part."""
    if picture.kind == "background":
        height, width = _background_shape(picture)
        image = render_background(picture.subject, height, width, picture.seed)
        write_png(picture.path, image)
        return True
    foreground = render_foreground(picture.subject, picture.size, picture.seed)
    write_png(picture.path, foreground)
    return bool(np.mean(foreground[..., 3] == 255) >= _OPAQUE_SHARE)


def _write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows(
        [str(cell).lower() if isinstance(cell, bool) else cell for cell in row] for row in rows
    )
    write_bytes(path, text.getvalue().encode())
