"""An ONNX file opened in onnxruntime, and whether a model file fits it."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.onnx.model_file.schema import Input, Layout, ModelFile
from distinctions646.checks.reasons import reason_of

Shape = tuple[int | None, ...]
_DTYPES: Mapping[str, Any] = MappingProxyType(
    {
        "tensor(float)": np.float32,
        "tensor(float16)": np.float16,
        "tensor(double)": np.float64,
        "tensor(uint8)": np.uint8,
        "tensor(int32)": np.int32,
        "tensor(int64)": np.int64,
        "tensor(bool)": np.bool_,
    }
)
_CHANNELS = MappingProxyType(
    {"scalar": 1, "raw": 1, "onehot": 3, "two": 2, "distances": 6, "image": 3, "normalised": 3}
)


@dataclass(frozen=True)
class Slot:
    """An input or output of a graph.

    Attributes
    ----------
    name
        In the graph.
    type
        As onnxruntime calls it, ``tensor(float)``.
    shape
        None where a side is free.
    """

    name: str
    type: str
    shape: Shape

    @property
    def dtype(self) -> Any:
        """Return numpy's type of its values."""
        return _DTYPES[self.type]

    def __str__(self) -> str:
        return (
            f"{self.name} ({'×'.join('?' if side is None else str(side) for side in self.shape)})"
        )


@dataclass(frozen=True)
class Graph:
    """An opened network: its inputs and outputs by name, in the file's order."""

    session: Any  # onnxruntime's, which is untyped
    inputs: Mapping[str, Slot]
    outputs: Mapping[str, Slot]

    def run(self, outputs: Sequence[str], feeds: Mapping[str, npt.NDArray[Any]]) -> list[Any]:
        """Return the values of outputs.

        Raises
        ------
        ValueError
            If onnxruntime cannot run the network on these inputs.
        """
        try:
            values: list[Any] = self.session.run(list(outputs), dict(feeds))
        except Exception as error:  # onnxruntime has a dozen types of its own
            shapes = ", ".join(
                f"{name} {'×'.join(map(str, value.shape))}" for name, value in feeds.items()
            )
            raise ValueError(f"onnxruntime cannot run it on {shapes}: {reason_of(error)}") from None
        return values


def open_graph(path: Path, device: str = "cpu") -> Graph:
    """Open an ONNX file.

    Parameters
    ----------
    path
        The file; data that it keeps in others lies beside it.
    device
        ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.

    Raises
    ------
    ValueError
        If it is no such file, onnxruntime is missing or has no such device.
    """
    if importlib.util.find_spec("onnxruntime") is None:
        raise ValueError("onnxruntime is missing; pip install 'distinctions646[onnx]'")
    onnxruntime = importlib.import_module("onnxruntime")  # an extra: may be absent to mypy, too
    providers = [_provider(device, onnxruntime.get_available_providers())]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the runner's workers share the cores out
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # onnxruntime has a dozen types of its own
        raise ValueError(f"{path}: unreadable ONNX file: {reason_of(error)}") from None
    return Graph(session, _slots(session.get_inputs()), _slots(session.get_outputs()))


def fit_model_file(model: ModelFile, graph: Graph) -> ModelFile:
    """Return a model file with the names that it left open, once it fits a graph.

    Raises
    ------
    ValueError
        If the graph has other inputs or outputs, a fixed size or batch, other channels, or a
        type of values that this program does not make.
    """
    model = _with_names(model, graph)
    for problem in _misfits(model, graph):
        raise ValueError(problem)
    return model


def _provider(device: str, available: Sequence[str]) -> Any:
    kind, _, index = device.partition(":")
    if device == "cpu":
        return "CPUExecutionProvider"
    if kind != "cuda" or (index and not index.isdecimal()):
        raise ValueError(f"device is {device!r}; expected cpu, cuda or cuda:N")
    if "CUDAExecutionProvider" not in available:
        raise ValueError(
            f"device is {device!r}, but this onnxruntime has {', '.join(available)}; "
            "expected the package onnxruntime-gpu in its place"
        )
    return ("CUDAExecutionProvider", {"device_id": int(index or 0)})


def _slots(nodes: Sequence[Any]) -> dict[str, Slot]:
    return {
        node.name: Slot(
            node.name,
            node.type,
            tuple(side if isinstance(side, int) and side > 0 else None for side in node.shape),
        )
        for node in nodes
    }


