"""Pieces that several networks share."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

# Statistics of ImageNet's pictures in [0, 1], RGB, which most public programs normalise by.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class Normalise(nn.Module):
    """Subtract a mean and divide by a deviation, channel by channel; no state to save."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: tuple[float, ...] = MEAN, std: tuple[float, ...] = STD) -> None:
        super().__init__()
        for name, values in (("mean", mean), ("std", std)):
            # A constant, made on the CPU whatever device the network is built on: a network built
            # on the meta device and then filled from a file would keep an empty one.
            constant = torch.tensor(values, device="cpu").view(-1, 1, 1)
            self.register_buffer(name, constant, persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """Return B×C×H×W."""
        return (image - self.mean.to(image.device)) / self.std.to(image.device)


def norm(channels: int, groups: int) -> nn.Module:
    """Return batch normalisation, or group normalisation if `groups` is not 0."""
    return nn.GroupNorm(groups, channels) if groups else nn.BatchNorm2d(channels)


def upsample(features: Tensor, like: Tensor, *, align_corners: bool = False) -> Tensor:
    """Bring features to another's height and width, bilinear."""
    size = like.shape[-2:]
    if features.shape[-2:] == size:
        return features
    return F.interpolate(features, size, mode="bilinear", align_corners=align_corners)


def one_hot_trimap(trimap: Tensor) -> Tensor:
    """Return B×3×H×W: background, unknown, foreground, told apart at 85/255 and 170/255."""
    background, foreground = trimap < 85 / 255, trimap >= 170 / 255
    return torch.cat((background, ~(background | foreground), foreground), 1).to(trimap.dtype)
