"""Training samples: a foreground over a background, composed when asked.

A sample is a function of the seed and its number alone, so it does not depend on the number of
workers, and a resumed training sees what an uninterrupted one would have.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from distinctions646.compose.composite import composite, fit_window
from distinctions646.images.folders import list_images
from distinctions646.images.opencv import load_cv2
from distinctions646.images.reading import read_foreground_with_alpha, read_image
from hattmatting.samples.augment import augment
from hattmatting.samples.crops import Box, Crops, cut_plane

ImageU8 = npt.NDArray[np.uint8]

CACHE_BYTES = 6 << 30
# Height and width of frames, all of one area.
FRAMES = (
    (1.0, 1.0),
    (0.87, 1.15),
    (1.15, 0.87),
    (0.75, 1.33),
    (1.33, 0.75),
    (0.6, 1.5),
    (1.5, 0.6),
    (0.5, 1.9),
)
FRAME_MULTIPLE = 32  # the deepest stride
TIGHT = 0.7  # of the style "framed": the object fills the frame
EPOCH_KEYS = 1 << 63  # keeps the epochs' streams apart from the samples'


class Request(NamedTuple):
    """One sample to make.

    Attributes
    ----------
    number
        Of the sample.
    size
        Its side in pixels; of a frame that is no square, about the root of its area.
    distractors
        Probability that the background holds an object of its own.
    frame
        In the style ``"framed"``, which of `FRAMES` it has.
    """

    number: int
    size: int
    distractors: float
    frame: int = 0


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
        """Fill the cache, so that worker processes forked afterwards share it."""
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


Sample = tuple[Tensor, Tensor, int]  # image uint8 3×S×S, alpha uint8 1×S×S, the sample's number


class Window(NamedTuple):
    """What a sample in the style ``"paper"`` is composed of, all random draws made.

    Attributes
    ----------
    rgba, background
        uint8 N×N×4 and N×N×3: the same window of the foreground and of the fitted background.
    mirrored
        Whether the sample is flipped left to right.
    preset
        How they are composed, one of `distinctions646.compose.composite.PRESETS`.
    trimap
        uint8 N×N, the same window of the whole picture's trimap; None without a rule.
    """

    rgba: ImageU8
    background: ImageU8
    mirrored: bool
    preset: str = "adobe"
    trimap: ImageU8 | None = None


class Samples(Dataset[Sample]):
    """Samples from foregrounds and backgrounds, made on request.

    Parameters
    ----------
    sources
        The pictures.
    style
        ``"paper"``: the official composite, a random crop (by `crops`) resized to the asked size,
        random flip (§3.4). ``"salient"``: placement, colour, clutter and camera
        faults varied, for small networks trained from nothing. ``"framed"``: that in frames of
        several shapes, which the object often fills as it does in a cut-out's own picture.
    seed
        Together with a request's index, fixes a sample.
    crops
        Which windows are cut in the style ``"paper"``, and with what trimap.
    """

    def __init__(self, sources: Sources, style: str, seed: int, crops: Crops | None = None) -> None:
        if style not in {"paper", "salient", "framed"}:
            raise ValueError(f"style is {style!r}; expected 'paper', 'salient' or 'framed'")
        self.sources, self.style, self.seed = sources, style, seed
        self.crops = crops or Crops()

    @property
    def has_windows(self) -> bool:
        """Whether samples are windows of whole composites."""
        return self.style == "paper"

    def __len__(self) -> int:
        """Return the number of foregrounds: one pass over them is an epoch."""
        return len(self.sources.foregrounds)

    def __getitem__(self, request: Request) -> Sample:
        """Return image uint8 3×S×S, alpha uint8 1×S×S and the sample's number."""
        if self.style == "paper":
            image, alpha_u8 = compose_window(self.window(request.number), request.size)
        else:
            image, alpha_u8 = self._salient(request)
        return to_sample(image, alpha_u8, request.number)

    def window(self, number: int) -> Window:
        """Return what a sample in the style ``"paper"`` is composed of."""
        rng = self._rng(number)
        rgba = self.sources.foreground(self._foreground_of(number))
        path = self.sources.backgrounds[rng.integers(len(self.sources.backgrounds))]
        height, width = rgba.shape[:2]

        def cut(box: Box) -> ImageU8:
            top, left, rows, columns = box
            return rgba[top : top + rows, left : left + columns]

        trimap = self.crops.draw_trimap(lambda: rgba[..., 3], number, self.seed)
        box, part = self.crops.draw_window((height, width), cut, trimap, rng)
        background = fit_window(self.sources.background(path), (height, width), box)
        return Window(part, background, rng.random() < 0.5, trimap=cut_plane(trimap, box))

    def describe(self, number: int) -> str:
        """Return the file name of a sample's foreground."""
        return self._foreground_of(number).name

    def fingerprint(self) -> str:
        """Return a short hash that changes when the data does."""
        return self.sources.fingerprint()

    def _foreground_of(self, number: int) -> Path:
        return self.sources.foregrounds[place_in_epoch(self.seed, number, len(self))[1]]

    def _rng(self, number: int) -> np.random.Generator:
        return np.random.Generator(np.random.Philox(key=[self.seed, number]))

    def _salient(self, request: Request) -> tuple[ImageU8, ImageU8]:
        rng = self._rng(request.number)
        pool, scenes = self.sources.foregrounds, self.sources.backgrounds
        main = self.sources.foreground(self._foreground_of(request.number))
        others = [self.sources.foreground(pool[rng.integers(len(pool))]) for _ in range(2)]
        behind = [self.sources.background(scenes[rng.integers(len(scenes))]) for _ in range(2)]
        if self.style == "salient":
            return augment(main, others, behind, request.size, request.distractors, rng)
        size = frame_size(request.size, request.frame)
        return augment(main, others, behind, size, request.distractors, rng, TIGHT)


