"""The exported model agrees with PyTorch's at other sizes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from hattmatting.export import export_onnx, main
from hattmatting.model.config import HAttConfig
from hattmatting.model.network import HAttMatting

SMALL = HAttConfig(backbone="resnet-4", aspp_channels=8, decoder_channels=8)
HAS_ONNX = all(importlib.util.find_spec(name) for name in ("onnx", "onnxscript", "onnxruntime"))
needs_onnx = pytest.mark.skipif(not HAS_ONNX, reason="wants the extra distinctions646[onnx]")


@needs_onnx
@pytest.mark.slow
@pytest.mark.parametrize("geometry", ["figure", "os16", "compact"])
def test_export_agrees_at_other_sizes(geometry: str, tmp_path: Path) -> None:
    import dataclasses

    import onnxruntime

    torch.manual_seed(1)
    model = HAttMatting(dataclasses.replace(SMALL, geometry=geometry)).eval()  # type: ignore[arg-type]
    export_onnx(model, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    for shape in ((1, 3, 64, 64), (1, 3, 32, 160), (3, 3, 32, 64)):  # the batch is free
        image = np.random.RandomState(0).rand(*shape).astype(np.float32)
        (alpha,) = session.run(None, {"image": image})
        with torch.inference_mode():
            singles = [model(torch.from_numpy(one[None])) for one in image]
        expected = torch.cat(singles).numpy()
        assert np.abs(alpha - expected).max() < 1e-4


@pytest.mark.skipif(HAS_ONNX, reason="the extra is installed")
def test_missing_extra_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    HAttMatting(SMALL).save_pretrained(tmp_path / "saved")
    arguments = ["--weights", str(tmp_path / "saved"), "--out", str(tmp_path / "model.onnx")]
    assert main(arguments) == 2
    assert "pip install 'distinctions646[onnx]'" in capsys.readouterr().err
