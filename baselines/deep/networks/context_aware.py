"""Context-Aware matting: one encoder sees details, one the context; alpha and foreground come out.

References
----------
Hou, Liu, "Context-aware image matting for simultaneous foreground and alpha estimation", ICCV 2019.
Sizes follow the released program (hqqxyy/Context-Aware-Matting, TensorFlow 1), whose checkpoints
are not loaded here; which convolutions of the decoders are separable is inferred.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from baselines.deep.networks.parts.blocks import upsample
from baselines.deep.networks.parts.xception import EPSILON, Separable, Xception, thinned

RATES = (3, 6, 9)  # of the atrous branches
DECODER_EPSILON = 1e-5
PROJECTED, STEP, CONTEXT, ATROUS = 48, 64, 8, 256  # channels at full width


@dataclass(frozen=True)
class ContextAwareConfig:
    """Shape of the network; the defaults are the paper's.

    Attributes
    ----------
    divisor
        The encoders' and atrous branches' channels are divided by it.
    middle
        Middle blocks of each Xception.
    decoder_divisor
        The decoders' channels are divided by it.
    """

    divisor: int = 1
    middle: int = 16
    decoder_divisor: int = 1


PRESETS = {"paper": ContextAwareConfig(), "small": ContextAwareConfig(16, 2, 8)}


class ContextAware(nn.Module):
    """The network.

    Examples
    --------
    >>> network = ContextAware(PRESETS["small"]).eval()
    >>> tuple(network(torch.zeros(1, 3, 32, 64), torch.zeros(1, 1, 32, 64))["alpha"].shape)
    (1, 1, 32, 64)
    """

    multiple = 32

    def __init__(self, config: ContextAwareConfig) -> None:
        super().__init__()
        self.config = config
        divisor = config.divisor
        atrous = thinned(ATROUS, divisor)
        self.details = Xception(4, divisor, config.middle, 4)
        self.context = Xception(4, divisor, config.middle, 16)
        self.details_aspp = Atrous(self.details.channels[-1], atrous)
        self.context_aspp = Atrous(self.context.channels[-1], atrous)
        divisor = config.decoder_divisor
        step, narrow = thinned(STEP, divisor), thinned(CONTEXT, divisor)
        projected = thinned(PROJECTED, divisor)
        self.context_step = Step(atrous, self.context.channels[2], projected, step, separable=True)
        self.context_out = nn.Conv2d(step, narrow, 3, padding=1)
        _, block1, block2, block3, _ = self.details.channels
        sides = (block3, block2, block1, 4)
        self.alpha = Decoder(atrous + narrow, sides, divisor, 1)
        self.foreground = Decoder(atrous + narrow, sides, divisor, 3)

    def forward(self, image: Tensor, trimap: Tensor) -> dict[str, Tensor]:
        """Return ``alpha``, B×1×H×W in [0, 1], and ``foreground``, B×3×H×W in about [0, 1]."""
        given = 2 * torch.cat((image, trimap), 1) - 1
        taps, deep = self.details(given)
        details = self.details_aspp(deep)
        context_taps, context_deep = self.context(given)
        context = self.context_step(self.context_aspp(context_deep), context_taps[2])
        context = upsample(self.context_out(context), details, align_corners=True)
        features = torch.cat((details, context), 1)
        sides = (taps[3], taps[2], taps[1], given)
        return {
            "alpha": self.alpha(features, sides).sigmoid(),
            "foreground": (self.foreground(features, sides) + 1) / 2,
        }


class Atrous(nn.Module):
    """Atrous spatial pyramid pooling."""

    def __init__(self, inside: int, width: int) -> None:
        super().__init__()
        self.point = nn.Sequential(*_conv(inside, width, 1, EPSILON))
        self.branches = nn.ModuleList(
            nn.Sequential(*_conv(inside, width, 3, EPSILON, rate)) for rate in RATES
        )
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), *_conv(inside, width, 1, EPSILON))
        self.project = nn.Sequential(*_conv(5 * width, width, 1, EPSILON), nn.Dropout(0.1))

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same height and width."""
        point = self.point(features)
        whole = self.pool(features).expand_as(point)
        branches = [branch(features) for branch in self.branches]
        out: Tensor = self.project(torch.cat((whole, point, *branches), 1))
        return out


class Step(nn.Module):
    """Bring features to a side's size, take its projection in, and filter twice."""

    def __init__(
        self, inside: int, side: int, projected: int, outside: int, *, separable: bool
    ) -> None:
        super().__init__()
        self.project = nn.Sequential(*_conv(side, projected, 1, DECODER_EPSILON))
        widths = (inside + projected, outside, outside)
        pairs = list(pairwise(widths))
        if separable:
            self.filter = nn.Sequential(*(Separable(*pair, 1, 1, True) for pair in pairs))
        else:
            convs = [_conv(*pair, 3, DECODER_EPSILON) for pair in pairs]
            self.filter = nn.Sequential(*convs[0], *convs[1])

    def forward(self, features: Tensor, side: Tensor) -> Tensor:
        """Return features of the side's height and width."""
        features = upsample(features, side, align_corners=True)
        out: Tensor = self.filter(torch.cat((features, self.project(side)), 1))
        return out


class Decoder(nn.Module):
    """Four steps to full size and a 1×1 head."""

    def __init__(self, inside: int, sides: tuple[int, ...], divisor: int, outputs: int) -> None:
        super().__init__()
        step, projected = thinned(STEP, divisor), thinned(PROJECTED, divisor)
        given = (inside, step, step, step)
        self.steps = nn.ModuleList(
            Step(channels, side, projected, step, separable=False)
            for channels, side in zip(given, sides, strict=True)
        )
        self.head = nn.Conv2d(step, outputs, 1)

    def forward(self, features: Tensor, sides: tuple[Tensor, ...]) -> Tensor:
        """Return B×outputs×H×W, linear."""
        for step, side in zip(self.steps, sides, strict=True):
            features = step(features, side)
        out: Tensor = self.head(features)
        return out


def _conv(inside: int, outside: int, kernel: int, epsilon: float, rate: int = 1) -> list[nn.Module]:
    padding = rate * (kernel // 2)
    conv = nn.Conv2d(inside, outside, kernel, padding=padding, dilation=rate, bias=False)
    return [conv, nn.BatchNorm2d(outside, epsilon), nn.ReLU()]
