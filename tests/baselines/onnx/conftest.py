"""Tiny ONNX networks, written node by node, and the model files for them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Shape = Sequence[int | str]
HAS_ONNX = all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what makes networks where the extra is missing."""
    skip = pytest.mark.skip(reason="wants the extra distinctions646[onnx]")
    for item in items:
        if not HAS_ONNX and {"network", "channel"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(skip)


@pytest.fixture
def network(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of ONNX files."""

    def write(
        inputs: Mapping[str, Shape],
        outputs: Mapping[str, Shape],
        nodes: Sequence[tuple[Any, ...]],
        *,
        numbers: Mapping[str, Any] | None = None,
        types: Mapping[str, int] | None = None,
        name: str = "net.onnx",
    ) -> Path:
        """Write a graph; a node is (operator, inputs, outputs) and perhaps its attributes."""
        from onnx import TensorProto, helper, numpy_helper, save_model

        def slots(shapes: Mapping[str, Shape]) -> list[Any]:
            return [
                helper.make_tensor_value_info(
                    slot, (types or {}).get(slot, TensorProto.FLOAT), list(shape)
                )
                for slot, shape in shapes.items()
            ]

        graph = helper.make_graph(
            [helper.make_node(op, i, o, **(more[0] if more else {})) for op, i, o, *more in nodes],
            "tiny",
            slots(inputs),
            slots(outputs),
            [numpy_helper.from_array(np.asarray(v), k) for k, v in (numbers or {}).items()],
        )
        opset = [helper.make_opsetid("", 18)]
        save_model(
            helper.make_model(graph, opset_imports=opset, ir_version=8), str(tmp_path / name)
        )
        return tmp_path / name

    return write


@pytest.fixture
def channel(network: Callable[..., Path]) -> Callable[..., Path]:
    """Return a writer of networks whose output is one channel of their input."""

    def write(
        index: int = 0,
        *,
        channels: int | str = 3,
        height: int | str = "h",
        width: int | str = "w",
        batch: int | str = 1,
        given: str = "picture",
        made: str = "matte",
        name: str = "net.onnx",
    ) -> Path:
        return network(
            {given: [batch, channels, height, width]},
            {made: [batch, 1, height, width]},
            [("Gather", [given, "index"], [made], {"axis": 1})],
            numbers={"index": np.array([index], np.int64)},
            name=name,
        )

    return write


@pytest.fixture
def model_file(tmp_path: Path) -> Callable[..., str]:
    """Return a writer of model files that gives their path."""

    def write(text: str, name: str = "net.toml") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def picture() -> npt.NDArray[np.uint8]:
    """Random colours in 40×60 pixels."""
    return np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)


@pytest.fixture
def trimap() -> npt.NDArray[np.uint8]:
    """Of 40×60 pixels: background, unknown and foreground from left to right."""
    return np.repeat(np.array([[0, 128, 255]], np.uint8), 20, axis=1).repeat(40, axis=0)
