"""What a sample may carry beside image and alpha, and the batch that a training step sees.

To let samples carry another plane: make it in `SamplesWithPlanes`, name it in `Batch`, and give
`hattmatting.training.recipe.Recipe` the setting that asks for it.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

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
        B×1×S×S, float32: 0, 0.5 where unknown, 1; where the recipe asks for trimaps.
    foreground, background
        What the image is composed of, B×3×S×S, float32 in [0, 1]; where the recipe asks for layers.
    maps
        What a frozen encoder made of the images, B×C×h×w by stride; `image` is empty then.
    """

    image: Tensor
    alpha: Tensor
    numbers: list[int]
    trimap: Tensor | None = None
    foreground: Tensor | None = None
    background: Tensor | None = None
    maps: dict[int, Tensor] | None = None

    @property
    def unknown(self) -> Tensor:
        """Return the unknown region, B×1×S×S, 1 or 0; without trimaps a `ValueError`."""
        if self.trimap is None:
            raise ValueError("samples have no trimap; expected a recipe with a trimap rule")
        return (self.trimap == 0.5).float()


class PlainSamples(Protocol):
    """What `Samples` and `VirtualSamples` have in common."""

    def __len__(self) -> int:
        """Return the number of samples an epoch."""

    def __getitem__(self, request: Request) -> Sample:
        """Return image, alpha and number."""

    def window(self, number: int) -> Window:
        """Cut what a sample in the style ``"paper"`` is made of."""


class SamplesWithPlanes(Dataset[tuple[Tensor, Tensor, int, dict[str, Tensor]]]):
    """Samples that carry a trimap, or the layers that they are composed of.

    Parameters
    ----------
    samples
        The samples; in the style ``"paper"`` where layers are asked for.
    trimap
        Rule that a trimap is drawn by, anew for each sample from `seed` and the sample's number;
        None for no trimap. The rule sees the finished crop, so radii that shrink with the picture
        do so here.
    layers
        Whether to carry foreground and background, resized and flipped as the image is.
    seed
        Of the training.
    """

    def __init__(self, samples: PlainSamples, trimap: str | None, layers: bool, seed: int) -> None:
        self.samples, self.trimap, self.layers, self.seed = samples, trimap, layers, seed

    def __len__(self) -> int:
        """Return the number of samples an epoch."""
        return len(self.samples)

    def __getitem__(self, request: Request) -> tuple[Tensor, Tensor, int, dict[str, Tensor]]:
        """Return image, alpha, number, and the other planes by name: uint8, C×S×S."""
        planes: dict[str, Tensor] = {}
        if self.layers:
            window = self.samples.window(request.number)
            sample = to_sample(*compose_window(window, request.size), request.number)
            for name, layer in (
                ("foreground", window.rgba[..., :3]),
                ("background", window.background),
            ):
                resized = resize_square(np.ascontiguousarray(layer), request.size)
                planes[name] = to_planes(resized[:, ::-1] if window.mirrored else resized)
        else:
            sample = self.samples[request]
        if self.trimap is not None:
            planes["trimap"] = draw_trimap(sample, self.trimap, self.seed)
        return *sample, planes


def draw_trimap(sample: Sample, rule: str, seed: int) -> Tensor:
    """Return a trimap of a sample's alpha, uint8 1×S×S; it depends on seed and number alone."""
    from distinctions646.trimap import make_trimap

    _, alpha, number = sample
    drawn = make_trimap(alpha[0].numpy(), rule, image_id=str(number), seed=seed)
    return torch.from_numpy(drawn[None])


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
        ``"trimap"`` of 0, 128 and 255, ``"foreground"`` and ``"background"``, uint8, where carried.
    device
        The training's.
    """

    def scaled(plane: Tensor) -> Tensor:
        return plane.to(device, non_blocking=True).float() / 255

    others: dict[str, Any] = {
        name: scaled(plane) for name, plane in planes.items() if name != "trimap"
    }
    if "trimap" in planes:
        trimap = planes["trimap"].to(device, non_blocking=True)
        others["trimap"] = torch.where(trimap == 128, 0.5, trimap.float() / 255)
    image = scaled(image).contiguous(memory_format=torch.channels_last)
    return Batch(image, scaled(alpha), numbers, **others)
