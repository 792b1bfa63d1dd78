"""The blocks of the paper's figure: ASPP, channel-wise attention, spatial attention.

The item-by-item account of what the paper says, what its figure draws and what is ours is in
``docs/fidelity.md``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from hattmatting.model.config import Pool

ASPP_RATES = (6, 12, 18)


def conv_bn_relu(inputs: int, outputs: int, kernel: int, dilation: int = 1) -> nn.Sequential:
    """Return a convolution that keeps the size, batch normalisation and ReLU."""
    padding = dilation * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=padding, dilation=dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class ASPP(nn.Module):
    """Atrous spatial pyramid pooling: 1×1, three dilated 3×3, image pooling; a 3×3 joins them.

    References
    ----------
    Chen et al., "Rethinking atrous convolution for semantic image segmentation", 2017, with the
    3×3 projection that HAttMatting's figure draws.
    """

    def __init__(self, inputs: int, branch: int, outputs: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            [conv_bn_relu(inputs, branch, 1)]
            + [conv_bn_relu(inputs, branch, 3, rate) for rate in ASPP_RATES]
        )
        # No normalisation here: at batch 1 a 1×1 map has no statistics.
        self.image_pool = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(inputs, branch, 1), nn.ReLU(inplace=True)
        )
        self.project = conv_bn_relu(branch * (len(ASPP_RATES) + 2), outputs, 3)

    def forward(self, features: Tensor) -> Tensor:
        """Map B×inputs×h×w to B×outputs×h×w."""
        maps = [branch(features) for branch in self.branches]
        maps.append(self.image_pool(features).expand(-1, -1, *features.shape[-2:]))
        joined: Tensor = self.project(torch.cat(maps, dim=1))
        return joined


class ChannelAttention(nn.Module):
    """Distil pyramidal features: global pooling, MLP, sigmoid, product (paper §3.2)."""

    def __init__(self, channels: int, reduction: int, pool: Pool) -> None:
        super().__init__()
        hidden = max(channels // reduction, 4)
        self.pool = pool
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, hidden, 1), nn.ReLU(inplace=True), nn.Conv2d(hidden, channels, 1)
        )

    def forward(self, features: Tensor) -> Tensor:
        """Return the features, each channel scaled by its attention."""
        return features * self.weights(features)

    def weights(self, features: Tensor) -> Tensor:
        """Map B×C×h×w to the attention of each channel, B×C×1×1 in (0, 1)."""
        logits = features.new_zeros(1)
        if self.pool in {"max", "avgmax"}:
            logits = logits + self.mlp(F.adaptive_max_pool2d(features, 1))
        if self.pool in {"avg", "avgmax"}:
            logits = logits + self.mlp(F.adaptive_avg_pool2d(features, 1))
        return torch.sigmoid(logits)


class SpatialAttention(nn.Module):
    """Attention for the appearance cues, from the distilled semantics (paper §3.2).

    Two branches of sequential pairs, 7×1 then 1×7 and 1×7 then 7×1, each convolution with a ReLU
    and without normalisation; concatenation, a 1×1 convolution, a sigmoid.
    """

    def __init__(self, channels: int, map_channels: int) -> None:
        super().__init__()
        self.vertical_first = _pair(channels, (7, 1), (1, 7))
        self.horizontal_first = _pair(channels, (1, 7), (7, 1))
        self.join = nn.Conv2d(2 * (channels // 2), map_channels, 1)

    def forward(self, semantics: Tensor) -> Tensor:
        """Map B×channels×h×w to an attention map B×map_channels×h×w in (0, 1)."""
        maps = [self.vertical_first(semantics), self.horizontal_first(semantics)]
        return torch.sigmoid(self.join(torch.cat(maps, dim=1)))


def _pair(channels: int, first: tuple[int, int], second: tuple[int, int]) -> nn.Sequential:
    half = channels // 2
    return nn.Sequential(
        nn.Conv2d(channels, half, first, padding=(first[0] // 2, first[1] // 2)),
        nn.ReLU(inplace=True),
        nn.Conv2d(half, half, second, padding=(second[0] // 2, second[1] // 2)),
        nn.ReLU(inplace=True),
    )
