"""AlphaGAN: a generator of ResNet-50 at stride 8, and a discriminator of composites.

References
----------
Lutz, Amplianitis, Smolić, "AlphaGAN: generative adversarial networks for natural image matting",
BMVC 2018. The authors released nothing; where the paper draws and does not say, this follows the
public re-implementation CDOTAD/AlphaGAN-Matting, in which only a stage's first block is dilated.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.deep.networks.parts.blocks import Normalise, norm, upsample
from baselines.deep.networks.parts.resnet import BLOCKS, EXPANSION, make_layer

RATES = (6, 12, 18)  # of the atrous branches, DeepLab v3's


@dataclass(frozen=True)
class AlphaGanConfig:
    """Shape of the generator; the defaults are the paper's, at the re-implementation's widths.

    Attributes
    ----------
    width
        Channels of the stem, 64 in ResNet-50; everything scales with it.
    blocks
        Of the four stages.
    groups
        Of group normalisation, of which every width is a multiple; 0 for batch normalisation.
    """

    width: int = 64
    blocks: tuple[int, ...] = BLOCKS
    groups: int = 32


PRESETS = {
    "paper": AlphaGanConfig(groups=0),
    "released": AlphaGanConfig(),
    "small": AlphaGanConfig(16, (1, 1, 1, 1), 0),
}


class AlphaGan(nn.Module):
    """The generator.

    Examples
    --------
    >>> network = AlphaGan(PRESETS["small"]).eval()
    >>> tuple(network(torch.zeros(1, 3, 32, 64), torch.zeros(1, 1, 32, 64))["alpha"].shape)
    (1, 1, 32, 64)
    """

    multiple = 32

    def __init__(self, config: AlphaGanConfig) -> None:
        super().__init__()
        self.config = config
        self.normalise = Normalise()
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, image: Tensor, trimap: Tensor) -> dict[str, Tensor]:
        """Return ``alpha``, B×1×H×W in [0, 1]."""
        colours = self.normalise(image)
        context, skips, index = self.encoder(torch.cat((colours, trimap), 1))
        return {"alpha": self.decoder(context, skips, index, colours)}


class Encoder(nn.Module):
    """ResNet-50 at stride 8 and its atrous pyramid."""

    def __init__(self, config: AlphaGanConfig) -> None:
        super().__init__()
        self.resnet50 = Trunk(config, 4)
        self.aspp = Pyramid(8 * EXPANSION * config.width, 4 * config.width, config.groups)

    def forward(self, given: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
        """Return the context at /8, the skips at /2 and /4, and the pool's indices."""
        deep, skips, index = self.resnet50(given)
        return self.aspp(deep), skips, index


class Trunk(nn.Module):
    """ResNet-50's stages at strides 4, 8, 8, 8."""

    def __init__(self, config: AlphaGanConfig, inputs: int) -> None:
        super().__init__()
        width, groups = config.width, config.groups

        def normalise(channels: int) -> nn.Module:
            return norm(channels, groups)

        self.conv_1 = nn.Conv2d(inputs, width, 7, 2, 3, bias=False)
        self.bn1 = normalise(width)
        inside = width
        for stage, (stride, first) in enumerate(((1, 1), (2, 1), (1, 2), (1, 4)), 1):
            dilations = (first, *(1,) * (config.blocks[stage - 1] - 1))
            wide = width * 2 ** (stage - 1)
            layer = make_layer(inside, wide, stride, dilations, nn.Conv2d, normalise)
            self.add_module(f"layer{stage}", layer)
            inside = EXPANSION * wide

    def forward(self, given: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
        """Return the deepest features, the skips at /2 and /4, and the pool's indices."""
        half = F.relu(self.bn1(self.conv_1(given)))
        features, index = F.max_pool2d(half, 3, 2, 1, return_indices=True)
        quarter = self.get_submodule("layer1")(features)
        features = quarter
        for stage in (2, 3, 4):
            features = self.get_submodule(f"layer{stage}")(features)
        return features, (half, quarter), index


class Pyramid(nn.Module):
    """DeepLab v3's atrous spatial pyramid pooling."""

    def __init__(self, inside: int, width: int, groups: int) -> None:
        super().__init__()
        for rate in (1, *RATES):
            self.add_module(f"aspp_{rate}", Branch(inside, width, rate, groups))
        self.image_pooling = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(inside, width, 1, bias=False),
            norm(width, groups),
            nn.ReLU(),
        )
        self.conv1 = nn.Sequential(*conv_norm(5 * width, width, 1, groups))

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same height and width."""
        branches = [self.get_submodule(f"aspp_{rate}")(features) for rate in (1, *RATES)]
        whole = self.image_pooling(features).expand_as(branches[0])
        out: Tensor = self.conv1(torch.cat((*branches, whole), 1))
        return out


class Branch(nn.Module):
    """One atrous convolution; rate 1 is a 1×1 one."""

    def __init__(self, inside: int, width: int, rate: int, groups: int) -> None:
        super().__init__()
        self.atrous_conv = (
            nn.Conv2d(inside, width, 1, bias=False)
            if rate == 1
            else nn.Conv2d(inside, width, 3, padding=rate, dilation=rate, bias=False)
        )
        self.bn = norm(width, groups)

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same height and width."""
        return F.relu(self.bn(self.atrous_conv(features)))


