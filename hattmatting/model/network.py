"""HAttMatting's generator: one RGB image in, one matte out, no trimap.

References
----------
Qiao et al., "Attention-guided hierarchical structure aggregation for image matting", CVPR 2020,
§3.1 and §3.2, and the authors' pipeline figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from distinctions646.checks.files import read_text
from distinctions646.process.whole_files import write_bytes
from hattmatting.model.attention import ASPP, ChannelAttention, SpatialAttention, conv_bn_relu
from hattmatting.model.backbone import Backbone, read_state_dict
from hattmatting.model.card import model_card
from hattmatting.model.cascade import CascadeDecoder
from hattmatting.model.config import HAttConfig, preset
from hattmatting.model.encoders import TappedEncoder, family
from hattmatting.model.pretrained import find_checkpoint


class HAttMatting(nn.Module):
    """The matting network.

    Parameters
    ----------
    config
        Its shape; `HAttConfig()` is the paper's figure with ResNeXt-101 32×4d.

    Examples
    --------
    >>> model = HAttMatting.from_preset("tiny").eval()
    >>> tuple(model(torch.zeros(1, 3, 64, 96)).shape)
    (1, 1, 64, 96)
    """

    mean: Tensor
    std: Tensor

    def __init__(self, config: HAttConfig) -> None:
        super().__init__()
        self.config = config
        width = config.decoder_channels
        facts = family(config.backbone)
        self.register_buffer("mean", torch.tensor(facts.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(facts.std).view(3, 1, 1), persistent=False)
        if config.geometry == "taps":
            tapped = TappedEncoder(config.backbone)
            self.backbone: Backbone | TappedEncoder = tapped
            self.decoder = CascadeDecoder(config, tapped.channels)
            self._initialise()
            return
        self.backbone = backbone = Backbone(config.backbone, config.geometry)
        self.aspp = ASPP(backbone.high_channels, config.aspp_channels, width)
        if config.channel_attention:
            self.channel_attention = ChannelAttention(
                width, config.attention_reduction, config.attention_pool
            )
        self.semantics = conv_bn_relu(width, width, 3)
        if config.spatial_attention:
            if backbone.low_channels % config.spatial_map_channels:
                raise ValueError(
                    f"spatial_map_channels is {config.spatial_map_channels}; expected a divisor of "
                    f"block 1's {backbone.low_channels} channels"
                )
            self.spatial_attention = SpatialAttention(width, config.spatial_map_channels)
        if config.low_level:
            self.cues = conv_bn_relu(backbone.low_channels, width, 3)
        self.head = nn.Conv2d(width * (2 if config.low_level else 1), 1, 3, padding=1)
        self._initialise()

    @classmethod
    def from_preset(cls, name: str) -> HAttMatting:
        """Build a named configuration with random weights; never downloads."""
        return cls(preset(name))

    @classmethod
    def from_pretrained(
        cls, path_or_name: str | Path, revision: str | None = None, cache: Path | None = None
    ) -> HAttMatting:
        """Load a checkpoint in evaluation mode.

        Parameters
        ----------
        path_or_name
            A folder with ``config.json`` and ``model.safetensors``; the name of a checkpoint that
            ships with the package (``"hatt-lite"``, ``"hatt-mini"``); or ``OWNER/NAME`` of the
            Hugging Face Hub.
        revision, cache
            As for `hattmatting.model.pretrained.find_checkpoint`.

        Raises
        ------
        ValueError
            If there is no such checkpoint, a file is damaged, or its weights do not fit its
            configuration.
        """
        folder = find_checkpoint(path_or_name, revision, cache)
        model = _build(cls, folder / "config.json")
        state = read_state_dict(folder / "model.safetensors")
        try:
            model.load_state_dict({key: value.float() for key, value in state.items()})
        except RuntimeError as error:
            raise ValueError(
                f"{folder}: weights do not fit config.json (of another preset?): {error}"
            ) from None
        return model.eval()

    def save_pretrained(
        self,
        folder: Path | str,
        dtype: torch.dtype = torch.float32,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        """Write ``config.json``, ``model.safetensors`` and a model card, ``README.md``.

        Parameters
        ----------
        folder
            Created if it does not exist.
        dtype
            Number format of floating weights on disk.
        facts
            How it was trained, as for `hattmatting.model.card.model_card`.

        Raises
        ------
        OSError
            If a file cannot be written.
        """
        from safetensors.torch import save

        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        state = {
            key: (value.to(dtype) if value.is_floating_point() else value).cpu().contiguous()
            for key, value in self.state_dict().items()
        }
        parameters = sum(parameter.numel() for parameter in self.parameters())
        card = model_card(self.config, parameters, str(dtype).removeprefix("torch."), facts)
        write_bytes(folder / "model.safetensors", save(state, {"format": "pt"}))
        write_bytes(folder / "config.json", self.config.to_json().encode())
        write_bytes(folder / "README.md", card.encode())

    def forward(self, image: Tensor) -> Tensor:
        """Map B×3×H×W RGB in [0, 1] to alpha B×1×H×W in [0, 1]."""
        return torch.sigmoid(self.logits(image).float())

    def logits(self, image: Tensor) -> Tensor:
        """Map B×3×H×W RGB in [0, 1] to B×1×H×W logits of alpha."""
        if self.config.geometry == "taps":
            return _resize(self.decoder(self.encode(image)), image)
        low, high = self.backbone((image - self.mean) / self.std)
        pyramid = self.aspp(high)
        pyramid = _resize(pyramid, low)  # ×4 in the figure's geometry
        if self.config.channel_attention:
            pyramid = self.channel_attention(pyramid)
        fused = semantics = self.semantics(pyramid)
        if self.config.low_level:
            if self.config.spatial_attention:
                low = low * _tile(self.spatial_attention(semantics), low)
            fused = torch.cat([self.cues(low), semantics], dim=1)
        return _resize(self.head(fused), image)  # ×2 in the figure's geometry

    def encode(self, image: Tensor) -> dict[int, Tensor]:
        """Map B×3×H×W RGB in [0, 1] to a tapped encoder's maps by stride."""
        maps: dict[int, Tensor] = self.backbone((image - self.mean) / self.std)
        return maps

    def decode(self, maps: Mapping[int, Tensor], like: Tensor) -> Tensor:
        """Map :meth:`encode`'s maps to alpha B×1×H×W in [0, 1], of the height and width of `like`.

        ``decode(encode(image), image)`` is ``forward(image)``; kept maps spare the encoder's work
        while it is not trained.
        """
        return torch.sigmoid(_resize(self.decoder(maps), like).float())

    def find_attention(self, kind: Literal["channel", "spatial"]) -> nn.Module:
        """Return an attention that the configuration has; over taps the finest spatial one."""
        if self.config.geometry != "taps":
            return self.channel_attention if kind == "channel" else self.spatial_attention
        if kind == "channel":
            return self.decoder.channel_attention
        finest = self.decoder.stages[str(self.config.cue_strides[-1])]
        return cast(nn.Module, finest.attention)

    def _initialise(self) -> None:
        gaussian = self.config.init == "gaussian"
        for name, module in self.named_modules():
            if name.startswith("backbone") or not isinstance(module, nn.Conv2d):
                continue
            if gaussian or name.endswith("head"):
                nn.init.normal_(module.weight, std=0.01)  # paper §3.4; the width is ours
            else:
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def _build(kind: type[HAttMatting], path: Path) -> HAttMatting:
    """Build the network of a configuration that may come from a stranger."""
    try:
        return kind(HAttConfig.from_json(read_text(path, "a model configuration")))
    except (ValueError, TypeError, RuntimeError) as error:
        named = str(error).startswith(f"{path}:")
        reason = " ".join(str(error).split())
        raise ValueError(reason if named else f"{path}: no model configuration: {reason}") from None


def _resize(maps: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(maps, size=like.shape[-2:], mode="bilinear", align_corners=False)


def _tile(attention: Tensor, like: Tensor) -> Tensor:
    """Repeat a map of several channels over the cues' channels; one channel broadcasts."""
    channels = attention.shape[1]
    return attention if channels == 1 else attention.repeat(1, like.shape[1] // channels, 1, 1)
