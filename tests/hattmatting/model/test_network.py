"""The network's shape: sizes of the published account, geometry, attention, checkpoints."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from torch import nn

from hattmatting.model.attention import ChannelAttention, SpatialAttention
from hattmatting.model.backbone import Backbone, load_backbone_weights
from hattmatting.model.config import PRESETS, HAttConfig
from hattmatting.model.discriminator import PatchDiscriminator
from hattmatting.model.network import HAttMatting

SMALL = HAttConfig(backbone="resnet-4", aspp_channels=8, decoder_channels=8)


def millions(module: nn.Module) -> float:
    return sum(parameter.numel() for parameter in module.parameters()) / 1e6


@pytest.mark.parametrize(
    ("backbone", "total", "extractor"),
    [("resnext101_32x4d", 62.2, 42.1), ("resnext101_32x8d", 106.9, 86.7)],
)
def test_parameter_counts_are_those_of_the_figure(
    backbone: str, total: float, extractor: float
) -> None:
    """Counts worked out from the authors' figure with 256-channel ASPP and decoder."""
    with torch.device("meta"):
        model = HAttMatting(HAttConfig(backbone=backbone))
    assert millions(model) == pytest.approx(total, rel=0.01)
    assert millions(model.backbone) == pytest.approx(extractor, rel=0.01)


def test_discriminator_is_the_70_by_70_patchgan() -> None:
    discriminator = PatchDiscriminator()
    assert millions(discriminator) == pytest.approx(2.77, rel=0.01)
    image = torch.rand(1, 3, 96, 96)
    alpha = torch.rand(1, 1, 96, 96, requires_grad=True)
    logits = discriminator(image, alpha)
    assert logits.shape == (1, 1, 10, 10)
    for layer in discriminator.layers:  # normalisation spreads any change; look past it
        if isinstance(layer, nn.InstanceNorm2d):
            layer.forward = lambda x: x  # type: ignore[method-assign]
    discriminator(image, alpha)[0, 0, 5, 5].backward()
    assert alpha.grad is not None
    rows = alpha.grad[0, 0].abs().sum(dim=1).nonzero()
    assert int(rows.max() - rows.min()) + 1 == 70


