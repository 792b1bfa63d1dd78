"""Open test sets, read where they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from distinctions646.forms.plain import open_plain
from distinctions646.forms.samples import Split
from distinctions646.images.folders import find_images, match_images
from distinctions646.sources.opensets import OpenSet, open_set_layout


def open_set(name: str, source: Path, split: str = "test") -> Split:
    """Open an open set where it lies, and check that it is whole.

    Parameters
    ----------
    name
        A key of `OPEN_SETS`.
    source
        The unpacked set, or the folder around it.
    split
        Name of the split.

    Returns
    -------
    Split
        With lazy samples, sorted by name.

    Raises
    ------
    ValueError
        If there is no such set or split, a folder is missing, a picture has no partner or another
        size than it, or the number of samples is not that of the set.
    """
    layout = open_set_layout(name, split)
    folders = _find_folders(source, layout)
    pictures = _match_instances(folders) if layout.instances else match_images(folders)
    if layout.count not in (None, len(pictures)):
        raise ValueError(
            f"{folders['image']}: has {len(pictures)} images; {name} {split} has {layout.count}"
        )
    return open_plain(name, split, source, pictures)


def _find_folders(source: Path, layout: OpenSet) -> dict[str, Path]:
    if not source.is_dir():
        raise ValueError(f"{source}: no such folder; expected the unpacked set")
    for base in layout.bases:
        folders = {}
        for kind in ("image", "alpha", "trimap"):
            there = [source / base / one for one in getattr(layout, kind)]
            found = next((path for path in there if path.is_dir()), None)
            if found is not None:
                folders[kind] = found
        if "image" not in folders:
            continue
        for kind in ("alpha", "trimap"):
            if getattr(layout, kind) and kind not in folders:
                missing = source / base / getattr(layout, kind)[0]
                raise ValueError(f"{missing}: no such folder; the set has one")
        return folders
    looked = ", ".join(f"{base}/{layout.image[0]}".lstrip("/") for base in layout.bases)
    raise ValueError(f"{source}: none of {looked} is there; expected the unpacked set")


def _match_instances(folders: Mapping[str, Path]) -> dict[str, dict[str, Path]]:
    pictures = {}
    for stem, image in find_images(folders["image"]).items():
        if not (folders["alpha"] / stem).is_dir():
            raise ValueError(f"{image}: image has no folder of alphas in {folders['alpha']}")
        for instance, alpha in find_images(folders["alpha"] / stem).items():
            pictures[f"{stem}_{instance}"] = {"image": image, "alpha": alpha}
    return pictures
