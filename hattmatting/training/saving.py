"""Training checkpoints: one file with everything that a step changes, replaced whole or not at all.

The file is readable with ``torch.load(path, weights_only=True)``.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

from distinctions646.checks.files import open_regular
from distinctions646.checks.reasons import reason_of
from distinctions646.process.whole_files import whole_file


def write_checkpoint(path: Path, parts: dict[str, Any]) -> None:
    """Write a checkpoint under a temporary name, then replace the previous one by it.

    Raises
    ------
    OSError
        If it cannot be written, for example on a full disk; the previous one is then intact.
    """
    try:
        with whole_file(path, sync=True) as file:
            _save(parts, file)
    except OSError as error:
        kept = "; the previous checkpoint is intact" if path.exists() else ""
        raise OSError(f"{error}{kept}") from error


def _save(parts: dict[str, Any], file: BinaryIO) -> None:
    try:
        torch.save(parts, file)
    except RuntimeError as error:  # torch's writer turns some errors of the disk into others
        raise OSError(reason_of(error)) from error


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return what :func:`write_checkpoint` wrote, on the CPU.

    Raises
    ------
    ValueError
        If the file is damaged or not a training checkpoint.
    """
    try:
        with open_regular(path) as file:
            parts = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a dozen types on damaged files
        raise ValueError(f"{path}: unreadable training checkpoint: {reason_of(error)}") from None
    if not isinstance(parts, dict) or "identity" not in parts:
        raise ValueError(f"{path}: no training checkpoint of this version; give another --out")
    return parts


def refuse_another(folder: Path, here: dict[str, Any], found: dict[str, Any]) -> None:
    """Refuse to go on with a training that began with other settings or data.

    Parameters
    ----------
    folder
        The training's folder, for the message.
    here, found
        Settings and data as asked for, and as read from the checkpoint.

    Raises
    ------
    ValueError
        Naming up to three of the differences.
    """
    names = [name for name in {**found, **here} if found.get(name) != here.get(name)]
    if names:
        shown = "; ".join(
            f"{name} {found.get(name)!r}, now {here.get(name)!r}" for name in names[:3]
        )
        raise ValueError(
            f"{folder}: holds a training with another configuration or other sources ({shown}); "
            "give another --out, or the same options"
        )


def random_state() -> dict[str, Any]:
    """Return the state of every global random generator: Python, NumPy, torch, CUDA."""
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002  (the global one is what is meant)
    return {
        "python": random.getstate(),
        "numpy": (kind, torch.from_numpy(np.asarray(keys).astype(np.int64)), *rest),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def restore_random_state(state: dict[str, Any]) -> None:
    """Restore what :func:`random_state` returned."""
    random.setstate(state["python"])
    kind, keys, *rest = state["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), *rest))  # noqa: NPY002
    torch.set_rng_state(state["torch"])
    if len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
