"""Open test sets, read where they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from distinctions646.checks.names import near_hint, same_form
from distinctions646.forms.plain import open_plain
from distinctions646.forms.samples import Split
from distinctions646.images.folders import find_images, match_images
from distinctions646.images.rules import AS_STORED, ReadingRules
from distinctions646.sources.layouts import OpenSetLayout
from distinctions646.sources.locations import OpenSetSources


def open_set(sources: OpenSetSources, reading: ReadingRules = AS_STORED) -> Split:
    """Open an open set where it lies, and check that it is whole.

    Parameters
    ----------
    sources
        The set, its split and its folder.
    reading
        How the files are read where there is a choice.

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
    layout = sources.layout
    folders = _find_folders(sources.source, layout)
    pictures = _match_instances(folders) if layout.instances else match_images(folders)
    if layout.count not in (None, len(pictures)):
        raise ValueError(
            f"{folders['image']}: has {len(pictures)} images; {sources.dataset} {sources.split} "
            f"has {layout.count}"
        )
    return open_plain(sources.dataset, sources.split, sources.source, pictures, reading)


def _find_folders(source: Path, layout: OpenSetLayout) -> dict[str, Path]:
    if not source.is_dir():
        raise ValueError(f"{source}: no such folder; expected the unpacked set")
    for base in layout.bases:
        folders = {}
        for kind in ("image", "alpha", "trimap"):
            candidates = [source / base / folder for folder in getattr(layout, kind)]
            existing = next((path for path in candidates if path.is_dir()), None)
            if existing is not None:
                folders[kind] = existing
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
    alphas = {same_form(path.name): path for path in folders["alpha"].iterdir() if path.is_dir()}
    for stem, image in find_images(folders["image"]).items():
        if stem not in alphas:
            near = near_hint(stem, alphas)
            raise ValueError(f"{image}: image has no folder of alphas in {folders['alpha']}{near}")
        for instance, alpha in find_images(alphas[stem]).items():
            pictures[f"{stem}_{instance}"] = {"image": image, "alpha": alpha}
    return pictures