@pytest.mark.parametrize(
    ("geometry", "low", "high"), [("figure", 2, 8), ("os16", 4, 16), ("compact", 2, 16)]
)
def test_geometry_puts_the_taps_where_it_says(geometry: str, low: int, high: int) -> None:
    config = dataclasses.replace(SMALL, geometry=geometry)  # type: ignore[arg-type]
    block1, block4 = Backbone(config.backbone, config.geometry).eval()(torch.zeros(1, 3, 64, 96))
    assert block1.shape[-2:] == (64 // low, 96 // low)
    assert block4.shape[-2:] == (64 // high, 96 // high)


def test_paper_backbone_gives_256_and_2048_channels() -> None:
    with torch.device("meta"):
        backbone = Backbone("resnext101_32x4d", "figure")
    assert (backbone.low_channels, backbone.high_channels) == (256, 2048)


@pytest.mark.parametrize("size", [(33, 47), (64, 64)])
def test_alpha_has_the_images_size_and_range(size: tuple[int, int]) -> None:
    alpha = HAttMatting(SMALL).eval()(torch.rand(2, 3, *size))
    assert alpha.shape == (2, 1, *size)
    assert 0 <= alpha.min().item() <= alpha.max().item() <= 1


def test_spatial_attention_filters_the_cues() -> None:
    """Attention shut everywhere must leave no trace of block 1 in front of the cues' layer."""
    model = HAttMatting(SMALL).eval()
    nn.init.zeros_(model.spatial_attention.join.weight)
    nn.init.constant_(model.spatial_attention.join.bias, -1e4)  # type: ignore[arg-type]
    seen = []
    model.cues.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    model(torch.rand(1, 3, 64, 64))
    assert seen[0].abs().max().item() == 0


@pytest.mark.parametrize("pool", ["max", "avg", "avgmax"])
def test_channel_attention_scales_each_channel_by_one_number(pool: str) -> None:
    features = torch.rand(2, 16, 5, 7) + 0.5
    ratio = ChannelAttention(16, 4, pool)(features) / features  # type: ignore[arg-type]
    assert torch.allclose(ratio, ratio[..., :1, :1].expand_as(ratio))
    assert 0 < ratio.min().item() < ratio.max().item() < 1


def test_spatial_attention_sees_a_cross_of_seven() -> None:
    """Each branch is a 7×1 and a 1×7 in sequence: together a 7×7 neighbourhood."""
    attention = SpatialAttention(4, 1)
    for parameter in attention.parameters():
        nn.init.constant_(parameter, 0.1)
    semantics = torch.zeros(1, 4, 21, 21, requires_grad=True)
    attention(semantics)[0, 0, 10, 10].backward()
    assert semantics.grad is not None
    touched = semantics.grad[0].abs().sum(dim=0).nonzero()
    assert touched.min(dim=0).values.tolist() == [7, 7]
    assert touched.max(dim=0).values.tolist() == [13, 13]


@pytest.mark.parametrize(
    "ablation",
    [
        {"low_level": False, "spatial_attention": False, "channel_attention": False},
        {"spatial_attention": False},
        {"channel_attention": False},
        {"spatial_map_channels": 4},
    ],
)
def test_ablations_run(ablation: dict[str, object]) -> None:
    model = HAttMatting(dataclasses.replace(SMALL, **ablation)).eval()  # type: ignore[arg-type]
    assert model(torch.rand(1, 3, 32, 32)).shape == (1, 1, 32, 32)


def test_spatial_attention_without_cues_is_refused() -> None:
    with pytest.raises(ValueError, match="needs low_level"):
        HAttConfig(low_level=False)


def test_attention_maps_that_do_not_tile_the_cues_are_refused() -> None:
    with pytest.raises(ValueError, match="spatial_map_channels is 3; expected a divisor of"):
        HAttMatting(dataclasses.replace(SMALL, spatial_map_channels=3))


def test_attention_identities() -> None:
    """Attention open everywhere passes all through; the channels' product is with `weights`."""
    attention = ChannelAttention(8, 4, "max")
    features = torch.rand(2, 8, 5, 7)
    assert torch.equal(attention(features), features * attention.weights(features))
    nn.init.zeros_(attention.mlp[2].weight)
    nn.init.constant_(attention.mlp[2].bias, 1e4)
    assert torch.equal(attention(features), features)
    spatial = SpatialAttention(8, 1)
    nn.init.zeros_(spatial.join.weight)
    nn.init.constant_(spatial.join.bias, 1e4)  # type: ignore[arg-type]
    assert torch.equal(spatial(features), torch.ones(2, 1, 5, 7))


@pytest.mark.parametrize(
    ("name", "total"), [("paper-figure", 62.2), ("paper-os16", 62.2), ("lite", 43.0), ("tiny", 4.1)]
)
def test_parameters_of_the_presets(name: str, total: float) -> None:
    """The table of docs/fidelity.md."""
    with torch.device("meta"):
        model = HAttMatting(PRESETS[name])
    assert millions(model) == pytest.approx(total, rel=0.01)


def test_checkpoint_round_trip(tmp_path: Path) -> None:
    model = HAttMatting(SMALL).eval()
    model.save_pretrained(tmp_path / "saved")
    again = HAttMatting.from_pretrained(tmp_path / "saved")
    image = torch.rand(1, 3, 32, 32)
    assert again.config == SMALL
    assert torch.equal(model(image), again(image))


def test_checkpoint_errors(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nowhere: no checkpoint; expected a folder"):
        HAttMatting.from_pretrained(tmp_path / "nowhere")
    HAttMatting(SMALL).save_pretrained(tmp_path / "saved")
    wider = dataclasses.replace(SMALL, decoder_channels=16)
    (tmp_path / "saved" / "config.json").write_text(wider.to_json())
    with pytest.raises(ValueError, match=r"weights do not fit config\.json"):
        HAttMatting.from_pretrained(tmp_path / "saved")
    (tmp_path / "saved" / "model.safetensors").write_bytes(b"not safetensors")
    with pytest.raises(ValueError, match="unreadable weights"):
        HAttMatting.from_pretrained(tmp_path / "saved")


def test_backbone_weights_from_a_local_file(tmp_path: Path) -> None:
    donor, receiver = (Backbone("resnet-4", "figure") for _ in range(2))
    state = donor.state_dict() | {"fc.weight": torch.zeros(1000, 32)}
    torch.save(
        {"state_dict": {f"module.{key}": value for key, value in state.items()}},
        tmp_path / "imagenet.pth",
    )
    load_backbone_weights(receiver, str(tmp_path / "imagenet.pth"))
    assert torch.equal(donor.conv1.weight, receiver.conv1.weight)
    with pytest.raises(ValueError, match="not the weights of this backbone"):
        load_backbone_weights(Backbone("resnet-8", "figure"), str(tmp_path / "imagenet.pth"))
    with pytest.raises(ValueError, match="no such weights file"):
        load_backbone_weights(receiver, str(tmp_path / "absent.pth"))


def test_pickled_module_is_refused(tmp_path: Path) -> None:
    torch.save(nn.Conv2d(1, 1, 1), tmp_path / "module.pth")
    with pytest.raises(ValueError, match="unreadable weights"):
        load_backbone_weights(Backbone("resnet-4", "figure"), str(tmp_path / "module.pth"))


def test_presets_name_what_the_design_lists() -> None:
    assert sorted(PRESETS) == ["hatt-lite", "lite", "paper-figure", "paper-os16", "tiny"]
    with pytest.raises(ValueError, match="no model preset 'huge'"):
        HAttMatting.from_preset("huge")