def frame_size(size: int, frame: int) -> tuple[int, int]:
    """Return height and width of a frame of about `size`² pixels.

    Examples
    --------
    >>> frame_size(192, 0), frame_size(192, 3)
    ((192, 192), (128, 256))
    """
    height, width = (
        max(round(size * share / FRAME_MULTIPLE), 2) * FRAME_MULTIPLE
        for share in FRAMES[frame % len(FRAMES)]
    )
    return height, width


def to_sample(image: ImageU8, alpha_u8: ImageU8, number: int) -> Sample:
    """Return H×W×3 and H×W arrays in a sample's form."""
    return to_planes(image), torch.from_numpy(np.ascontiguousarray(alpha_u8[None])), number


def to_planes(pixels: ImageU8) -> Tensor:
    """Return an H×W×C array as a tensor C×H×W of its own memory."""
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))


def place_in_epoch(seed: int, number: int, count: int) -> tuple[int, int]:
    """Return a sample's epoch and which of `count` sources it shows, each once an epoch."""
    epoch, place = divmod(number, count)
    return epoch, int(_order(seed, epoch, count)[place])


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, count: int) -> npt.NDArray[np.int64]:
    rng = np.random.Generator(np.random.Philox(key=[seed, EPOCH_KEYS + epoch]))
    return rng.permutation(count)


def compose_window(window: Window, size: int) -> tuple[ImageU8, ImageU8]:
    """Return a window composed, resized and flipped: image S×S×3 and alpha S×S, uint8."""
    rgba = window.rgba
    image = composite(rgba[..., :3], rgba[..., 3], window.background, window.preset)
    image, alpha_u8 = (resize_square(part, size) for part in (image, rgba[..., 3]))
    return (image[:, ::-1], alpha_u8[:, ::-1]) if window.mirrored else (image, alpha_u8)


def resize_square(pixels: ImageU8, size: int) -> ImageU8:
    """Return a square picture at another side: by area down, bilinearly up."""
    cv2 = load_cv2()
    method = cv2.INTER_AREA if pixels.shape[0] > size else cv2.INTER_LINEAR
    resized: ImageU8 = cv2.resize(pixels, (size, size), interpolation=method)
    return resized


def share_of(batch: int, processes: int) -> int:
    """Return each process's part of a batch; one that cannot be shared evenly is a `ValueError`."""
    if batch % processes:
        raise ValueError(f"batch is {batch}; expected a multiple of the {processes} processes")
    return batch // processes


class Batches:
    """The requests of each training step from `first` on: a batch sampler that can start anywhere.

    It yields one process's part of each batch, so that all processes together do what one alone
    would.

    Parameters
    ----------
    steps, batch
        Steps of the training, and samples per step.
    stages
        Pairs of the fraction of the training at which a stage ends and its side in pixels.
    distractors_from, distractors
        From this fraction of the training on, a sample holds distractors with this probability.
    first
        Step to start at.
    process, processes
        Which part of each batch, of how many.

    Raises
    ------
    ValueError
        If a batch cannot be shared out evenly.
    """

    def __init__(
        self,
        steps: int,
        batch: int,
        stages: tuple[tuple[float, int], ...],
        distractors_from: float,
        distractors: float,
        first: int,
        process: int = 0,
        processes: int = 1,
    ) -> None:
        share = share_of(batch, processes)
        self.mine = range(process * share, (process + 1) * share)
        self.steps, self.batch, self.stages, self.first = steps, batch, stages, first
        self.distractors_from, self.distractors = distractors_from, distractors

    def __len__(self) -> int:
        """Return the number of steps left."""
        return self.steps - self.first

    def __iter__(self) -> Iterator[list[Request]]:
        """Yield one list of requests a step."""
        for step in range(self.first, self.steps):
            size, share = self.at(step)
            yield [Request(step * self.batch + place, size, share, step) for place in self.mine]

    def at(self, step: int) -> tuple[int, float]:
        """Return the side of a step's samples, and their probability of distractors."""
        done = step / self.steps
        size = next((side for end, side in self.stages if done < end), self.stages[-1][1])
        return size, self.distractors if done >= self.distractors_from else 0.0
