"""What the keys of a model file say together: contradictions, and keys without effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from baselines.onnx.model_file.schema import ModelFile

_SCALED = ("long", "short", "area")


def check_consistency(path: Path, model: ModelFile, given: frozenset[str]) -> None:
    """Raise `ValueError` with the first thing that is wrong with a model file.

    Parameters
    ----------
    path
        Of the file, for the message.
    model
        What it says, with its base's keys.
    given
        The keys that stand in the file itself, as ``input.size``; a base's that have no effect
        any more are no mistake.
    """
    for problem in (*_contradictions(model), *_without_effect(model, given)):
        raise ValueError(f"{path}: {problem}")


def _contradictions(model: ModelFile) -> Iterator[str]:
    size, side = model.input.size, model.input.side
    if size in _SCALED and side is None:
        yield f'input.size is "{size}"; expected input.side beside it'
    if model.trimap.resize != "nearest" and model.trimap.encode not in ((), ("raw",)):
        yield (
            f'trimap.resize is "{model.trimap.resize}"; expected "nearest", or encode = "raw": '
            "a resized trimap has values between"
        )
    low_high = model.output.range
    if not isinstance(low_high, str) and low_high[0] == low_high[1]:
        yield f"output.range is {list(low_high)}; expected two different numbers"
    inputs, outputs = model.state.inputs, model.state.outputs
    if len(inputs) != len(outputs):
        yield f"state has {len(inputs)} inputs and {len(outputs)} outputs; expected as many"
    names = [model.input.name, model.trimap.name, *(one.name for one in model.also)]
    names += [*model.constant, *inputs]
    for name, times in Counter(name for name in names if name is not None).items():
        if times > 1:
            yield f"input {name!r} is filled {times} times; expected once"


def _without_effect(model: ModelFile, given: frozenset[str]) -> Iterator[str]:
    fixed = not isinstance(model.input.size, str)
    conditions = {
        ("input.side", "input.when"): (
            model.input.size in _SCALED,
            'with input.size "long", "short" or "area"',
        ),
        ("input.multiple",): (not fixed, "where input.size is not fixed"),
        ("input.round",): (
            not fixed and model.input.multiple > 1 and model.input.fit == "stretch",
            'with input.multiple and fit = "stretch"',
        ),
        ("input.place", "input.pad"): (model.input.fit == "pad", 'with input.fit = "pad"'),
        ("trimap.name", "trimap.resize", "trimap.mean", "trimap.std"): (
            model.needs_trimap,
            "with trimap.encode",
        ),
        ("output.channel", "output.activation", "output.range"): (
            model.output.classes is None,
            "without output.classes",
        ),
        ("state.shape", "state.passes"): (bool(model.state.inputs), "with state.inputs"),
    }
    for names, (has_effect, condition) in conditions.items():
        for name in names:
            if name in given and not has_effect:
                yield f"{name} has no effect here; expected it only {condition}"
    if "output.paste" in given and model.output.paste and not model.needs_trimap:
        yield "output.paste is true, but the method takes no trimap; expected [trimap] encode"
