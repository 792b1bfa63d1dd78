"""SampleNet: sample background, then foreground, then estimate opacity from both.

References
----------
Tang, Aksoy, Öztireli, Gross, Aydın, "Learning-based sampling for natural image matting", CVPR 2019.
The authors released nothing. The paper gives the three networks and their order; the opacity
network's sizes are those of a public re-implementation, its trunk is AlphaGAN's here.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.deep.networks.alphagan import AlphaGanConfig, Pyramid, Trunk
from baselines.deep.networks.parts.blocks import norm, upsample
from baselines.deep.networks.parts.resnet import BLOCKS, EXPANSION
from baselines.deep.networks.parts.sampler import Sampler, SamplerConfig

KNOWN_BACKGROUND, KNOWN_FOREGROUND = 0.25, 0.75  # of a trimap in [0, 1]
OPACITY_INPUTS = 10  # image, foreground, background, trimap


@dataclass(frozen=True)
class SampleNetConfig:
    """Shape of the networks; the defaults are the paper's, as far as it is known.

    Attributes
    ----------
    width, blocks
        Of the opacity network's ResNet-50.
    sampler_width, attention
        Of both samplers.
    """

    width: int = 64
    blocks: tuple[int, ...] = BLOCKS
    sampler_width: int = 32
    attention: bool = True


PRESETS = {
    "paper": SampleNetConfig(),
    "small": SampleNetConfig(14, (1, 1, 1, 1), 4, attention=False),
}


class SampleNet(nn.Module):
    """The three networks.

    Examples
    --------
    >>> network = SampleNet(PRESETS["small"]).eval()
    >>> tuple(network(torch.zeros(1, 3, 32, 64), torch.zeros(1, 1, 32, 64))["alpha"].shape)
    (1, 1, 32, 64)
    """

    multiple = 32

    def __init__(self, config: SampleNetConfig) -> None:
        super().__init__()
        self.config = config
        sampler = SamplerConfig(config.sampler_width, config.attention)
        self.background = Sampler(5, sampler)  # colours, ones, hole
        self.foreground = Sampler(8, sampler)  # and the sampled background
        self.opacity = Opacity(AlphaGanConfig(config.width, config.blocks, 0))

    def forward(self, image: Tensor, trimap: Tensor) -> dict[str, Tensor]:
        """Return ``alpha`` B×1×H×W, and B×3×H×W colours in [0, 1].

        The colours are ``foreground`` and ``background``, and ``coarse_foreground`` and
        ``coarse_background`` of the samplers' first stage.
        """
        colours = 2 * image - 1
        hole = (trimap > KNOWN_BACKGROUND).to(image.dtype)
        coarse_background, background = self.background(_seen(colours, hole), hole)
        background = background * hole + colours * (1 - hole)
        hole = (trimap < KNOWN_FOREGROUND).to(image.dtype)
        seen = torch.cat((_seen(colours, hole), background), 1)
        coarse_foreground, foreground = self.foreground(seen, hole)
        foreground = foreground * hole + colours * (1 - hole)
        given = torch.cat((colours, foreground, background, 2 * trimap - 1), 1)
        sampled = {
            "foreground": foreground,
            "background": background,
            "coarse_foreground": coarse_foreground,
            "coarse_background": coarse_background,
        }
        return {"alpha": self.opacity(given)} | {
            name: (each + 1) / 2 for name, each in sampled.items()
        }

    def extra_gmac(self, height: int, width: int) -> float:
        """Return 10⁹ multiply-adds of both samplers' attention."""
        if not self.config.attention:
            return 0.0
        patches = (height // 8) * (width // 8)
        return 2 * patches**2 * (9 + 16) * 4 * self.config.sampler_width / 1e9


class Opacity(nn.Module):
    """ResNet-50 at stride 8 and a decoder of transposed convolutions."""

    def __init__(self, config: AlphaGanConfig) -> None:
        super().__init__()
        width = config.width
        half, three_quarters = width // 2, width * 3 // 4
        self.trunk = Trunk(config, OPACITY_INPUTS)
        self.aspp = Pyramid(8 * EXPANSION * width, 4 * width, 0)
        self.skip_quarter = nn.Sequential(*_point(EXPANSION * width, three_quarters))
        self.skip_half = nn.Sequential(*_point(width, half))
        self.skip_whole = nn.Conv2d(OPACITY_INPUTS, 3, 3, padding=1)
        self.up_quarter = nn.Sequential(
            *_transposed(4 * width + three_quarters, 4 * width),
            *_transposed(4 * width, 2 * width),
            *_transposed(2 * width, width),
        )
        self.up_half = nn.Sequential(
            *_transposed(width + half, width),
            *_transposed(width, width),
            *_transposed(width, half, stride=2),
        )
        self.up_whole = nn.Sequential(
            *_transposed(half + 3, half),
            *_transposed(half, half),
            nn.ConvTranspose2d(half, 1, 3, padding=1),
        )

    def forward(self, given: Tensor) -> Tensor:
        """Return alpha, B×1×H×W in [0, 1]."""
        deep, (half, quarter), index = self.trunk(given)
        features = upsample(self.aspp(deep), quarter, align_corners=True)
        features = self.up_quarter(torch.cat((features, self.skip_quarter(quarter)), 1))
        features = F.max_unpool2d(features, index, [2, 2], output_size=list(half.shape[-2:]))
        features = self.up_half(torch.cat((features, self.skip_half(half)), 1))
        raw: Tensor = self.up_whole(torch.cat((features, self.skip_whole(given)), 1))
        return raw.sigmoid()


def _seen(colours: Tensor, hole: Tensor) -> Tensor:
    return torch.cat((colours * (1 - hole), torch.ones_like(hole), hole), 1)


def _point(inside: int, outside: int) -> list[nn.Module]:
    return [nn.Conv2d(inside, outside, 1, bias=False), norm(outside, 0), nn.ReLU()]


def _transposed(inside: int, outside: int, stride: int = 1) -> list[nn.Module]:
    conv = nn.ConvTranspose2d(inside, outside, 3, stride, 1, stride - 1, bias=False)
    return [conv, norm(outside, 0), nn.ReLU()]
