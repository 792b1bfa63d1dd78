"""IndexNet: MobileNetV2 that learns where to pool, and a decoder that unpools as it pooled.

References
----------
Lu, Dai, Shen, Xu, "Indices matter: learning to index for deep image matting", ICCV 2019. Every item
follows the released program (poppinace/indexnet_matting), its quirk at the borders included: the
inverted residuals pad *before* their 1×1 expansion, so that padded zeros become constants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.deep.networks.parts.blocks import Normalise

POOLED = (0, 2, 3, 4, 6)  # the layers after which the indices pool
BLOCKS = (1, 2, 3, 4, 3, 3, 1)  # inverted residuals of layers 1 to 7
DILATIONS = (2, 4, 8)  # of the atrous branches at stride 32


@dataclass(frozen=True)
class IndexNetConfig:
    """Shape of the network; the defaults are the released one's.

    Attributes
    ----------
    channels
        Of layers 0 to 7.
    expansion
        Of the inverted residuals of layers 2 to 7.
    context
        Channels of each atrous branch.
    hidden
        Width of the index branches over the width of what they index: 1 in the public code and
        files (5.95 M parameters), 2 gives the paper's 8.15 M.
    """

    channels: tuple[int, ...] = (32, 16, 24, 32, 64, 96, 160, 320)
    expansion: int = 6
    context: int = 256
    hidden: int = 1


PRESETS = {
    "paper": IndexNetConfig(hidden=2),
    "released": IndexNetConfig(),
    "small": IndexNetConfig((16, 8, 16, 16, 32, 48, 64, 96), 3, 64),
}


class IndexNet(nn.Module):
    """The network; its output is linear, not squashed.

    Examples
    --------
    >>> network = IndexNet(PRESETS["small"]).eval()
    >>> tuple(network(torch.zeros(1, 3, 32, 64), torch.zeros(1, 1, 32, 64))["alpha"].shape)
    (1, 1, 32, 64)
    """

    multiple = 32

    def __init__(self, config: IndexNetConfig) -> None:
        super().__init__()
        self.config = config
        c = config.channels
        self.normalise = Normalise()
        self.layer0 = _conv_bn(4, c[0], 3)
        for layer in range(1, 8):
            expansion = 1 if layer == 1 else config.expansion
            blocks = [
                InvertedResidual(c[layer - (place == 0)], c[layer], expansion, place > 0)
                for place in range(BLOCKS[layer - 1])
            ]
            self.add_module(f"layer{layer}", nn.Sequential(*blocks))
        for layer in POOLED:
            self.add_module(f"index{layer}", IndexBlock(c[layer], config.hidden))
        self.dconv_pp = Context(c[7], config.context, c[6])
        inside = c[6]
        for layer in range(6, -1, -1):
            outside = c[max(layer - 1, 0)] if layer != 1 else c[0]
            self.add_module(f"decoder_layer{layer}", DecoderLayer(inside + c[layer], outside))
            inside = outside
        last = nn.Conv2d(1, 1, 5, padding=2, bias=False)
        self.pred = nn.Sequential(_conv_bn(c[0], 1, 5), last)
        self.reset()

    def reset(self) -> None:
        """Draw every kernel with deviation √(2 / (k²·outputs)), as the released program does.

        The last kernel's values are made positive, which is ours: what it sees is never negative,
        and where its sum was, the matte stays at 0 for hundreds of steps.
        """
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                fan = module.kernel_size[0] * module.kernel_size[1] * module.out_channels
                nn.init.normal_(module.weight, std=(2 / fan) ** 0.5)
        with torch.no_grad():
            self.get_parameter("pred.1.weight").abs_()

    def forward(self, image: Tensor, trimap: Tensor) -> dict[str, Tensor]:
        """Return ``alpha``, B×1×H×W, unbounded."""
        features = torch.cat((self.normalise(image), trimap), 1)
        skips: list[Tensor] = []
        indices: dict[int, Tensor] = {}
        for layer in range(8):
            features = self.get_submodule(f"layer{layer}")(features)
            if layer in POOLED:
                pooling, indices[layer] = self.get_submodule(f"index{layer}")(features)
                features = pooling * features
            skips.append(features)
            if layer in POOLED:
                features = 4 * F.avg_pool2d(features, 2)
        features = self.dconv_pp(skips.pop())
        for layer in range(6, -1, -1):
            step = self.get_submodule(f"decoder_layer{layer}")
            features = step(features, skips.pop(), indices.get(layer))
        return {"alpha": self.pred(features)}


class InvertedResidual(nn.Module):
    """Expand, filter depthwise, project; `residual` adds the input.

    ``padded`` zeros go through the expansion's normalisation and activation (see the module).
    """

    def __init__(self, inside: int, outside: int, expansion: int, residual: bool) -> None:
        super().__init__()
        self.residual = residual or inside == outside
        hidden = inside * expansion
        layers: list[nn.Module] = [] if expansion == 1 else list(_conv_bn(inside, hidden, 1))
        depthwise = nn.Conv2d(hidden, hidden, 3, groups=hidden, bias=False)
        project = nn.Conv2d(hidden, outside, 1, bias=False)
        layers += [depthwise, nn.BatchNorm2d(hidden), nn.ReLU6(), project, nn.BatchNorm2d(outside)]
        self.conv = nn.Sequential(*layers)

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same height and width."""
        out: Tensor = self.conv(F.pad(features, (1, 1, 1, 1)))
        return out + features if self.residual else out


