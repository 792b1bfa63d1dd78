"""Training samples: a foreground over a background, composed on reading.

A sample is a function of (seed, index) alone, so it does not depend on the number of workers, and a
resumed training sees what an uninterrupted one would have.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from distinctions646.composite import composite, fit_background
from distinctions646.folders import list_images
from distinctions646.images import read_foreground_with_alpha, read_image
from distinctions646.opencv import load_cv2
from hattmatting.augment import augment

ImageU8 = npt.NDArray[np.uint8]

CACHE_BYTES = 6 << 30
PAPER_CROPS = (512, 640, 800)  # paper §3.4
EPOCH_KEYS = 1 << 63  # keeps the epochs' streams apart from the samples'


class Request(NamedTuple):
    """One sample to make: its number, its side in pixels, and how often it holds distractors."""

    number: int
    size: int
    distractors: float


@dataclass
class Sources:
    """RGBA foregrounds and RGB backgrounds in a folder, decoded once while they fit in memory.

    Parameters
    ----------
    folder
        Holds ``foregrounds/`` (RGBA) and ``backgrounds/``.

    Raises
    ------
    ValueError
        If either is missing or empty.
    """

    folder: Path
    foregrounds: list[Path] = field(init=False)
    backgrounds: list[Path] = field(init=False)
    _cache: dict[Path, ImageU8] = field(init=False, default_factory=dict)
    _cached_bytes: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """List both folders."""
        self.foregrounds = list_images(self.folder / "foregrounds")
        self.backgrounds = list_images(self.folder / "backgrounds")

    def fingerprint(self) -> str:
        """Return a short hash of the file names and sizes, to notice that the data changed."""
        digest = hashlib.sha256()
        for path in self.foregrounds + self.backgrounds:
            digest.update(f"{path.parent.name}/{path.name}:{path.stat().st_size}\n".encode())
        return digest.hexdigest()[:16]

    def decode_all(self) -> None:
        """Fill the cache now, so that worker processes forked afterwards share it."""
        for path in self.foregrounds:
            self.foreground(path)
        for path in self.backgrounds:
            self.background(path)

    def foreground(self, path: Path) -> ImageU8:
        """Return uint8 H×W×4, straight alpha."""
        if path in self._cache:
            return self._cache[path]
        colour, alpha_u8 = read_foreground_with_alpha(path)
        return self._keep(path, np.dstack([colour, alpha_u8]))

    def background(self, path: Path) -> ImageU8:
        """Return uint8 H×W×3."""
        return self._cache[path] if path in self._cache else self._keep(path, read_image(path))

    def _keep(self, path: Path, pixels: ImageU8) -> ImageU8:
        if self._cached_bytes + pixels.nbytes <= CACHE_BYTES:
            self._cache[path] = pixels
            self._cached_bytes += pixels.nbytes
        return pixels


class Samples(Dataset[tuple[Tensor, Tensor]]):
    """Make samples on request.

    Parameters
    ----------
    sources
        What to compose.
    style
        ``"paper"``: the official composite, a random crop of 512, 640 or 800 pixels resized to the
        asked size, random flip (§3.4). ``"salient"``: placement, colour, clutter and camera
        faults varied, for small networks trained from nothing.
    seed
        Together with a request's index, fixes a sample.
    """

    def __init__(self, sources: Sources, style: str, seed: int) -> None:
        if style not in {"paper", "salient"}:
            raise ValueError(f"style is {style!r}; expected 'paper' or 'salient'")
        self.sources, self.style, self.seed = sources, style, seed

    def __len__(self) -> int:
        """Return the number of foregrounds: one pass over them is an epoch."""
        return len(self.sources.foregrounds)

    def __getitem__(self, request: Request) -> tuple[Tensor, Tensor]:
        """Return image uint8 3×S×S and alpha uint8 1×S×S."""
        rng = np.random.Generator(np.random.Philox(key=[self.seed, request.number]))
        make = self._paper if self.style == "paper" else self._salient
        image, alpha_u8 = make(request, rng)
        return (
            torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))),
            torch.from_numpy(np.ascontiguousarray(alpha_u8[None])),
        )

    def _foreground_of(self, index: int) -> Path:
        """Visit every foreground once an epoch, in an order of the epoch's own."""
        count = len(self)
        epoch, place = divmod(index, count)
        order = np.random.Generator(np.random.Philox(key=[self.seed, EPOCH_KEYS + epoch]))
        return self.sources.foregrounds[int(order.permutation(count)[place])]

    def _paper(self, request: Request, rng: np.random.Generator) -> tuple[ImageU8, ImageU8]:
        rgba = self.sources.foreground(self._foreground_of(request.number))
        path = self.sources.backgrounds[rng.integers(len(self.sources.backgrounds))]
        height, width = rgba.shape[:2]
        background = fit_background(self.sources.background(path), height, width)
        image = composite(np.ascontiguousarray(rgba[..., :3]), rgba[..., 3], background)
        image, alpha_u8 = crop(image, rgba[..., 3], request.size, rng)
        if rng.random() < 0.5:
            image, alpha_u8 = image[:, ::-1], alpha_u8[:, ::-1]
        return image, alpha_u8

    def _salient(self, request: Request, rng: np.random.Generator) -> tuple[ImageU8, ImageU8]:
        pool, scenes = self.sources.foregrounds, self.sources.backgrounds
        main = self.sources.foreground(self._foreground_of(request.number))
        others = [self.sources.foreground(pool[rng.integers(len(pool))]) for _ in range(2)]
        background = self.sources.background(scenes[rng.integers(len(scenes))])
        return augment(main, others, background, request.size, request.distractors, rng)


