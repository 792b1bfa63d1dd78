"""Late Fusion: two decoders say what is certainly foreground and background, a third blends them.

References
----------
Zhang, Gong, Fan, Ren, Huang, Bao, Xu, "A late fusion CNN for digital matting", CVPR 2019. The sizes
follow a public port of the Keras program; its blend does not, the paper's stands here.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.deep.networks.parts.blocks import Normalise
from baselines.deep.networks.parts.densenet import EPSILON, DenseNet

MEAN = (127.156 / 255, 115.917 / 255, 106.031 / 255)  # RGB, subtracted
STD = (1 / 255, 1 / 255, 1 / 255)  # colours are 0 to 255 to the network


@dataclass(frozen=True)
class LateFusionConfig:
    """Shape of the network; the defaults are the paper's, DenseNet-201.

    Attributes
    ----------
    stem, growth, blocks
        Of the DenseNet.
    width
        Of the side branches and the fusion, and the least of the decoders.
    fusion
        Channels of the fusion's five 3×3 convolutions.
    """

    stem: int = 64
    growth: int = 32
    blocks: tuple[int, ...] = (6, 12, 48, 32)
    width: int = 128
    fusion: tuple[int, ...] = (256, 128, 128, 64, 256)


PRESETS = {
    "paper": LateFusionConfig(),
    "small": LateFusionConfig(16, 16, (2, 4, 8, 8), 16, (16, 16, 16, 16, 16)),
}


class LateFusion(nn.Module):
    """The network; it takes no trimap.

    Examples
    --------
    >>> network = LateFusion(PRESETS["small"]).eval()
    >>> tuple(network(torch.zeros(1, 3, 32, 64))["alpha"].shape)
    (1, 1, 32, 64)
    """

    multiple = 32

    def __init__(self, config: LateFusionConfig) -> None:
        super().__init__()
        self.config = config
        self.normalise = Normalise(MEAN, STD)
        self.encoder = DenseNet(config.stem, config.growth, config.blocks)
        self.foreground = SegmentationDecoder(self.encoder.channels, config.width)
        self.background = SegmentationDecoder(self.encoder.channels, config.width)
        self.fusion = Fusion(config.width, config.fusion)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """Return ``alpha``, and what its losses need.

        ``foreground`` and ``background`` are B×1×H×W, ``foreground_sides`` and
        ``background_sides`` B×4×H×W: each decoder's answer at /1, /2, /4, /8; ``blend`` is β.
        """
        colours = self.normalise(image)
        taps = self.encoder(colours)
        foreground, seen_foreground = self.foreground(taps)
        background, seen_background = self.background(taps)
        blend = self.fusion(colours, seen_foreground, seen_background)
        fg, bg = foreground[:, :1], background[:, :1]
        alpha = blend * fg + (1 - blend) * (1 - bg)
        return {
            "alpha": alpha,
            "blend": blend,
            "foreground": fg,
            "background": bg,
            "foreground_sides": foreground,
            "background_sides": background,
        }


class SegmentationDecoder(nn.Module):
    """Up from /32 with the encoder's features, and a feature pyramid of constant width."""

    def __init__(self, channels: list[int], width: int) -> None:
        super().__init__()
        inside = channels[4]
        wide = [max(width, each) for each in channels[:4]]  # at /2, /4, /8, /16
        for level in (5, 4, 3, 2, 1):
            outside = wide[level - 2] if level > 1 else width
            given = inside + (channels[level - 2] if level > 1 else 0)
            self.add_module(f"deconv{level}_conv", nn.Conv2d(given, outside, 1, bias=False))
            self.add_module(f"deconv{level}_bn", nn.BatchNorm2d(outside, EPSILON))
            inside = outside
        self.up4_conv = nn.Conv2d(wide[3], width, 1)
        for level, given in enumerate((width, *wide[:3])):
            if given != width:
                self.add_module(f"side_{level}_conv1", nn.Conv2d(given, width, 1))
            self.add_module(f"side_{level}_conv2", nn.Conv2d(width, width, 3, padding=1))
            self.add_module(f"side_{level}_conv3", nn.Conv2d(width, 1, 1))

    def forward(self, taps: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Return B×4×H×W answers, the finest first, and B×width×H×W features."""
        features = taps[4]
        maps: list[Tensor] = []  # at /16, /8, /4, /2, /1
        for level in (5, 4, 3, 2, 1):
            features = _double(features)
            if level > 1:
                features = torch.cat((features, taps[level - 2]), 1)
            features = self.get_submodule(f"deconv{level}_conv")(features)
            features = F.relu(self.get_submodule(f"deconv{level}_bn")(features))
            maps.append(features)
        pyramid = _double(F.relu(self.up4_conv(maps[0])))
        answers: list[Tensor] = []
        for level in (3, 2, 1, 0):
            side = maps[4 - level]
            if hasattr(self, f"side_{level}_conv1"):
                side = self.get_submodule(f"side_{level}_conv1")(side)
            pyramid = self.get_submodule(f"side_{level}_conv2")(side + pyramid)
            answer = self.get_submodule(f"side_{level}_conv3")(pyramid).sigmoid()
            answers.append(F.interpolate(answer, scale_factor=2**level) if level else answer)
            if level:
                pyramid = _double(pyramid)
        return torch.cat(answers[::-1], 1), pyramid


class Fusion(nn.Module):
    """Which of the two decoders to believe, pixel by pixel."""

    def __init__(self, width: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.convrgb = nn.Conv2d(3, width, 3, padding=1)
        self.bnrgb = nn.BatchNorm2d(width, EPSILON)
        inside = 3 * width
        for place, outside in enumerate(channels):
            self.add_module(f"conv{place}", nn.Conv2d(inside, outside, 3, padding=1))
            self.add_module(f"bn{place}", nn.BatchNorm2d(outside, EPSILON))
            inside = outside
        self.conv_output = nn.Conv2d(inside, 1, 1)
        self.steps = len(channels)

    def forward(self, colours: Tensor, foreground: Tensor, background: Tensor) -> Tensor:
        """Return β, B×1×H×W in [0, 1]."""
        seen = self.bnrgb(self.convrgb(colours))
        features = torch.cat((foreground, background, seen), 1)
        for place in range(self.steps):
            features = self.get_submodule(f"conv{place}")(features)
            features = F.relu(self.get_submodule(f"bn{place}")(features))
        blend: Tensor = self.conv_output(features)
        return blend.sigmoid()


def _double(features: Tensor) -> Tensor:
    return F.interpolate(features, scale_factor=2, mode="nearest")
