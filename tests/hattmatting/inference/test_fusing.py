"""The network as it is rewritten for prediction on a processor."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hattmatting.inference.fused_layers import SIZES, FusedConvolution, OneMap, is_one_map
from hattmatting.inference.fusing import TOLERANCE, can_fuse, fuse
from hattmatting.inference.predicting import predict
from hattmatting.model.config import HAttConfig
from hattmatting.model.network import HAttMatting

pytestmark = pytest.mark.skipif(
    not can_fuse(torch.device("cpu")), reason="this build of torch has no oneDNN"
)


class Residual(nn.Module):
    """Adds in place between normalisation and activation, as ResNet's blocks do."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 3, 3, padding=1, bias=False)
        self.normalisation = nn.BatchNorm2d(3)
        self.activation = nn.ReLU(inplace=True)

    def forward(self, image: Tensor) -> Tensor:
        maps = self.normalisation(self.convolution(image))
        maps += image - 0.5
        result: Tensor = self.activation(maps)
        return result


def randomise(network: nn.Module) -> nn.Module:
    """Give normalisations statistics that are not those of a fresh layer."""
    torch.manual_seed(0)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.running_mean, -0.2, 0.2)
            nn.init.uniform_(layer.running_var, 0.5, 2)
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.uniform_(layer.bias, -0.2, 0.2)
    return network.eval()


def count(network: nn.Module, kind: type[nn.Module]) -> int:
    return sum(isinstance(layer, kind) for layer in network.modules())


def picture(height: int, width: int) -> np.ndarray:
    return np.random.RandomState(0).randint(0, 256, (height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize("weights", ["hatt-lite", "hatt-mini"])
def test_shipped_networks_are_fused_whole_and_give_the_same_matte(weights: str) -> None:
    network = HAttMatting.from_pretrained(weights)
    fused = fuse(network)
    assert fused is not network
    assert count(fused, nn.BatchNorm2d) == 0
    assert count(fused, FusedConvolution) + count(fused, OneMap) == count(network, nn.Conv2d)
    image = picture(90, 131)
    alpha = predict(network, image)
    again = predict(fused, image)
    assert np.abs(alpha - again).max() <= TOLERANCE
    assert np.array_equal(again, predict(fused, image))


def test_the_network_given_is_left_as_it_was() -> None:
    network = HAttMatting.from_pretrained("hatt-lite")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    fuse(network)
    after = network.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert not any(layer._forward_hooks for layer in network.modules())


@pytest.mark.parametrize("size", [(64, 96), (63, 96), (64, 95), (33, 47), (5, 7)])
def test_same_padding_at_even_and_odd_sides(size: tuple[int, int]) -> None:
    from timm.layers.conv2d_same import Conv2dSame

    torch.manual_seed(0)
    maps = torch.rand(1, 4, *size)
    for side in (3, 5, 7):
        layer = Conv2dSame(4, 6, side, stride=2)
        with torch.inference_mode():
            assert torch.allclose(FusedConvolution(layer)(maps), layer(maps), atol=1e-5)


def test_weights_are_packed_once_a_size_and_not_kept_for_ever() -> None:
    torch.manual_seed(0)
    plain = nn.Conv2d(4, 6, 3, padding=1).eval()
    layer = FusedConvolution(plain)
    with torch.inference_mode():
        for width in [*range(8, 8 + SIZES + 3), 8, 9]:
            maps = torch.rand(1, 4, 10, width)
            assert torch.allclose(layer(maps), plain(maps), atol=1e-5)
    assert 0 < len(layer.packed) <= SIZES
    assert len(layer.layouts) <= len(layer.packed)
    again = copy.deepcopy(layer)
    assert not again.packed
    with torch.inference_mode():
        assert torch.equal(again(maps), layer(maps))


@pytest.mark.parametrize("side", [1, 3, 5])
def test_one_map_is_the_convolution(side: int) -> None:
    torch.manual_seed(0)
    plain = nn.Conv2d(5, 1, side, padding=side // 2)
    maps = torch.rand(2, 5, 9, 13)
    with torch.inference_mode():
        assert is_one_map(plain)
        assert torch.allclose(OneMap(plain)(maps), plain(maps), atol=1e-5)
    assert not is_one_map(nn.Conv2d(5, 1, side, padding=side // 2, stride=2))
    assert not is_one_map(nn.Conv2d(5, 2, side, padding=side // 2))


def test_what_is_added_in_place_before_an_activation_stays_before_it() -> None:
    network = randomise(Residual())
    fused = fuse(network)
    assert count(fused, nn.ReLU) == 1
    assert count(fused, nn.BatchNorm2d) == 0
    image = torch.rand(1, 3, 20, 30)
    with torch.inference_mode():
        assert torch.allclose(fused(image), network(image), atol=1e-6)


def test_a_network_that_would_change_is_returned_itself() -> None:
    class Twice(nn.Module):  # what a convolution gave is used again beside its normalisation
        def __init__(self) -> None:
            super().__init__()
            self.convolution, self.normalisation = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)

        def forward(self, image: Tensor) -> Tensor:
            maps = self.convolution(image)
            result: Tensor = self.normalisation(maps) + maps
            return result

    network = randomise(Twice())
    assert fuse(network) is network


def test_other_number_formats_are_left_alone() -> None:
    network = HAttMatting(HAttConfig(backbone="resnet-4", aspp_channels=8, decoder_channels=8))
    assert fuse(network.eval().double()) is network