def crop(
    image: ImageU8, alpha_u8: ImageU8, size: int, rng: np.random.Generator, tries: int = 10
) -> tuple[ImageU8, ImageU8]:
    """Cut one of the paper's three square crops and resize it to `size`.

    A composite smaller than the crop gives its largest square; a crop without any edge of the
    matte is drawn again, at most `tries` times.
    """
    height, width = alpha_u8.shape
    for _ in range(tries):
        side = min(int(rng.choice(PAPER_CROPS)), height, width)
        top = int(rng.integers(height - side + 1))
        left = int(rng.integers(width - side + 1))
        window = (slice(top, top + side), slice(left, left + side))
        if np.ptp(alpha_u8[window]) > 0:
            break
    cv2 = load_cv2()
    method = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    resized = [cv2.resize(part[window], (size, size), interpolation=method)
               for part in (image, alpha_u8)]  # fmt: skip
    return resized[0].astype(np.uint8), resized[1].astype(np.uint8)


class Batches:
    """The requests of each training step from `first` on: a batch sampler that can start anywhere.

    Parameters
    ----------
    steps, batch
        How many steps the training has, and samples in each.
    stages
        (fraction of the training at which it ends, side in pixels), in order; sides grow.
    distractors_from, distractors
        From this fraction on, a sample holds distractors with this probability.
    first
        The step to start at.
    """

    def __init__(
        self,
        steps: int,
        batch: int,
        stages: tuple[tuple[float, int], ...],
        distractors_from: float,
        distractors: float,
        first: int,
    ) -> None:
        self.steps, self.batch, self.stages, self.first = steps, batch, stages, first
        self.distractors_from, self.distractors = distractors_from, distractors

    def __len__(self) -> int:
        """Return the number of steps left."""
        return self.steps - self.first

    def __iter__(self) -> Iterator[list[Request]]:
        """Yield one list of requests a step."""
        for step in range(self.first, self.steps):
            done = step / self.steps
            size = next((side for end, side in self.stages if done < end), self.stages[-1][1])
            share = self.distractors if done >= self.distractors_from else 0.0
            first = step * self.batch
            yield [Request(index, size, share) for index in range(first, first + self.batch)]
