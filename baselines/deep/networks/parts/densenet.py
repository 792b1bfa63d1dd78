"""DenseNet with its features at five strides.

References
----------
Huang, Liu, van der Maaten, Weinberger, "Densely connected convolutional networks", CVPR 2017.
Layout and ε = 1.001e-5 as in Keras, whose DenseNet-201 Late Fusion starts from.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

EPSILON = 1.001e-5
BOTTLENECK = 4  # channels of a layer's 1×1 convolution, in growths


class DenseNet(nn.Module):
    """The convolutional part; returns features at /2, /4, /8, /16 and /32.

    Parameters
    ----------
    stem
        Channels of the first convolution.
    growth
        Channels that each layer adds.
    blocks
        Layers of the four blocks.

    Attributes
    ----------
    channels
        Of the five features.
    """

    def __init__(self, stem: int, growth: int, blocks: tuple[int, ...]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, stem, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(stem, EPSILON)
        self.channels = [stem]
        inside = stem
        for stage, count in enumerate(blocks, 2):
            layers = [DenseLayer(inside + place * growth, growth) for place in range(count)]
            self.add_module(f"block{stage}", nn.Sequential(*layers))
            inside += count * growth
            self.channels.append(inside)
            if stage < 5:
                self.add_module(f"bn{stage}", nn.BatchNorm2d(inside, EPSILON))
                self.add_module(f"pool{stage}", nn.Conv2d(inside, inside // 2, 1, bias=False))
                inside //= 2
        self.bn = nn.BatchNorm2d(inside, EPSILON)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return the features, the deepest normalised without ReLU."""
        features = F.relu(self.bn1(self.conv1(image)))
        taps = [features]
        features = F.max_pool2d(features, 3, 2, 1)
        for stage in (2, 3, 4, 5):
            features = self.get_submodule(f"block{stage}")(features)
            if stage == 5:
                break
            features = F.relu(self.get_submodule(f"bn{stage}")(features))
            taps.append(features)
            features = F.avg_pool2d(self.get_submodule(f"pool{stage}")(features), 2)
        return [*taps, self.bn(features)]


class DenseLayer(nn.Module):
    """Normalise, 1×1, normalise, 3×3, and append to what came in."""

    def __init__(self, inside: int, growth: int) -> None:
        super().__init__()
        self.bn0 = nn.BatchNorm2d(inside, EPSILON)
        self.conv1 = nn.Conv2d(inside, BOTTLENECK * growth, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(BOTTLENECK * growth, EPSILON)
        self.conv2 = nn.Conv2d(BOTTLENECK * growth, growth, 3, padding=1, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """Return the features with `growth` more channels."""
        added = self.conv1(F.relu(self.bn0(features)))
        added = self.conv2(F.relu(self.bn1(added)))
        return torch.cat((features, added), 1)
