"""Random crops of a virtual split for PyTorch, a function of (seed, epoch, index) alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from distinctions646.forms.samples import Split
from distinctions646.forms.virtual import VirtualSample

# Image, alpha and perhaps trimap in, with the sample's generator last; as many arrays out.
Transform = Callable[..., tuple[NDArray[np.uint8], ...]]


def crop_generator(seed: int, epoch: int, index: int) -> np.random.Generator:
    """Return the random generator of one sample in one epoch.

    Parameters
    ----------
    seed
        Seed of the training run, below 2**64.
    epoch, index
        Pass over the data, and position of the sample; both below 2**32.

    Returns
    -------
    numpy.random.Generator
        Counter-based (Philox): it depends on the three numbers and on nothing drawn before.

    Raises
    ------
    ValueError
        If a number is negative or too large.
    """
    for name, number, limit in (("seed", seed, 64), ("epoch", epoch, 32), ("index", index, 32)):
        if not 0 <= number < 1 << limit:
            raise ValueError(f"{name} is {number}; expected 0 to 2**{limit} - 1")
    return np.random.Generator(np.random.Philox(key=[seed, (epoch << 32) | index]))


class CropDataset(Dataset[dict[str, Any]]):
    """Random square crops of a virtual split, composed when asked.

    The crop of a sample does not depend on the number of workers, the order of requests or the
    process that answers; it equals the same crop of the materialised picture byte for byte.

    Parameters
    ----------
    split
        Opened with ``mode="virtual"``.
    sizes
        Side of the crops in pixels; of several one is drawn for each sample. Where a picture is
        smaller the crop is its shorter side, which needs a `transform` that returns one size.
    seed
        Seed of the training run.
    tries
        Most draws of a crop, as long as its alpha has a single value.
    transform
        Called with image, alpha_u8, trimap (where there are trimaps) and the sample's generator
        (for flips and the like); returns the arrays, of any size. It must be picklable where
        workers are spawned.
    trimaps
        Whether to return the crop of each trimap as well. A trimap by a rule is made from the whole
        alpha each time, so that it equals that of the materialised picture; at 3 megapixels this
        takes many times as long as the crop.

    Raises
    ------
    ValueError
        If the split is not virtual, a size is not positive, crops would differ in size and there
        is no transform, or trimaps are wanted of a split that has none.
    """

    def __init__(
        self,
        split: Split,
        sizes: int | Sequence[int] = 512,
        *,
        seed: int = 0,
        tries: int = 1,
        transform: Transform | None = None,
        trimaps: bool = False,
    ) -> None:
        self.sizes = (sizes,) if isinstance(sizes, int) else tuple(sizes)
        self.samples = _virtual_samples(split)
        self.seed, self.tries, self.transform, self.trimaps = seed, tries, transform, trimaps
        if trimaps and split.trimap_rule is None:
            raise ValueError(f"{split.folder}: {split.split} has no trimaps; build it with a rule")
        if tries < 1:
            raise ValueError(f"tries is {tries}; expected 1 or more")
        if not self.sizes or min(self.sizes) < 1:
            raise ValueError(f"sizes is {self.sizes}; expected positive numbers of pixels")
        if transform is None:
            _check_one_size(self.sizes, self.samples)
        # In shared memory, so that workers that outlive an epoch learn of the next one.
        self._epoch = torch.zeros((), dtype=torch.int64)
        self._epoch.share_memory_()  # type: ignore[no-untyped-call]

    @property
    def epoch(self) -> int:
        """The current pass over the data, from 0."""
        return int(self._epoch)

    def set_epoch(self, epoch: int) -> None:
        """Set the pass; to be called before a loader is iterated over.

        Parameters
        ----------
        epoch
            From 0.
        """
        crop_generator(self.seed, epoch, 0)  # refuses what is out of range
        self._epoch.fill_(epoch)

    def __len__(self) -> int:
        """Return the number of composites."""
        return len(self.samples)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return id, and image (3×S×S), alpha and perhaps trimap (1×S×S) as uint8 tensors."""
        if not 0 <= index < len(self):
            raise IndexError(f"index is {index}; expected 0 to {len(self) - 1}")
        sample = self.samples[index]
        generator = crop_generator(self.seed, self.epoch, index)
        window = self._window(sample, generator)
        arrays: tuple[NDArray[np.uint8], ...] = sample.crop(*window)
        if self.trimaps:
            arrays = (*arrays, sample.trimap_crop(*window))
        if self.transform is not None:
            arrays = self.transform(*arrays, generator)
        item: dict[str, Any] = {"id": sample.id}
        for name, array in zip(("image", "alpha", "trimap"), arrays, strict=False):
            planes = array.transpose(2, 0, 1) if name == "image" else array[None]
            item[name] = torch.from_numpy(np.ascontiguousarray(planes))
        return item

    def window(self, index: int) -> tuple[int, int, int, int]:
        """Return the crop of a sample in this epoch.

        Parameters
        ----------
        index
            Position of the sample in the split.

        Returns
        -------
        top, left, height, width : int
            Pixels of the whole picture.
        """
        generator = crop_generator(self.seed, self.epoch, index)
        return self._window(self.samples[index], generator)

    def _window(
        self, sample: VirtualSample, generator: np.random.Generator
    ) -> tuple[int, int, int, int]:
        height, width = sample.size()
        for number in range(self.tries):
            side = min(self.sizes[int(generator.integers(len(self.sizes)))], height, width)
            top = int(generator.integers(height - side + 1))
            left = int(generator.integers(width - side + 1))
            last = number == self.tries - 1
            if last or np.ptp(sample.alpha_crop(top, left, side, side)) > 0:
                break
        return top, left, side, side


def _virtual_samples(split: Split) -> tuple[VirtualSample, ...]:
    for sample in split.samples:
        if not isinstance(sample, VirtualSample):
            raise ValueError(f'{split.folder}: {split.split} is not opened with mode="virtual"')
    return cast("tuple[VirtualSample, ...]", split.samples)


def _check_one_size(sizes: Sequence[int], samples: Sequence[VirtualSample]) -> None:
    if len(set(sizes)) > 1:
        raise ValueError(f"sizes is {tuple(sizes)}; expected one, or a transform that returns one")
    for sample in samples:
        height, width = sample.size()
        if min(height, width) < sizes[0]:
            raise ValueError(
                f"{sample.id}: is {height}×{width} pixels; expected at least {sizes[0]} a side, "
                "or a transform that returns one size"
            )