def _with_names(model: ModelFile, graph: Graph) -> ModelFile:
    given = model.input
    if given.name is None:
        left = [name for name in graph.inputs if name not in _named(model)]
        if len(left) != 1:
            raise ValueError(
                f"the graph's inputs are {_list(graph.inputs)}; expected input.name to be one of "
                "them, and every other in [trimap], [[also]], [constant] or [state]"
            )
        given = replace(given, name=left[0])
    output = model.output
    if output.name is None:
        output = replace(output, name=next(iter(graph.outputs)))
    return replace(model, input=given, output=output)


def _named(model: ModelFile) -> list[str]:
    """Return the inputs that a model file names, but the picture's."""
    trimap = [] if model.trimap.name is None else [model.trimap.name]
    also = [one.name for one in model.also]
    return [*trimap, *also, *model.constant, *model.state.inputs]


def _misfits(model: ModelFile, graph: Graph) -> Iterator[str]:
    wanted = [str(model.input.name), *_named(model)]
    for name in wanted:
        if name not in graph.inputs:
            yield f"the graph has no input {name!r}; its inputs are {_list(graph.inputs)}"
    for name, slot in graph.inputs.items():
        if name not in wanted:
            yield (
                f"the graph's input {slot} is left empty; expected it in [input], [trimap], "
                "[[also]], [constant] or [state]"
            )
        if slot.type not in _DTYPES:
            yield f"the graph's input {name} takes {slot.type}; expected {', '.join(_DTYPES)}"
    for name in (str(model.output.name), *model.state.outputs):
        if name not in graph.outputs:
            yield f"the graph has no output {name!r}; its outputs are {_list(graph.outputs)}"
    for name, channels in _picture_inputs(model).items():
        yield from _picture_misfits(model, graph.inputs[name], channels)


def _picture_inputs(model: ModelFile) -> dict[str, int]:
    """Return the channels of every input that shows the picture or the trimap."""
    trimap = sum(_CHANNELS[name] for name in model.trimap.encode)
    inputs = {str(model.input.name): 3}
    inputs[model.trimap.name or str(model.input.name)] = (
        trimap if model.trimap.name is not None else 3 + trimap
    )
    return inputs | {one.name: _CHANNELS[one.holds] for one in model.also}


def _picture_misfits(model: ModelFile, slot: Slot, channels: int) -> Iterator[str]:
    if len(slot.shape) != 4:
        yield f"the graph's input {slot} has {len(slot.shape)} axes; expected 4"
        return
    batch, found, height, width = _sides(slot.shape, model.input.layout)
    if batch not in (None, 1):
        yield f"the graph's input {slot} takes {batch} pictures at once; expected 1 or a free batch"
    if found not in (None, channels):
        other: Layout = "nhwc" if model.input.layout == "nchw" else "nchw"
        turned = _sides(slot.shape, other)[1] == channels
        hint = f'; set input.layout = "{other}"' if turned else "; see [trimap] encode"
        yield f"the graph's input {slot} takes {found} channels; expected {channels}{hint}"
    if np.issubdtype(slot.dtype, np.integer) and not _keeps_bytes(model.input):
        yield (
            f"the graph's input {slot} takes {slot.type}; expected input.divide = 1 and neither "
            "mean nor std"
        )
    size = model.input.size
    fixed = None if isinstance(size, str) else (size, size) if isinstance(size, int) else size
    for name, side, wanted in zip(
        ("height", "width"), (height, width), fixed or (None, None), strict=True
    ):
        if side is not None and side != wanted:
            shown = f'"{size}"' if isinstance(size, str) else size
            yield (
                f"the graph's input {slot} has a fixed {name} of {side}, but input.size is "
                f"{shown}; set input.size = {_fixed(height, width)}"
            )


def _keeps_bytes(given: Input) -> bool:
    """Return whether pixels are handed over as they are."""
    return given.divide == 1 and set(given.mean) == {0} and set(given.std) == {1}


def _fixed(height: int | None, width: int | None) -> str:
    return str(height) if height == width else f"[{height or 'H'}, {width or 'W'}]"


def _sides(shape: Shape, layout: Layout) -> Shape:
    """Return batch, channels, height and width."""
    batch, first, second, third = shape
    return (batch, first, second, third) if layout == "nchw" else (batch, third, first, second)


def _list(slots: Mapping[str, Slot]) -> str:
    return ", ".join(map(str, slots.values()))
