"""The decoder in 8 bits."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hattmatting.inference import fusing, int8_layers
from hattmatting.inference.fused_layers import FusedConvolution
from hattmatting.inference.fusing import INT8_TOLERANCE, fuse
from hattmatting.inference.int8_layers import (
    Int8Convolution,
    Int8Pyramid,
    Int8Stage,
    Levels,
    can_quantise,
    join_levels,
    signed_to_levels,
    to_levels,
)
from hattmatting.inference.predicting import predict
from hattmatting.model.network import HAttMatting

needs_vnni = pytest.mark.skipif(not can_quantise(), reason="this processor or torch has no VNNI")
RELU = ("relu", [])


def to_values(maps: Levels) -> Tensor:
    levels = maps.levels.permute(0, 3, 1, 2).float()
    return (levels - maps.zero) * maps.step


def count(network: nn.Module, kind: type[nn.Module]) -> int:
    return sum(isinstance(layer, kind) for layer in network.modules())


@pytest.fixture(scope="module")
def network() -> HAttMatting:
    return HAttMatting.from_pretrained("hatt-lite")


def picture(height: int, width: int) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    disc = np.hypot(rows - height / 2, columns - width / 2) < min(height, width) / 3
    noise = np.random.RandomState(0).randint(0, 60, (height, width, 3))
    return (noise + np.where(disc, 190, 20)[..., None]).astype(np.uint8)


@pytest.mark.parametrize(("low", "high"), [(0, 7), (-3, 5), (-9, -2), (2, 3), (0, 0)])
def test_levels_are_off_by_half_a_step_at_most(low: float, high: float) -> None:
    torch.manual_seed(0)
    maps = torch.rand(1, 5, 7, 9) * (high - low) + low
    if low >= 0:
        apart = (to_values(to_levels(maps)) - maps).abs().max()
        assert float(apart) <= to_levels(maps).step * 0.501
    signed = signed_to_levels(maps)
    assert float((to_values(signed) - maps).abs().max()) <= signed.step * 1.001  # zero is whole
    assert float((signed.levels.float() - signed.zero).abs().max()) <= 255


def test_zero_is_a_level_of_its_own() -> None:
    maps = torch.tensor([-0.7, 0.0, 1.9]).view(1, 1, 1, 3)
    assert to_values(signed_to_levels(maps))[..., 1] == 0
    assert not to_levels(torch.zeros(1, 2, 3, 4)).levels.any()


@pytest.mark.parametrize("channels", [(4, 8), (3, 6)])
def test_maps_are_joined(channels: tuple[int, int]) -> None:
    parts = [torch.rand(1, each, 5, 6) for each in channels]
    joined = join_levels(*(to_levels(part, 1 / 255) for part in parts))
    assert torch.allclose(to_values(joined), torch.cat(parts, dim=1), atol=0.51 / 255)


@needs_vnni
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (7, 1), (1, 7)])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("signed", [False, True])
def test_sums_are_those_of_the_levels(kernel: tuple[int, int], dilation: int, signed: bool) -> None:
    torch.manual_seed(0)
    padding = tuple(dilation * (side // 2) for side in kernel)
    plain = nn.Conv2d(6, 5, kernel, padding=padding, dilation=dilation)
    layer = Int8Convolution(FusedConvolution(plain, activation=RELU))
    for size in ((9, 11), (4, 3)):  # packed once for all sizes
        maps = torch.rand(1, 6, *size) - (0.4 if signed else 0)
        levels = signed_to_levels(maps) if signed else to_levels(maps)
        weight = layer.levels.float() * layer.steps[:, None, None, None]
        expected = nn.functional.conv2d(
            to_values(levels), weight, plain.bias, padding=padding, dilation=dilation
        ).relu()
        with torch.inference_mode():
            assert torch.allclose(layer(levels), expected, atol=1e-4)
            assert torch.equal(copy.deepcopy(layer)(levels), layer(levels))
    assert float((weight - plain.weight.detach()).abs().max()) <= float(layer.steps.max()) * 0.501


@needs_vnni
def test_a_matte_of_the_default_checkpoint_keeps_within_the_tolerance(
    network: HAttMatting,
) -> None:
    in_float, in_int8 = fuse(network), fuse(network, int8=True)
    assert count(in_float, Int8Stage) == 0
    assert count(in_int8, Int8Stage) == len(network.config.cue_strides)
    assert count(in_int8, Int8Pyramid) == 1
    image = picture(120, 161)
    matte = predict(in_int8, image)
    expected = predict(in_float, image)
    assert 0 < np.abs(matte - expected).mean() <= INT8_TOLERANCE
    assert np.array_equal(matte, predict(in_int8, image))
    assert np.array_equal(matte, predict(copy.deepcopy(in_int8), image))


@needs_vnni
def test_a_picture_is_the_same_alone_and_in_a_batch(network: HAttMatting) -> None:
    fused = fuse(network, int8=True)
    dark, bright = torch.rand(2, 3, 64, 96) * torch.tensor([0.2, 1]).view(2, 1, 1, 1)
    with torch.inference_mode():
        both = fused(torch.stack([dark, bright]))
        assert torch.allclose(both[:1], fused(dark[None]), atol=1e-5)
        assert torch.allclose(both[1:], fused(bright[None]), atol=1e-5)


@needs_vnni
def test_float32_where_alpha_would_move_too_far_or_torch_refuses(
    network: HAttMatting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("this release of torch takes other arguments")

    expected = predict(fuse(network), picture(70, 90))
    with monkeypatch.context() as patch:
        patch.setattr(fusing, "INT8_TOLERANCE", 0.0)
        assert np.array_equal(predict(fuse(network, int8=True), picture(70, 90)), expected)
    with monkeypatch.context() as patch:
        patch.setattr(Int8Convolution, "forward", refuse)
        assert np.array_equal(predict(fuse(network, int8=True), picture(70, 90)), expected)
    with monkeypatch.context() as patch:
        patch.setattr(torch.cpu, "_is_vnni_supported", lambda: False)
        assert not int8_layers.can_quantise()
        assert np.array_equal(predict(fuse(network, int8=True), picture(70, 90)), expected)
