"""ViTMatte through the library `transformers`, as a network of an image and a trimap.

References
----------
Yao, Wang, Yang, Wang, "ViTMatte: boosting image matting with pre-trained plain vision
transformers", Information Fusion 2024.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.deep.networks.parts.blocks import MEAN, STD, Normalise

Preprocessing = Literal["imagenet", "half", "none"]
STATISTICS: dict[Preprocessing, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "imagenet": (MEAN, STD),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "none": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
}
STRIDE = 32


@dataclass(frozen=True)
class VitMatteConfig:
    """Shape of the network; the defaults are the small one's.

    Attributes
    ----------
    hidden, heads, layers
        Of the transformer; S has 384, 6, 12 and B 768, 12, 12.
    window
        Side in patches of the blocks with windowed attention.
    whole
        Blocks that attend to the whole image; a convolutional block follows each.
    image_side, pretrained_side
        In pixels, of the tables of relative and of absolute positions.
    details, fusion
        Channels of the detail stream and of the steps that take it in.
    preprocessing
        Normalisation of the colours: of training (``"imagenet"``), of transformers' processor
        (``"half"``: mean and deviation 0.5), or of rembg (``"none"``).
    """

    hidden: int = 384
    heads: int = 6
    layers: int = 12
    window: int = 14
    whole: tuple[int, ...] = (2, 5, 8, 11)
    image_side: int = 512
    pretrained_side: int = 224
    details: tuple[int, ...] = (48, 96, 192)
    fusion: tuple[int, ...] = (256, 128, 64, 32)
    preprocessing: Preprocessing = "imagenet"


PRESETS = {
    "small": VitMatteConfig(),
    "base": VitMatteConfig(768, 12),
    "toy": VitMatteConfig(32, 2, 2, 4, (1,), 128, 64, (4, 8, 16), (32, 16, 8, 8)),
}


class VitMatte(nn.Module):
    """The network; any size, padded with zeros after the normalisation as its programs do."""

    multiple = 1

    def __init__(self, config: VitMatteConfig) -> None:
        super().__init__()
        self.config = config
        self.normalise = Normalise(*STATISTICS[config.preprocessing])
        self.model = _transformers_model(config)

    def forward(self, image: Tensor, trimap: Tensor) -> dict[str, Tensor]:
        """Return ``alpha``, B×1×H×W in [0, 1]."""
        height, width = image.shape[-2:]
        given = torch.cat((self.normalise(image), trimap), 1)
        bottom, right = self._padding(height, width)
        alphas: Tensor = self.model(pixel_values=F.pad(given, (0, right, 0, bottom))).alphas
        return {"alpha": alphas[..., :height, :width]}

    def _padding(self, height: int, width: int) -> tuple[int, int]:
        """Return rows and columns to add.

        The authors' program adds 32 to an aligned side if the other is not aligned; transformers'
        processor, which has its own statistics, does not.
        """
        bottom, right = -height % STRIDE, -width % STRIDE
        if self.config.preprocessing == "imagenet" and (bottom or right):
            return bottom or STRIDE, right or STRIDE
        return bottom, right

    def extra_gmac(self, height: int, width: int) -> float:
        """Return 10⁹ multiply-adds of attention: scores, values and relative positions."""
        c = self.config
        rows, columns = height // 16, width // 16
        total = 0
        for block in range(c.layers):
            if block in c.whole:
                tokens, seen = rows * columns, rows * columns
                sides = rows + columns
            else:
                padded = (-(-rows // c.window)) * (-(-columns // c.window)) * c.window**2
                tokens, seen, sides = padded, c.window**2, 2 * c.window
            total += tokens * c.hidden * (2 * seen + sides)
        return total / 1e9


def _transformers_model(config: VitMatteConfig) -> Any:
    if importlib.util.find_spec("transformers") is None:
        raise ValueError("transformers is missing; pip install 'distinctions646[transformers]'")
    library = importlib.import_module("transformers")
    blocks = range(config.layers)
    backbone = library.VitDetConfig(
        hidden_size=config.hidden,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        image_size=config.image_side,
        pretrain_image_size=config.pretrained_side,
        num_channels=4,
        use_relative_position_embeddings=True,
        window_size=config.window,
        window_block_indices=[block for block in blocks if block not in config.whole],
        residual_block_indices=list(config.whole),
        out_features=[f"stage{config.layers}"],
    )
    return library.VitMatteForImageMatting(
        library.VitMatteConfig(
            backbone_config=backbone,
            hidden_size=config.hidden,
            # lists: transformers 5.24 refuses its own default, a tuple
            convstream_hidden_sizes=list(config.details),
            fusion_hidden_sizes=list(config.fusion),
        )
    )
