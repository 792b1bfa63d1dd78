"""The manifest of a built dataset, `build.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MANIFEST = "build.json"
CARD = "README.md"


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Read the manifest of a finished build.

    Parameters
    ----------
    folder
        A built dataset, or any other folder.

    Returns
    -------
    dict or None
        None where the folder has no manifest.

    Raises
    ------
    ValueError
        If the file is not the manifest of a build.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: cannot be read as JSON: {error}") from error
    if not isinstance(manifest, dict) or not {"dataset", "splits"} <= manifest.keys():
        raise ValueError(f"{path}: not the manifest of a build; expected dataset and splits")
    return manifest
