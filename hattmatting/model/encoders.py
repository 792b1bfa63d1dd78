"""Feature extractors by family: what each wants of its input, and which of its maps are tapped.

To add a family: a row in `FAMILIES`, with the prefix of its timm names. Any other name of a timm
network with `features_only` is taken as ImageNet-normalised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from hattmatting.model import efficientnet

# ImageNet statistics, those of timm's ResNet and ResNeXt weights.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Family:
    """What encoders of one kind have in common.

    Attributes
    ----------
    mean, std
        What is subtracted from RGB in [0, 1], and what the difference is divided by.
    source
        Where these values come from.
    """

    mean: Triple
    std: Triple
    source: str


IMAGENET = Family(IMAGENET_MEAN, IMAGENET_STD, "ImageNet statistics")

FAMILIES: dict[str, Family] = {
    # x·2 − 1, as the networks were trained by tensorflow/tpu and as timm has it.
    "tf_efficientnet_lite": Family((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "x·2 − 1"),
}


def family(name: str) -> Family:
    """Return the family of a backbone's name.

    Examples
    --------
    >>> family("tf_efficientnet_lite0").source, family("resnext101_32x4d").source
    ('x·2 − 1', 'ImageNet statistics')
    """
    for prefix, facts in FAMILIES.items():
        if name.startswith(prefix):
            return facts
    return IMAGENET


class TappedEncoder(nn.Module):
    """A network that gives its feature maps at several strides: timm's, or our EfficientNet-Lite.

    Parameters
    ----------
    name
        Of timm, without a weight's tag; random weights are made, nothing is fetched.

    Attributes
    ----------
    channels
        Of the map at each stride, ``{2: 16, 4: 24, …}``.

    Raises
    ------
    ValueError
        If timm has no such network, or it has no maps to tap.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.channels: dict[int, int]
        if name == efficientnet.NAME:
            self.network: Any = efficientnet.EfficientNetLite()
            self.channels = dict(self.network.channels)
            return
        self.network = create_features(name)
        info = self.network.feature_info
        self.channels = dict(zip(info.reduction(), info.channels(), strict=True))

    def stages(self) -> list[nn.Module]:
        """Return the parts that follow each other after the stem."""
        return list(getattr(self.network, "blocks", self.network.children()))

    def forward(self, image: Tensor) -> dict[int, Tensor]:
        """Map a normalised B×3×H×W image to its maps by stride, B×C×⌈H/s⌉×⌈W/s⌉ each."""
        return dict(zip(self.channels, self.network(image), strict=True))


def create_features(name: str) -> Any:  # timm's, which is untyped
    """Create a timm network that returns its feature maps."""
    import timm

    if not timm.is_model(name):
        raise ValueError(f"backbone {name!r} is not a timm model")
    try:
        return timm.create_model(name, pretrained=False, features_only=True)
    except (AttributeError, RuntimeError, TypeError) as error:
        raise ValueError(f"backbone {name!r} has no feature maps to tap: {error}") from None
