"""What a sample may carry beside image and alpha, and the batch that a training step sees.

To let samples carry another plane: make it in `SamplesWithPlanes`, name it in `Batch`, and give
`hattmatting.training.recipe.Recipe` the setting that asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from distinctions646.images.opencv import load_cv2
from hattmatting.samples.crops import Crops, ImageU8
from hattmatting.samples.samples import (
    Request,
    Sample,
    Window,
    compose_window,
    resize_square,
    to_planes,
    to_sample,
)


class Batch(NamedTuple):
    """The samples of a step, on the training's device.

    Attributes
    ----------
    image
        B×3×S×S, float32 in [0, 1], channels last.
    alpha
        The true matte, B×1×S×S, float32 in [0, 1].
    numbers
        The samples' numbers, B of them.
    trimap
        B×1×S×S, float32: 0, 128/255 where unknown, 1; where the recipe asks for trimaps.
    foreground, background
        What the image is composed of, B×3×S×S, float32 in [0, 1]; where the recipe asks for layers.
    maps
        What a frozen encoder made of the images, B×C×h×w by stride; `image` is empty then.
    more
        Further planes that the recipe makes of samples, B×C×S×S in [0, 1] by name.
    """

    image: Tensor
    alpha: Tensor
    numbers: list[int]
    trimap: Tensor | None = None
    foreground: Tensor | None = None
    background: Tensor | None = None
    maps: dict[int, Tensor] | None = None
    more: Mapping[str, Tensor] = MappingProxyType({})

    @property
    def unknown(self) -> Tensor:
        """Return the unknown region, B×1×S×S, 1 or 0; without trimaps a `ValueError`."""
        if self.trimap is None:
            raise ValueError("samples have no trimap; expected a recipe with a trimap rule")
        return ((self.trimap > 0.25) & (self.trimap < 0.75)).float()

    @property
    def transition(self) -> Tensor:
        """Return B×1×S×S: 1 where alpha is neither 0 nor 1."""
        return ((self.alpha > 0) & (self.alpha < 1)).float()


class PlainSamples(Protocol):
    """What `Samples` and `VirtualSamples` have in common."""

    crops: Crops
    seed: int

    @property
    def has_windows(self) -> bool:
        """Whether samples are windows of whole composites."""

    def __len__(self) -> int:
        """Return the number of samples an epoch."""

    def __getitem__(self, request: Request) -> Sample:
        """Return image, alpha and number."""

    def window(self, number: int) -> Window:
        """Cut what a sample in the style ``"paper"`` is made of."""


# Makes further planes, uint8 S×S×C by name, of image S×S×3 and trimap S×S.
MorePlanes = Callable[[ImageU8, ImageU8 | None], Mapping[str, ImageU8]]


class SamplesWithPlanes(Dataset[tuple[Tensor, Tensor, int, dict[str, Tensor]]]):
    """Samples that carry a trimap, the layers that they are composed of, or more.

    Parameters
    ----------
    samples
        The samples; windows of whole composites where layers are asked for. Trimaps are drawn by
        the rule of their `crops`, if it has one: of a window, that of the whole picture; of any
        other sample, which shows a whole object, its own.
    layers
        Whether to carry foreground and background, resized and flipped as the image is.
    more
        Makes further planes of a finished sample, in the loader's process; None for none.
    """

    def __init__(
        self,
        samples: PlainSamples,
        layers: bool,
        more: MorePlanes | None = None,
    ) -> None:
        self.samples, self.layers, self.more = samples, layers, more

    def __len__(self) -> int:
        """Return the number of samples an epoch."""
        return len(self.samples)

    def __getitem__(self, request: Request) -> tuple[Tensor, Tensor, int, dict[str, Tensor]]:
        """Return image, alpha, number, and the other planes by name: uint8, C×S×S."""
        if self.samples.has_windows:
            sample, planes = self._window(request)
        else:
            sample, planes = self.samples[request], {}
            alpha_u8 = sample[1][0].numpy()
            drawn = self.samples.crops.draw_trimap(
                lambda: alpha_u8, request.number, self.samples.seed
            )
            if drawn is not None:
                planes["trimap"] = torch.from_numpy(drawn[None])
        if self.more is not None:
            trimap = planes["trimap"][0].numpy() if "trimap" in planes else None
            made = self.more(sample[0].permute(1, 2, 0).contiguous().numpy(), trimap)
            planes |= {name: to_planes(plane) for name, plane in made.items()}
        return *sample, planes

    def _window(self, request: Request) -> tuple[Sample, dict[str, Tensor]]:
        window = self.samples.window(request.number)
        sample = to_sample(*compose_window(window, request.size), request.number)
        planes: dict[str, Tensor] = {}
        if self.layers:
            for name, layer in (
                ("foreground", window.rgba[..., :3]),
                ("background", window.background),
            ):
                resized = resize_square(np.ascontiguousarray(layer), request.size)
                planes[name] = to_planes(resized[:, ::-1] if window.mirrored else resized)
        if window.trimap is not None:
            trimap = resize_trimap(window.trimap, request.size)
            trimap = trimap[:, ::-1] if window.mirrored else trimap
            planes["trimap"] = to_planes(trimap[..., None])
        return sample, planes


def resize_trimap(trimap: ImageU8, size: int) -> ImageU8:
    """Return a square trimap at another side; no value is made that it did not have."""
    cv2 = load_cv2()
    resized: ImageU8 = cv2.resize(
        np.ascontiguousarray(trimap), (size, size), interpolation=cv2.INTER_NEAREST
    )
    return resized


def to_batch(
    image: Tensor, alpha: Tensor, numbers: list[int], planes: dict[str, Any], device: torch.device
) -> Batch:
    """Bring uint8 planes to the training's device as floats.

    Parameters
    ----------
    image, alpha
        uint8, B×3×S×S and B×1×S×S.
    numbers
        The samples' numbers.
    planes
        ``"trimap"`` of 0, 128 and 255, ``"foreground"``, ``"background"`` and what the
        recipe makes, uint8, where carried.
    device
        The training's.
    """

    def scaled(plane: Tensor) -> Tensor:
        return plane.to(device, non_blocking=True).float() / 255

    named = {"trimap", "foreground", "background"}
    others: dict[str, Any] = {name: scaled(planes[name]) for name in named & planes.keys()}
    others["more"] = {name: scaled(planes[name]) for name in planes.keys() - named}
    image = scaled(image).contiguous(memory_format=torch.channels_last)
    return Batch(image, scaled(alpha), numbers, **others)
