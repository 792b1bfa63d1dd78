"""Learned numbers and multiply-adds of an ONNX file, for the method's card."""

from __future__ import annotations

import importlib
import importlib.util
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

SIDE = 512  # of inputs whose size is free, in pixels
_LEARNED = (1, 2, 3, 10, 11, 16)  # ONNX's types: float, uint8, int8, float16, double, bfloat16
Shape = tuple[int, ...]


class Cost(NamedTuple):
    """What a network costs.

    Attributes
    ----------
    parameters
        Learned numbers: tensors of two values or more, those of whole numbers in 8 bits.
    gmac
        10⁹ multiply-adds of convolutions and matrix products; None where a shape is not known.
    height, width
        Of the input that they are for, in pixels; None where it has no such sides.
    """

    parameters: int
    gmac: float | None
    height: int | None
    width: int | None


def count_cost(path: Path) -> Cost | None:
    """Count a file's cost from its graph.

    Parameters
    ----------
    path
        The ONNX file. Tensors in other files are not read.

    Returns
    -------
    Cost or None
        None where the package ``onnx`` is missing or cannot read the graph.
    """
    if importlib.util.find_spec("onnx") is None:
        return None
    onnx: Any = importlib.import_module("onnx")  # an extra: may be absent to mypy, too
    shapes: Any = importlib.import_module("onnxruntime.tools.symbolic_shape_infer")
    try:
        model = onnx.load(path, load_external_data=False)
        learned = {each.name: each for each in model.graph.initializer}
        size = _fix_sizes(model.graph, learned)
        parameters = sum(
            math.prod(each.dims)
            for each in learned.values()
            if each.data_type in _LEARNED and math.prod(each.dims) > 1
        )
        known = shapes.SymbolicShapeInference.infer_shapes(model, auto_merge=True)
    except Exception:  # protobuf and onnx have a dozen types of their own; a card is no need
        return None
    return Cost(parameters, _count_gmac(known.graph, learned), *size)


def _fix_sizes(graph: Any, learned: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Give free sides of the inputs `SIDE` pixels, a free batch 1; return the first's size."""
    size: tuple[int | None, int | None] = (None, None)
    for slot in graph.input:
        sides = slot.type.tensor_type.shape.dim
        if slot.name in learned or len(sides) != 4:
            continue
        for place, side in enumerate(sides):
            if side.dim_value < 1:
                side.dim_value = 1 if place == 0 else SIDE
        spatial = [side.dim_value for side in sides if side.dim_value > 16]
        if size == (None, None) and len(spatial) == 2:
            size = spatial[0], spatial[1]
    return size


def _count_gmac(graph: Any, learned: Mapping[str, Any]) -> float | None:
    """Sum multiply-adds over the nodes; each output value takes one filter's taps."""
    shapes: dict[str, Shape] = {name: tuple(each.dims) for name, each in learned.items()}
    for slot in (*graph.input, *graph.value_info, *graph.output):
        sides = slot.type.tensor_type.shape.dim
        if all(side.dim_value > 0 for side in sides):
            shapes.setdefault(slot.name, tuple(side.dim_value for side in sides))
    total = 0
    for node in graph.node:
        if node.op_type not in ("Conv", "ConvInteger", "ConvTranspose", "Gemm", "MatMul"):
            continue
        try:
            first, second = (shapes[name] for name in node.input[:2])
            output = shapes[node.output[0]]
        except KeyError:
            return None
        if node.op_type == "ConvTranspose":
            total += math.prod(first) * math.prod(second[1:])
        elif node.op_type.startswith("Conv"):
            total += math.prod(output) * math.prod(second[1:])
        else:
            total += math.prod(output) * first[-1]
    return total / 1e9
