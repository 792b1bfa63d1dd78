"""Files of weights, read without running any code that they may hold."""

from __future__ import annotations

import contextlib
import hashlib
import pickle
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from distinctions646.checks.files import open_regular, read_json
from distinctions646.checks.reasons import reason_of

FOLDER_FILES = ("config.json", "model.safetensors")
WRAPPERS = ("state_dict", "model", "params", "model_state_dict")
HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_CONVERT = (
    "load it yourself where you trust it and save its state dict: "
    "safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')"
)


@dataclass(frozen=True)
class StateFile:
    """The tensors of one file.

    Attributes
    ----------
    path
        The file with the weights.
    title
        Name of the file or the folder, or the Hub's ``OWNER/NAME``.
    tensors
        By name, wrappers opened and one leading ``module.`` removed.
    sha256
        Hex digest of the whole file.
    config
        The content of ``config.json`` beside the weights of a folder; None for a single file.
    ignored
        Names of what else the file held: an optimiser's state, the epoch.
    """

    path: Path
    title: str
    tensors: dict[str, Tensor]
    sha256: str
    config: Mapping[str, Any] | None = None
    ignored: tuple[str, ...] = field(default=())

    @property
    def label(self) -> str:
        """Return the title and 16 digits of the hash, as cards show them."""
        return f"{self.title} sha256:{self.sha256[:16]}"


def read_state(weights: str | Path) -> StateFile:
    """Read weights.

    Parameters
    ----------
    weights
        A ``.safetensors`` file; a file of ``torch.save``; a folder with ``config.json`` and
        ``model.safetensors``; or ``OWNER/NAME`` of the Hugging Face Hub, which is asked only where
        there is no such path.

    Raises
    ------
    ValueError
        If there is no such file, it is damaged, holds no tensors, or wants code to be run.
    """
    path = Path(weights)
    title = path.name
    if not path.exists():
        if not HUB_ID.fullmatch(str(weights)):
            raise ValueError(
                f"{weights}: no such file; expected a .safetensors or .pth file, a folder with "
                f"{' and '.join(FOLDER_FILES)}, or OWNER/NAME of the Hugging Face Hub"
            )
        title = str(weights)
        path = download(title)
    config = None
    if path.is_dir():
        config = _read_config(path)
        path = path / FOLDER_FILES[1]
    digest = hashlib.sha256()
    with open_regular(path) as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    content = read_safetensors(path) if path.suffix == ".safetensors" else _read_pickle(path)
    tensors, ignored = _open_wrappers(path, content)
    return StateFile(path, title, _without_module(tensors), digest.hexdigest(), config, ignored)


def download(name: str) -> Path:
    """Return the folder of a Hub repository's config and weights.

    Raises
    ------
    ValueError
        If the Hub gives none.
    """
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, allow_patterns=[*FOLDER_FILES, "README.md"]))
    except Exception as error:  # the hub's client, and the libraries below it, have many
        raise ValueError(
            f"{name}: no checkpoint; there is no such path, and the Hugging Face Hub gives none: "
            f"{reason_of(error)}"
        ) from None


def _read_config(folder: Path) -> Mapping[str, Any]:
    for name in FOLDER_FILES:
        if not (folder / name).is_file():
            raise ValueError(f"{folder}: no checkpoint; the folder lacks {name}")
    config = read_json(folder / FOLDER_FILES[0])
    if not isinstance(config, dict):
        raise ValueError(f"{folder / FOLDER_FILES[0]}: holds no object; expected a configuration")
    return config


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file.

    Raises
    ------
    ValueError
        If it is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors: dict[str, Tensor] = load_file(path)
    except (SafetensorError, ValueError, OSError) as error:
        raise ValueError(f"{path}: unreadable safetensors file: {reason_of(error)}") from None
    return tensors


def _read_pickle(path: Path) -> Any:
    """Load with ``weights_only``: tensors, containers, numbers and numpy's scalars, no code."""
    try:
        with _numpy_scalars():
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(_refusal(path, str(error))) from None
    except UnicodeDecodeError:
        raise ValueError(
            f"{path}: was pickled by Python 2, which cannot be read safely; {_CONVERT}"
        ) from None
    except Exception as error:  # damaged files raise a dozen types
        raise ValueError(f"{path}: unreadable checkpoint: {reason_of(error)}") from None


def _refusal(path: Path, message: str) -> str:
    """Word the refusal of a file that is damaged, or wants something imported and called.

    Torch's own message is an essay that ends in advice to load the file unsafely.
    """
    wanted = re.search(r"(?:GLOBAL|class|global) ((?!was|by)[\w.]+)", message)
    if wanted is None:
        return f"{path}: unreadable checkpoint, damaged or no file of torch.save"
    return (
        f"{path}: holds more than tensors ({wanted[1]}), and unpickling that runs code from the "
        f"file; expected a state dict; {_CONVERT}"
    )


@contextlib.contextmanager
def _numpy_scalars() -> Iterator[None]:
    """Allow numpy's scalars, which some training programs save as a best score beside tensors."""
    scalar = np.float64(0).__reduce__()[0]
    allowed: list[Any] = [(scalar, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")]
    allowed += [np.dtype, *(type(np.dtype(kind)) for kind in ("f8", "f4", "i8", "i4", "?"))]
    with torch.serialization.safe_globals(allowed):
        yield


def _open_wrappers(path: Path, content: Any) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Find the state dict: the content itself, or what lies under one of the usual names."""
    ignored: list[str] = []
    while isinstance(content, Mapping):
        inside = next((name for name in WRAPPERS if isinstance(content.get(name), Mapping)), None)
        if inside is None:
            break
        ignored += [str(name) for name in content if name != inside]
        content = content[inside]
    if not isinstance(content, Mapping):
        raise ValueError(f"{path}: holds a {type(content).__name__}; expected a state dict")
    tensors = {str(name): each for name, each in content.items() if isinstance(each, Tensor)}
    ignored += [str(name) for name, each in content.items() if not isinstance(each, Tensor)]
    if not tensors:
        raise ValueError(f"{path}: holds no tensors; expected a state dict")
    return tensors, tuple(ignored)


def _without_module(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Remove the ``module.`` that `torch.nn.DataParallel` puts before every name."""
    prefix = "module."
    if all(name.startswith(prefix) for name in tensors):
        return {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    return tensors
