"""GCA matting: a residual encoder and decoder with guided contextual attention at stride 8.

Spectral normalisation is folded into the weights when a file is loaded, so the network has plain
convolutions; it is loaded only, never trained here.

References
----------
Li, Lu, "Natural image matting via guided contextual attention", AAAI 2020; the released program,
Yaoyi-Li/GCA-Matting.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.deep.networks.parts.blocks import Normalise, one_hot_trimap
from baselines.deep.networks.parts.patches import (
    QUERIES,
    extract_patches,
    spread_patches,
    unit_patches,
)

ENCODER_BLOCKS = (3, 4, 4, 2)
DECODER_BLOCKS = (2, 3, 3, 2)
SLOPE = 0.2  # of the decoder's leaky ReLU
SELF_SCORE = -1e4  # of an unknown patch with itself, before the softmax


@dataclass(frozen=True)
class GcaConfig:
    """Shape of the network; the defaults are the released one's.

    Attributes
    ----------
    width
        Channels of the first layers, 32; the others are multiples of it.
    attention
        Without it, the network is the paper's baseline.
    """

    width: int = 32
    attention: bool = True


PRESETS = {"paper": GcaConfig(), "small": GcaConfig(8)}


class Gca(nn.Module):
    """The network.

    Examples
    --------
    >>> network = Gca(PRESETS["small"]).eval()
    >>> tuple(network(torch.zeros(1, 3, 32, 64), torch.zeros(1, 1, 32, 64))["alpha"].shape)
    (1, 1, 32, 64)
    """

    multiple = 32

    def __init__(self, config: GcaConfig) -> None:
        super().__init__()
        self.config = config
        self.normalise = Normalise()
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    def forward(self, image: Tensor, trimap: Tensor) -> dict[str, Tensor]:
        """Return ``alpha``, B×1×H×W in [0, 1]."""
        classes = one_hot_trimap(trimap)
        given = torch.cat((self.normalise(image), classes), 1)
        unknown = classes[:, 1:2, ::8, ::8]  # nearest
        features, shortcuts, guidance = self.encoder(given, unknown)
        raw = self.decoder(features, shortcuts, guidance, unknown)
        return {"alpha": (raw.tanh() + 1) / 2}

    def extra_gmac(self, height: int, width: int) -> float:
        """Return 10⁹ multiply-adds of both attentions."""
        if not self.config.attention:
            return 0.0
        patches = (height // 16) * (width // 16)
        taps = 9 * 2 * self.config.width + 16 * 4 * self.config.width
        return 2 * patches**2 * taps / 1e9


class Encoder(nn.Module):
    """A stem at /2, four residual stages from /4 to /32, and a shortcut at each level."""

    def __init__(self, config: GcaConfig) -> None:
        super().__init__()
        w = config.width
        self.conv1, self.bn1 = _conv(6, w, 3, 2), nn.BatchNorm2d(w)
        self.conv2, self.bn2 = _conv(w, w, 3), nn.BatchNorm2d(w)
        self.conv3, self.bn3 = _conv(w, 2 * w, 3, 2), nn.BatchNorm2d(2 * w)
        names = ("layer1", "layer2", "layer3", "layer_bottleneck")
        inside = 2 * w
        for place, (name, count) in enumerate(zip(names, ENCODER_BLOCKS, strict=True)):
            outside = 2 * w * 2**place
            first = EncoderBlock(inside, outside, 1 if place == 0 else 2)
            rest = [EncoderBlock(outside, outside, 1) for _ in range(count - 1)]
            self.add_module(name, nn.Sequential(first, *rest))
            inside = outside
        levels = ((6, w), (w, w), (2 * w, 2 * w), (4 * w, 4 * w), (8 * w, 8 * w))
        self.shortcut = nn.ModuleList(_shortcut(*level) for level in levels)
        if config.attention:
            self.guidance_head = _guidance(w)
            self.gca = GuidedAttention(4 * w, 4 * w)

    def forward(self, given: Tensor, unknown: Tensor) -> tuple[Tensor, list[Tensor], Tensor | None]:
        """Return the deepest features, the five shortcuts and what guides the attention."""
        half = F.relu(self.bn1(self.conv1(given)))
        half = F.relu(self.bn2(self.conv2(half)))
        features = F.relu(self.bn3(self.conv3(half)))
        quarter = self.get_submodule("layer1")(features)
        eighth = self.get_submodule("layer2")(quarter)
        guidance = None
        if hasattr(self, "gca"):
            guidance = self.guidance_head(given[:, :3])
            eighth = self.gca(guidance, eighth, unknown)
        sixteenth = self.get_submodule("layer3")(eighth)
        deepest = self.get_submodule("layer_bottleneck")(sixteenth)
        levels = (given, half, quarter, eighth, sixteenth)
        shortcuts = [cut(level) for cut, level in zip(self.shortcut, levels, strict=True)]
        return deepest, shortcuts, guidance


class Decoder(nn.Module):
    """Residual stages with transposed convolutions, each taking a shortcut in."""

    def __init__(self, config: GcaConfig) -> None:
        super().__init__()
        w = config.width
        inside = 16 * w
        for place, count in enumerate(DECODER_BLOCKS, 1):
            outside = 16 * w // 2**place
            rest = [DecoderBlock(outside, outside, up=False) for _ in range(count - 1)]
            first = DecoderBlock(inside, outside, up=True)
            self.add_module(f"layer{place}", nn.Sequential(first, *rest))
            inside = outside
        if config.attention:
            self.gca = GuidedAttention(4 * w, 4 * w)
        self.conv1, self.bn1 = nn.ConvTranspose2d(w, w, 4, 2, 1, bias=False), nn.BatchNorm2d(w)
        self.conv2 = nn.Conv2d(w, 1, 3, padding=1)

    def forward(
        self, features: Tensor, shortcuts: list[Tensor], guidance: Tensor | None, unknown: Tensor
    ) -> Tensor:
        """Return B×1×H×W before the tanh."""
        for place in (1, 2, 3, 4):
            features = self.get_submodule(f"layer{place}")(features) + shortcuts[5 - place]
            if place == 2 and guidance is not None:
                features = self.gca(guidance, features, unknown)
        features = F.leaky_relu(self.bn1(self.conv1(features)), SLOPE) + shortcuts[0]
        raw: Tensor = self.conv2(features)
        return raw


class EncoderBlock(nn.Module):
    """Two 3×3 convolutions and the input, average-pooled where the stride is 2."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = _conv(inside, outside, 3, stride), nn.BatchNorm2d(outside)
        self.conv2, self.bn2 = _conv(outside, outside, 3), nn.BatchNorm2d(outside)
        if stride != 1:
            self.downsample = nn.Sequential(
                nn.AvgPool2d(2), _conv(inside, outside, 1), nn.BatchNorm2d(outside)
            )

    def forward(self, features: Tensor) -> Tensor:
        """Return features at the block's stride."""
        identity = self.downsample(features) if hasattr(self, "downsample") else features
        out = F.relu(self.bn1(self.conv1(features)))
        return F.relu(self.bn2(self.conv2(out)) + identity)


