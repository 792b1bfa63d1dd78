"""The attention that is drawn is the one that the network used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from distinctions646.images.png import write_png
from hattmatting.inference.predicting import predict
from hattmatting.inspect_attention import attention_maps, main
from hattmatting.model.ablations import ROWS
from hattmatting.model.config import HAttConfig
from hattmatting.model.network import HAttMatting

SMALL = HAttConfig(backbone="resnet-4", aspp_channels=8, decoder_channels=8)


def picture(height: int, width: int) -> np.ndarray:
    return np.random.RandomState(0).randint(0, 256, (height, width, 3)).astype(np.uint8)


def test_maps_of_a_network() -> None:
    torch.manual_seed(1)
    model = HAttMatting(SMALL).eval()
    image = picture(64, 96)
    maps = attention_maps(model, image)
    assert np.array_equal(maps.alpha, predict(model, image))
    assert maps.spatial is not None
    assert maps.channel is not None
    assert maps.spatial.shape == (1, 32, 48)
    assert maps.channel.shape == (8,)
    pyramid = []
    model.channel_attention.register_forward_hook(lambda *passed: pyramid.append(passed[1:]))
    predict(model, image)
    (features,), attended = pyramid[0]
    expected = features[0] * torch.from_numpy(maps.channel)[:, None, None]
    assert torch.allclose(attended[0], expected)
    assert not model.spatial_attention._forward_hooks


def test_padding_is_cut_off() -> None:
    maps = attention_maps(HAttMatting(SMALL).eval(), picture(50, 71))
    assert maps.spatial is not None
    assert maps.spatial.shape == (1, 25, 36)


def test_a_network_without_attention() -> None:
    maps = attention_maps(HAttMatting(ROWS["hatt-basic-low"].apply(SMALL)).eval(), picture(32, 32))
    assert maps.spatial is None
    assert maps.channel is None


def test_command_draws_each_picture(tmp_path: Path) -> None:
    HAttMatting(SMALL).save_pretrained(tmp_path / "weights")
    (tmp_path / "photos").mkdir()
    for name in "abc":
        write_png(tmp_path / "photos" / f"{name}.png", picture(40, 60))
    options = ["--out", str(tmp_path / "maps"), "--weights", str(tmp_path / "weights")]
    assert main([str(tmp_path / "photos"), *options]) == 0
    for name in "abc":
        with Image.open(tmp_path / "maps" / f"{name}.png") as drawn:
            assert drawn.size == (1300, 360)


def test_a_picture_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "nope.jpg"
    assert main([str(missing), "--out", str(tmp_path / "maps")]) == 2
    expected = f"{missing}: does not exist; expected a picture or a folder of pictures"
    assert capsys.readouterr().err == f"error: {expected}\n"
    assert not (tmp_path / "maps").exists()
