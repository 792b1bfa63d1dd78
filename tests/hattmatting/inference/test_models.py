"""Models in half precision, models left in training mode, and devices that are not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from distinctions646.images.png import write_png
from hattmatting.inference.device import find_device
from hattmatting.inference.predicting import predict
from hattmatting.model.config import HAttConfig
from hattmatting.model.network import HAttMatting
from hattmatting.predict import main

SMALL = HAttConfig(backbone="resnet-4", aspp_channels=8, decoder_channels=8)
IMAGE = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)


def network() -> HAttMatting:
    """Return a network whose matte is not the same everywhere."""
    torch.manual_seed(0)
    model = HAttMatting(SMALL).eval()
    torch.nn.init.normal_(model.head.weight, std=20.0)
    return model


@pytest.mark.parametrize(("dtype", "levels"), [(torch.float16, 2), (torch.bfloat16, 8)])
@pytest.mark.parametrize("options", [{}, {"tile": 64}, {"long_side": 64}])
def test_lower_precision(dtype: torch.dtype, levels: int, options: dict[str, int]) -> None:
    expected = predict(network(), IMAGE, **options)  # type: ignore[arg-type]
    alpha = predict(network().to(dtype), IMAGE, **options)  # type: ignore[arg-type]
    assert alpha.dtype == np.float32
    assert expected.std() > 0.05
    assert np.abs(alpha - expected).max() < levels / 255


def test_training_mode_changes_nothing_and_stays() -> None:
    model = network()
    expected = predict(model, IMAGE)
    model.train()
    model.backbone.eval()  # as when an encoder is kept frozen
    modes = [module.training for module in model.modules()]
    statistics = {name: value.clone() for name, value in model.named_buffers()}
    assert np.array_equal(predict(model, IMAGE), expected)
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(value, statistics[name]) for name, value in model.named_buffers())


def test_training_mode_comes_back_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    model = network().train()

    def fail(image: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("no memory")

    monkeypatch.setattr(model, "forward", fail)
    with pytest.raises(RuntimeError, match="no memory"):
        predict(model, IMAGE)
    assert model.training


@pytest.mark.parametrize("device", ["mps", "cuda:99", "xpu", "meta:3:4", "gpu"])
def test_a_device_that_is_not_there(
    device: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line of at most a few hundred characters, where torch has 900 of backends' names."""
    with pytest.raises(ValueError, match=f"device '{device}' cannot be used here: ") as caught:
        find_device(device)
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)
    network().save_pretrained(tmp_path / "net")
    arguments = [str(tmp_path / "photo.png"), "--weights", str(tmp_path / "net")]
    write_png(tmp_path / "photo.png", IMAGE)
    assert main([*arguments, "--device", device, "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert f"device '{device}' cannot be used here" in told
    assert not (tmp_path / "out").exists()
