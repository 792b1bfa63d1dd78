"""Plain folders: images with their alphas, and perhaps trimaps, under equal names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from distinctions646.checks.names import check_name, same_form
from distinctions646.forms.samples import Contents, Sample, Split
from distinctions646.images.headers import Exif, picture_size, turn_hint
from distinctions646.images.opening import open_header
from distinctions646.images.rules import AS_STORED, ReadingRules
from distinctions646.sources.layouts import GIVEN_TRIMAPS


def open_plain(
    name: str,
    split: str,
    folder: Path,
    pictures: Mapping[str, Mapping[str, Path]],
    reading: ReadingRules = AS_STORED,
) -> Split:
    """Open files that belong together as a split.

    Parameters
    ----------
    name, split
        Names of the dataset and of the split.
    folder
        Folder of the dataset.
    pictures
        For each sample's name the paths of its image, alpha and perhaps trimap.
    reading
        How the files are read where there is a choice.

    Returns
    -------
    Split
        Its samples read their files on demand.

    Raises
    ------
    ValueError
        If a file is no picture, the sizes of a sample differ, or it has a name that no result can
        hold.
    """
    samples = []
    rule = None
    for stem, paths in pictures.items():
        for kind, path in paths.items():
            check_name(path.name, f"{path.parent}: the file name of the {kind}")
        check_name(stem, f"{folder}: the name of a sample")
    for stem, paths in pictures.items():
        rule = GIVEN_TRIMAPS if "trimap" in paths else None
        _check_sizes(paths, reading.exif)
        contents: Contents = {kind: (path, None) for kind, path in paths.items()}
        foreground = same_form(paths["image"].stem)
        samples.append(Sample(stem, foreground, "", stem, rule, contents, reading=reading))
    return Split(
        name=name,
        split=split,
        folder=folder,
        trimap_rule=rule,
        trimap_seed=None,
        samples=tuple(samples),
    )


def sizes_of(paths: Iterable[Path], exif: Exif = "ignore") -> list[tuple[int, int]]:
    """Return height and width of each picture, from its header; `ValueError` if it is none."""
    sizes = []
    for path in paths:
        with open_header(path) as picture:
            sizes.append(picture_size(picture, exif))
    return sizes


def _check_sizes(paths: Mapping[str, Path], exif: Exif) -> None:
    sizes = dict(zip(paths, sizes_of(paths.values(), exif), strict=True))
    for kind, size in sizes.items():
        if size != sizes["image"]:
            got, wanted = (f"{side[0]}×{side[1]}" for side in (size, sizes["image"]))
            raise ValueError(
                f"{paths[kind]}: {kind} is {got} pixels; expected {wanted}, as its image"
                f"{turn_hint(paths.values(), exif)}"
            )
