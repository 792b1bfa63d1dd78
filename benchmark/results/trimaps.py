"""The trimaps that a run gives to a method: read with the dataset, or made from the truth."""

from __future__ import annotations

import hashlib
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


@dataclass(frozen=True)
class Trimaps:
    """Which trimaps a run gives to a method.

    Attributes
    ----------
    rule
        Id of the rule that makes or made them, such as ``dilate-25/v1``; None gives no trimaps.
    seed
        Seed of the rule's draws; None where trimaps came with the data.
    own
        True where they are read with the dataset, False where they are made from the truth.
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
        if trimap is not None and trimap.shape != alpha_gt.shape:  # its values are checked there
            check_trimap(trimap, alpha_gt.shape)
        return trimap

    @property
    def region(self) -> str:
        """The name of their unknown region in metric ids.

        Examples
        --------
        >>> Trimaps("dilate-25/v1", 0, own=True).region
        'unknown-of-dilate-25-v1'
        """
        return f"unknown-of-{self.rule}".replace("/", "-")


def choose_trimaps(split: Split, rule: str | None = None, seed: int = 0) -> Trimaps:
    """Return the split's own trimaps, or those of a named rule.

    Parameters
    ----------
    split
        An opened dataset.
    rule
        None chooses the split's own, whatever they are.
    seed
        Seed of the rule. A split that was built by the same rule and seed has these trimaps
        already.

    Raises
    ------
    ValueError
        If there is no such rule.
    """
    if rule is None or (rule, seed) == (split.trimap_rule, split.trimap_seed):
        return Trimaps(split.trimap_rule, split.trimap_seed, own=True)
    parse_rule(rule)
    return Trimaps(rule, seed, own=False)


def trimap_identity(split: Split, trimaps: Trimaps) -> str:
    """Return 12 hex digits of the trimaps: of their rule and seed, or of their pixels if given."""
    digest = hashlib.sha256(f"{trimaps.rule}\0{trimaps.seed}".encode())
    if trimaps.rule is not None and trimaps.seed is None:
        for sample in split.samples:
            trimap = sample.trimap("official")  # its values are checked where it is used
            if trimap is not None:
                sha256 = pixel_sha256(trimap)
                sample.keep_trimap(trimap, sha256)
                digest.update(f"{sample.name}\0{sha256}\n".encode())
    return digest.hexdigest()[:12]
