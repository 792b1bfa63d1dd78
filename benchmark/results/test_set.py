"""What a split is to the runner: its folder name, its trimaps' identity, its known pixels."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.trimap.making import make_trimap
from distinctions646.trimap.rules import parse_rule
from distinctions646.trimap.values import check_trimap

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from distinctions646.loading.opening import Sample, Split

Hashes = tuple[str | None, str | None]


@dataclass(frozen=True)
class Trimaps:
    """Which trimaps a run gives to a method.

    Attributes
    ----------
    rule, seed
        How they were or are made; a rule of None gives none.
    own
        Whether they are read with the dataset; made from the truth by the rule otherwise.
    """

    rule: str | None
    seed: int | None
    own: bool

    def of(self, sample: Sample, alpha_gt: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8] | None:
        """Return the trimap of a sample: H×W, uint8; None where there is none.

        Raises
        ------
        ValueError
            If it holds other values than 0, 128 and 255, or has another size than the truth.
        """
        if self.rule is None:
            return None
        if not self.own:
            return make_trimap(alpha_gt, self.rule, image_id=sample.id, seed=self.seed or 0)
        trimap = sample.trimap()
        if trimap is not None:
            check_trimap(trimap, alpha_gt.shape)
        return trimap


def choose_trimaps(split: Split, rule: str | None = None, seed: int = 0) -> Trimaps:
    """Choose the split's own trimaps, or those of a named rule.

    Parameters
    ----------
    split
        An opened dataset.
    rule
        None takes the split's own, whatever they are.
    seed
        Of the rule; a split that was built by the same rule and seed has these trimaps already.

    Raises
    ------
    ValueError
        If there is no such rule.
    """
    if rule is None or (rule, seed) == (split.trimap_rule, split.trimap_seed):
        return Trimaps(split.trimap_rule, split.trimap_seed, own=True)
    parse_rule(rule)
    return Trimaps(rule, seed, own=False)


def split_folder(split: Split, trimaps: Trimaps | None = None) -> str:
    """Return a folder name that changes when pictures, truths or trimaps do."""
    identity = trimap_identity(split, trimaps)[:8]
    return f"{slug(split.name)}-{split.split}-{split.root[:8]}-{identity}"


def trimap_identity(split: Split, trimaps: Trimaps | None = None) -> str:
    """Return 12 hex digits of the trimaps: of their rule and seed, or of their pixels if given."""
    chosen = trimaps or choose_trimaps(split)
    digest = hashlib.sha256(f"{chosen.rule}\0{chosen.seed}".encode())
    if chosen.rule is not None and chosen.seed is None:
        for sample in split.samples:
            trimap = sample.trimap("official")  # its values are checked where it is used
            if trimap is not None:
                digest.update(f"{sample.name}\0{pixel_sha256(trimap)}\n".encode())
    return digest.hexdigest()[:12]


def known_hashes(split: Split) -> dict[str, Hashes]:
    """Return the recipe's hashes of image and alpha by image id; none for a plain folder."""
    from distinctions646.plan.recipe import read_recipe

    path = split.folder / "recipe" / f"{split.split}.parquet"
    if not path.is_file():
        return {}
    return {row.id: (row.image_sha256, row.alpha_sha256) for row in read_recipe(path)}


def check_pixels(name: str, image_sha256: str, alpha_sha256: str, known: Hashes) -> None:
    """Refuse pictures that are not those the dataset was built with.

    Raises
    ------
    ValueError
        Naming the image.
    """
    for kind, got, expected in (
        ("image", image_sha256, known[0]),
        ("alpha", alpha_sha256, known[1]),
    ):
        if expected is not None and got != expected:
            raise ValueError(
                f"{name}: its {kind} has other pixels than the dataset was built with; "
                "see python -m distinctions646.verify"
            )


def slug(name: str) -> str:
    """Return a name that is safe in a path."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)
