"""U2-Net-p: its file is checked, its input normalised, its output stretched."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from baselines.u2netp import U2NetP

HAS_ONNX = all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime"))
needs_onnx = pytest.mark.skipif(not HAS_ONNX, reason="wants the extra distinctions646[onnx]")


def test_u2netp_wants_its_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="its weights do not ship"):
        U2NetP()
    with pytest.raises(ValueError, match=r"gone\.onnx: no such file"):
        U2NetP(str(tmp_path / "gone.onnx"))


@needs_onnx
def test_u2netp_refuses_other_files(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"not onnx")
    with pytest.raises(ValueError, match=r"bad\.onnx: unreadable ONNX file"):
        U2NetP(str(tmp_path / "bad.onnx"))
    _red_channel(tmp_path / "small.onnx", side=64)
    with pytest.raises(ValueError, match="expected one input of 1×3×320×320"):
        U2NetP(str(tmp_path / "small.onnx"))


@needs_onnx
def test_u2netp_normalises_and_stretches(tmp_path: Path) -> None:
    """A network that gives back the red channel: the matte is red, stretched to 0 to 1."""
    _red_channel(tmp_path / "red.onnx", side=320)
    image = np.zeros((320, 640, 3), np.uint8)
    image[..., 0] = np.linspace(50, 200, 640).astype(np.uint8)
    alpha, notes = U2NetP(str(tmp_path / "red.onnx"))(image)
    assert notes == {"resized_side": 320}
    assert alpha.shape == (320, 640)
    assert np.allclose(alpha, (image[..., 0] - 50) / 150, atol=0.02)


def _red_channel(path: Path, side: int) -> None:
    from onnx import TensorProto, helper, save_model

    given, made = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, side, side])
        for name, channels in (("image", 3), ("saliency", 1))
    )
    nodes = [
        helper.make_node("Split", ["image"], ["saliency", "green", "blue"], axis=1, num_outputs=3)
    ]
    graph = helper.make_graph(nodes, "red", [given], [made])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    save_model(model, str(path))