class DecoderBlock(nn.Module):
    """Two convolutions and the input; the first is transposed and doubles the size if `up`."""

    def __init__(self, inside: int, outside: int, *, up: bool) -> None:
        super().__init__()
        self.conv1 = (
            nn.ConvTranspose2d(inside, inside, 4, 2, 1, bias=False)
            if up
            else _conv(inside, inside, 3)
        )
        self.bn1 = nn.BatchNorm2d(inside)
        self.conv2, self.bn2 = _conv(inside, outside, 3), nn.BatchNorm2d(outside)
        if up:
            self.upsample = nn.Sequential(
                nn.Upsample(scale_factor=2), _conv(inside, outside, 1), nn.BatchNorm2d(outside)
            )

    def forward(self, features: Tensor) -> Tensor:
        """Return features, at twice the size if the block is an `up` one."""
        identity = self.upsample(features) if hasattr(self, "upsample") else features
        out = F.leaky_relu(self.bn1(self.conv1(features)), SLOPE)
        return F.leaky_relu(self.bn2(self.conv2(out)) + identity, SLOPE)


class GuidedAttention(nn.Module):
    """Carry features to unknown patches from patches that look alike in the guidance."""

    def __init__(self, channels: int, guidance: int) -> None:
        super().__init__()
        self.guidance_conv = nn.Conv2d(guidance, guidance // 2, 1)
        last = nn.BatchNorm2d(channels)
        nn.init.constant_(last.weight, 1e-3)
        self.W = nn.Sequential(nn.Conv2d(channels, channels, 1, bias=False), last)

    def forward(self, guidance: Tensor, features: Tensor, unknown: Tensor) -> Tensor:
        """Return features of the same shape.

        Parameters
        ----------
        guidance
            B×G×h×w, from the image alone.
        features
            B×C×h×w, both sides even.
        unknown
            B×1×h×w, 1 where the trimap is unknown.
        """
        looks = extract_patches(self.guidance_conv(guidance)[..., ::2, ::2], 3, 1)  # B×N×9G/2
        values = extract_patches(features, 4, 2)  # B×N×16C
        small = unknown[..., ::2, ::2]
        is_unknown = extract_patches(small, 3, 1).mean(2) > 0  # B×N
        keys = unit_patches(looks)
        share = small.flatten(1).mean(1)  # B
        scale = _key_scale(is_unknown, share)
        carried = torch.empty_like(values)
        for start in range(0, looks.shape[1], QUERIES):
            part = slice(start, start + QUERIES)
            scores = looks[:, part] @ keys.transpose(1, 2) * scale[:, None]  # B×Q×N
            own = torch.arange(start, start + scores.shape[1], device=scores.device)
            scores[:, own - start, own] += SELF_SCORE * is_unknown[:, own].to(scores.dtype)
            carried[:, part] = scores.softmax(2) @ values
        spread = spread_patches(carried, features.shape[-2], features.shape[-1])
        out: Tensor = self.W(spread) + features
        return out


def _key_scale(is_unknown: Tensor, share: Tensor) -> Tensor:
    """Return B×N: known patches weigh more where few are known, and the reverse."""
    ratio = (share / (1 - share)).sqrt()
    for_unknown = ratio.clamp(0.1, 10)[:, None]
    for_known = (1 / ratio).clamp(0.1, 10)[:, None]
    return torch.where(is_unknown, for_unknown, for_known)


def _shortcut(inside: int, outside: int) -> nn.Sequential:
    return nn.Sequential(
        *(_conv(inside, outside, 3), nn.ReLU(), nn.BatchNorm2d(outside)),
        *(_conv(outside, outside, 3), nn.ReLU(), nn.BatchNorm2d(outside)),
    )


def _guidance(width: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    inside = 3
    for outside in (width // 2, width, 4 * width):
        conv = nn.Conv2d(inside, outside, 3, 2, bias=False)
        layers += [nn.ReflectionPad2d(1), conv, nn.ReLU(), nn.BatchNorm2d(outside)]
        inside = outside
    return nn.Sequential(*layers)


def _conv(inside: int, outside: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False)
