"""HAttMatting over a tapped encoder: cues of several strides, each filtered before it is used.

The paper filters the cues of one stride; HAttMatting++ (Qiao et al., "Hierarchical and Progressive
Image Matting", 2022) those of two. Which parts are said there, drawn there or ours is in
``docs/fidelity.md``.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from hattmatting.model.attention import ASPP, ChannelAttention, SpatialAttention, conv_bn_relu
from hattmatting.model.config import HAttConfig

DEEP_STRIDES = (16, 32)


class CueStage(nn.Module):
    """Bring semantics to a finer stride and join them with the cues there.

    Parameters
    ----------
    semantics, cues, outputs
        Channels of the coarser semantics, of the encoder's map, and of the result.
    attention
        Whether a spatial attention from the semantics multiplies the cues.
    """

    def __init__(self, semantics: int, cues: int, outputs: int, attention: bool) -> None:
        super().__init__()
        self.reduce = conv_bn_relu(semantics, outputs, 1)
        self.attention = SpatialAttention(outputs, 1) if attention else None
        self.cues = conv_bn_relu(cues, outputs // 2, 3)
        self.join = conv_bn_relu(outputs + outputs // 2, outputs, 3)

    def forward(self, semantics: Tensor, cues: Tensor) -> Tensor:
        """Map B×semantics×h×w and B×cues×H×W to B×outputs×H×W."""
        semantics = resize(self.reduce(semantics), cues)
        if self.attention is not None:
            cues = cues * self.attention(semantics)
        joined: Tensor = self.join(torch.cat([self.cues(cues), semantics], dim=1))
        return joined


class CascadeDecoder(nn.Module):
    """From an encoder's maps to logits of alpha at the finest tapped stride.

    Parameters
    ----------
    config
        Its `cue_strides` and `cue_widths` give the stages, coarse to fine.
    channels
        Of the encoder's map at each stride.
    """

    def __init__(self, config: HAttConfig, channels: Mapping[int, int]) -> None:
        super().__init__()
        missing = sorted({*DEEP_STRIDES, *config.cue_strides} - set(channels))
        if missing:
            raise ValueError(
                f"backbone {config.backbone!r} has maps at strides {sorted(channels)}; "
                f"expected {missing} among them"
            )
        width = config.decoder_channels
        deep = sum(channels[stride] for stride in DEEP_STRIDES)
        self.aspp = ASPP(deep, config.aspp_channels, width)
        if config.channel_attention:
            self.channel_attention = ChannelAttention(
                width, config.attention_reduction, config.attention_pool
            )
        self.stages = nn.ModuleDict()
        stages = zip(config.cue_strides, config.cue_widths, strict=True)
        for stride, outputs in stages if config.low_level else ():
            stage = CueStage(width, channels[stride], outputs, config.spatial_attention)
            self.stages[str(stride)] = stage
            width = outputs
        self.head = nn.Conv2d(width, 1, 3, padding=1)

    def forward(self, maps: Mapping[int, Tensor]) -> Tensor:
        """Map the encoder's maps to B×1×h×w logits at the finest of the cues' strides."""
        middle, deepest = (maps[stride] for stride in DEEP_STRIDES)
        semantics = self.aspp(torch.cat([middle, resize(deepest, middle)], dim=1))
        if hasattr(self, "channel_attention"):
            semantics = self.channel_attention(semantics)
        for stride, stage in self.stages.items():
            semantics = stage(semantics, maps[int(stride)])
        logits: Tensor = self.head(semantics)
        return logits


def resize(maps: Tensor, like: Tensor) -> Tensor:
    """Resize maps bilinearly to the height and width of others."""
    return F.interpolate(maps, size=like.shape[-2:], mode="bilinear", align_corners=False)
