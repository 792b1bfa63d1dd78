"""The feature extractor: a timm ResNeXt cut at block 1 and block 4, in one of three geometries."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from hattmatting.model.config import Geometry
from hattmatting.model.encoder_weights import parse_state_dict, read_encoder_weights, to_timm_names
from hattmatting.model.encoders import TappedEncoder

# geometry: (keep the stem's max-pool, timm's output_stride, which counts that pool)
_GEOMETRY: dict[str, tuple[bool, int]] = {
    "figure": (False, 16),
    "os16": (True, 16),
    "compact": (False, 32),
}

# What a classifier has after its last feature map: ResNet's, and EfficientNet's head.
_CLASSIFIER = ("fc.", "classifier.", "conv_head.", "bn2.")


class Backbone(nn.Module):
    """The feature extractor: block 1's appearance cues and block 4's features.

    Parameters
    ----------
    name
        As `HAttConfig.backbone`.
    geometry
        ``"figure"``: strides 2 and 8; ``"os16"``: 4 and 16; ``"compact"``: 2 and 16.
    """

    def __init__(self, name: str, geometry: Geometry) -> None:
        super().__init__()
        keep_pool, output_stride = _GEOMETRY[geometry]
        network = _create(name, output_stride)
        self.conv1, self.bn1, self.act1 = network.conv1, network.bn1, network.act1
        self.maxpool = network.maxpool if keep_pool else nn.Identity()
        self.layer1, self.layer2 = network.layer1, network.layer2
        self.layer3, self.layer4 = network.layer3, network.layer4
        self.low_channels, self.high_channels = (
            int(network.feature_info[place]["num_chs"]) for place in (1, 4)
        )

    def stages(self) -> list[nn.Module]:
        """Return blocks 1 to 4."""
        return [self.layer1, self.layer2, self.layer3, self.layer4]

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Map a normalised B×3×H×W image to (block 1, block 4)."""
        x = self.maxpool(self.act1(self.bn1(self.conv1(image))))
        low: Tensor = self.layer1(x)
        high: Tensor = self.layer4(self.layer3(self.layer2(low)))
        return low, high


def _create(name: str, output_stride: int) -> Any:  # timm's ResNet, which is untyped
    from timm.models.resnet import BasicBlock, ResNet

    small = re.fullmatch(r"resnet-(\d+)", name)
    if small:
        width = int(small[1])
        channels = (width, 2 * width, 4 * width, 8 * width)
        return ResNet(
            BasicBlock,  # type: ignore[arg-type]
            (2, 2, 2, 2),
            num_classes=0,
            channels=channels,
            stem_width=width,
            output_stride=output_stride,
        )
    import timm

    if not timm.is_model(name):
        raise ValueError(f"backbone {name!r} is not a timm model, nor resnet-WIDTH")
    network = timm.create_model(name, pretrained=False, num_classes=0, output_stride=output_stride)
    if not isinstance(network, ResNet):
        raise ValueError(f"backbone {name!r} is not of timm's ResNet family")
    return network


def load_backbone_weights(backbone: Backbone | TappedEncoder, source: str) -> None:
    """Load ImageNet weights into a backbone, strictly.

    Parameters
    ----------
    backbone
        Changed in place.
    source
        See `hattmatting.model.encoder_weights.read_encoder_weights`.

    Raises
    ------
    ValueError
        If the source holds anything else than this backbone's weights (what only a classifier
        needs apart), or cannot be had.
    """
    network = backbone.network if isinstance(backbone, TappedEncoder) else backbone
    state = to_timm_names(read_encoder_weights(source), network)
    state = {key: value for key, value in state.items() if not key.startswith(_CLASSIFIER)}
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise ValueError(f"{source}: not the weights of this backbone: {error}") from None


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Read a state dict from a safetensors file or a weights-only PyTorch file.

    Raises
    ------
    ValueError
        If the file is missing, is neither, or holds anything but tensors by name.
    """
    if not path.is_file():
        raise ValueError(f"{path}: no such weights file")
    return parse_state_dict(str(path), path.suffix, path.read_bytes())
