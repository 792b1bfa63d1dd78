"""EfficientNet-Lite's feature maps, the encoder of the default checkpoint.

timm has these networks too; importing it, and torchvision with it, takes longer than a cut-out.
Names, initial values and numbers are timm's, so that weights fit both.

References
----------
Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural networks", ICML 2019;
Google, tensorflow/tpu, "efficientnet/lite", 2020: no squeeze-and-excitation, ReLU6, a stem and a
head that are not scaled.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

NAME = "tf_efficientnet_lite0"
EPSILON = 1e-3  # of the normalisations


class Stage(NamedTuple):
    """Blocks of one width; the first has the stride."""

    blocks: int
    kernel: int
    stride: int
    channels: int


STEM = 32
STAGES = (  # after the first, whose only block is not expanded
    Stage(1, 3, 1, 16),
    Stage(2, 3, 2, 24),
    Stage(2, 5, 2, 40),
    Stage(3, 3, 2, 80),
    Stage(3, 5, 1, 112),
    Stage(4, 5, 2, 192),
    Stage(1, 3, 1, 320),
)
EXPANSION = 6
TAPPED = (0, 1, 2, 4, 6)  # the last stage of each stride


class SameConv2d(nn.Conv2d):
    """A convolution of stride 2 that pads as TensorFlow's SAME: an odd rest goes behind."""

    def forward(self, input: Tensor) -> Tensor:
        """Map B×C×H×W to B×outputs×⌈H/2⌉×⌈W/2⌉."""
        ends: list[int] = []
        for axis in (1, 0):  # width first, as `F.pad` has it
            kernel, stride = self.kernel_size[axis], self.stride[axis]
            rest = input.shape[2 + axis] % stride
            needed = max(kernel - (rest or stride), 0)
            ends += [needed // 2, needed - needed // 2]
        result: Tensor = self._conv_forward(F.pad(input, ends), self.weight, self.bias)
        return result


class Normalised(nn.BatchNorm2d):
    """Batch normalisation with its activation."""

    def __init__(self, channels: int, *, active: bool = True) -> None:
        super().__init__(channels, eps=EPSILON)
        self.act = nn.ReLU6(inplace=True) if active else nn.Identity()

    def forward(self, input: Tensor) -> Tensor:
        """Map B×C×H×W to the same."""
        result: Tensor = self.act(super().forward(input))
        return result


class SeparableBlock(nn.Module):
    """A depthwise convolution and a pointwise one."""

    def __init__(self, inputs: int, stage: Stage) -> None:
        super().__init__()
        self.conv_dw = _convolution(inputs, inputs, stage.kernel, stage.stride, inputs)
        self.bn1 = Normalised(inputs)
        self.conv_pw = _convolution(inputs, stage.channels)
        self.bn2 = Normalised(stage.channels, active=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Map B×inputs×H×W to B×channels×h×w."""
        result: Tensor = self.bn2(self.conv_pw(self.bn1(self.conv_dw(maps))))
        return result


class InvertedResidual(nn.Module):
    """Expansion, a depthwise convolution, projection; and the input added where it fits."""

    def __init__(self, inputs: int, stage: Stage) -> None:
        super().__init__()
        wide = EXPANSION * inputs
        self.adds = stage.stride == 1 and inputs == stage.channels
        self.conv_pw = _convolution(inputs, wide)
        self.bn1 = Normalised(wide)
        self.conv_dw = _convolution(wide, wide, stage.kernel, stage.stride, wide)
        self.bn2 = Normalised(wide)
        self.conv_pwl = _convolution(wide, stage.channels)
        self.bn3 = Normalised(stage.channels, active=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Map B×inputs×H×W to B×channels×h×w."""
        wide = self.bn2(self.conv_dw(self.bn1(self.conv_pw(maps))))
        result: Tensor = self.bn3(self.conv_pwl(wide))
        return result + maps if self.adds else result


class EfficientNetLite(nn.Module):
    """The network up to its last feature map.

    Attributes
    ----------
    channels
        Of the map at each stride, ``{2: 16, 4: 24, …}``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_stem = _convolution(3, STEM, 3, 2)
        self.bn1 = Normalised(STEM)
        for _ in range(2):  # timm draws these and drops them: a seed gives the same network
            nn.Conv2d(8, 8, 1)
        stages, inputs = [], STEM
        for place, stage in enumerate(STAGES):
            block = SeparableBlock if place == 0 else InvertedResidual
            first, later = block(inputs, stage), []
            for _ in range(stage.blocks - 1):
                later.append(block(stage.channels, stage._replace(stride=1)))
            stages.append(nn.Sequential(first, *later))
            inputs = stage.channels
        self.blocks = nn.Sequential(*stages)
        self.channels = {2 << place: STAGES[tap].channels for place, tap in enumerate(TAPPED)}
        for module in self.modules():
            if isinstance(module, nn.Conv2d):  # as the authors draw them
                taps = module.kernel_size[0] * module.kernel_size[1]
                fan_out = taps * module.out_channels // module.groups
                nn.init.normal_(module.weight, 0, math.sqrt(2 / fan_out))

    def forward(self, image: Tensor) -> list[Tensor]:
        """Map a normalised B×3×H×W image to its maps, B×C×⌈H/s⌉×⌈W/s⌉ for each stride s."""
        maps, tapped = self.bn1(self.conv_stem(image)), []
        for place, stage in enumerate(self.blocks):
            maps = stage(maps)
            if place in TAPPED:
                tapped.append(maps)
        return tapped


def _convolution(
    inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1
) -> nn.Conv2d:
    kind, padding = (SameConv2d, 0) if stride > 1 else (nn.Conv2d, kernel // 2)
    return kind(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
