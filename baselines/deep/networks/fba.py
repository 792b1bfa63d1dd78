"""FBA matting: alpha, foreground and background at once, from ResNet-50 with group normalisation.

Weight standardisation is folded into the weights when a file is loaded; the network is loaded only,
never trained here.

References
----------
Forte, Pitié, "F, B, alpha matting", 2020, arXiv:2003.07711; the released program,
MarcoForte/FBA_Matting.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.deep.networks.parts.blocks import Normalise, upsample
from baselines.deep.networks.parts.resnet import BLOCKS, EXPANSION, make_layer

SCALES = (1, 2, 3, 6)  # sides of the pooled grids
CONFIDENCE = 0.1  # of the network's own alpha in the fusion
TRIMAP_CHANNELS = 8  # six distance maps, background, foreground


@dataclass(frozen=True)
class FbaConfig:
    """Shape of the network; the defaults are the released one's.

    Attributes
    ----------
    width
        Channels of the stem; everything scales with it.
    blocks
        Of the four stages.
    groups
        Of group normalisation.
    """

    width: int = 64
    blocks: tuple[int, ...] = BLOCKS
    groups: int = 32


PRESETS = {"paper": FbaConfig(), "small": FbaConfig(8, (1, 1, 1, 1), 4)}


class Fba(nn.Module):
    """The network; its trimap has eight channels, see `baselines.deep.methods.fba`.

    Examples
    --------
    >>> network = Fba(PRESETS["small"]).eval()
    >>> tuple(network(torch.zeros(1, 3, 16, 64), torch.zeros(1, 8, 16, 64))["alpha"].shape)
    (1, 1, 16, 64)
    """

    multiple = 8

    def __init__(self, config: FbaConfig) -> None:
        super().__init__()
        self.config = config
        self.normalise = Normalise()
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    def forward(self, image: Tensor, trimap: Tensor) -> dict[str, Tensor]:
        """Return ``alpha`` B×1×H×W, ``foreground`` and ``background`` B×3×H×W, all in [0, 1]."""
        colours = self.normalise(image)
        half, quarter, deep = self.encoder(torch.cat((colours, trimap), 1))
        raw = self.decoder(half, quarter, deep, torch.cat((colours, image, trimap[:, 6:]), 1))
        alpha, foreground, background = fuse(
            raw[:, :1].clamp(0, 1), raw[:, 1:4].sigmoid(), raw[:, 4:].sigmoid(), image
        )
        return {"alpha": alpha, "foreground": foreground, "background": background}


class Encoder(nn.Module):
    """ResNet-50 at stride 8; the first block of a dilated stage has half the stage's dilation."""

    def __init__(self, config: FbaConfig) -> None:
        super().__init__()
        width, groups = config.width, config.groups

        def norm(channels: int) -> nn.Module:
            return nn.GroupNorm(groups, channels)

        self.conv1 = nn.Conv2d(3 + TRIMAP_CHANNELS, width, 7, 2, 3, bias=False)
        self.bn1 = norm(width)
        inside = width
        for stage, (stride, first, rest) in enumerate(
            ((1, 1, 1), (2, 1, 1), (1, 1, 2), (1, 2, 4)), 1
        ):
            dilations = (first, *(rest,) * (config.blocks[stage - 1] - 1))
            wide = width * 2 ** (stage - 1)
            self.add_module(
                f"layer{stage}", make_layer(inside, wide, stride, dilations, nn.Conv2d, norm)
            )
            inside = EXPANSION * wide

    def forward(self, given: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return features at /2, /4 and /8."""
        half = F.relu(self.bn1(self.conv1(given)))
        quarter = self.get_submodule("layer1")(F.max_pool2d(half, 3, 2, 1))
        features = quarter
        for stage in (2, 3, 4):
            features = self.get_submodule(f"layer{stage}")(features)
        return half, quarter, features


class Decoder(nn.Module):
    """Pyramid pooling and four steps up to full size."""

    def __init__(self, config: FbaConfig) -> None:
        super().__init__()
        width, groups = config.width, config.groups
        wide, deep = 4 * width, 8 * EXPANSION * width
        self.ppm = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(side), *_step(deep, wide, 1, groups))
            for side in SCALES
        )
        self.conv_up1 = nn.Sequential(
            *_step(deep + len(SCALES) * wide, wide, 3, groups), *_step(wide, wide, 3, groups)
        )
        self.conv_up2 = nn.Sequential(*_step(wide + EXPANSION * width, wide, 3, groups))
        self.conv_up3 = nn.Sequential(*_step(wide + width, width, 3, groups))
        self.conv_up4 = nn.Sequential(
            nn.Conv2d(width + 8, width // 2, 3, padding=1),
            nn.LeakyReLU(),
            nn.Conv2d(width // 2, width // 4, 3, padding=1),
            nn.LeakyReLU(),
            nn.Conv2d(width // 4, 7, 1),
        )

    def forward(self, half: Tensor, quarter: Tensor, deep: Tensor, given: Tensor) -> Tensor:
        """Return B×7×H×W: alpha, foreground, background before their activations."""
        pooled = [upsample(pool(deep), deep) for pool in self.ppm]
        features = self.conv_up1(torch.cat((deep, *pooled), 1))
        features = self.conv_up2(torch.cat((upsample(features, quarter), quarter), 1))
        features = self.conv_up3(torch.cat((upsample(features, half), half), 1))
        raw: Tensor = self.conv_up4(torch.cat((upsample(features, given), given), 1))
        return raw


def fuse(
    alpha: Tensor, foreground: Tensor, background: Tensor, image: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return all three, brought closer to the compositing equation in one step.

    F' = αI + (1 − α²)F − α(1 − α)B, B' = (1 − α)I + (2α − α²)B − α(1 − α)F', and α' is the least
    squares solution with weight 0.1 on α.
    """
    mixed = alpha * (1 - alpha)
    foreground = alpha * image + (1 - alpha**2) * foreground - mixed * background
    background = (1 - alpha) * image + (2 * alpha - alpha**2) * background - mixed * foreground
    foreground, background = foreground.clamp(0, 1), background.clamp(0, 1)
    span = foreground - background
    explained = ((image - background) * span).sum(1, keepdim=True)
    length = (span * span).sum(1, keepdim=True)
    alpha = (CONFIDENCE * alpha + explained) / (CONFIDENCE + length)
    return alpha.clamp(0, 1), foreground, background


def _step(inside: int, outside: int, kernel: int, groups: int) -> list[nn.Module]:
    conv = nn.Conv2d(inside, outside, kernel, padding=kernel // 2)
    return [conv, nn.GroupNorm(groups, outside), nn.LeakyReLU()]
