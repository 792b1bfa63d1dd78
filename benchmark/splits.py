"""What a split is to the runner: its folder name, its trimaps' identity, its known pixels."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from distinctions646.fingerprint import pixel_sha256

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from distinctions646.loading import Sample, Split

Hashes = tuple[str | None, str | None]


def split_folder(split: Split) -> str:
    """Return a folder name that changes when pictures, truths or trimaps do."""
    return f"{slug(split.name)}-{split.split}-{split.root[:8]}-{trimap_identity(split)[:8]}"


def trimap_identity(split: Split) -> str:
    """Return 12 hex digits of the trimaps: of their rule and seed, or of their pixels if given."""
    digest = hashlib.sha256(f"{split.trimap_rule}\0{split.trimap_seed}".encode())
    if split.trimap_rule is not None and split.trimap_seed is None:
        for sample in split.samples:
            trimap = sample.trimap("official")  # its values are checked where it is used
            if trimap is not None:
                digest.update(f"{sample.name}\0{pixel_sha256(trimap)}\n".encode())
    return digest.hexdigest()[:12]


def known_hashes(split: Split) -> dict[str, Hashes]:
    """Return the recipe's hashes of image and alpha by image id; none for a plain folder."""
    from distinctions646.recipe import read_recipe

    path = split.folder / "recipe" / f"{split.split}.parquet"
    if not path.is_file():
        return {}
    return {row.id: (row.image_sha256, row.alpha_sha256) for row in read_recipe(path)}


def check_pixels(
    sample: Sample, image: npt.NDArray[np.uint8], alpha_u8: npt.NDArray[np.uint8], known: Hashes
) -> None:
    """Refuse pictures that are not those the dataset was built with.

    Raises
    ------
    ValueError
        Naming the image.
    """
    for kind, pixels, expected in (("image", image, known[0]), ("alpha", alpha_u8, known[1])):
        if expected is not None and pixel_sha256(pixels) != expected:
            raise ValueError(
                f"{sample.name}: its {kind} has other pixels than the dataset was built with; "
                "see python -m distinctions646.verify"
            )


def slug(name: str) -> str:
    """Return a name that is safe in a path."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)
