"""Files that are no networks, and networks that a model file does not fit: one clear error each."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baselines.onnx.graph import open_graph
from baselines.onnx.method import OnnxMethod
from baselines.onnx.weights import data_files

Write = Callable[..., str]
Channel = Callable[..., Path]


def refuse(path: str, weights: Path | str | None, message: str, **more: Any) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        OnnxMethod(path, None if weights is None else str(weights), **more)
    assert "\n" not in str(caught.value)


def test_missing_weights(tmp_path: Path, model_file: Write) -> None:
    refuse("modnet", None, "modnet: its weights do not ship; expected --weights with an ONNX file")
    refuse("u2netp", None, "expected --weights with u2netp.onnx, or weights in a model file")
    refuse("u2netp", tmp_path / "gone.onnx", "gone.onnx: no such file; expected the ONNX file of")
    refuse(model_file('weights = "gone.onnx"'), None, "gone.onnx: no such file; expected the ONNX")
    refuse("u2netp", tmp_path, f"{tmp_path}: no such file")


def test_another_file_than_pinned(channel: Channel, model_file: Write) -> None:
    path = model_file(f'sha256 = "{"0" * 64}"')
    refuse(path, channel(), f"; expected {'0' * 64}, as in {path}")


def test_what_is_no_network(tmp_path: Path, channel: Channel, model_file: Write) -> None:
    whole = channel().read_bytes()
    for content in (b"", b"not onnx", whole[: len(whole) // 2]):
        (tmp_path / "bad.onnx").write_bytes(content)
        refuse(model_file(""), tmp_path / "bad.onnx", "bad.onnx: unreadable ONNX file: ")


def test_devices(channel: Channel, model_file: Write) -> None:
    refuse(model_file(""), channel(), "device is 'tpu'; expected cpu, cuda or cuda:N", device="tpu")
    refuse(model_file(""), channel(), "device is 'cuda:x'; expected cpu", device="cuda:x")
    import onnxruntime

    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        refuse(model_file(""), channel(), "expected the package onnxruntime-gpu", device="cuda:0")


def test_onnxruntime_is_missing(
    channel: Channel, model_file: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, weights = model_file(""), channel()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    refuse(path, weights, "onnxruntime is missing; pip install 'distinctions646[onnx]'")


def test_half_precision(network: Callable[..., Path], model_file: Write, picture: Any) -> None:
    from onnx import TensorProto

    weights = network(
        {"picture": [1, 3, "h", "w"]},
        {"matte": [1, 3, "h", "w"]},
        [("Identity", ["picture"], ["matte"])],
        types={"picture": TensorProto.FLOAT16, "matte": TensorProto.FLOAT16},
    )
    alpha, _ = OnnxMethod(model_file("[output]\nchannel = 2"), str(weights))(picture)
    assert alpha.dtype == np.float32
    assert np.allclose(alpha, picture[..., 2] / 255, atol=1e-3)


MISFITS = [
    ({}, '[input]\nname = "x"', "the graph has no input 'x'; its inputs are picture (1×3×?×?)"),
    ({}, '[output]\nname = "x"', "the graph has no output 'x'; its outputs are matte (1×1×?×?)"),
    ({}, "[constant]\nratio = 1", "the graph has no input 'ratio'; its inputs are picture"),
    ({"batch": 4}, "", "the graph's input picture (4×3×?×?) takes 4 pictures at once; expected 1"),
    (
        {"height": 320, "width": 320},
        "",
        'picture (1×3×320×320) has a fixed height of 320, but input.size is "native"; '
        "set input.size = 320",
    ),
    (
        {"height": 320, "width": 480},
        "[input]\nsize = 512",
        "has a fixed height of 320, but input.size is 512; set input.size = [320, 480]",
    ),
    (
        {"width": 480},
        "[input]\nmultiple = 32",
        'has a fixed width of 480, but input.size is "native"; set input.size = [H, 480]',
    ),
    ({"channels": 4}, "", "takes 4 channels; expected 3; see [trimap] encode"),
    ({"channels": 4}, '[trimap]\nencode = "onehot"', "takes 4 channels; expected 6; see [trimap]"),
    ({"width": 3, "channels": 64}, "[input]\nsize = [64, 64]", 'set input.layout = "nhwc"'),
]


@pytest.mark.parametrize(("graph", "text", "message"), MISFITS)
def test_misfits(
    graph: dict[str, Any], text: str, message: str, channel: Channel, model_file: Write
) -> None:
    path, weights = model_file(text), channel(**graph)
    refuse(path, weights, message)
    refuse(path, weights, f"{path} does not fit {weights}: ")


def test_inputs_left_empty(network: Callable[..., Path], model_file: Write) -> None:
    weights = network(
        {"a": [1, 3, "h", "w"], "b": [1, 3, "h", "w"], "ratio": [1]},
        {"c": [1, 3, "h", "w"]},
        [("Mul", ["a", "ratio"], ["d"]), ("Add", ["d", "b"], ["c"])],
    )
    refuse(
        model_file(""),
        weights,
        "the graph's inputs are a (1×3×?×?), b (1×3×?×?), ratio (1); expected input.name to be one",
    )
    text = '[input]\nname = "a"\n[constant]\nratio = 0.5'
    refuse(model_file(text), weights, "the graph's input b (1×3×?×?) is left empty; expected it in")
    assert OnnxMethod(model_file(text + '\n[[also]]\nname = "b"\nholds = "image"'), str(weights))


def test_bytes_are_handed_over_as_they_are(
    network: Callable[..., Path], model_file: Write, picture: Any
) -> None:
    from onnx import TensorProto

    weights = network(
        {"picture": [1, "h", "w", 3]},
        {"matte": [1, "h", "w", 3]},
        [("Identity", ["picture"], ["matte"])],
        types={"picture": TensorProto.UINT8, "matte": TensorProto.UINT8},
    )
    layout = '[input]\nlayout = "nhwc"\n'
    refuse(
        model_file(layout), weights, "takes tensor(uint8); expected input.divide = 1 and neither"
    )
    text = layout + 'divide = 1\n[output]\nlayout = "nhwc"\nchannel = 1\nrange = [0, 255]'
    alpha, _ = OnnxMethod(model_file(text), str(weights))(picture)
    assert np.allclose(alpha, picture[..., 1] / 255)


def test_what_the_network_itself_refuses(
    network: Callable[..., Path], model_file: Write, picture: Any
) -> None:
    """A graph that adds a 5-pixel row runs on nothing else; the error names the input's size."""
    weights = network(
        {"picture": [1, 3, "h", "w"]},
        {"matte": [1, 3, "h", "w"]},
        [("Add", ["picture", "row"], ["matte"])],
        numbers={"row": np.zeros((1, 1, 1, 5), np.float32)},
    )
    method = OnnxMethod(model_file("", "rows.toml"), str(weights))
    assert method(picture[:, :5])[0].shape == (40, 5)
    message = "rows: onnxruntime cannot run it on picture 1×3×40×60: "
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        method(picture)
    assert "\n" not in str(caught.value)


