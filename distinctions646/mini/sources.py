"""Write the sources of a dataset to a folder: foregrounds, backgrounds and their tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import cv2

from distinctions646.mini.catalogue import CLASSES, share_out
from distinctions646.mini.pictures import Picture, make_picture, picture_seed
from distinctions646.mini.places.rendering import SCENES
from distinctions646.process.pool import map_ordered
from distinctions646.process.whole_files import write_bytes

FOREGROUND_COLUMNS = ("name", "class", "group", "opaque_part", "unseen", "source")


def write_sources(
    folder: Path,
    split: str,
    *,
    size: int,
    seed: int,
    backgrounds: int,
    per_class: int | None = None,
    foregrounds: int | None = None,
    workers: int = 1,
    counts: Mapping[str, int] | None = None,
) -> None:
    """Render and write generated foregrounds and backgrounds of a split.

    The folder then holds ``foregrounds/<class>_<nn>.png`` (straight RGBA),
    ``backgrounds/<scene>_<nn>.png`` (RGB), ``foregrounds.csv`` (name, class, group, opaque_part,
    unseen, source) and ``backgrounds.csv`` (name, scene). The bytes depend on neither the number
    of workers nor the order of work. `opaque_part` is measured on each picture.

    Parameters
    ----------
    folder
        Where to write; made if absent. Files of the same names are replaced.
    split
        "train" or "validation" (the classes that are not `unseen`) or "test" (all of them); no two
        share a picture.
    size
        Long side of a foreground and short side of a background, in pixels.
    seed
        0 or more; another seed gives other pictures.
    backgrounds
        Number of backgrounds; the scenes take turns.
    per_class
        Number of foregrounds of each class. Give this or `foregrounds`.
    foregrounds
        Number of foregrounds in all, shared out by `catalogue.share_out`.
    workers
        Number of processes.
    counts
        Number of foregrounds of single classes, in place of the number that the two above give.

    Raises
    ------
    ValueError
        If an argument is out of its range, or `counts` names a class that the split lacks.
    OSError
        If a file cannot be written.
    """
    if workers < 1:
        raise ValueError(f"workers is {workers}; expected 1 or more")
    pictures = plan_sources(
        split,
        size=size,
        seed=seed,
        backgrounds=backgrounds,
        per_class=per_class,
        foregrounds=foregrounds,
        counts=counts,
    )
    write_pictures(folder, pictures, workers=workers)


def plan_sources(
    split: str,
    *,
    size: int,
    seed: int,
    backgrounds: int,
    per_class: int | None = None,
    foregrounds: int | None = None,
    counts: Mapping[str, int] | None = None,
) -> list[Picture]:
    """List the pictures that `write_sources` writes.

    Parameters
    ----------
    split, size, seed, backgrounds, per_class, foregrounds, counts
        As for `write_sources`.

    Raises
    ------
    ValueError
        If an argument is out of its range, or `counts` names a class that the split lacks.
    """
    if (per_class is None) == (foregrounds is None):
        raise ValueError("expected one of per_class and foregrounds")
    for name, value, least in (
        ("size", size, 32),
        ("per_class", per_class, 1),
        ("foregrounds", foregrounds, 1),
        ("backgrounds", backgrounds, 0),
    ):
        if value is not None and value < least:
            raise ValueError(f"{name} is {value}; expected {least} or more")
    names = [name for name, facts in CLASSES.items() if split == "test" or not facts.unseen]
    numbers = dict.fromkeys(names, per_class or 0)
    if foregrounds is not None:
        numbers = share_out(foregrounds, names)
    _override(numbers, counts or {}, split)
    pictures = [
        Picture(
            "foreground", f"{name}_{index:02d}.png", name, size, picture_seed(split, seed, index)
        )
        for name, count in numbers.items()
        for index in range(count)
    ]
    scenes = tuple(SCENES)
    for turn in range(backgrounds):
        scene, index = scenes[turn % len(scenes)], turn // len(scenes)
        number = picture_seed(split, seed, index)
        pictures.append(Picture("background", f"{scene}_{index:02d}.png", scene, size, number))
    return pictures


def _override(numbers: dict[str, int], counts: Mapping[str, int], split: str) -> None:
    for name, count in counts.items():
        if name not in numbers:
            raise ValueError(f"{split} has no class {name!r}; expected one of {', '.join(numbers)}")
        if count < 0:
            raise ValueError(f"count of {name} is {count}; expected 0 or more")
        numbers[name] = count


def write_pictures(
    folder: Path, pictures: Sequence[Picture], *, workers: int = 1, resume: bool = False
) -> None:
    """Make pictures and the tables that describe them.

    Parameters
    ----------
    folder
        Gets ``foregrounds/``, ``backgrounds/``, ``foregrounds.csv`` and ``backgrounds.csv``.
    pictures
        What to make; the tables keep their order.
    workers
        Number of processes.
    resume
        Whether to keep files that are there already and can be read.

    Raises
    ------
    ValueError
        If a vendored picture is damaged.
    OSError
        If a file cannot be read or written.
    """
    for kind in ("foregrounds", "backgrounds"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    opaque = _make_all(folder, pictures, workers, resume)
    front = [
        [p.name, p.subject, p.group, solid, p.unseen, p.source]
        for p, solid in zip(pictures, opaque, strict=True)
        if p.kind == "foreground"
    ]
    write_rows(folder / "foregrounds.csv", FOREGROUND_COLUMNS, front)
    back = [[p.name, p.subject] for p in pictures if p.kind == "background"]
    write_rows(folder / "backgrounds.csv", ("name", "scene"), back)


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file; booleans as "true" and "false".

    Parameters
    ----------
    path
        The file, replaced as a whole.
    header, rows
        The cells of the first line, and of the others.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows(
        [str(cell).lower() if isinstance(cell, bool) else cell for cell in row] for row in rows
    )
    write_bytes(path, text.getvalue().encode())


def _make_all(folder: Path, pictures: Sequence[Picture], workers: int, resume: bool) -> list[bool]:
    """Make the pictures; return of each whether it has an opaque part."""
    from tqdm import tqdm

    make = partial(make_picture, folder, resume=resume)
    made = map_ordered(make, pictures, workers=workers, begin=_one_thread)
    return list(tqdm(made, total=len(pictures), unit="picture", disable=None))


def _one_thread(_: int) -> None:
    cv2.setNumThreads(1)  # the processes share out the cores
