"""Predicting a user's picture: its size, its padding, its working size, its errors."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from distinctions646.images import read_alpha, write_png
from hattmatting.config import HAttConfig
from hattmatting.method import Hatt
from hattmatting.network import HAttMatting
from hattmatting.predict import main, predict

SMALL = HAttConfig(backbone="resnet-4", aspp_channels=8, decoder_channels=8)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    HAttMatting(SMALL).save_pretrained(tmp_path / "weights")
    return tmp_path / "weights"


def picture(height: int, width: int) -> np.ndarray:
    return np.random.RandomState(0).randint(0, 256, (height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize("size", [(64, 32), (50, 71), (7, 200), (1, 1)])
def test_matte_has_the_pictures_size(size: tuple[int, int]) -> None:
    alpha = predict(HAttMatting(SMALL).eval(), picture(*size))
    assert alpha.shape == size
    assert alpha.dtype == np.float32
    assert 0 <= alpha.min() <= alpha.max() <= 1


def test_nothing_is_resized_unasked() -> None:
    model = HAttMatting(SMALL).eval()
    seen: list[tuple[int, ...]] = []
    model.register_forward_pre_hook(lambda _, inputs: seen.append(tuple(inputs[0].shape)))
    predict(model, picture(50, 71))
    predict(HAttMatting(SMALL).eval(), picture(50, 71))
    assert seen == [(1, 3, 64, 96)]


def test_working_size_is_used_and_told(checkpoint: Path) -> None:
    config = dataclasses.replace(SMALL, inference_long_side=64)
    (checkpoint / "config.json").write_text(config.to_json())
    method = Hatt(str(checkpoint))
    seen: list[tuple[int, ...]] = []
    method.model.register_forward_pre_hook(lambda _, inputs: seen.append(tuple(inputs[0].shape)))
    alpha, notes = method(picture(100, 200))
    assert alpha.shape == (100, 200)
    assert seen == [(1, 3, 32, 64)]
    assert notes == {"resized_long_side": 64}
    assert "sha256:" in method.card["weights"]


def test_command(checkpoint: Path, tmp_path: Path) -> None:
    write_png(tmp_path / "photo.png", picture(40, 60))
    Image.fromarray(picture(30, 30)).save(tmp_path / "grey.jpg")
    out = tmp_path / "mattes"
    images = [str(tmp_path / name) for name in ("photo.png", "grey.jpg")]
    assert main([*images, "--out", str(out), "--weights", str(checkpoint)]) == 0
    assert read_alpha(out / "photo.png").shape == (40, 60)
    assert sorted(path.name for path in out.iterdir()) == ["grey.png", "photo.png"]


def test_errors_leave_nothing(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_png(tmp_path / "photo.png", picture(40, 60))
    (tmp_path / "broken.png").write_bytes((tmp_path / "photo.png").read_bytes()[:200])
    out = tmp_path / "mattes"
    options = ["--out", str(out), "--weights", str(checkpoint)]
    for bad in ("broken.png", "missing.png"):
        assert main([str(tmp_path / "photo.png"), str(tmp_path / bad), *options]) == 2
        assert bad in capsys.readouterr().err
    assert main([str(tmp_path / "photo.png"), str(tmp_path / "photo.jpg"), *options]) == 2
    assert "both mattes would be" in capsys.readouterr().err
    assert not out.exists()


def test_a_photograph_is_never_overwritten(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_png(tmp_path / "photo.png", picture(40, 60))
    before = (tmp_path / "photo.png").read_bytes()
    options = ["--out", str(tmp_path), "--weights", str(checkpoint)]
    assert main([str(tmp_path / "photo.png"), *options]) == 2
    assert "is one of the images; give another --out" in capsys.readouterr().err
    assert (tmp_path / "photo.png").read_bytes() == before


@pytest.mark.parametrize("device", ["gpu", "cuda:99"])
def test_missing_device(checkpoint: Path, device: str) -> None:
    with pytest.raises(ValueError, match=f"device '{device}' cannot be used here"):
        Hatt(str(checkpoint), device=device)


def test_missing_weights(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no checkpoint"):
        Hatt(str(tmp_path / "nothing"))