def test_an_output_of_nan(network: Callable[..., Path], model_file: Write, picture: Any) -> None:
    weights = network(
        {"picture": [1, 3, "h", "w"]},
        {"matte": [1, 3, "h", "w"]},
        [("Sqrt", ["picture"], ["root"]), ("Log", ["root"], ["matte"])],
    )
    method = OnnxMethod(model_file("[input]\nmean = [1, 1, 1]"), str(weights))
    with pytest.raises(ValueError, match="net: the network's output is not finite"):
        method(picture)


def test_tensors_in_files_beside(tmp_path: Path, channel: Channel, model_file: Write) -> None:
    """Their content is part of the card, hence of the hash, and they may not be missing."""
    import onnx

    graph = onnx.load(str(channel()))
    onnx.save_model(
        graph,
        str(tmp_path / "big.onnx"),
        save_as_external_data=True,
        location="big.data",
        size_threshold=0,
        convert_attribute=True,
    )
    weights = tmp_path / "big.onnx"
    assert data_files(weights) == ["big.data"]
    assert data_files(tmp_path / "net.onnx") == []
    card = OnnxMethod(model_file(""), str(weights)).card["weights"]
    assert re.fullmatch(r"big\.onnx sha256:\w{16}, big\.data sha256:\w{16}", card)
    (tmp_path / "big.data").write_bytes(np.array([1], np.int64).tobytes())
    assert OnnxMethod(model_file(""), str(weights)).card["weights"] != card
    (tmp_path / "big.data").unlink()
    refuse(model_file(""), weights, "big.onnx: unreadable ONNX file: ")


def test_graph_lists_its_slots(channel: Channel) -> None:
    graph = open_graph(channel(height=320, width=320))
    assert str(graph.inputs["picture"]) == "picture (1×3×320×320)"
    assert graph.outputs["matte"].shape == (1, 1, 320, 320)