class Decoder(nn.Module):
    """Three levels: bilinear to /4, unpooled to /2, transposed to full size with the image."""

    def __init__(self, config: AlphaGanConfig) -> None:
        super().__init__()
        width, groups = config.width, config.groups
        half = width // 2
        self.skip_2 = nn.Sequential(*conv_norm(width, half, 1, groups))
        self.skip_3 = nn.Sequential(*conv_norm(EXPANSION * width, width, 1, groups))
        self.deconv1_x = nn.Sequential(
            *conv_norm(5 * width, 4 * width, 3, groups),
            *conv_norm(4 * width, 2 * width, 3, groups),
            *conv_norm(2 * width, width, 3, groups),
        )
        self.deconv2_x = nn.Sequential(
            *conv_norm(width + half, width, 3, groups),
            nn.ConvTranspose2d(width, width, 3, 2, 1, output_padding=1, bias=False),
            norm(width, groups),
            nn.ReLU(),
            *conv_norm(width, half, 3, groups),
        )
        self.deconv3_x = nn.Sequential(
            *conv_norm(half + 3, half, 3, groups), *conv_norm(half, half, 3, groups)
        )
        self.deconv4_x = nn.Sequential(nn.Conv2d(half, 1, 3, padding=1, bias=False), nn.Sigmoid())

    def forward(
        self, context: Tensor, skips: tuple[Tensor, Tensor], index: Tensor, colours: Tensor
    ) -> Tensor:
        """Return alpha, B×1×H×W in [0, 1]."""
        half, quarter = skips
        features = upsample(context, quarter, align_corners=True)
        features = self.deconv1_x(torch.cat((features, self.skip_3(quarter)), 1))
        features = F.max_unpool2d(features, index, [2, 2], output_size=list(half.shape[-2:]))
        features = self.deconv2_x(torch.cat((features, self.skip_2(half)), 1))
        features = self.deconv3_x(torch.cat((features, colours), 1))
        alpha: Tensor = self.deconv4_x(features)
        return alpha


class PatchDiscriminator(nn.Module):
    """PatchGAN of two downsampling layers, which scores each patch of a composite.

    Called with a composite, B×3×H×W in [0, 1], and its trimap, B×1×H×W; returns B×1×h×w scores.
    Least-squares scores, as in the re-implementation; the paper has the logarithmic form.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.normalise = Normalise()
        self.model = nn.Sequential(
            nn.Conv2d(4, width, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False),
            nn.BatchNorm2d(2 * width),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, 4, 1, 1, bias=False),
            nn.BatchNorm2d(4 * width),
            nn.LeakyReLU(0.2),
            nn.Conv2d(4 * width, 1, 4, 1, 1),
        )

    def forward(self, composite: Tensor, trimap: Tensor) -> Tensor:
        """Return B×1×h×w scores, about 1 for real."""
        scores: Tensor = self.model(torch.cat((self.normalise(composite), trimap), 1))
        return scores


def conv_norm(inside: int, outside: int, kernel: int, groups: int) -> list[nn.Module]:
    """Return convolution without bias, normalisation, ReLU."""
    conv = nn.Conv2d(inside, outside, kernel, padding=kernel // 2, bias=False)
    return [conv, norm(outside, groups), nn.ReLU()]