class IndexBlock(nn.Module):
    """Depthwise "many-to-one" indices: which of four pixels each channel's pooling looks at."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        for place in range(1, 5):
            branch = nn.Sequential(
                nn.Conv2d(channels, hidden * channels, 4, 2, 1, bias=False),
                nn.BatchNorm2d(hidden * channels),
                nn.ReLU6(),
                nn.Conv2d(hidden * channels, channels, 1, bias=False),
            )
            self.add_module(f"indexnet{place}", branch)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return the indices that pool (they add up to 1) and those that unpool, B×C×H×W."""
        branches = [self.get_submodule(f"indexnet{place}")(features) for place in range(1, 5)]
        unpooling = torch.stack(branches, 2).sigmoid()  # B×C×4×H/2×W/2
        pooling = unpooling.softmax(2)
        return (
            F.pixel_shuffle(pooling.flatten(1, 2), 2),
            F.pixel_shuffle(unpooling.flatten(1, 2), 2),
        )


class Context(nn.Module):
    """Atrous spatial pyramid pooling with depthwise-separable branches."""

    def __init__(self, inside: int, width: int, outside: int) -> None:
        super().__init__()
        self.aspp1 = _Branch(_conv_bn(inside, width, 1))
        for place, dilation in enumerate(DILATIONS, 2):
            separable = [
                *_conv_bn(inside, inside, 3, dilation, inside),
                *_conv_bn(inside, width, 1),
            ]
            self.add_module(f"aspp{place}", _Branch(separable))
        self.global_avg_pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), *_conv_bn(inside, width, 1))
        self.bottleneck_conv = _conv_bn(5 * width, outside, 1)
        self.dropout = nn.Dropout(0.5)

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same height and width."""
        branches = [self.get_submodule(f"aspp{place}")(features) for place in range(1, 5)]
        whole = self.global_avg_pool(features).expand_as(branches[0])
        out: Tensor = self.dropout(self.bottleneck_conv(torch.cat((*branches, whole), 1)))
        return out


class _Branch(nn.Module):
    def __init__(self, layers: Sequence[nn.Module] | nn.Sequential) -> None:
        super().__init__()
        self.atrous_conv = nn.Sequential(*layers)

    def forward(self, features: Tensor) -> Tensor:
        out: Tensor = self.atrous_conv(features)
        return out


class DecoderLayer(nn.Module):
    """Unpool where the level was pooled, take in the skip, filter by 5×5."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.dconv = _conv_bn(inside, outside, 5)

    def forward(self, features: Tensor, skip: Tensor, indices: Tensor | None) -> Tensor:
        """Return features of the skip's height and width."""
        if indices is not None:
            features = indices * F.interpolate(features, scale_factor=2, mode="nearest")
        out: Tensor = self.dconv(torch.cat((features, skip), 1))
        return out


def _conv_bn(
    inside: int, outside: int, kernel: int, dilation: int = 1, groups: int = 1
) -> nn.Sequential:
    padding = dilation * (kernel // 2)
    conv = nn.Conv2d(
        inside, outside, kernel, padding=padding, dilation=dilation, groups=groups, bias=False
    )
    return nn.Sequential(conv, nn.BatchNorm2d(outside), nn.ReLU6())
