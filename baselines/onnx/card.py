"""What the card of an ONNX method says: its file, its settings in one line, its licence."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence

from baselines.onnx.cost import SIDE, Cost, count_cost
from baselines.onnx.model_file.schema import ModelFile
from baselines.onnx.weights import Weights

_DIGITS = 16  # of a SHA-256, in cards
_PIXELS = ("input", "trimap", "also", "constant", "state", "output")


def make_card(model: ModelFile, weights: Weights, *, stated: bool) -> dict[str, str]:
    """Return the card of a method with its file.

    Parameters
    ----------
    model
        The model file. The card holds a digest of its settings, so that another setting is another
        method to the runner's matte cache.
    weights
        The ONNX file, whose digest it holds, too.
    stated
        Whether the model file names this file, rather than the user.
    """
    known = next((one for one in model.known if one.sha256 == weights.sha256), None)
    files = [(known.file if known else weights.path.name, weights.sha256), *weights.data]
    card = _stated_card(model) | {
        "weights": ", ".join(f"{name} sha256:{digest[:_DIGITS]}" for name, digest in files)
    }
    cost = count_cost(weights.path)
    if cost is not None:
        card |= _cost(cost, model)
    if known is not None:
        card |= {
            "licence": known.licence or model.card.licence,
            "trained_on": ", ".join(known.trained_on or model.card.trained_on),
            "leak": ", ".join(known.leak or model.card.leak or ()),
            "source": known.source,
        }
    elif not (stated or model.sha256):
        for name in ("licence", "trained_on"):
            card[name] = f"not known for this file (others of the network: {card[name]})"
    return {name: text for name, text in card.items() if text}


def make_card_without_file(model: ModelFile) -> dict[str, str]:
    """Return the card of a method before its file is known: what the model file states."""
    trained_on = {", ".join(known.trained_on): None for known in model.known if known.trained_on}
    files = " or ".join(dict.fromkeys(known.file for known in model.known)) or "an ONNX file"
    card = _stated_card(model) | {"weights": f"none ship; --weights takes {files}"}
    if trained_on:
        card["trained_on"] = " or ".join(trained_on)
    return {name: text for name, text in card.items() if text}


def _stated_card(model: ModelFile) -> dict[str, str]:
    return {
        "paper": model.card.paper,
        "year": "" if model.card.year is None else str(model.card.year),
        "needs_trimap": "yes" if model.needs_trimap else "no",
        "fidelity": "faithful",
        "implementation": f"{model.card.implementation}; in onnxruntime",
        "parameters": "" if model.card.parameters is None else f"{model.card.parameters:,}",
        "licence": model.card.licence,
        "trained_on": ", ".join(model.card.trained_on),
        "leak": ", ".join(model.card.leak or ()),
        "inference": describe_settings(model),
        "settings": f"sha256:{settings_sha256(model)[:_DIGITS]}",
        "note": model.card.note or "",
    }


def _cost(cost: Cost, model: ModelFile) -> dict[str, str]:
    """Return parameters, where the model file states none, and multiply-adds with their size."""
    counted = {}
    if model.card.parameters is None:
        counted["parameters"] = f"{cost.parameters:,}"
    if cost.gmac is not None:
        size = (cost.height, cost.width)
        at = "" if size == (SIDE, SIDE) else f" at {cost.height}×{cost.width}"
        counted["gmac_512"] = f"{cost.gmac:.1f}{at}"
    return counted


def settings_sha256(model: ModelFile) -> str:
    """Return a digest of all keys that touch pixels, however the file is laid out.

    The ONNX file's content has a digest of its own, and the card's words stand in the card.
    """
    plain = {name: value for name, value in dataclasses.asdict(model).items() if name in _PIXELS}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def describe_settings(model: ModelFile) -> str:
    """Word in one line how pictures go in and mattes come out.

    Examples
    --------
    >>> describe_settings(ModelFile())
    'native size, bilinear, / 255; no trimap; output as it is, back bilinear'
    """
    given, output = model.input, model.output
    back = f"back {output.resize or given.resize}"
    if output.truncate:
        back += " from 8 bits, rounded down"
    trimap = f"trimap {' + '.join(model.trimap.encode)}" if model.trimap.encode else "no trimap"
    if model.needs_trimap and not model.trimap.encode:
        trimap = "trimap as further inputs"
    paste = ", known pixels pasted" if pastes(model) else ""
    into = f"{_size(model)}, {given.resize}, {_pixels(model)}"
    return f"{into}; {trimap}; {_output(model)}, {back}{paste}"


def pastes(model: ModelFile) -> bool:
    """Return whether alpha takes the trimap's known pixels."""
    return model.needs_trimap if model.output.paste is None else model.output.paste


def _size(model: ModelFile) -> str:
    given = model.input
    if isinstance(given.size, int):
        words = f"{given.size}×{given.size}"
    elif isinstance(given.size, tuple):
        words = f"{given.size[0]}×{given.size[1]}"
    else:
        words = "native size"
        if given.size != "native":
            when = {"always": "", "larger": " if larger", "outside": " if outside"}[given.when]
            words = "area" if given.size == "area" else f"{given.size} side"
            words += f" {given.side}{'²' if given.size == 'area' else ''}{when}"
        if given.multiple > 1:
            words += f", multiples of {given.multiple}"
            words += f" rounded {given.round}" if given.fit == "stretch" else ""
    if given.fit == "pad":
        words += f", padded ({given.pad}, picture {given.place})"
    return words


def _pixels(model: ModelFile) -> str:
    given = model.input
    words = "/ own maximum" if given.divide == "maximum" else f"/ {given.divide:g}"
    if set(given.mean) != {0}:
        words += f", mean {_numbers(given.mean)}"
    if set(given.std) != {1}:
        words += f", std {_numbers(given.std)}"
    return words + (", BGR" if given.order == "bgr" else "")


def _output(model: ModelFile) -> str:
    output = model.output
    if output.classes is not None:
        return f"classes {', '.join(map(str, output.classes))} of the largest channel"
    parts: list[str] = [] if output.activation == "none" else [output.activation]
    if output.range == "stretch":
        parts.append("stretched from its least to its largest value")
    elif tuple(output.range) != (0, 1):
        parts.append("from " + " to ".join(f"{end:g}" for end in output.range))
    return " ".join(["output", ", ".join(parts) or "as it is"])


def _numbers(values: Sequence[float]) -> str:
    distinct = values if len(set(values)) > 1 else values[:1]
    return " ".join(f"{value:g}" for value in distinct)
