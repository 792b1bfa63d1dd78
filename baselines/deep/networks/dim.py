"""Deep Image Matting: VGG-16 with unpooling, and a small network that refines its matte.

References
----------
Xu, Price, Cohen, Huang, "Deep image matting", CVPR 2017. The variants are those of the public
re-implementations: additive skips and a 1×1 or 3×3 conv6 of 512 channels
(huochaitiantang/pytorch-deep-image-matting, open-mmlab/mmagic), batch normalisation with the
paper's full fc6 (Lu et al., poppinace/indexnet_matting).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.deep.networks.parts.blocks import Normalise

LEVELS = ((2, 1), (2, 2), (3, 4), (3, 8), (3, 8))  # convolutions, and channels over the width
DECODER = ((1, 1), (2, 1), (3, 2), (4, 4), (5, 8))  # level, and channels that its step returns


@dataclass(frozen=True)
class DimConfig:
    """Shape of the network; the defaults are the paper's.

    Attributes
    ----------
    width
        Channels of the first level.
    fc6_kernel, fc6_channels
        Of the convolution that VGG's first fully connected layer became.
    skip
        Add the encoder's features to the unpooled ones.
    refine
        Add the refinement stage.
    batch_norm
        Normalise after each convolution of the encoder.
    output
        ``"sigmoid"``, or ``"linear"`` where the network regresses alpha itself.
    """

    width: int = 64
    fc6_kernel: int = 7
    fc6_channels: int = 4096
    skip: bool = False
    refine: bool = True
    batch_norm: bool = False
    output: Literal["sigmoid", "linear"] = "sigmoid"


PRESETS = {
    "paper": DimConfig(),
    "small": DimConfig(width=14, fc6_kernel=1, fc6_channels=112, batch_norm=True),
}


class Dim(nn.Module):
    """The network.

    Examples
    --------
    >>> network = Dim(PRESETS["small"]).eval()
    >>> tuple(network(torch.zeros(1, 3, 32, 64), torch.zeros(1, 1, 32, 64))["alpha"].shape)
    (1, 1, 32, 64)
    """

    multiple = 32

    def __init__(self, config: DimConfig) -> None:
        super().__init__()
        self.config = config
        self.normalise = Normalise()
        channels = 4
        for level, (count, factor) in enumerate(LEVELS, 1):
            for place in range(1, count + 1):
                self.add_module(f"conv{level}_{place}", _conv(channels, factor * config.width, 3))
                channels = factor * config.width
                if config.batch_norm:
                    self.add_module(f"bn{level}_{place}", nn.BatchNorm2d(channels))
        self.conv6_1 = _conv(channels, config.fc6_channels, config.fc6_kernel)
        self.deconv6_1 = _conv(config.fc6_channels, channels, 1)
        for level, factor in reversed(DECODER):
            self.add_module(f"deconv{level}_1", _conv(channels, factor * config.width, 5))
            channels = factor * config.width
        self.deconv1 = _conv(channels, 1, 5)
        if config.refine:
            width = config.width
            self.refine_conv1 = _conv(4, width, 3)
            self.refine_conv2 = _conv(width, width, 3)
            self.refine_conv3 = _conv(width, width, 3)
            self.refine_pred = _conv(width, 1, 3)
        self.reset()

    def reset(self) -> None:
        """Start as the paper does without VGG's weights: Xavier, and no view of the trimap yet."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.xavier_normal_(module.weight)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, image: Tensor, trimap: Tensor) -> dict[str, Tensor]:
        """Return ``alpha``, and ``coarse`` before the refinement, both B×1×H×W."""
        colours = self.normalise(image)
        features = torch.cat((colours, trimap), 1)
        indices: list[Tensor] = []
        skips: list[Tensor] = []
        for level, (count, _) in enumerate(LEVELS, 1):
            for place in range(1, count + 1):
                features = self._encode(features, f"{level}_{place}")
            if self.config.skip:
                skips.append(features)
            features, index = F.max_pool2d(features, 2, return_indices=True)
            indices.append(index)
        features = F.relu(self.deconv6_1(F.relu(self.conv6_1(features))))
        for level, _ in reversed(DECODER):
            features = F.max_unpool2d(features, indices.pop(), [2, 2])
            if self.config.skip:
                features = features + skips.pop()
            features = F.relu(self.get_submodule(f"deconv{level}_1")(features))
        raw = self.deconv1(features)
        coarse = self._squash(raw)
        if not self.config.refine:
            return {"alpha": coarse, "coarse": coarse}
        return {"alpha": self._squash(raw + self._refine(colours, coarse)), "coarse": coarse}

    def _encode(self, features: Tensor, place: str) -> Tensor:
        features = self.get_submodule(f"conv{place}")(features)
        if self.config.batch_norm:
            features = self.get_submodule(f"bn{place}")(features)
        return F.relu(features)

    def _refine(self, colours: Tensor, coarse: Tensor) -> Tensor:
        features = torch.cat((colours, coarse), 1)
        for place in (1, 2, 3):
            features = F.relu(self.get_submodule(f"refine_conv{place}")(features))
        correction: Tensor = self.refine_pred(features)
        return correction

    def _squash(self, raw: Tensor) -> Tensor:
        return raw.sigmoid() if self.config.output == "sigmoid" else raw


def _conv(inside: int, outside: int, kernel: int) -> nn.Conv2d:
    return nn.Conv2d(inside, outside, kernel, padding=kernel // 2)
