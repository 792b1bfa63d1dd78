"""What identifies a split in results: its folder's name and the hashes of its pixels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmark.results.trimaps import Trimaps, choose_trimaps, trimap_identity

if TYPE_CHECKING:
    from distinctions646.loading.opening import Split

Hashes = tuple[str | None, str | None, str | None]
"""SHA-256 of the decoded pixels of an image, its alpha and its trimap; None where not recorded."""


def split_folder(split: Split, trimaps: Trimaps | None = None) -> str:
    """Return a folder name that changes when pictures, truths or trimaps do.

    Parameters
    ----------
    split
        An opened dataset.
    trimaps
        The trimaps of the run; the split's own if left out.
    """
    root = split.root[:8]  # first: trimaps stay in memory where the other pictures do
    identity = trimap_identity(split, trimaps or choose_trimaps(split))[:8]
    return f"{slug(split.name)}-{split.split}-{root}-{identity}"


def known_hashes(split: Split) -> dict[str, Hashes]:
    """Return the hashes of pictures by image id: the recipe's, or as the root was made."""
    from distinctions646.plan.recipe import read_recipe

    path = split.folder / "recipe" / f"{split.split}.parquet"
    if not path.is_file():
        return {sample.id: (*split.hashes[sample.name], None) for sample in split.samples}
    rows = read_recipe(path)
    return {row.id: (row.image_sha256, row.alpha_sha256, row.trimap_sha256) for row in rows}


def check_pixels(name: str, found: Hashes, known: Hashes) -> None:
    """Refuse pictures that are not those the dataset was built or opened with.

    Parameters
    ----------
    name
        Name of the sample.
    found
        Hashes of its pictures; None for one that is not used.
    known
        Hashes in the recipe.

    Raises
    ------
    ValueError
        Naming the image.
    """
    for kind, got, expected in zip(("image", "alpha", "trimap"), found, known, strict=True):
        if None not in (got, expected) and got != expected:
            raise ValueError(
                f"{name}: its {kind} has other pixels than the dataset was built or opened with; "
                "see python -m distinctions646.verify"
            )


def slug(name: str) -> str:
    """Return a name that is safe in a path."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)
