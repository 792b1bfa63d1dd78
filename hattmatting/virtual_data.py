"""Training samples from a dataset that `distinctions646.build --write virtual` made.

The crops are those of `distinctions646.torch_data`: 512, 640 or 800 pixels of the official
composite, composed when asked, then resized and flipped as §3.4 of the paper says.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from torch.utils.data import Dataset

from distinctions646.loading import open_split
from distinctions646.torch_data import CropDataset
from hattmatting.data import (
    PAPER_CROPS,
    ImageU8,
    Request,
    Sample,
    place_in_epoch,
    resize_square,
)

TRIES = 10  # crops drawn while the matte is constant, as in `hattmatting.data.crop`


class VirtualSamples(Dataset[Sample]):
    """Make samples on request, each composite of the split once an epoch.

    Parameters
    ----------
    folder
        The built dataset.
    split
        Written as ``virtual``.
    backgrounds
        Folder of the backgrounds; None means ``backgrounds/`` inside `folder`.
    seed
        Together with a request's number, fixes a sample.

    Raises
    ------
    ValueError
        If the folder has no such virtual split, or a file is missing.
    """

    def __init__(self, folder: Path, split: str, backgrounds: Path | None, seed: int) -> None:
        self.opened = open_split(folder, split, "virtual", backgrounds)
        self.seed = seed
        self._crops: dict[tuple[int, int], CropDataset] = {}

    def __len__(self) -> int:
        """Return the number of composites."""
        return len(self.opened.samples)

    def __getitem__(self, request: Request) -> Sample:
        """Return image uint8 3×S×S, alpha uint8 1×S×S and the sample's number."""
        epoch, index = place_in_epoch(self.seed, request.number, len(self))
        crops = self._crops_of(request.size)
        crops.set_epoch(epoch)
        found = crops[index]
        return found["image"], found["alpha"], request.number

    def describe(self, number: int) -> str:
        """Name the composite of a sample."""
        return self.opened.samples[place_in_epoch(self.seed, number, len(self))[1]].id

    def fingerprint(self) -> str:
        """Return the split's fingerprint, from the manifest."""
        return f"{self.opened.name} {self.opened.split} {self.opened.identity}"

    def _crops_of(self, size: int) -> CropDataset:
        # One for each process: the epoch of a CropDataset is shared between workers, and a worker
        # that fetches ahead may be in the next one.
        key = (os.getpid(), size)
        if key not in self._crops:
            self._crops[key] = CropDataset(
                self.opened, PAPER_CROPS, seed=self.seed, tries=TRIES, transform=_ToSize(size)
            )
        return self._crops[key]


class _ToSize:
    def __init__(self, size: int) -> None:
        self.size = size

    def __call__(
        self, image: ImageU8, alpha_u8: ImageU8, rng: np.random.Generator
    ) -> tuple[ImageU8, ImageU8]:
        image, alpha_u8 = (resize_square(part, self.size) for part in (image, alpha_u8))
        if rng.random() < 0.5:
            image, alpha_u8 = image[:, ::-1], alpha_u8[:, ::-1]
        return image, alpha_u8
