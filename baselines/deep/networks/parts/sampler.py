"""A two-stage inpainting generator that samples the colours of one layer everywhere.

References
----------
Yu, Lin, Yang, Shen, Lu, Huang, "Generative image inpainting with contextual attention", CVPR 2018,
whose generator SampleNet's samplers are.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from baselines.deep.networks.parts.patches import (
    QUERIES,
    extract_patches,
    spread_patches,
    unit_patches,
)

SHARPNESS = 10.0  # of the attention's softmax
DILATIONS = (2, 4, 8, 16)


@dataclass(frozen=True)
class SamplerConfig:
    """Shape of a sampler.

    Attributes
    ----------
    width
        Channels of its first convolution.
    attention
        Whether the second stage has the branch with contextual attention.
    """

    width: int = 32
    attention: bool = True


class Sampler(nn.Module):
    """Two stages: a coarse guess, and one that refines it.

    Called with what it sees, B×C×H×W, whose first three channels are colours in [−1, 1] with 0 in
    the hole, and the hole, B×1×H×W of 0 and 1; both sides are multiples of 8. Returns the coarse
    and the refined colours of the whole picture, B×3×H×W in [−1, 1].
    """

    def __init__(self, inputs: int, config: SamplerConfig) -> None:
        super().__init__()
        w = config.width
        self.coarse = nn.Sequential(
            *_encoder(inputs, (w, 2 * w, 2 * w, 4 * w, 4 * w, 4 * w)), *_dilated(4 * w)
        )
        self.coarse_decoder = nn.Sequential(*_decoder(4 * w, w))
        self.fine = nn.Sequential(
            *_encoder(inputs, (w, w, 2 * w, 2 * w, 4 * w, 4 * w)), *_dilated(4 * w)
        )
        branches = 1
        self.attend: nn.Module | None = None
        if config.attention:
            branches = 2
            widths = (w, w, 2 * w, 4 * w, 4 * w, 4 * w)
            self.attend = nn.Sequential(*_encoder(inputs, widths))
            self.attended = nn.Sequential(*_conv(4 * w, 4 * w), *_conv(4 * w, 4 * w))
        self.fine_decoder = nn.Sequential(*_decoder(branches * 4 * w, w))

    def forward(self, seen: Tensor, hole: Tensor) -> tuple[Tensor, Tensor]:
        """Return coarse and refined colours."""
        coarse = self.coarse_decoder(self.coarse(seen)).clamp(-1, 1)
        colours = coarse * hole + seen[:, :3] * (1 - hole)
        given = torch.cat((colours, seen[:, 3:]), 1)
        features = self.fine(given)
        if self.attend is not None:
            branch = contextual_attention(self.attend(given), hole[..., ::4, ::4])
            features = torch.cat((features, self.attended(branch)), 1)
        return coarse, self.fine_decoder(features).clamp(-1, 1)


def contextual_attention(features: Tensor, hole: Tensor) -> Tensor:
    """Rebuild features from patches outside of the hole that look alike.

    Parameters
    ----------
    features
        B×C×h×w, both sides even.
    hole
        B×1×h×w, 1 in the hole.

    Returns
    -------
    Tensor
        B×C×h×w. Where everything is hole, all patches count.
    """
    looks = extract_patches(features[..., ::2, ::2], 3, 1)  # B×N×9C
    values = extract_patches(features, 4, 2)  # B×N×16C
    touched = extract_patches(hole[..., ::2, ::2], 3, 1).mean(2) > 0  # B×N
    usable = ~touched | touched.all(1, keepdim=True)
    keys = unit_patches(looks)
    rebuilt = []
    for start in range(0, looks.shape[1], QUERIES):
        scores = SHARPNESS * keys[:, start : start + QUERIES] @ keys.transpose(1, 2)
        scores = scores.masked_fill(~usable[:, None], -torch.inf)
        rebuilt.append(scores.softmax(2) @ values)
    return spread_patches(torch.cat(rebuilt, 1), features.shape[-2], features.shape[-1])


def _encoder(inputs: int, widths: tuple[int, ...]) -> list[nn.Module]:
    """Return six convolutions, the second and fourth with stride 2, the first 5×5."""
    layers: list[nn.Module] = []
    for place, width in enumerate(widths):
        kernel, stride = (5, 1) if place == 0 else (3, 2 if place in (1, 3) else 1)
        layers += _conv(inputs, width, kernel, stride)
        inputs = width
    return layers


def _dilated(width: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for rate in DILATIONS:
        layers += [nn.Conv2d(width, width, 3, padding=rate, dilation=rate), nn.ELU()]
    return layers


def _decoder(inside: int, width: int) -> list[nn.Module]:
    return [
        *_conv(inside, 4 * width),
        *_conv(4 * width, 4 * width),
        nn.Upsample(scale_factor=2),
        *_conv(4 * width, 2 * width),
        *_conv(2 * width, 2 * width),
        nn.Upsample(scale_factor=2),
        *_conv(2 * width, width),
        *_conv(width, width // 2),
        nn.Conv2d(width // 2, 3, 3, padding=1),
    ]


def _conv(inside: int, outside: int, kernel: int = 3, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(inside, outside, kernel, stride, kernel // 2), nn.ELU()]
