"""Composition, resizing and flip on the training's device.

A loader process then only decodes and cuts windows. It draws them by the same numbers as where it
makes whole samples (`hattmatting.samples.samples`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache, reduce
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from distinctions646.compose.composite import composite
from hattmatting.samples.samples import Request, Window

SLIVER = 1e-3  # OpenCV's area filter ignores pixels that it covers by less than this part


class Windows(NamedTuple):
    """A batch of windows of several sizes in one tensor, for a single transfer to the device.

    Attributes
    ----------
    pixels
        uint8, flat: N×N×4 foreground with alpha, then N×N×3 background, window after window.
    sides, mirrored, presets, numbers
        For each window: N, whether it is flipped, how it is composed, the sample's number.
    size
        Side of the samples, in pixels.
    """

    pixels: Tensor
    sides: list[int]
    mirrored: list[bool]
    presets: list[str]
    numbers: list[int]
    size: int


def pack(items: Sequence[tuple[Window, Request]]) -> Windows:
    """Return the windows of a batch in one tensor; a loader's ``collate_fn``."""
    windows = [window for window, _ in items]
    layers = [layer for window in windows for layer in (window.rgba, window.background)]
    return Windows(
        torch.from_numpy(np.concatenate([layer.reshape(-1) for layer in layers])),
        [len(window.rgba) for window in windows],
        [window.mirrored for window in windows],
        [window.preset for window in windows],
        [request.number for _, request in items],
        items[0][1].size,
    )


def compose(windows: Windows, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the samples of a batch.

    Parameters
    ----------
    windows
        From :func:`pack`.
    device
        Where they are composed and stay.

    Returns
    -------
    image, alpha : Tensor
        B×3×S×S and B×1×S×S, uint8, on the device, as `samples.compose_window` makes them, but for
        a level here and there where they are resized.
    """
    pixels = windows.pixels.to(device, non_blocking=True)
    parts = torch.split(pixels, [7 * side * side for side in windows.sides])
    made = []
    for part, side, mirrored, preset in zip(
        parts, windows.sides, windows.mirrored, windows.presets, strict=True
    ):
        rgba = part[: 4 * side * side].view(side, side, 4)
        image = blend(rgba, part[4 * side * side :].view(side, side, 3), preset)
        planes = resize(torch.cat([image, rgba[..., 3:]], 2).permute(2, 0, 1), windows.size)
        made.append(planes.flip(2) if mirrored else planes)
    samples = torch.stack(made)
    return samples[:, :3], samples[:, 3:]


def blend(rgba: Tensor, background: Tensor, preset: str = "adobe") -> Tensor:
    """Return a foreground over a background, equal to `compose.composite.composite` to the bit.

    The value is looked up: devices differ in how they divide, and some have no double precision.

    Parameters
    ----------
    rgba, background
        H×W×4 and H×W×3, uint8.
    preset
        One of `distinctions646.compose.composite.PRESETS`.

    Returns
    -------
    Tensor
        H×W×3, uint8.
    """
    layers = rgba.long()
    places = (layers[..., 3:] << 16) | (layers[..., :3] << 8) | background
    return _composites(preset, rgba.device)[places]


@lru_cache(maxsize=4)
def _composites(preset: str, device: torch.device) -> Tensor:
    """Return the composite of every alpha, foreground and background value, flat, in this order.

    It has 256³ entries, 16 MiB.
    """
    front, back = (np.repeat(level[..., None], 3, 2) for level in np.indices((256, 256), np.uint8))
    values = [
        composite(front, np.full((256, 256), alpha, np.uint8), back, preset)[..., 0]
        for alpha in range(256)
    ]
    return torch.from_numpy(np.stack(values).reshape(-1)).to(device)


def resize(planes: Tensor, size: int) -> Tensor:
    """Return squares resized as `samples.resize_square` does: by area down, bilinearly up.

    Parameters
    ----------
    planes
        C×N×N, uint8.
    size
        The new side.

    Returns
    -------
    Tensor
        C×S×S, uint8, rounded to the nearest.
    """
    side = planes.shape[-1]
    if side == size:
        return planes
    places, weights = _taps(side, size, planes.device)
    values = planes.float()
    for _ in range(2):  # over the rows, then, transposed, over the columns
        values = values.contiguous()
        taps = (
            values.index_select(1, place) * weight[:, None]
            for place, weight in zip(places, weights, strict=True)
        )
        values = reduce(torch.add, taps).transpose(1, 2)
    return values.round().to(torch.uint8)


@lru_cache(maxsize=64)
def _taps(side: int, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the places of the K pixels that make each new one, and their weights: K×S both."""
    scale = side / size
    if scale > 1:
        start = np.arange(size) * scale
        places = np.floor(start) + np.arange(math.ceil(scale) + 1)[:, None]
        covered = np.minimum(places + 1, start + scale) - np.maximum(places, start)
        weights = np.where(covered > SLIVER, covered, 0) / scale
    else:
        centre = np.clip((np.arange(size) + 0.5) * scale - 0.5, 0, side - 1)
        places = np.floor(centre) + np.arange(2)[:, None]
        weights = 1 - np.abs(centre - places)
    inside = np.minimum(places, side - 1).astype(np.int64)
    return torch.from_numpy(inside).to(device), torch.from_numpy(weights).float().to(device)
