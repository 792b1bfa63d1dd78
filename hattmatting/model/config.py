"""What distinguishes one HAttMatting from another, and the named presets."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from distinctions646.checks import schema
from distinctions646.checks.files import parse_json

Geometry = Literal["figure", "os16", "compact", "taps"]
Pool = Literal["max", "avg", "avgmax"]


@dataclass(frozen=True)
class HAttConfig:
    """The network's shape.

    Parameters
    ----------
    backbone
        A timm ResNet or ResNeXt (``resnext101_32x4d``), or ``resnet-WIDTH`` for our small one:
        basic blocks (2, 2, 2, 2) of WIDTH, 2, 4 and 8 times WIDTH channels.
    geometry
        Where block 1 and block 4 sit: ``"figure"`` strides 2 and 8, no max-pool, as the authors'
        pipeline figure (upsampling by 4, then by 2); ``"os16"`` strides 4 and 16, the max-pool
        kept; ``"compact"`` strides 2 and 16, ours, for small networks on a CPU; ``"taps"`` any
        timm network with feature maps, its own strides kept: ASPP on those of 16 and 32, cues at
        `cue_strides`.
    aspp_channels, decoder_channels
        Width of each ASPP branch, and of everything after it (256 each in the paper's network).
    channel_attention, low_level, spatial_attention
        The paper's ablation: without `low_level` the matte comes from the pyramidal features
        alone, and `spatial_attention` has nothing to filter.
    attention_pool, attention_reduction
        Global pooling of the channel attention (the figure draws max), and its bottleneck.
    spatial_map_channels
        Maps of the spatial attention: 1, or any divisor of block 1's channels.
    cue_strides, cue_widths
        Of the geometry ``"taps"``: where cues are taken, coarse to fine, and the width of the
        decoder there.
    init
        Of all layers but the backbone: ``"gaussian"`` as in the paper, or ``"kaiming"``.
    inference_long_side
        Predict at this long side in pixels and enlarge the matte; None predicts at full size.
    inference_mirrored
        Predict the mirrored image as well and give the mean of both mattes, at twice the cost.
    inference_more_sides
        Further long sides to predict at; the matte is the mean of all.
    """

    backbone: str = "resnext101_32x4d"
    geometry: Geometry = "figure"
    aspp_channels: int = 256
    decoder_channels: int = 256
    channel_attention: bool = True
    low_level: bool = True
    spatial_attention: bool = True
    attention_pool: Pool = "max"
    attention_reduction: int = 16
    spatial_map_channels: int = 1
    cue_strides: tuple[int, ...] = ()
    cue_widths: tuple[int, ...] = ()
    init: Literal["gaussian", "kaiming"] = "gaussian"
    inference_long_side: int | None = None
    inference_mirrored: bool = False
    inference_more_sides: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Check what a file or a user may have got wrong."""
        for name, allowed in _LITERALS.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected one of {allowed}")
        if self.spatial_attention and not self.low_level:
            raise ValueError("spatial_attention filters the low-level cues: it needs low_level")
        if self.inference_more_sides and self.inference_long_side is None:
            raise ValueError("inference_more_sides needs inference_long_side")
        if (self.geometry == "taps") != bool(self.cue_strides) or len(self.cue_strides) != len(
            self.cue_widths
        ):
            raise ValueError(
                f"cue_strides is {self.cue_strides}, cue_widths {self.cue_widths}; expected as "
                "many of both in the geometry 'taps', none in another"
            )

    def to_json(self) -> str:
        """Return the configuration as JSON text, one field a line."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> HAttConfig:
        """Read :meth:`to_json`'s text; unknown fields are a `ValueError`."""
        fields: dict[str, Any] = parse_json(text, "model configuration")
        if not isinstance(fields, dict):
            raise ValueError(
                f"model configuration is a {type(fields).__name__}; expected an object"
            )
        unknown = set(fields) - {field.name for field in dataclasses.fields(cls)}
        if unknown:
            raise ValueError(f"model configuration has unknown fields: {sorted(unknown)}")
        schema.fields({}, _SCHEMAS)(fields, "model configuration")
        for name in ("cue_strides", "cue_widths", "inference_more_sides"):
            fields[name] = tuple(fields.get(name, ()))
        return cls(**fields)


_WIDTH = schema.whole(1, 4096)  # channels
_SIDE = schema.whole(1, 1 << 16)  # pixels
_SCHEMAS: dict[str, schema.Schema] = {
    # A name of timm's own, not an address that it would fetch (``hf-hub:``).
    "backbone": schema.text(r"resnet-[1-9][0-9]{0,2}|(?!resnet-)[A-Za-z0-9_.-]+", most=100),
    "geometry": schema.text(),
    "attention_pool": schema.text(),
    "init": schema.text(),
    **dict.fromkeys(("aspp_channels", "decoder_channels", "attention_reduction"), _WIDTH),
    "spatial_map_channels": _WIDTH,
    **dict.fromkeys(("channel_attention", "low_level", "spatial_attention"), schema.truth),
    "cue_strides": schema.list_of(schema.whole(1, 32)),
    "cue_widths": schema.list_of(_WIDTH),
    "inference_long_side": schema.optional(_SIDE),
    "inference_mirrored": schema.truth,
    "inference_more_sides": schema.list_of(_SIDE),
}

_LITERALS: dict[str, tuple[str, ...]] = {
    name: get_args(hint)
    for name, hint in get_type_hints(HAttConfig).items()
    if get_origin(hint) is Literal
}

PRESETS: dict[str, HAttConfig] = {
    "paper-figure": HAttConfig(),
    "paper-os16": HAttConfig(geometry="os16"),
    "lite": HAttConfig(backbone="resnext50_32x4d", geometry="os16"),
    "tiny": HAttConfig(
        backbone="resnet-32",
        geometry="compact",
        aspp_channels=128,
        decoder_channels=48,
        init="kaiming",
        inference_long_side=256,
    ),
    "hatt-lite": HAttConfig(
        backbone="tf_efficientnet_lite0",
        geometry="taps",
        aspp_channels=64,
        decoder_channels=96,
        attention_pool="avgmax",
        cue_strides=(8, 4, 2),
        cue_widths=(64, 48, 24),
        init="kaiming",
        inference_long_side=320,
    ),
}


def preset(name: str) -> HAttConfig:
    """Return a named configuration; an unknown name is a `ValueError` that lists them."""
    if name not in PRESETS:
        raise ValueError(f"no model preset {name!r}; expected one of {sorted(PRESETS)}")
    return PRESETS[name]


def describe_inference(config: HAttConfig) -> str:
    """Word how a network predicts.

    Examples
    --------
    >>> describe_inference(PRESETS["paper-figure"])
    'full size'
    >>> describe_inference(dataclasses.replace(PRESETS["tiny"], inference_mirrored=True))
    'at 256 pixels of long side, mean with the mirrored image'
    """
    side = config.inference_long_side
    sides = " and ".join(str(one) for one in (side, *config.inference_more_sides))
    words = "full size" if side is None else f"at {sides} pixels of long side"
    return words + (", mean with the mirrored image" if config.inference_mirrored else "")
