"""Checkpoints by name: a folder, one that ships, or one of the Hugging Face Hub."""

from __future__ import annotations

import re
from pathlib import Path

from distinctions646.checks.reasons import reason_of

CHECKPOINTS = Path(__file__).parents[1] / "checkpoints"
FILES = ("config.json", "model.safetensors")


def find_checkpoint(
    path_or_name: str | Path, revision: str | None = None, cache: Path | None = None
) -> Path:
    """Return the folder of a checkpoint.

    Parameters
    ----------
    path_or_name
        A folder with ``config.json`` and ``model.safetensors``; or the name of one that ships with
        the package; or ``OWNER/NAME`` of the Hub, which is only contacted where there is no such
        folder, and not at all when ``HF_HUB_OFFLINE`` is set and the checkpoint is cached.
    revision
        Branch, tag or commit on the Hub.
    cache
        Folder for the Hub's downloads; None for its default.

    Raises
    ------
    ValueError
        If there is no such checkpoint, or it lacks one of the two files.
    """
    folder = Path(path_or_name)
    name = str(path_or_name)
    if not folder.is_dir():
        if (CHECKPOINTS / name / "config.json").is_file():
            return CHECKPOINTS / name
        if re.fullmatch(r"[\w-][\w.-]*/[\w-][\w.-]*", name):
            folder = _download(name, revision, cache)
        else:
            shipped = sorted(path.parent.name for path in CHECKPOINTS.glob("*/config.json"))
            raise ValueError(
                f"{path_or_name}: no checkpoint; expected a folder with {' and '.join(FILES)}, "
                f"one of {shipped}, or OWNER/NAME of the Hugging Face Hub"
            )
    for file in FILES:
        if not (folder / file).is_file():
            raise ValueError(f"{path_or_name}: no checkpoint; the folder lacks {file}")
    return folder


def _download(name: str, revision: str | None, cache: Path | None) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(
                name, revision=revision, cache_dir=cache, allow_patterns=[*FILES, "README.md"]
            )
        )
    except Exception as error:  # the hub's client, and the libraries below it, have many
        raise ValueError(
            f"{name}: no checkpoint; there is no such folder, and the Hugging Face Hub gives none: "
            f"{reason_of(error)}"
        ) from None
