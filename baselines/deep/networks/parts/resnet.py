"""ResNet-50 with stride 8, as several matting networks take it: dilation in place of two strides.

References
----------
He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016. The second
convolution of a block has the stride, as torchvision's and the public matting programs have it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

BLOCKS = (3, 4, 6, 3)
EXPANSION = 4
MakeConv = Callable[..., nn.Conv2d]
MakeNorm = Callable[[int], nn.Module]


class Bottleneck(nn.Module):
    """1×1 down, 3×3, 1×1 up, each with a normalisation, and the input added."""

    def __init__(
        self, inside: int, width: int, stride: int, dilation: int, conv: Any, norm: MakeNorm
    ) -> None:
        super().__init__()
        outside = EXPANSION * width
        self.conv1 = conv(inside, width, 1, bias=False)
        self.bn1 = norm(width)
        self.conv2 = conv(
            width, width, 3, stride=stride, padding=dilation, dilation=dilation, bias=False
        )
        self.bn2 = norm(width)
        self.conv3 = conv(width, outside, 1, bias=False)
        self.bn3 = norm(outside)
        self.downsample = (
            nn.Sequential(conv(inside, outside, 1, stride=stride, bias=False), norm(outside))
            if stride != 1 or inside != outside
            else None
        )

    def forward(self, features: Tensor) -> Tensor:
        """Return features at the block's stride."""
        out = F.relu(self.bn1(self.conv1(features)))
        out = F.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return F.relu(out + (features if self.downsample is None else self.downsample(features)))


def make_layer(
    inside: int,
    width: int,
    stride: int,
    dilations: tuple[int, ...],
    conv: Any,
    norm: MakeNorm,
) -> nn.Sequential:
    """Return one stage: a block a dilation, the first with the stride."""
    blocks = []
    for place, dilation in enumerate(dilations):
        blocks.append(Bottleneck(inside, width, stride if place == 0 else 1, dilation, conv, norm))
        inside = EXPANSION * width
    return nn.Sequential(*blocks)
