"""The ONNX file of a method: where it is, and the SHA-256 of all that it consists of."""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass
from pathlib import Path

from baselines.onnx.model_file.schema import ModelFile
from distinctions646.images.fingerprint import file_sha256

# How a graph names a file of tensors: field 1 "location" and field 2, the name, of the message
# StringStringEntryProto in onnx.proto. Names of 128 bytes or more, of longer length, are missed.
_LOCATION = re.compile(rb"\x0a\x08location\x12([\x01-\x7f])", re.DOTALL)


@dataclass(frozen=True)
class Weights:
    """An ONNX file.

    Attributes
    ----------
    path
        The file.
    sha256
        Of the file.
    data
        SHA-256 by name of the files beside it that hold its tensors; few networks have any.
    """

    path: Path
    sha256: str
    data: tuple[tuple[str, str], ...] = ()


def find_weights(model_path: Path, model: ModelFile, given: str | None) -> Weights:
    """Find and hash the ONNX file of a method.

    Parameters
    ----------
    model_path
        Of the model file, for messages.
    model
        What it says.
    given
        The file that the user names; None takes that of the model file.

    Raises
    ------
    ValueError
        If there is none, or it is not the one that the model file asks for.
    """
    if given is None and model.weights is None:
        names = " or ".join(dict.fromkeys(known.file for known in model.known)) or "an ONNX file"
        raise ValueError(
            f"{model.name}: its weights do not ship; expected --weights with {names}, or weights "
            "in a model file of yours; docs/onnx.md says where the files are"
        )
    path = Path(given) if given is not None else Path(model.weights or "")
    if not path.is_file():
        raise ValueError(f"{path}: no such file; expected the ONNX file of {model.name}")
    digest = file_sha256(path)
    if model.sha256 not in (None, digest):
        raise ValueError(
            f"{path}: SHA-256 is {digest}; expected {model.sha256}, as in {model_path}"
        )
    beside = [path.parent / name for name in data_files(path)]
    return Weights(
        path, digest, tuple((each.name, file_sha256(each)) for each in beside if each.is_file())
    )


def data_files(path: Path) -> list[str]:
    """Return the names of the files beside an ONNX file that hold its tensors.

    Read from its bytes, so that a large file need not be parsed.
    """
    if path.stat().st_size == 0:
        return []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = {
            content[match.end() : match.end() + match[1][0]]
            for match in _LOCATION.finditer(content)
        }
    return sorted(name.decode(errors="replace") for name in found)
