"""A draft of the model file for an ONNX file: what its graph says, and guesses marked as such."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from baselines.onnx.graph import Graph, Slot, open_graph
from distinctions646.images.fingerprint import file_sha256

_ENCODINGS = {1: '"scalar"', 2: '"two"', 3: '"onehot"', 8: '["distances", "two"]'}
_MULTIPLE = 32  # the deepest stride of most networks


def draft_model_file(path: Path) -> str:
    """Return a TOML text to start from.

    Parameters
    ----------
    path
        The ONNX file.

    Raises
    ------
    ValueError
        If it cannot be opened.
    """
    graph = open_graph(path)
    lines = [f"# inputs:  {slot}" for slot in graph.inputs.values()]
    lines += [f"# outputs: {slot}" for slot in graph.outputs.values()]
    lines += [
        f"weights = {json.dumps(path.name)}",
        f'sha256 = "{file_sha256(path)}"',
        "",
        "[card]",
        'paper = "not stated"',
        'licence = "not stated"',
        'trained_on = ["not stated"]',
        "",
        *_inputs(graph),
        "",
        "[output]",
        f"name = {json.dumps(_matte(graph))}",
        '# activation = "sigmoid", where values leave 0 to 1',
    ]
    return "\n".join(lines) + "\n"


def _inputs(graph: Graph) -> Iterator[str]:
    slots = list(graph.inputs.values())
    pictures = [slot for slot in slots if len(slot.shape) == 4 and _channels(slot) not in (1, 2)]
    main = (pictures or slots)[0]
    yield from _picture(main)
    channels = _channels(main)
    if channels is not None and channels > 3:
        yield from ("", "[trimap]  # a guess from the channels")
        yield "encode = " + _ENCODINGS.get(channels - 3, json.dumps("none"))
    for slot in slots:
        if slot is not main and _holds_trimap(slot):
            yield from ("", "[[also]]  # a guess", f"name = {json.dumps(slot.name)}")
            yield f"holds = {_ENCODINGS[_channels(slot) or 1]}"
    left = [slot.name for slot in slots if slot is not main and not _holds_trimap(slot)]
    if left:
        yield from ("", f"# left: {', '.join(left)}")
        yield "# fixed numbers go into [constant], the state of a recurrent network into [state]"


def _matte(graph: Graph) -> str:
    """Return the first output that has one channel, or else the first."""
    slots = list(graph.outputs.values())
    return next((slot for slot in slots if _channels(slot) == 1), slots[0]).name


def _picture(slot: Slot) -> Iterator[str]:
    yield "[input]"
    yield f"name = {json.dumps(slot.name)}"
    last = _is_last(slot)
    height, width = slot.shape[1:3] if last else slot.shape[2:4]
    if height is None or width is None:
        yield from ('fit = "pad"', f"multiple = {_MULTIPLE}  # a guess: the deepest stride of most")
    else:
        yield f"size = {height}" if height == width else f"size = [{height}, {width}]"
    if last:
        yield 'layout = "nhwc"'
    yield "divide = 255  # guesses from here on: the graph does not tell how pixels are normalised"
    yield "mean = [0.485, 0.456, 0.406]"
    yield "std = [0.229, 0.224, 0.225]"


def _holds_trimap(slot: Slot) -> bool:
    return len(slot.shape) == 4 and _channels(slot) in (1, 2)


def _channels(slot: Slot) -> int | None:
    return slot.shape[3 if _is_last(slot) else 1] if len(slot.shape) == 4 else None


def _is_last(slot: Slot) -> bool:
    """Return whether the channels seem to come last."""
    _, first, _, third = slot.shape if len(slot.shape) == 4 else (None,) * 4
    return third is not None and third <= 11 and (first is None or first > 11)
